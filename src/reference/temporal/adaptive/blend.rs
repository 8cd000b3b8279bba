use multiversion::multiversion;

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

/// Pixels that lie between the same two columns of the motion image.
struct Stretch {
    left: usize,
    right: usize,
    /// Interpolation weight of the second column, per pixel.
    across: Vec<f32>,
}

/// Weight of the new frame at each pixel of row `io.y`: the motion image is stretched over the picture.
fn weigh(io: &Io<'_>, out: &mut [f32]) {
    let motion = io.image("motion");
    let place = |at: usize, count: usize, size: usize| {
        let position = (at as f32 + 0.5) / count as f32 * size as f32 - 0.5;
        let base = position.floor();
        (base as i64, position - base)
    };
    let stretches = io.once(|| {
        let column = |x: i64| x.clamp(0, motion.width as i64 - 1) as usize;
        let places: Vec<_> = (0..io.width)
            .map(|x| place(x, io.width, motion.width))
            .collect();
        places
            .chunk_by(|(a, _), (b, _)| a == b)
            .map(|pixels| Stretch {
                left: column(pixels[0].0),
                right: column(pixels[0].0 + 1),
                across: pixels.iter().map(|(_, across)| *across).collect(),
            })
            .collect::<Vec<_>>()
    });
    let (y, down) = place(io.y, io.height, motion.height);
    let (top, bottom) = (motion.clamped_row(y).r(), motion.clamped_row(y + 1).r());
    let alpha = io.param("alpha");
    let between: Vec<f32> = top
        .iter()
        .zip(bottom)
        .map(|(top, bottom)| alpha + (1.0 - alpha) * (top * (1.0 - down) + bottom * down))
        .collect();
    stretch(&between, &stretches, out);
}

/// Interpolates along the row.
fn stretch(between: &[f32], stretches: &[Stretch], out: &mut [f32]) {
    let mut rest = out;
    for stretch in stretches {
        let (left, step) = (
            between[stretch.left],
            between[stretch.right] - between[stretch.left],
        );
        let (pixels, after) = rest.split_at_mut(stretch.across.len());
        // The motion image is a quarter of the picture: most stretches are four pixels.
        match (
            pixels.first_chunk_mut::<4>(),
            stretch.across.first_chunk::<4>(),
        ) {
            (Some(pixels), Some(across)) if stretch.across.len() == 4 => {
                *pixels = across.map(|across| left + step * across);
            }
            _ => {
                for (out, across) in pixels.iter_mut().zip(&stretch.across) {
                    *out = left + step * across;
                }
            }
        }
        rest = after;
    }
}

#[multiversion(targets = "simd")]
fn blend(now: &[f32], before: &[f32], weights: &[f32], out: &mut [f32]) {
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
