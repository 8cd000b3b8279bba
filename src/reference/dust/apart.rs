use multiversion::multiversion;

use super::pairs::{differs, rounded};
use crate::reference::common::motion::blocks::Plane;
use crate::reference::{Io, Out};

/// The mean difference of each block between the frames before and after.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["before", "after"].map(|name| Plane::of(io.image(name)));
    let chosen = io.here("chosen");
    let vectors = [0, 1, 2, 3].map(|channel| chosen.channel(channel));
    measure(planes, vectors, io.y, out.gray());
}

#[multiversion(targets = "simd")]
fn measure(planes: [Plane<'_>; 2], vectors: [&[f32]; 4], y: usize, out: &mut [f32]) {
    for (x, out) in out.iter_mut().enumerate() {
        let v = rounded(vectors.map(|channel| channel[x]));
        *out = (differs(planes, [x as i32, y as i32], v) / 64) as f32;
    }
}
