use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Adds a change that was found at half the size, bilinear.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let change = io.image("change");
    // The nearer of two rows has a weight of three quarters.
    let nearer = (io.y / 2) as i64;
    let other = if io.y.is_multiple_of(2) {
        nearer - 1
    } else {
        nearer + 1
    };
    let rows = [nearer, other].map(|y| change.clamped_row(y));
    io.with_kept(|mixed: &mut Vec<f32>| {
        for channel in 0..3 {
            let [nearer, other] = rows.map(|row| row.channel(channel));
            add(
                nearer,
                other,
                mixed,
                image.channel(channel),
                out.channel(channel),
            );
        }
    });
    out.channel(3).copy_from_slice(image.channel(3));
}

#[multiversion(targets = "simd")]
fn add(nearer: &[f32], other: &[f32], mixed: &mut Vec<f32>, own: &[f32], out: &mut [f32]) {
    // With a column more at both ends, and as many as half the row needs.
    let columns = out.len().div_ceil(2);
    mixed.clear();
    mixed.push(0.0);
    let pairs = nearer.iter().zip(other).take(columns + 1);
    mixed.extend(pairs.map(|(a, b)| 0.75 * a + 0.25 * b));
    mixed[0] = mixed[1];
    let last = mixed[mixed.len() - 1];
    mixed.resize(columns + 2, last);
    let pixels = out.chunks_mut(2).zip(own.chunks(2)).zip(mixed.windows(3));
    for ((out, own), near) in pixels {
        out[0] = own[0] + (0.75 * near[1] + 0.25 * near[0]);
        if let (Some(out), Some(own)) = (out.get_mut(1), own.get(1)) {
            *out = own + (0.75 * near[1] + 0.25 * near[2]);
        }
    }
}
