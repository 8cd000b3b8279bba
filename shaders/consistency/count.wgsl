// Histograms of 1024 codes of red, green and blue, and one of 256 steps of fine detail, of every second pixel of every second
// row.
const STEP = 2;
// Pixels that one invocation counts.
const COUNTED = 32;
const CODES = 1024;

// In whole numbers, so that every device counts the same.
fn codes(p: vec2i) -> vec3i {
    return vec3i(round(clamp(image_at(p).rgb, vec3f(0.0), vec3f(1.0)) * 1023.0));
}

// Red and blue and twice green.
fn tone(p: vec2i) -> i32 {
    let rgb = codes(p);
    return rgb.r + 2 * rgb.g + rgb.b;
}

// How far a pixel is from the mean of its four neighbours, in halves of a code.
fn detail(p: vec2i) -> i32 {
    let around = tone(p + vec2i(-1, 0)) + tone(p + vec2i(1, 0)) + tone(p + vec2i(0, -1)) + tone(p + vec2i(0, 1));
    return min(abs(4 * tone(p) - around) / 8, 255);
}

fn clear(at: vec2i) {
    words_store(at.x, 0u);
}

fn count(at: vec2i) {
    let first = vec2i(at.x * COUNTED, at.y) * STEP;
    let end = min(first.x + COUNTED * STEP, image_extent().x);
    if (first.y >= image_extent().y) {
        return;
    }
    for (var x = first.x; x < end; x += STEP) {
        let p = vec2i(x, first.y);
        let rgb = codes(p);
        words_add(rgb.r, 1u);
        words_add(CODES + rgb.g, 1u);
        words_add(2 * CODES + rgb.b, 1u);
        words_add(3 * CODES + detail(p), 1u);
    }
}
