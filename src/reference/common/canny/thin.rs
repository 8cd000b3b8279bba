use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Non-maximum suppression: keeps gradients that are largest across their direction. 2 is strong, 1 is weak, 0 is
/// removed.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let gradient = io.image("gradient");
    // Magnitudes, with one zero pixel at either end: outside the picture there is no gradient.
    let mut rows = vec![0.0; 3 * (io.width + 2)];
    for (dy, line) in rows.chunks_exact_mut(io.width + 2).enumerate() {
        let y = io.y + dy;
        if (1..=gradient.height).contains(&y) {
            magnitudes(gradient.row(y - 1).r(), &mut line[1..=io.width]);
        }
    }
    let limits = [io.param("low"), io.param("high")];
    thin(&rows, gradient.row(io.y).r(), limits, out.gray());
}

#[multiversion(targets = "simd")]
fn magnitudes(gradient: &[f32], out: &mut [f32]) {
    for (out, gradient) in out.iter_mut().zip(gradient) {
        *out = (gradient * 0.25).floor();
    }
}

#[multiversion(targets = "simd")]
fn thin(rows: &[f32], here: &[f32], [low, high]: [f32; 2], out: &mut [f32]) {
    let stride = out.len() + 2;
    let above = rows[..stride].windows(3);
    let beside = rows[stride..2 * stride].windows(3);
    let below = rows[2 * stride..].windows(3);
    let around = above.zip(beside).zip(below);
    for ((out, here), ((above, beside), below)) in out.iter_mut().zip(here).zip(around) {
        let size = beside[1];
        let sector = here - 4.0 * size;
        let pick = |across: f32, down: f32, falling: f32, rising: f32| {
            let diagonal = if sector > 2.5 { rising } else { falling };
            let straight = if sector > 0.5 { down } else { across };
            if sector > 1.5 { diagonal } else { straight }
        };
        let before = pick(beside[0], above[1], above[0], above[2]);
        let after = pick(beside[2], below[1], below[2], below[0]);
        // Of two equal neighbours, the first is kept for the sectors across and down. For the diagonal sectors, neither
        // is.
        let stays = (size > after) | ((size == after) & (sector < 1.5));
        let edge = (size > low) & (size > before) & stays;
        let strength = if size > high { 2.0 } else { 1.0 };
        *out = if edge { strength } else { 0.0 };
    }
}
