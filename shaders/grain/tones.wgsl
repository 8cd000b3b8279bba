alias Levels = array<f32, 8>;

// The deviation of grain at a tone: linear between the middles of eight bands.
fn deviation(given: Levels, tone: f32) -> f32 {
    var levels = given;
    let at = clamp(8.0 * tone - 0.5, 0.0, 7.0);
    let i = min(i32(floor(at)), 6);
    return mix(levels[i], levels[i + 1], at - f32(i));
}
