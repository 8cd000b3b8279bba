use crate::reference::io::samples::read_row;
use crate::reference::{Io, Out};

/// The Y plane as coded, black at 0 and white at 1 (H.273 equations 20 to 31, inverted).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let line = out.gray();
    read_row(io.planes(), 0, io.y, line);
    let (offset, scale) = (io.param("luma_offset"), io.param("luma_scale"));
    for value in line {
        *value = (*value - offset) * scale;
    }
}
