import super::palette::{code_of, opponent, distance};

// The number of the nearest colour of the palette.
fn pixel(at: vec2i) -> vec4f {
    let rgb = opponent(code_of(picture_here().rgb));
    var best = 0;
    var least = 1 << 24u;
    for (var k = 0; k < i32(params.colors); k++) {
        let candidate = vec3u(palette_word(4 * k), palette_word(4 * k + 1), palette_word(4 * k + 2));
        let far = distance(rgb, opponent(vec3i((candidate + 128u) / 256u)));
        if (far < least) {
            least = far;
            best = k;
        }
    }
    return vec4f(f32(best));
}
