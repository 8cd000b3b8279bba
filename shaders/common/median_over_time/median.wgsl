// The value in the middle.
fn pixel(at: vec2i) -> vec4f {
    let before = before_here();
    let now = now_here();
    let after = after_here();
    return max(min(before, now), min(max(before, now), after));
}
