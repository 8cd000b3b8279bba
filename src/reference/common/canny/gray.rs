use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Luma as a whole number 0 to 255, with the weights of BT.601 in units of 1/32768.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    weigh(io.here("image").rgb(), out.gray());
}

/// The numbers are below 2^24, so 32-bit floats hold them exactly.
#[multiversion(targets = "simd")]
fn weigh([r, g, b]: [&[f32]; 3], out: &mut [f32]) {
    let code = |v: f32| (smaller(greater(v, 0.0), 1.0) * 255.0).round_ties_even();
    for (((y, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        let sum = 9798.0 * code(*r) + 19235.0 * code(*g) + 3735.0 * code(*b);
        *y = ((sum + 16384.0) / 32768.0).floor();
    }
}
