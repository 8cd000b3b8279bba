use multiversion::multiversion;

use crate::color::bounds::greater;
use crate::reference::{Io, Out};

/// The share of the differences in a window that is kept, by their variance: the slope a of He, Sun and Tang, of squares.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (mean, squares) = (io.here("mean").r(), io.here("squares").r());
    slopes(mean, squares, io.param("softness"), out.gray());
}

#[multiversion(targets = "simd")]
fn slopes(mean: &[f32], squares: &[f32], softness: f32, out: &mut [f32]) {
    let count = out.len();
    let (mean, squares) = (&mean[..count], &squares[..count]);
    for x in 0..count {
        let mean = mean[x] - 0.5;
        let variance = greater(squares[x] - mean * mean, 0.0);
        let squared = variance * variance;
        out[x] = squared / (squared + softness * softness);
    }
}
