use crate::reference::{Io, Out};

pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    for channel in 0..out.channels() {
        out.channel(channel).copy_from_slice(image.channel(channel));
    }
}
