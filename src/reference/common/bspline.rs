/// The cubic B-spline: four points wide. Its weights on a unit grid sum to 1.
#[inline(always)]
pub fn cubic(x: f32) -> f32 {
    let d = x.abs();
    if d < 1.0 {
        return 2.0 / 3.0 - d * d * (1.0 - 0.5 * d);
    }
    let r = (2.0 - d).max(0.0);
    r * r * r / 6.0
}
