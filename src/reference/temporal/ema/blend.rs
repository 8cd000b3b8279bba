use multiversion::multiversion;

use crate::reference::fixed_grid::{steps_of, value_of};
use crate::reference::{Io, Out};

/// Moves the average towards the new frame. A scene starts with its own first frame.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, average) = (io.here("image"), io.here("average"));
    if io.facts.history_valid && average.steps(0).is_some() && out.steps().is_some() {
        let alpha = io.param("alpha");
        for (channel, out) in out.steps().into_iter().flatten().enumerate() {
            if let Some(before) = average.steps(channel) {
                blend_steps(image.channel(channel), before, alpha, out);
            }
        }
        return blend(image.channel(3), average.channel(3), alpha, out.channel(3));
    }
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

/// As [`blend`], of an average in steps of fixed-point numbers.
#[multiversion(targets = "simd")]
fn blend_steps(now: &[f32], before: &[i16], alpha: f32, out: &mut [i16]) {
    for ((out, now), before) in out.iter_mut().zip(now).zip(before) {
        let before = value_of(*before);
        *out = steps_of(before + alpha * (now - before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::fixed_grid::tests::are_blended_as_floats;

    /// An average in steps is the average in floats, rounded.
    #[test]
    fn steps_are_blended_as_floats_are() {
        are_blended_as_floats(
            |now, before, out| blend(now, before, 0.3, out),
            |now, before, out| blend_steps(now, before, 0.3, out),
        );
    }
}
