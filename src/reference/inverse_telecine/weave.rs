use crate::reference::{Io, Out};

/// The frame of film. Below the phase `earlier` its second field is in the frame before the one that it is made of.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let second = io.y % 2 == io.param("second") as usize;
    let row = io.here_of(
        "image",
        if second && io.facts.phase < io.param("earlier") {
            -1
        } else {
            0
        },
    );
    for channel in 0..out.channels() {
        out.channel(channel).copy_from_slice(row.channel(channel));
    }
}
