fn pixel(at: vec2i) -> vec4f {
    return vec4f(colour_here().rgb, transparency_here().a);
}
