use multiversion::multiversion;

use super::palette::{code_of, distance, rounded};
use crate::reference::{Io, Out};

/// The nearest colour of the palette.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let here = io.here("picture");
    let palette = io.words("palette");
    let colors: Vec<([i32; 3], [f32; 3])> = (0..io.param("colors") as usize)
        .map(|k| {
            let exact = [0, 1, 2].map(|c| palette[4 * k + c] as f32 / 65280.0);
            (rounded(palette, k), exact)
        })
        .collect();
    let [r, g, b, a] = out.rgba();
    quantize(here.rgb(), &colors, [r, g, b]);
    a.copy_from_slice(here.alpha().unwrap_or(&[]));
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn quantize([r, g, b]: [&[f32]; 3], colors: &[([i32; 3], [f32; 3])], out: [&mut [f32]; 3]) {
    const LANES: usize = 8;
    let [out_r, out_g, out_b] = out;
    let width = r.len();
    for x in (0..width).step_by(LANES) {
        let count = LANES.min(width - x);
        let mut codes = [[0i32; LANES]; 3];
        for (codes, channel) in codes.iter_mut().zip([r, g, b]) {
            for (code, value) in codes.iter_mut().zip(&channel[x..x + count]) {
                *code = code_of(*value);
            }
        }
        let mut least = [i32::MAX; LANES];
        let mut best = [[0.0f32; LANES]; 3];
        for (rounded, exact) in colors {
            for i in 0..LANES {
                let far = distance([codes[0][i], codes[1][i], codes[2][i]], *rounded);
                let nearer = far < least[i];
                least[i] = if nearer { far } else { least[i] };
                for c in 0..3 {
                    best[c][i] = if nearer { exact[c] } else { best[c][i] };
                }
            }
        }
        out_r[x..x + count].copy_from_slice(&best[0][..count]);
        out_g[x..x + count].copy_from_slice(&best[1][..count]);
        out_b[x..x + count].copy_from_slice(&best[2][..count]);
    }
}
