use super::luma;
use crate::reference::{Io, Out};

/// Luma of 2 by 2 pixels.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let y = 2 * io.y as i64;
    let [top, bottom] = [y, y + 1].map(|y| image.clamped_row(y).rgb());
    let last = image.width - 1;
    for (x, value) in out.gray().iter_mut().enumerate() {
        let (left, right) = ((2 * x).min(last), (2 * x + 1).min(last));
        let sum = [0, 1, 2]
            .map(|c| (top[c][left] + top[c][right]) + (bottom[c][left] + bottom[c][right]));
        *value = luma(sum[0], sum[1], sum[2]) / 4.0;
    }
}
