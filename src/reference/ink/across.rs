use multiversion::multiversion;

use super::steps;
use crate::reference::between::Field;
use crate::reference::common::power::exp2;
use crate::reference::{Io, Out};

/// How much wider the wide Gaussian is.
const WIDER: f32 = 1.6;

/// Red: luma smoothed across the lines. Green: by how much it is above a smoothing that is 1.6 times wider. Their weighted
/// sum is the extended difference of Gaussians (Winnemöller and others 2012), along the flow (Kang and others 2007).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let weights = io.once(|| weights(io.param("sigma")));
    let luma = Field::around(io.image("luma"), io.y, weights.len() + 1);
    let lines = io.here("lines");
    let [r, g, b, a] = out.rgba();
    b.fill(0.0);
    a.fill(1.0);
    across(
        &luma,
        [lines.channel(0), lines.channel(1)],
        &weights,
        io.y,
        [r, g],
    );
}

/// The weights of the narrow and of the wide Gaussian at each step from the middle.
fn weights(sigma: f32) -> Vec<[f32; 2]> {
    let wide = WIDER * sigma;
    let powers = [sigma, wide].map(|sigma| -0.721_347_5 / (sigma * sigma));
    let weight = |step: usize| {
        let d = step as f32;
        powers.map(|power| exp2(power * d * d))
    };
    (1..=steps(wide)).map(weight).collect()
}

#[multiversion(targets = "simd")]
fn across(
    luma: &Field<'_, 1>,
    [columns, rows]: [&[f32]; 2],
    weights: &[[f32; 2]],
    y: usize,
    [smooth, differs]: [&mut [f32]; 2],
) {
    let outs = smooth.iter_mut().zip(differs).enumerate();
    for (x, (smooth, differs)) in outs {
        let across = [rows[x], -columns[x]];
        let here = [x as f32 + 0.5, y as f32 + 0.5];
        let [center] = luma.at(x as i32, y as i32);
        let mut sums = [0.0; 2];
        let mut totals = [1.0; 2];
        for (step, weights) in weights.iter().enumerate() {
            let d = (step + 1) as f32;
            let by = across.map(|side| d * side);
            let [after] = luma.between([here[0] + by[0], here[1] + by[1]]);
            let [before] = luma.between([here[0] - by[0], here[1] - by[1]]);
            let both = (after - center) + (before - center);
            for i in 0..2 {
                sums[i] += weights[i] * both;
                totals[i] += 2.0 * weights[i];
            }
        }
        let (narrow, wide) = (sums[0] / totals[0], sums[1] / totals[1]);
        *smooth = center + narrow;
        *differs = narrow - wide;
    }
}
