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
    use crate::reference::fixed_grid::{pack_row, unpack_row};

    /// An average in steps is the average in floats, rounded.
    #[test]
    fn steps_are_blended_as_floats_are() {
        let now: Vec<f32> = (0..1003).map(|i| (i as f32 * 0.37).sin() * 1.7).collect();
        let steps: Vec<i16> = (0..1003)
            .map(|i| ((i * 7919) % 65536 - 32768) as i16)
            .collect();
        let mut before = vec![0.0; now.len()];
        unpack_row(&steps, &mut before);
        let (mut floats, mut expected) = (before.clone(), steps.clone());
        blend(&now, &before, 0.3, &mut floats);
        pack_row(&floats, &mut expected);
        let mut found = steps.clone();
        blend_steps(&now, &steps, 0.3, &mut found);
        assert_eq!(found, expected);
        assert_ne!(found, steps);
    }
}
