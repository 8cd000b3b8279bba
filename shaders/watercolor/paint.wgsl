import package::common::noise::noise;

// The washes on paper. More pigment makes a colour darker and more vivid (Bousseau, Kaplan, Thollot and Sillion, 2006).
fn pixel(at: vec2i) -> vec4f {
    let extent = vec2f(package::engine::extent);
    let here = vec2f(at) + 0.5;
    let pigment = pigment_sample(here / extent);
    let wash = dried_sample((here + params.wobble * pigment.xy) / extent);
    let p = vec2f(at) * params.unit;
    let paper = 0.6 * noise(p / 3.0, 4u) + 0.4 * noise(p / 7.0, 5u) - 0.5;
    let density = 1.0 + params.edges * 2.6 * wash.a + params.granulation * (1.1 * pigment.z + 0.5 * pigment.w)
        + params.grain * 0.7 * paper;
    let thin = 1.0 - 0.88 * (1.0 - wash.rgb);
    let c = thin - (thin - thin * thin) * (density - 1.0);
    let white = vec3f(params.paper_r, params.paper_g, params.paper_b) * (1.0 - 0.06 * params.grain * (paper + 0.5));
    return vec4f(clamp(c, vec3f(0.0), vec3f(1.0)) * white, 1.0);
}
