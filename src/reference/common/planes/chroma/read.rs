use crate::reference::common::planes::luma::read::scale;
use crate::reference::io::samples::read_row;
use crate::reference::{Io, Out};

/// The decoder's colour differences, at their own size.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    for component in 1..3 {
        let row = out.channel(component - 1);
        read_row(io.planes(), component, io.y, row);
        scale(row, io.param("chroma_offset"), io.param("chroma_scale"));
    }
    out.channel(2).fill(0.0);
    out.channel(3).fill(1.0);
}
