use multiversion::multiversion;

use super::rows::{double, near_and_beside};
use crate::reference::{Io, Out};

/// Doubles the coarse picture (Chaikin, 1974) and mixes it into the fine one.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (coarse, fine, share) = (io.image("coarse"), io.here("fine"), io.param("share"));
    let (near, beside) = near_and_beside(io.y);
    let (near, beside) = (coarse.clamped_row(near), coarse.clamped_row(beside));
    let mut between = vec![0.0; coarse.width];
    for channel in 0..out.channels() {
        let line = out.channel(channel);
        double(
            near.channel(channel),
            beside.channel(channel),
            &mut between,
            line,
        );
        mix(fine.channel(channel), share, line);
    }
}

#[multiversion(targets = "simd")]
fn mix(fine: &[f32], share: f32, line: &mut [f32]) {
    for (value, fine) in line.iter_mut().zip(fine) {
        *value = fine + (*value - fine) * share;
    }
}
