use multiversion::multiversion;

use super::super::stretch::{Stretches, place};
use crate::reference::fixed_grid::{steps_of, value_of};
use crate::reference::{Io, Out};

/// Moves the average towards the new frame; where the source moved, takes the new frame at once. A scene starts with
/// its own first frame.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, average) = (io.here("image"), io.here("average"));
    if !io.facts.history_valid {
        for channel in 0..out.channels() {
            out.channel(channel).copy_from_slice(image.channel(channel));
        }
        return;
    }
    let mut weights = vec![0.0; io.width];
    weigh(io, &mut weights);
    if average.steps(0).is_some() && out.steps().is_some() {
        for (channel, out) in out.steps().into_iter().flatten().enumerate() {
            if let Some(before) = average.steps(channel) {
                blend_steps(image.channel(channel), before, &weights, out);
            }
        }
        return blend(
            image.channel(3),
            average.channel(3),
            &weights,
            out.channel(3),
        );
    }
    for channel in 0..out.channels() {
        let (now, before) = (image.channel(channel), average.channel(channel));
        blend(now, before, &weights, out.channel(channel));
    }
}

/// Weight of the new frame at each pixel of row `io.y`: the motion image is stretched over the picture.
fn weigh(io: &Io<'_>, out: &mut [f32]) {
    let motion = io.image("motion");
    let stretches = io.once(|| Stretches::new(motion.width, io.width));
    let (y, down) = place(io.y, io.height, motion.height);
    let (top, bottom) = (motion.clamped_row(y).r(), motion.clamped_row(y + 1).r());
    let alpha = io.param("alpha");
    let between: Vec<f32> = top
        .iter()
        .zip(bottom)
        .map(|(top, bottom)| alpha + (1.0 - alpha) * (top * (1.0 - down) + bottom * down))
        .collect();
    stretches.fill(&between, out);
}

#[multiversion(targets = "simd")]
pub fn blend(now: &[f32], before: &[f32], weights: &[f32], out: &mut [f32]) {
    for (((out, now), before), weight) in out.iter_mut().zip(now).zip(before).zip(weights) {
        *out = before + weight * (now - before);
    }
}

/// As [`blend`], of an average in steps of fixed-point numbers.
#[multiversion(targets = "simd")]
fn blend_steps(now: &[f32], before: &[i16], weights: &[f32], out: &mut [i16]) {
    for (((out, now), before), weight) in out.iter_mut().zip(now).zip(before).zip(weights) {
        let before = value_of(*before);
        *out = steps_of(before + weight * (now - before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::fixed_grid::tests::are_blended_as_floats;

    /// An average in steps is the average in floats, rounded.
    #[test]
    fn steps_are_blended_as_floats_are() {
        let weights: Vec<f32> = (0..1003).map(|i| (i % 101) as f32 / 100.0).collect();
        are_blended_as_floats(
            |now, before, out| blend(now, before, &weights, out),
            |now, before, out| blend_steps(now, before, &weights, out),
        );
    }
}
