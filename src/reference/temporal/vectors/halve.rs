use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The picture at half the size: means of 2 by 2 pixels.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let [above, below] = [0, 1].map(|j| image.clamped_row(2 * io.y as i64 + j).r());
    let (whole, rest) = out.gray().split_at_mut(image.width / 2);
    halve([above, below], whole);
    // An odd column stands for two.
    for out in rest {
        let last = [above, below].map(|row| row[image.width - 1]);
        *out = ((last[0] + last[0]) + (last[1] + last[1])) * 0.25;
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
        *out = ((a[0] + a[1]) + (b[0] + b[1])) * 0.25;
    }
}
