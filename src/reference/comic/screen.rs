//! Halftone dots on a rotated grid.

use std::f32::consts::{FRAC_1_PI, FRAC_PI_4};

use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};

/// The squared radius, in cells, of a dot that covers the share `value` of its cell. Above pi/4 dots touch and overlap;
/// there the uncovered share h = 1 - value is fitted by powers of its square root. The covered area is within 0.03 % of
/// `value`.
#[inline(always)]
fn radius_squared(value: f32) -> f32 {
    let root = greater(1.0 - value, 0.0).sqrt();
    let overlapping = 0.5
        - root * (0.723_393_1 - root * (0.521_754_26 - root * (0.672_745_7 - root * 0.867_388_7)));
    if value < FRAC_PI_4 {
        value * FRAC_1_PI
    } else {
        overlapping
    }
}

/// A row of pixels in the coordinates of a screen.
#[derive(Clone, Copy)]
pub struct Screen {
    /// Cosine and sine of the screen's angle.
    pub turn: [f32; 2],
    /// Cell size in pixels.
    pub pitch: f32,
    /// Share of the dots in the result; the rest is a flat tone.
    pub resolved: f32,
}

/// The share of each pixel of row `y` that is covered by dots for `values`.
///
/// The pixel is treated as a square along the screen's axes: exact along one axis, four strips along the other. If
/// cells are whole pixels, every dot meets the same strips; strips a quarter off centre make the errors of a dot's two
/// sides cancel.
#[multiversion(targets = "simd")]
pub fn cover_row(values: &[f32], y: usize, screen: Screen, out: &mut [f32]) {
    let blocks = values.chunks(BLOCK).zip(out.chunks_mut(BLOCK));
    for (index, (values, out)) in blocks.enumerate() {
        // Where there is no ink there are no dots.
        if values.iter().fold(0, |bits, value| bits | value.to_bits()) == 0 {
            out.fill(0.0);
        } else {
            cover(values, index * BLOCK, y, screen, out);
        }
    }
}

/// Pixels that are looked at together.
const BLOCK: usize = 64;

/// As [`cover_row`], for pixels from column `first` on.
#[inline(always)]
fn cover(values: &[f32], first: usize, y: usize, screen: Screen, out: &mut [f32]) {
    let Screen {
        turn: [cosine, sine],
        pitch,
        resolved,
    } = screen;
    let side = 1.0 / pitch;
    let y = y as f32 + 0.5;
    for (x, (dots, value)) in out.iter_mut().zip(values).enumerate() {
        let x = (first + x) as i32 as f32 + 0.5;
        let u = (x * cosine + y * sine) * side;
        let v = (y * cosine - x * sine) * side;
        let (top, bottom) = (v + 0.5 * side, v - 0.5 * side);
        let cells = top.round_ties_even() - bottom.round_ties_even();
        let (above, below) = (
            top - top.round_ties_even(),
            bottom - bottom.round_ties_even(),
        );
        let square = radius_squared(*value);
        // A chord ends at the pixel's sides at most. The signs are the same for all strips.
        let (to_top, to_bottom) = (above.abs(), below.abs());
        let (mut chords, mut tops, mut bottoms) = (0.0, 0.0, 0.0);
        for strip in [-0.3125, -0.0625, 0.1875, 0.4375] {
            let x = u + strip * side;
            let from_centre = x - x.round_ties_even();
            let half_chord = smaller(greater(square - from_centre * from_centre, 0.0).sqrt(), 0.5);
            chords += half_chord;
            tops += smaller(to_top, half_chord);
            bottoms += smaller(to_bottom, half_chord);
        }
        let sum = 2.0 * chords * cells + tops.copysign(above) - bottoms.copysign(below);
        *dots = value + (0.25 * sum * pitch - value) * resolved;
    }
}
