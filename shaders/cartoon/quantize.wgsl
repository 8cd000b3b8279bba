import super::palette::{code_of, opponent, distance};

fn color(k: i32) -> vec3u {
    return vec3u(palette_word(4 * k), palette_word(4 * k + 1), palette_word(4 * k + 2));
}

// The nearest colour of the palette.
fn pixel(at: vec2i) -> vec4f {
    let here = picture_here();
    let rgb = opponent(code_of(here.rgb));
    var best = vec3u(0u);
    var least = 1 << 24u;
    for (var k = 0; k < i32(params.colors); k++) {
        let candidate = color(k);
        let far = distance(rgb, opponent(vec3i((candidate + 128u) / 256u)));
        if (far < least) {
            least = far;
            best = candidate;
        }
    }
    return vec4f(vec3f(best) / 65280.0, here.a);
}
