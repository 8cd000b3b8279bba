use rayon::prelude::*;

use super::super::LumaLine;
use super::super::noise::{BLOCKS, residues};
use crate::reference::Io;

/// Where the words lie, as shaders/common/measure/luma/count.wgsl says.
pub const LEAST: usize = 256;
pub const MOST: usize = 257;
pub const RESIDUES: usize = 258;
pub const ROWS: usize = RESIDUES + BLOCKS.0 * BLOCKS.1;
/// Stands for a block that does not count.
pub const NONE: u32 = u32::MAX;

/// Histogram, extremes and sum of a part of the picture.
struct Counted {
    histogram: Vec<u32>,
    least: u32,
    most: u32,
}

/// Numbers of the luma of a frame, as coded. After the histogram, the buffer holds the least and the largest code, the
/// residues of the blocks, and the sum of each row.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let picture = io.planes();
    let depth = io.param("depth") as u32;
    let rgb = io.param("rgb") > 0.0;
    let (head, rows) = words.split_at_mut(ROWS);
    let width = picture.width as usize;
    let nothing = || Counted {
        histogram: vec![0; LEAST],
        least: NONE,
        most: 0,
    };
    let counted = rows
        .par_iter_mut()
        .enumerate()
        .fold(nothing, |mut counted, (y, sum)| {
            let line = LumaLine::of(picture, y, rgb);
            *sum = 0;
            for x in 0..width {
                let code = line.luma(x);
                counted.histogram[(code >> (depth - 8)) as usize] += 1;
                counted.least = counted.least.min(code);
                counted.most = counted.most.max(code);
                *sum += code;
            }
            counted
        })
        .reduce(nothing, |mut a, b| {
            let bins = a.histogram.iter_mut().zip(b.histogram);
            bins.for_each(|(bin, more)| *bin += more);
            Counted {
                least: a.least.min(b.least),
                most: a.most.max(b.most),
                ..a
            }
        });
    head[..LEAST].copy_from_slice(&counted.histogram);
    head[LEAST] = counted.least;
    head[MOST] = counted.most;
    head[RESIDUES..].fill(NONE);
    for ((row, column), residue) in residues(picture, (1 << depth) - 1, rgb) {
        head[RESIDUES + row * BLOCKS.0 + column] = residue;
    }
}
