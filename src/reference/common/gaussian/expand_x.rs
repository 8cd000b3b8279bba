use super::weights::{Window, sum_pixels};
use crate::reference::{Io, Out};

/// The spline through the coarse grid, evaluated at each pixel, along the rows.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let windows = io.once(|| {
        let spread = io.param("spacing");
        (0..io.width)
            .map(|x| Window::expand(x, spread))
            .collect::<Vec<_>>()
    });
    let row = io.image("image").row(io.y);
    for channel in 0..out.channels() {
        sum_pixels(row.channel(channel), &windows, out.channel(channel));
    }
}
