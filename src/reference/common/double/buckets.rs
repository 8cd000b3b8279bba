//! Which filter of the table a pixel takes.

/// Least sums of squared gradients of each class of steepness but the first.
const STEEPNESS: [i32; 7] = [
    1 << 14,
    1 << 16,
    1 << 18,
    1 << 20,
    1 << 22,
    1 << 24,
    1 << 25,
];
/// Classes of steepness.
pub const CLASSES: usize = 8;
/// Classes of straightness.
pub const STRAIGHT: usize = 3;
/// Tangents of 15°, 30°, 45°, 60° and 75°, times 256.
const TANGENTS: [i32; 5] = [69, 148, 256, 443, 955];

/// The code of a structure tensor: ((sextant, whether u < 0, sign of v), steepness, straightness), where (u, v) is the
/// gradient's vector at the doubled angle.
#[inline(always)]
pub fn code_of(xx: i32, xy: i32, yy: i32) -> i32 {
    let sum = xx + yy;
    let steep: i32 = STEEPNESS.iter().map(|least| i32::from(sum >= *least)).sum();
    // Brought to 13 bits, so that products fit.
    let shift = (19 - sum.leading_zeros() as i32).max(0);
    let total = (xx >> shift) + (yy >> shift);
    let u = (xx >> shift) - (yy >> shift);
    let v = 2 * (xy >> shift);
    let (across, down) = (u.abs(), v.abs() * 256);
    let reached = TANGENTS
        .iter()
        .map(|tangent| i32::from(down >= across * tangent));
    let sextant: i32 = reached.sum();
    let squared = 16 * (u * u + v * v);
    let straight =
        i32::from(squared >= 4 * total * total) + i32::from(squared >= 10 * total * total);
    let angle = (sextant * 2 + i32::from(u < 0)) * 3 + v.signum() + 1;
    (angle * CLASSES as i32 + steep) * STRAIGHT as i32 + straight
}

/// The filter for the pixel right and below the middle of a pixel of this code, and for the three others: `mirror` is
/// -1 for one left or above, -1 · -1 for one that is both. Says also whether its taps are transposed.
pub fn filter_of(code: usize, mirror: i32) -> (usize, bool) {
    let (straight, rest) = (code % STRAIGHT, code / STRAIGHT);
    let (steep, angle) = (rest % CLASSES, rest / CLASSES);
    let v = (angle as i32 % 3 - 1) * mirror;
    let sextant = angle / 6;
    let sector = if v < 0 { 5 - sextant } else { 6 + sextant };
    let filter = (sector * CLASSES + steep) * STRAIGHT + straight;
    (filter, angle / 3 % 2 == 1)
}
