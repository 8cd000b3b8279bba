// The Y plane as coded, black at 0 and white at 1 (H.273 equations 20 to 31, inverted).
fn pixel(at: vec2i) -> vec4f {
    return vec4f((planes_value(0, at) - params.luma_offset) * params.luma_scale);
}
