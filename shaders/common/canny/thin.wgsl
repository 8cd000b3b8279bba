// Magnitude at `p`; nothing beyond the border.
fn magnitude(p: vec2i) -> i32 {
    let inside = all(p >= vec2i(0)) && all(p < gradient_extent());
    return select(0, i32(gradient_at(p).r) >> 2u, inside);
}

// Gradients that are largest across their direction: 2 where strong, 1 where weak, else 0.
fn pixel(at: vec2i) -> vec4f {
    let here = i32(gradient_here().r);
    let size = here >> 2u;
    if (f32(size) <= params.low) {
        return vec4f(0.0);
    }
    let sector = here & 3;
    var step = vec2i(1, 0);
    if (sector == 1) {
        step = vec2i(0, 1);
    } else if (sector == 2) {
        step = vec2i(1, 1);
    } else if (sector == 3) {
        step = vec2i(-1, 1);
    }
    // Of two equal neighbours one stays: the later one across and down, both wander off a diagonal.
    let before = magnitude(at - step);
    let after = magnitude(at + step);
    let largest = size > before && select(size >= after, size > after, sector >= 2);
    return vec4f(select(0.0, select(1.0, 2.0, f32(size) > params.high), largest));
}
