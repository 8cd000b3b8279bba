use crate::reference::{Io, Out};

/// The frame at `offset`.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let there = io.here_of("image", io.param("offset") as i32);
    for channel in 0..out.channels() {
        out.channel(channel).copy_from_slice(there.channel(channel));
    }
}
