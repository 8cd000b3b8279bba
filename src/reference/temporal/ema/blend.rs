use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Moves the average towards the new frame. A scene starts with its own first frame.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, average) = (io.here("image"), io.here("average"));
    for channel in 0..out.channels() {
        let now = image.channel(channel);
        if io.facts.history_valid {
            blend(
                now,
                average.channel(channel),
                io.param("alpha"),
                out.channel(channel),
            );
        } else {
            out.channel(channel).copy_from_slice(now);
        }
    }
}

#[multiversion(targets = "simd")]
fn blend(now: &[f32], before: &[f32], alpha: f32, out: &mut [f32]) {
    for ((out, now), before) in out.iter_mut().zip(now).zip(before) {
        *out = before + alpha * (now - before);
    }
}
