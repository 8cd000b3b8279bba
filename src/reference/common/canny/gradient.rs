use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Sobel gradients of whole numbers, with the border pixels repeated: four times the L1 magnitude, plus the sector of
/// the direction (0 across, 1 down, 2 falling, 3 rising).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let gray = io.image("gray");
    let y = io.y as i64;
    let rows = [
        gray.clamped_row(y - 1).r(),
        gray.clamped_row(y).r(),
        gray.clamped_row(y + 1).r(),
    ];
    sobel(rows, out.gray());
}

#[multiversion(targets = "simd")]
fn sobel([above, here, below]: [&[f32]; 3], out: &mut [f32]) {
    let count = out.len();
    for x in [0, count - 1] {
        let columns = [x.saturating_sub(1), x, (x + 1).min(count - 1)];
        out[x] = gradient(
            columns.map(|x| above[x]),
            [here[columns[0]], here[columns[2]]],
            columns.map(|x| below[x]),
        );
    }
    let windows = above.windows(3).zip(here.windows(3)).zip(below.windows(3));
    for (out, ((a, h), b)) in out.iter_mut().skip(1).zip(windows) {
        *out = gradient([a[0], a[1], a[2]], [h[0], h[2]], [b[0], b[1], b[2]]);
    }
}

/// Sums over the pixels above, beside and below.
#[inline(always)]
fn gradient(above: [f32; 3], beside: [f32; 2], below: [f32; 3]) -> f32 {
    let gx = (above[2] - above[0]) + 2.0 * (beside[1] - beside[0]) + (below[2] - below[0]);
    let gy = (below[0] - above[0]) + 2.0 * (below[1] - above[1]) + (below[2] - above[2]);
    // Products are at most 2^27. tan 22.5° is 13573 / 32768, and tan 67.5° is 2 more.
    let (ax, ay) = (whole(gx.abs()), whole(gy.abs()) << 15);
    let flat = ax * 13573;
    let diagonal = if gx * gy < 0.0 { 3.0 } else { 2.0 };
    let upright = if ay > flat + (ax << 16) {
        1.0
    } else {
        diagonal
    };
    let sector = if ay < flat { 0.0 } else { upright };
    4.0 * (gx.abs() + gy.abs()) + sector
}

/// Converts a whole number below 2^22 by adding 1.5 · 2^23 and taking the lowest bits: faster than a conversion that
/// handles NaN.
#[inline(always)]
fn whole(value: f32) -> i32 {
    (value + 12_582_912.0).to_bits() as i32 & 0x3f_ffff
}
