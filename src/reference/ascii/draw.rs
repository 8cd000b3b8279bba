use multiversion::multiversion;

use super::number;
use crate::reference::{Image, Io, Out};

/// The characters in their colours, on the background.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [width, height] = ["columns", "rows"].map(|name| io.param(name) as usize);
    let cells = io.y / height;
    let back = ["r", "g", "b"].map(|suffix| io.param(&format!("background_{suffix}")));
    let mut share = vec![0.0; io.width];
    type_row(io, [width, height], &mut share);
    let [r, g, b, alpha] = out.rgba();
    io.with_kept(|kept: &mut Option<(usize, Vec<Front>)>| {
        let fronts = match kept.take() {
            Some((row, fronts)) if row == cells => fronts,
            _ => fronts(io, cells),
        };
        for ((channel, out), back) in [r, g, b].into_iter().enumerate().zip(back) {
            let parts = out.chunks_mut(width).zip(share.chunks(width));
            for ((out, ink), front) in parts.zip(&fronts) {
                blend(ink, front.share, [back, front.colour[channel]], out);
            }
        }
        *kept = Some((cells, fronts));
    });
    alpha.fill(1.0);
}

#[multiversion(targets = "simd")]
fn blend(ink: &[f32], share: f32, [back, front]: [f32; 2], out: &mut [f32]) {
    for (value, ink) in out.iter_mut().zip(ink) {
        *value = back + (front - back) * (ink * share);
    }
}

/// The ink of the characters along the row.
fn type_row(io: &Io<'_>, [width, height]: [usize; 2], ink: &mut [f32]) {
    let (sheet, across) = (io.image("sheet"), io.param("atlas_columns") as i32);
    let chosen = io.image("chosen").clamped_row((io.y / height) as i64).r();
    for (cell, ink) in ink.chunks_mut(width).enumerate() {
        let k = number(chosen[cell.min(chosen.len() - 1)]);
        let row = i64::from(k / across) * height as i64 + (io.y % height) as i64;
        let row = sheet.clamped_row(row).r();
        let first = (k % across) as usize * width;
        match row.get(first..first + ink.len()) {
            Some(part) => ink.copy_from_slice(part),
            None => {
                for (x, value) in ink.iter_mut().enumerate() {
                    *value = row[(first + x).min(row.len() - 1)];
                }
            }
        }
    }
}

/// The colour of a character, and how much of the background its ink hides.
struct Front {
    colour: [f32; 3],
    share: f32,
}

/// Those of a row of cells.
fn fronts(io: &Io<'_>, y: usize) -> Vec<Front> {
    let measured = io.image("measured");
    let plain = ["r", "g", "b"].map(|suffix| io.param(&format!("front_{suffix}")));
    let [own, kr, kb, negative] = ["own", "kr", "kb", "negative"].map(|name| io.param(name));
    let front = |x: usize| {
        let mean = mean(measured, x, y);
        let [r, g, b] = mean;
        // A cell is never all ink, so the picture's own colours are brightened. One colour for all is paler where there is
        // little to be drawn.
        let vivid = 0.5 + 0.5 / r.max(g).max(b).max(0.02);
        let luma = (kr * r + (1.0 - kr - kb) * g + kb * b).clamp(0.0, 1.0);
        let tone = luma + (1.0 - luma - luma) * negative;
        let pale = (0.4 + 0.9 * tone).min(1.0);
        Front {
            colour: std::array::from_fn(|c| plain[c] + (mean[c] * vivid - plain[c]) * own),
            share: pale + (1.0 - pale) * own,
        }
    };
    (0..io.image("chosen").width.max(1)).map(front).collect()
}

/// The mean colour of cell (`x`, `y`).
fn mean(measured: &Image, x: usize, y: usize) -> [f32; 3] {
    let mut sum = [0.0; 3];
    for j in 0..3 {
        let row = measured.clamped_row((3 * y + j) as i64).rgb();
        for i in 0..3 {
            let x = (3 * x + i).min(measured.width - 1);
            for (sum, channel) in sum.iter_mut().zip(row) {
                *sum += channel[x];
            }
        }
    }
    sum.map(|sum| sum / 9.0)
}
