// The estimate times its correction.
fn pixel(at: vec2i) -> vec4f {
    return vec4f((estimate_here().r + params.lift) * correction_here().r - params.lift);
}
