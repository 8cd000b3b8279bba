// The average moves towards the new frame, at once where the source moved; a scene begins with its own first frame.
fn pixel(at: vec2i) -> vec4f {
    let now = image_here();
    let before = average_here();
    let motion = motion_sample((vec2f(at) + 0.5) / vec2f(image_extent())).r;
    let moved = before + (params.alpha + (1.0 - params.alpha) * motion) * (now - before);
    return select(now, moved, package::engine::facts.history_valid != 0u);
}
