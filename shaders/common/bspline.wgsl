// The cubic B-spline: four points wide, its weights on a unit grid sum to 1.
fn cubic(x: f32) -> f32 {
    let d = abs(x);
    if (d < 1.0) {
        return 2.0 / 3.0 - d * d * (1.0 - 0.5 * d);
    }
    let r = max(2.0 - d, 0.0);
    return r * r * r / 6.0;
}
