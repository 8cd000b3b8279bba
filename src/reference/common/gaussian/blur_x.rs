use super::weights::{Window, convolve};
use crate::reference::{Io, Out};

/// A Gaussian blur along the rows, cut at four standard deviations.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let window = Window::gaussian(0, io.param("deviation"));
    let row = io.image("image").row(io.y);
    for channel in 0..out.channels() {
        if channel == 3 && row.is_opaque() {
            out.channel(3).fill(window.of_ones());
            continue;
        }
        convolve(row.channel(channel), &window, out.channel(channel));
    }
}
