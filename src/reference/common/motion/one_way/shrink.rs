use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The picture at half the size: means of 2 by 2 pixels, as whole numbers.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let rows = [0, 1].map(|j| image.clamped_row(2 * io.y as i64 + j).r());
    let out = out.gray();
    let pairs = image.width / 2;
    let (whole, rest) = out.split_at_mut(pairs);
    halve(rows, whole);
    // An odd column stands for two.
    for out in rest {
        let last = [rows[0][image.width - 1], rows[1][image.width - 1]];
        *out = ((2.0 * last[0] + 2.0 * last[1] + 2.0) * 0.25).floor();
    }
}

#[multiversion(targets = "simd")]
fn halve([above, below]: [&[f32]; 2], out: &mut [f32]) {
    let pairs = above
        .as_chunks::<2>()
        .0
        .iter()
        .zip(below.as_chunks::<2>().0);
    for (out, (a, b)) in out.iter_mut().zip(pairs) {
        *out = ((a[0] + a[1] + b[0] + b[1] + 2.0) * 0.25).floor();
    }
}
