use rayon::prelude::*;

use crate::reference::Io;
use crate::reference::common::codes::code_to;
use crate::reference::row::Image;

/// Words before the cells.
const FIRST: usize = 5;

/// The mean tone of each cell of `side` by `side` pixels, two cells a word, after the sizes of both pictures.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let image = io.image("image");
    let [side, columns, rows] = ["side", "columns", "rows"].map(|name| io.param(name) as usize);
    let stride = columns.div_ceil(2);
    let (sizes, pairs) = words.split_at_mut(FIRST);
    let known = [columns, rows, side, image.width, image.height];
    for (word, size) in sizes.iter_mut().zip(known) {
        *word = size as u32;
    }
    let lines = pairs[..stride * rows].par_chunks_mut(stride).enumerate();
    lines.for_each_init(
        || vec![0u32; image.width],
        |sums, (row, pairs)| {
            let lines = row * side..((row + 1) * side).min(image.height);
            let down = lines.len();
            sums.fill(0);
            for y in lines {
                add_tones(image, y, sums);
            }
            let mean = |cell: usize| {
                let across = (cell * side).min(image.width)..((cell + 1) * side).min(image.width);
                let pixels = (across.len() * down).max(1) as u32;
                let sum: u32 = sums[across].iter().sum();
                (16 * sum + pixels / 2) / pixels
            };
            for (place, pair) in pairs.iter_mut().enumerate() {
                let left = 2 * place;
                let right = if left + 1 < columns {
                    mean(left + 1)
                } else {
                    0
                };
                *pair = mean(left) | right << 16;
            }
        },
    );
}

/// Adds the tones of row `y`: red and blue and twice green, of codes of ten bits.
fn add_tones(image: &Image, y: usize, sums: &mut [u32]) {
    let [r, g, b] = image.row(y).rgb();
    add(r, g, b, sums);
}

#[multiversion::multiversion(targets = "simd")]
fn add(r: &[f32], g: &[f32], b: &[f32], sums: &mut [u32]) {
    let code = |value: f32| code_to(value, 1023.0);
    for (((sum, r), g), b) in sums.iter_mut().zip(r).zip(g).zip(b) {
        *sum += (code(*r) + 2 * code(*g) + code(*b)) as u32;
    }
}
