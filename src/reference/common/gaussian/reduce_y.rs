use super::weights::{Window, sum_rows};
use crate::reference::{Io, Out};

/// Weighted mean around each point of the coarse grid, along the columns.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    sum_rows(
        io.image("image"),
        &Window::reduce(io.y, io.param("spacing")),
        out,
    );
}
