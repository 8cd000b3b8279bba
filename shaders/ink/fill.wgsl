import package::common::power::exp2_of;

// 1 from `value` 0 on, below that softly to 0: 1 + tanh(value), by 2 and its powers.
fn paper_of(value: f32) -> f32 {
    let e = exp2_of(2.88539008 * min(value, 0.0));
    return 2.0 * e / (1.0 + e);
}

// Ink on paper: 0 is ink, 1 is paper. A border is never sharper than the pixels, so that it does not crawl where it moves.
fn pixel(at: vec2i) -> vec4f {
    let x = tone_near(vec2i(1, 0)).r - tone_near(vec2i(-1, 0)).r;
    let y = tone_near(vec2i(0, 1)).r - tone_near(vec2i(0, -1)).r;
    let slope = 0.65 * sqrt(x * x + y * y);
    return vec4f(paper_of(tone_near(vec2i(0)).r / max(slope, 1.0)));
}
