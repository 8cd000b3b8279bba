// exp(-t) for t above 0, as (1 - t / 8)^8, which needs no more than products; 1 below.
fn fall(t: f32) -> f32 {
    let root = clamp(1.0 - 0.125 * t, 0.0, 1.0);
    let second = root * root;
    let fourth = second * second;
    return fourth * fourth;
}
