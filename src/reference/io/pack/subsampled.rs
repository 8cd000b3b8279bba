use multiversion::multiversion;

use super::coding::{difference, luma};
use super::taps::taps;
use crate::reference::Io;

/// Coded samples of a YUV picture whose chroma is subsampled.
pub fn row(io: &Io<'_>, component: usize, out: &mut [f32]) {
    let image = io.image("image");
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    if component == 0 {
        luma_codes(
            image.row(io.y).rgb(),
            [kr, kb, io.param("luma_gain"), io.param("luma_offset")],
            out,
        );
        return;
    }
    let down = taps(io.y, image.height, io.param("siting_y"));
    let mut sum = vec![0.0; image.width];
    for (j, weight) in down
        .weights
        .into_iter()
        .enumerate()
        .filter(|(_, weight)| *weight != 0.0)
    {
        add_differences(
            image.clamped_row(down.first + j as i64).rgb(),
            component,
            [kr, kb, weight],
            &mut sum,
        );
    }
    let siting = io.param("siting_x");
    let (gain, offset) = (io.param("chroma_gain"), io.param("chroma_offset"));
    let last = image.width as i64 - 1;
    for (i, code) in out.iter_mut().enumerate() {
        let across = taps(i, image.width, siting);
        let mut value = 0.0;
        for (j, weight) in across.weights.into_iter().enumerate() {
            value += weight * sum[(across.first + j as i64).clamp(0, last) as usize];
        }
        *code = value * gain + offset;
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn luma_codes([r, g, b]: [&[f32]; 3], [kr, kb, gain, offset]: [f32; 4], out: &mut [f32]) {
    for (((code, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        *code = luma([*r, *g, *b], kr, kb) * gain + offset;
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn add_differences(
    [r, g, b]: [&[f32]; 3],
    component: usize,
    [kr, kb, weight]: [f32; 3],
    sum: &mut [f32],
) {
    for (((sum, r), g), b) in sum.iter_mut().zip(r).zip(g).zip(b) {
        *sum += weight * difference([*r, *g, *b], component, kr, kb);
    }
}
