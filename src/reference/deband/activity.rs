use multiversion::multiversion;

use crate::color::bounds::greater;
use crate::reference::{Io, Out};

/// The mean difference of neighbouring pixels in a square of 4 by 4, of the colour that differs most.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let rows: [_; 5] = std::array::from_fn(|n| image.clamped_row((4 * io.y + n) as i64).rgb());
    let out = out.gray();
    let mut sums = vec![0.0; image.width];
    let mut most = vec![0.0f32; out.len()];
    for channel in 0..3 {
        sums.fill(0.0);
        for pair in rows.windows(2) {
            add(pair[0][channel], pair[1][channel], &mut sums);
        }
        // Beyond the right border the last pixel goes on, as its own sum has it.
        let beyond = sums[image.width - 1];
        for (x, most) in most.iter_mut().enumerate() {
            let at = |i: usize| sums.get(4 * x + i).copied().unwrap_or(beyond);
            *most = greater(*most, at(0) + at(1) + at(2) + at(3));
        }
    }
    for (out, most) in out.iter_mut().zip(most) {
        *out = most / 32.0;
    }
}

/// Adds the differences of a row's pixels from those to the right of them and from those of the row below.
#[multiversion(targets = "simd")]
fn add(row: &[f32], below: &[f32], sums: &mut [f32]) {
    let width = sums.len();
    let (row, below) = (&row[..width], &below[..width]);
    for x in 0..width - 1 {
        sums[x] += (row[x + 1] - row[x]).abs() + (below[x] - row[x]).abs();
    }
    sums[width - 1] += (below[width - 1] - row[width - 1]).abs();
}
