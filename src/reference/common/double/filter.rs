use multiversion::multiversion;

use super::buckets::{CLASSES, STRAIGHT, filter_of};
use crate::reference::{Io, Out};

/// Taps of a filter along each axis.
const SIDE: usize = 5;
/// Numbers of a filter in the table: its taps, and zeros up to a multiple of four.
const STRIDE: usize = 28;
/// Codes that a pixel may have.
const CODES: usize = 36 * CLASSES * STRAIGHT;

/// The filters for the four pixels that a pixel becomes, for each code, with their taps in the order of the picture: for
/// each tap, the weights for the upper pixels and for the lower ones.
type Filters = Vec<[[f32; 4]; SIDE * SIDE]>;

fn filters(table: &[f32]) -> Filters {
    let filter = |code: usize| {
        let mut weights = [[0.0; 4]; SIDE * SIDE];
        for place in 0..4 {
            let (mirror_x, mirror_y) = (2 * (place % 2) - 1, 2 * (place / 2) - 1);
            let (filter, transposed) = filter_of(code, mirror_x * mirror_y);
            for tap in 0..SIDE * SIDE {
                let (mut x, mut y) = (tap as i32 % 5 - 2, tap as i32 / 5 - 2);
                if transposed {
                    (x, y) = (y, x);
                }
                let at = (mirror_y * y + 2) * 5 + mirror_x * x + 2;
                weights[at as usize][place as usize] = table[filter * STRIDE + tap];
            }
        }
        weights
    };
    (0..CODES).map(filter).collect()
}

/// A row of twice the size, each pixel by the filter for how the picture runs there.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let filters = io.once(|| filters(io.table("filters")));
    let (luma, direction) = (io.image("luma"), io.image("direction"));
    let low = io.y / 2;
    let width = luma.width;
    // Continued by two pixels on both sides.
    let rows: [Vec<f32>; SIDE] = std::array::from_fn(|row| {
        let row = luma.clamped_row((low + row) as i64 - 2).r();
        let column = |x: usize| row[x.saturating_sub(2).min(width - 1)];
        (0..width + 4).map(column).collect()
    });
    let rows = rows.each_ref().map(Vec::as_slice);
    let codes = direction.row(low).r();
    filtered(&filters, codes, rows, io.y % 2 * 2, out.gray());
}

/// `places` is 0 for the upper pixels, 2 for the lower ones.
#[multiversion(targets = "simd")]
fn filtered(
    filters: &[[[f32; 4]; SIDE * SIDE]],
    codes: &[f32],
    rows: [&[f32]; SIDE],
    places: usize,
    out: &mut [f32],
) {
    for ((x, pair), code) in out.chunks_mut(2).enumerate().zip(codes) {
        let weights = &filters[*code as usize];
        let mut sums = [0.0; 2];
        for (row, weights) in rows.iter().zip(weights.chunks_exact(SIDE)) {
            let values = &row[x..x + SIDE];
            for (value, weights) in values.iter().zip(weights) {
                sums[0] += value * weights[places];
                sums[1] += value * weights[places + 1];
            }
        }
        pair.copy_from_slice(&sums[..pair.len()]);
    }
}
