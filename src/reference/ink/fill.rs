use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::common::power::exp2;
use crate::reference::{Io, Out};

/// Ink on paper: 0 is ink, 1 is paper. A border is never sharper than the pixels, so that it does not crawl where it moves.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let tone = io.image("tone");
    let y = io.y as i64;
    let [above, here, below] = [y - 1, y, y + 1].map(|y| tone.clamped_row(y).r());
    // One more pixel at either end.
    let mut wide = Vec::with_capacity(io.width + 2);
    wide.push(here[0]);
    wide.extend_from_slice(here);
    wide.push(here[io.width - 1]);
    fill(above, &wide, below, out.gray());
}

/// `here` has a pixel more at either end.
#[multiversion(targets = "simd")]
fn fill(above: &[f32], here: &[f32], below: &[f32], out: &mut [f32]) {
    let around = here.windows(3).zip(above).zip(below);
    for (out, ((here, above), below)) in out.iter_mut().zip(around) {
        let (x, y) = (here[2] - here[0], below - above);
        let slope = 0.65 * (x * x + y * y).sqrt();
        *out = paper(here[1] / greater(slope, 1.0));
    }
}

/// 1 from `value` 0 on, below that softly to 0: 1 + tanh(value), by 2 and its powers.
#[inline(always)]
fn paper(value: f32) -> f32 {
    let e = exp2(2.885_39 * smaller(value, 0.0));
    2.0 * e / (1.0 + e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_falls_off_as_the_hyperbolic_tangent() {
        for value in [-3.0_f32, -1.0, -0.2, 0.0, 2.0] {
            let expected = 1.0 + value.min(0.0).tanh();
            assert!(
                (paper(value) - expected).abs() < 1e-5,
                "{value}: {}",
                paper(value)
            );
        }
    }
}
