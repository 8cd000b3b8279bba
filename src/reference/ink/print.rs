use crate::reference::{Io, Out};

/// A drawing, 0 where there is ink and 1 where there is paper, in the colours of both.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let drawing = io.here("drawing").r();
    for (channel, name) in ["r", "g", "b"].into_iter().enumerate() {
        let [ink, paper] = ["ink", "paper"].map(|of| io.param(&format!("{of}_{name}")));
        for (out, drawing) in out.channel(channel).iter_mut().zip(drawing) {
            *out = ink + (paper - ink) * drawing;
        }
    }
    out.channel(3).fill(1.0);
}
