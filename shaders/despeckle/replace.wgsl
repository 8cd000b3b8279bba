// Takes the median where it is far from the frame's own value in any channel, and the frames before and after are alike: a
// speck lies on a picture that stays. Where they differ, something moves, and the pixel is kept.
fn pixel(at: vec2i) -> vec4f {
    let own = image_here(0);
    let median = median_here();
    let amount = clamp(far(median, own) * params.gain - 1.0, 0.0, 1.0);
    let still = clamp(2.0 - far(image_here(-1), image_here(1)) * params.motion_gain, 0.0, 1.0);
    let share = amount * still;
    return vec4f(own.rgb + (median.rgb - own.rgb) * share, own.a);
}

fn far(a: vec4f, b: vec4f) -> f32 {
    let apart = abs(a.rgb - b.rgb);
    return max(apart.r, max(apart.g, apart.b));
}
