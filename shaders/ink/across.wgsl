import package::common::power::exp2_of;

// Red: luma smoothed across the lines. Green: by how much it is above a smoothing that is 1.6 times wider. Their weighted
// sum is the extended difference of Gaussians (Winnemoeller and others 2012), along the flow (Kang and others 2007).
fn pixel(at: vec2i) -> vec4f {
    let along = lines_here().rg;
    let across = vec2f(along.y, -along.x);
    let here = vec2f(at) + 0.5;
    let wide = 1.6 * params.sigma;
    // exp(-x²/2s²) is 2 to the power of this times x².
    let narrow_power = -0.72134752 / (params.sigma * params.sigma);
    let wide_power = -0.72134752 / (wide * wide);
    let n = i32(ceil(2.0 * wide));
    let center = luma_at(at).r;
    // Sums of differences from the middle: faint edges are exact.
    var sums = vec2f(0.0);
    var weights = vec2f(1.0);
    for (var i = 1; i <= n; i++) {
        let d = f32(i);
        let both = (luma_between(here + d * across).r - center) + (luma_between(here - d * across).r - center);
        let w = vec2f(exp2_of(narrow_power * d * d), exp2_of(wide_power * d * d));
        sums += w * both;
        weights += 2.0 * w;
    }
    let means = sums / weights;
    return vec4f(center + means.x, means.x - means.y, 0.0, 1.0);
}
