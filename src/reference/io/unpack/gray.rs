use super::super::samples::read_row;
use crate::reference::{Io, Out};

pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (offset, scale) = (io.param("luma_offset"), io.param("luma_scale"));
    let [r, g, b, a] = out.rgba();
    read_row(io.planes(), 0, io.y, r);
    r.iter_mut()
        .for_each(|value| *value = (*value - offset) * scale);
    g.copy_from_slice(r);
    b.copy_from_slice(r);
    super::alpha(io, a);
}
