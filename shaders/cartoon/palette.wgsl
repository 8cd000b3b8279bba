// Samples of the picture that palettes are made from: the pixels nearest to a grid of so many columns and rows.
const COLUMNS = 192;
const ROWS = 108;
// A palette: red, green and blue in 1/256 code values of 8 bits, and how many samples it stands for; of 16 colours.
const PALETTE = 64;

fn sample_place(at: vec2i, size: vec2i) -> vec2i {
    return (2 * at + vec2i(1)) * size / vec2i(2 * COLUMNS, 2 * ROWS);
}

// Red, green and blue as code values of 8 bits.
fn code_of(rgb: vec3f) -> vec3i {
    return vec3i(round(clamp(rgb, vec3f(0.0), vec3f(1.0)) * 255.0));
}

// A colour as luma and what red and blue have beyond it.
fn opponent(rgb: vec3i) -> vec3i {
    let luma = (2 * rgb.r + 5 * rgb.g + rgb.b) >> 3u;
    return vec3i(luma, rgb.r - luma, rgb.b - luma);
}

// Squared distance of two such colours: hues count for more, so that they are kept apart.
fn distance(a: vec3i, b: vec3i) -> i32 {
    let d = a - b;
    return 2 * d.x * d.x + 4 * d.y * d.y + 3 * d.z * d.z;
}
