use crate::reference::{Io, Out};

/// The colours of one image with the alpha of another.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (colour, transparency) = (io.here("colour").rgb(), io.here("transparency").alpha());
    let [r, g, b, a] = out.rgba();
    for (line, channel) in [r, g, b].into_iter().zip(colour) {
        line.copy_from_slice(channel);
    }
    match transparency {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}
