// The change without what grows with luma, and in alpha by how much that does.
fn pixel(at: vec2i) -> vec4f {
    let small = small_here().rgb;
    let factor = factor_here().r;
    let luma = params.kr * small.r + (1.0 - params.kr - params.kb) * small.g + params.kb * small.b;
    return vec4f(changed_here().rgb - small - factor * luma, factor);
}
