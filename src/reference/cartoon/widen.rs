use multiversion::multiversion;

use crate::color::bounds::greater;
use crate::reference::{Io, Out};

/// Lines of a given width around the edges, antialiased: the share of each pixel that they cover.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let edges = io.image("edges");
    let half = io.param("half");
    let reach = (half + 0.5).ceil() as i64;
    let out = out.gray();
    out.fill(0.0);
    for dy in -reach..=reach {
        let row = edges.clamped_row(io.y as i64 + dy).r();
        // Most rows have no edge nearby.
        if !any(row) {
            continue;
        }
        for dx in -reach..=reach {
            let near = (half + 0.5 - ((dx * dx + dy * dy) as f32).sqrt()).clamp(0.0, 1.0);
            if near > 0.0 {
                cover(row, dx, near, out);
            }
        }
    }
}

/// Covers the pixels at offset `-dx` from the edges of `row`. The border pixels are repeated outside.
fn cover(row: &[f32], dx: i64, near: f32, out: &mut [f32]) {
    let width = row.len();
    let shift = dx.unsigned_abs() as usize;
    let inside = width.saturating_sub(shift);
    let (from, to, border) = if dx >= 0 {
        (&row[width - inside..], 0..inside, inside..width)
    } else {
        (&row[..inside], width - inside..width, 0..width - inside)
    };
    raise(from, near, &mut out[to]);
    let edge = near * if dx >= 0 { row[width - 1] } else { row[0] };
    for cover in &mut out[border] {
        *cover = cover.max(edge);
    }
}

#[multiversion(targets = "simd")]
fn raise(edges: &[f32], near: f32, out: &mut [f32]) {
    for (cover, edge) in out.iter_mut().zip(edges) {
        *cover = greater(near * edge, *cover);
    }
}

#[multiversion(targets = "simd")]
fn any(edges: &[f32]) -> bool {
    edges.iter().fold(0, |bits, edge| bits | edge.to_bits()) != 0
}
