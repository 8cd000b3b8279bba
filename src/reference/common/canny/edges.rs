use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Edges that are strong, or connected to strong ones.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let links = &io.words("links")[io.y * io.width..][..io.width];
    select(io.here("thin").r(), links, out.gray());
}

#[multiversion(targets = "simd")]
fn select(thin: &[f32], links: &[u32], out: &mut [f32]) {
    for ((out, thin), link) in out.iter_mut().zip(thin).zip(links) {
        let edge = (*link >= 0x8000_0000) & (*thin > 0.5);
        *out = if edge { 1.0 } else { 0.0 };
    }
}
