fn pixel(at: vec2i) -> vec4f {
    let c = image_here();
    var graded: vec3f;
    if (params.tetrahedral != 0.0) {
        graded = look_tetrahedral(c.rgb);
    } else {
        graded = look_trilinear(c.rgb);
    }
    return vec4f(c.rgb + (graded - c.rgb) * params.lut_strength, c.a);
}
