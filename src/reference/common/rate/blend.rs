use multiversion::multiversion;

use crate::reference::{Io, Out};

/// The frame and the next one of its scene, mixed by how far the time has gone from one to the other.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [now, next] = [0, 1].map(|offset| io.here_of("image", offset));
    for channel in 0..out.channels() {
        let (from, to) = (now.channel(channel), next.channel(channel));
        mix(from, to, io.facts.phase, out.channel(channel));
    }
}

#[multiversion(targets = "simd")]
fn mix(from: &[f32], to: &[f32], share: f32, out: &mut [f32]) {
    for ((out, a), b) in out.iter_mut().zip(from).zip(to) {
        *out = a * (1.0 - share) + b * share;
    }
}
