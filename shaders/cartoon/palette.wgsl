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
    return vec3i(floor(clamp(rgb, vec3f(0.0), vec3f(1.0)) * 255.0 + 0.5));
}

// Squared distance of two colours: of luma, and more so of what red and blue have beyond it, so that hues are kept apart.
fn distance(a: vec3i, b: vec3i) -> i32 {
    let d = a - b;
    let luma = (2 * d.r + 5 * d.g + d.b) >> 3u;
    let red = d.r - luma;
    let blue = d.b - luma;
    return 2 * luma * luma + 4 * red * red + 3 * blue * blue;
}
