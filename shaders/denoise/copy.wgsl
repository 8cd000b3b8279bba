// The frame at `offset`.
fn pixel(at: vec2i) -> vec4f {
    return image_here(i32(params.offset));
}
