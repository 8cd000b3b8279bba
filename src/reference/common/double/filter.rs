use multiversion::multiversion;

use super::buckets::{CLASSES, STRAIGHT, filter_of};
use crate::reference::phases::continued;
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

/// The two rows that a row becomes; they are made together.
#[derive(Default)]
struct Pair {
    /// The row they are made of, plus one; 0 before there are any.
    of: usize,
    upper: Vec<f32>,
    lower: Vec<f32>,
}

/// A row of twice the size, each pixel by the filter for how the picture runs there.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let filters = io.once(|| filters(io.table("filters")));
    let (luma, direction) = (io.image("luma"), io.image("direction"));
    let low = io.y / 2;
    io.with_kept(|pair: &mut Pair| {
        if pair.of != low + 1 {
            let row = |row: usize| continued(luma.clamped_row((low + row) as i64 - 2).r(), 2, 2);
            let rows: [Vec<f32>; SIDE] = std::array::from_fn(row);
            pair.of = low + 1;
            pair.upper.resize(io.width, 0.0);
            pair.lower.resize(io.width, 0.0);
            let rows = rows.each_ref().map(Vec::as_slice);
            let codes = direction.row(low).r();
            filtered(&filters, codes, rows, &mut pair.upper, &mut pair.lower);
        }
        let made = if io.y.is_multiple_of(2) {
            &pair.upper
        } else {
            &pair.lower
        };
        out.gray().copy_from_slice(made);
    });
}

#[multiversion(targets = "simd")]
fn filtered(
    filters: &[[[f32; 4]; SIDE * SIDE]],
    codes: &[f32],
    rows: [&[f32]; SIDE],
    upper: &mut [f32],
    lower: &mut [f32],
) {
    let pairs = upper.as_chunks_mut::<2>().0.iter_mut();
    let pairs = pairs.zip(lower.as_chunks_mut::<2>().0);
    for ((x, (upper, lower)), code) in pairs.enumerate().zip(codes) {
        let weights = &filters[*code as usize];
        let mut sums = [0.0; 4];
        for (row, weights) in rows.iter().zip(weights.as_chunks::<SIDE>().0) {
            let Some(values) = row[x..].first_chunk::<SIDE>() else {
                continue;
            };
            for tap in 0..SIDE {
                for place in 0..4 {
                    sums[place] += values[tap] * weights[tap][place];
                }
            }
        }
        (*upper, *lower) = ([sums[0], sums[1]], [sums[2], sums[3]]);
    }
}
