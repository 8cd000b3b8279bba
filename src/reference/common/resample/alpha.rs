//! Colours are multiplied by their alpha before they are averaged, so that colours of transparent pixels do not show.

use multiversion::multiversion;

use crate::reference::{Out, Row};

/// Less alpha than one code of 16 bits is none.
const NOTHING: f32 = 1.0 / 65536.0;

/// Whether the alpha of `row`, which has four channels, is 1 all along.
pub fn is_opaque(row: Row<'_>) -> bool {
    row.is_opaque() || all_one(row.channel(3))
}

#[multiversion(targets = "simd")]
fn all_one(alpha: &[f32]) -> bool {
    alpha.iter().fold(true, |all, alpha| all & (*alpha == 1.0))
}

/// `row` times its alpha.
#[multiversion(targets = "simd")]
pub fn multiply(row: &mut [f32], alpha: &[f32]) {
    for (value, alpha) in row.iter_mut().zip(alpha) {
        *value *= alpha;
    }
}

/// Sums of pixels, multiplied by their alpha, as pixels whose colour is divided by their alpha.
pub fn divide(out: &mut Out<'_>) {
    let [r, g, b, a] = out.rgba();
    for colour in [r, g, b] {
        divide_by(colour, a);
    }
    limit(a);
}

#[multiversion(targets = "simd")]
fn divide_by(row: &mut [f32], alpha: &[f32]) {
    for (value, alpha) in row.iter_mut().zip(alpha) {
        let divided = *value / alpha;
        *value = if *alpha < NOTHING { 0.0 } else { divided };
    }
}

#[multiversion(targets = "simd")]
fn limit(alpha: &mut [f32]) {
    for alpha in alpha {
        let seen = if *alpha < NOTHING { 0.0 } else { *alpha };
        *alpha = if seen > 1.0 { 1.0 } else { seen };
    }
}
