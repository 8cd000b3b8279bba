// Inks that print the picture: C, M, Y and K in 0..1, with grey-component replacement. Where K covers k, the rest of an
// ink c is what gives the same colour through it: (1 - rest)(1 - k) = 1 - c.
fn pixel(at: vec2i) -> vec4f {
    let cmy = 1.0 - clamp(picture_here().rgb, vec3f(0.0), vec3f(1.0));
    let gray = min(cmy.r, min(cmy.g, cmy.b));
    let k = params.gray_replacement * max(gray - params.black_start, 0.0) / (1.0 - params.black_start);
    return vec4f((cmy - k) / max(1.0 - k, 0.004), k);
}
