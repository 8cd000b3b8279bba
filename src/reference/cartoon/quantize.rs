use multiversion::multiversion;

use super::palette::{opponent, rounded};
use crate::reference::{Io, Out};

/// Pixels handled together: what is kept of them stays in the nearest cache.
const RUN: usize = 256;

/// The nearest colour of the palette. Distances are whole numbers below 2^24: in single floats they are exact, and
/// quicker to multiply.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let here = io.here("picture");
    let palette = io.words("palette");
    let count = io.param("colors") as usize;
    let places: Vec<[f32; 3]> = (0..count)
        .map(|k| opponent(rounded(palette, k)).map(|v| v as f32))
        .collect();
    let colors: Vec<[f32; 3]> = (0..count)
        .map(|k| [0, 1, 2].map(|c| palette[4 * k + c] as f32 / 65280.0))
        .collect();
    let rgb = here.rgb();
    let [r, g, b, a] = out.rgba();
    a.copy_from_slice(here.alpha().unwrap_or(&[]));
    let (mut place, mut least, mut best) = ([[0.0; RUN]; 3], [0.0; RUN], [0u32; RUN]);
    for x in (0..io.width).step_by(RUN) {
        let run = x..(x + RUN).min(io.width);
        let length = run.len();
        locate(rgb.map(|channel| &channel[run.clone()]), &mut place);
        least.fill(f32::MAX);
        for (k, color) in places.iter().enumerate() {
            compare(&place, *color, k as u32, &mut least, &mut best);
        }
        for (at, k) in run.zip(&best[..length]) {
            let [red, green, blue] = colors[*k as usize];
            (r[at], g[at], b[at]) = (red, green, blue);
        }
    }
}

/// Colours as code values of 8 bits, and these as luma and what red and blue have beyond it.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn locate([r, g, b]: [&[f32]; 3], place: &mut [[f32; RUN]; 3]) {
    let code = |v: f32| (v.clamp(0.0, 1.0) * 255.0 + 0.5).floor();
    let [x, y, z] = place;
    for (((((x, y), z), r), g), b) in x.iter_mut().zip(y).zip(z).zip(r).zip(g).zip(b) {
        let (r, g, b) = (code(*r), code(*g), code(*b));
        let luma = ((2.0 * r + 5.0 * g + b) * 0.125).floor();
        (*x, *y, *z) = (luma, r - luma, b - luma);
    }
}

/// Takes colour `k`, which lies at `color`, wherever it is nearer than those before.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn compare(
    [x, y, z]: &[[f32; RUN]; 3],
    color: [f32; 3],
    k: u32,
    least: &mut [f32; RUN],
    best: &mut [u32; RUN],
) {
    for i in 0..RUN {
        let (dx, dy, dz) = (x[i] - color[0], y[i] - color[1], z[i] - color[2]);
        let far = 2.0 * dx * dx + 4.0 * dy * dy + 3.0 * dz * dz;
        best[i] = if far < least[i] { k } else { best[i] };
        least[i] = if far < least[i] { far } else { least[i] };
    }
}
