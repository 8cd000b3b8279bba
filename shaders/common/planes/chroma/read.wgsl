// The decoder's colour differences, at their own size.
fn pixel(at: vec2i) -> vec4f {
    let chroma = vec2f(planes_value(1, at), planes_value(2, at)) - params.chroma_offset;
    return vec4f(chroma * params.chroma_scale, 0.0, 1.0);
}
