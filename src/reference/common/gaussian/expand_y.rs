use super::weights::{Window, sum_rows};
use crate::reference::{Io, Out};

/// The spline through the coarse grid, evaluated at each pixel, along the columns.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    sum_rows(
        io.image("image"),
        &Window::expand(io.y, io.param("spacing")),
        out,
    );
}
