fn pixel(at: vec2i) -> vec4f {
    return mix(first_here(), second_here(), params.amount);
}
