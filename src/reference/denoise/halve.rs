use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Half the size: the mean of 2 by 2 pixels.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let [above, below] = [0, 1].map(|j| image.clamped_row(2 * io.y as i64 + j));
    for channel in 0..out.channels() {
        let rows = [above, below].map(|row| row.channel(channel));
        mean(rows[0], rows[1], out.channel(channel));
    }
}

/// The means of pairs of columns of two rows; beyond the last column that column is read.
#[multiversion(targets = "simd")]
pub fn mean(above: &[f32], below: &[f32], out: &mut [f32]) {
    let last = above.len() - 1;
    let pairs = above.chunks_exact(2).zip(below.chunks_exact(2));
    for (out, (above, below)) in out.iter_mut().zip(pairs) {
        *out = 0.25 * ((above[0] + above[1]) + (below[0] + below[1]));
    }
    for out in out.iter_mut().skip(above.len() / 2) {
        *out = 0.25 * (2.0 * above[last] + 2.0 * below[last]);
    }
}
