use crate::reference::{Io, Out};

use super::halve::mean;

/// Luma of half the size.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let [above, below] = [0, 1].map(|j| image.clamped_row(2 * io.y as i64 + j).r());
    mean(above, below, out.gray());
}
