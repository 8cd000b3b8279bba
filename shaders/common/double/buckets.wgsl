// Which filter of the table a pixel takes. Angles are those of the vector (u, v), the gradient's at the doubled angle.

// Least sums of squared gradients of each class of steepness but the first.
const STEEPNESS = array<i32, 7>(1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 25);
const CLASSES = 8;
// Tangents of 15°, 30°, 45°, 60° and 75°, times 256.
const TANGENTS = array<i32, 5>(69, 148, 256, 443, 955);

// The code of a structure tensor: ((sextant, whether u < 0, sign of v), steepness, straightness).
fn code_of(xx: i32, xy: i32, yy: i32) -> i32 {
    let sum = xx + yy;
    var steep = 0;
    for (var k = 0; k < 7; k++) {
        steep += select(0, 1, sum >= STEEPNESS[k]);
    }
    // Brought to 13 bits, so that products fit.
    let shift = u32(max(32 - i32(countLeadingZeros(u32(sum))) - 13, 0));
    let total = (xx >> shift) + (yy >> shift);
    let u = (xx >> shift) - (yy >> shift);
    let v = 2 * (xy >> shift);
    var sextant = 0;
    for (var k = 0; k < 5; k++) {
        sextant += select(0, 1, abs(v) * 256 >= abs(u) * TANGENTS[k]);
    }
    let squared = 16 * (u * u + v * v);
    let straight = select(0, 1, squared >= 4 * total * total) + select(0, 1, squared >= 10 * total * total);
    let angle = (sextant * 2 + select(0, 1, u < 0)) * 3 + sign(v) + 1;
    return (angle * CLASSES + steep) * 3 + straight;
}
