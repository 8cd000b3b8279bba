// A drawing, 0 where there is ink and 1 where there is paper, in the colours of both.
fn pixel(at: vec2i) -> vec4f {
    let ink = vec3f(params.ink_r, params.ink_g, params.ink_b);
    let paper = vec3f(params.paper_r, params.paper_g, params.paper_b);
    return vec4f(ink + (paper - ink) * drawing_here().r, 1.0);
}
