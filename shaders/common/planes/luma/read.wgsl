// The decoder's luma, 0 to 1 from black to white.
fn pixel(at: vec2i) -> vec4f {
    return vec4f((planes_value(0, at) - params.luma_offset) * params.luma_scale);
}
