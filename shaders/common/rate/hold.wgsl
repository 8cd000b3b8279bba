fn pixel(at: vec2i) -> vec4f {
    return image_here();
}
