use super::super::samples::read_row;
use crate::reference::{Io, Out};

pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (offset, scale) = (io.param("luma_offset"), io.param("luma_scale"));
    let [r, g, b, a] = out.rgba();
    for (component, line) in [r, g, b].into_iter().enumerate() {
        read_row(io.planes(), component, io.y, line);
        line.iter_mut()
            .for_each(|value| *value = (*value - offset) * scale);
    }
    super::alpha(io, a);
}
