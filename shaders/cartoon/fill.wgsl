// The colour of a palette by its number.
fn pixel(at: vec2i) -> vec4f {
    let k = 4 * i32(round(regions_here().r));
    return vec4f(vec3f(vec3u(palette_word(k), palette_word(k + 1), palette_word(k + 2))) / 65280.0, 1.0);
}
