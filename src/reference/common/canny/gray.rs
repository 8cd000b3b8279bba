use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Luma of eight bits as a whole number 0..255, weights of BT.601 in 1/32768.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    weigh(io.here("image").rgb(), out.gray());
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn weigh([r, g, b]: [&[f32]; 3], out: &mut [f32]) {
    let code = |v: f32| (v.clamp(0.0, 1.0) * 255.0 + 0.5) as i32;
    for (((y, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        *y = ((9798 * code(*r) + 19235 * code(*g) + 3735 * code(*b) + 16384) >> 15) as f32;
    }
}
