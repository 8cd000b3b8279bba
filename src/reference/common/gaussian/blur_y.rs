use super::weights::{Window, sum_rows};
use crate::reference::{Io, Out};

/// A Gaussian blur along the columns, cut at four standard deviations.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    sum_rows(
        io.image("image"),
        &Window::gaussian(io.y, io.param("deviation")),
        out,
    );
}
