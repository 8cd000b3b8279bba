fn pixel(at: vec2i) -> vec4f {
    return source_here();
}
