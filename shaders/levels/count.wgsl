// A histogram of 256 tones: a quarter of red and blue each and half of green, of every second pixel of every second row.
const STEP = 2;
// Pixels that one invocation counts.
const COUNTED = 32;

// In whole numbers, so that every device counts the same.
fn tone(p: vec2i) -> u32 {
    let rgb = vec3u(round(clamp(image_at(p).rgb, vec3f(0.0), vec3f(1.0)) * 255.0));
    return (rgb.r + 2u * rgb.g + rgb.b + 2u) / 4u;
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
        words_add(i32(tone(vec2i(x, first.y))), 1u);
    }
}
