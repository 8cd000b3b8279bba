// The average moves towards the new frame; a scene begins with its own first frame.
fn pixel(at: vec2i) -> vec4f {
    let now = image_here();
    let before = average_here();
    let moved = before + params.alpha * (now - before);
    return select(now, moved, package::engine::facts.history_valid != 0u);
}
