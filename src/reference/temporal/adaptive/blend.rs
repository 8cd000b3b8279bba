use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The average moves towards the new frame, at once where the source moved; a scene begins with its own first frame.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, average) = (io.here("image"), io.here("average"));
    if !io.facts.history_valid {
        for channel in 0..out.channels() {
            out.channel(channel).copy_from_slice(image.channel(channel));
        }
        return;
    }
    let mut weights = vec![0.0; io.width];
    sample(io, &mut weights);
    let alpha = io.param("alpha");
    for weight in &mut weights {
        *weight = alpha + (1.0 - alpha) * *weight;
    }
    for channel in 0..out.channels() {
        let (now, before) = (image.channel(channel), average.channel(channel));
        blend(now, before, &weights, out.channel(channel));
    }
}

/// Row `io.y` of the motion, stretched over the picture.
fn sample(io: &Io<'_>, out: &mut [f32]) {
    let motion = io.image("motion");
    let place = |at: usize, count: usize, size: usize| {
        let position = (at as f32 + 0.5) / count as f32 * size as f32 - 0.5;
        let base = position.floor();
        (base as i64, position - base)
    };
    // Of each column: the two of the motion beside it, and how far it lies towards the second.
    let columns = io.once(|| {
        let last = motion.width as i64 - 1;
        let column = |x: i64| x.clamp(0, last) as u32;
        let places = (0..io.width).map(|x| place(x, io.width, motion.width));
        places
            .map(|(x, across)| (column(x), column(x + 1), across))
            .collect::<Vec<_>>()
    });
    let (y, down) = place(io.y, io.height, motion.height);
    let (top, bottom) = (motion.clamped_row(y).r(), motion.clamped_row(y + 1).r());
    let between: Vec<f32> = top
        .iter()
        .zip(bottom)
        .map(|(top, bottom)| top * (1.0 - down) + bottom * down)
        .collect();
    for (out, (left, right, across)) in out.iter_mut().zip(columns.iter()) {
        let (left, right) = (between[*left as usize], between[*right as usize]);
        *out = left * (1.0 - across) + right * across;
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn blend(now: &[f32], before: &[f32], weights: &[f32], out: &mut [f32]) {
    for (((out, now), before), weight) in out.iter_mut().zip(now).zip(before).zip(weights) {
        *out = before + weight * (now - before);
    }
}
