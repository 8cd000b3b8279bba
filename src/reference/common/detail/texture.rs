use multiversion::multiversion;

use crate::color::bounds::greater;
use crate::reference::common::nine::{limited, rows, shifted};
use crate::reference::{Io, Out};

/// Luma further from its base, by more the more its difference from it, in the 3 by 3 around (binomial weights), is above
/// noise, and no further beyond the nine than `overshoot` of their range.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let luma = rows(io.image("luma"), io.y);
    let mut squares = rows(io.image("base"), io.y);
    let base = squares[1].clone();
    for (base, luma) in squares.iter_mut().zip(&luma) {
        square(luma, base);
    }
    let params = ["amount", "noise", "overshoot"].map(|name| io.param(name));
    let rows = [&luma, &squares].map(|rows| rows.each_ref().map(Vec::as_slice));
    strengthened(rows, &base[1..], params, out.gray());
}

/// The base becomes the square of the difference from it.
#[multiversion(targets = "simd")]
fn square(luma: &[f32], base: &mut [f32]) {
    for (base, luma) in base.iter_mut().zip(luma) {
        let difference = luma - *base;
        *base = difference * difference;
    }
}

/// Luma and the squares of its difference, in rows that are continued by a pixel on both sides.
#[multiversion(targets = "simd")]
fn strengthened(
    [luma, squares]: [[&[f32]; 3]; 2],
    base: &[f32],
    [amount, noise, overshoot]: [f32; 3],
    out: &mut [f32],
) {
    let count = out.len();
    let [luma, squares] = [shifted(luma, count), shifted(squares, count)];
    let base = &base[..count];
    let noise = 2.0 * noise * noise;
    for x in 0..count {
        let [a, b, c, d, e, f, g, h, i] = squares.map(|row| row[x]);
        let variance = (a + c + g + i + 2.0 * (b + d + f + h) + 4.0 * e) / 16.0;
        let squared = variance * variance;
        let sure = squared / greater(squared + noise * noise, 1e-20);
        let nine = luma.map(|row| row[x]);
        let made = nine[4] + amount * sure * (nine[4] - base[x]);
        out[x] = limited(made, nine, overshoot);
    }
}
