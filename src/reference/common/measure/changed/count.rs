use multiversion::multiversion;
use rayon::prelude::*;

use crate::color::bounds::{greater, smaller};
use crate::reference::Io;

/// Number of pixels that were changed by at least so many codes of eight bits, in any channel.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let (before, after) = (io.image("before"), io.image("after"));
    let least = io.param("least").trunc();
    let rows = (0..before.height).into_par_iter();
    words[0] = rows
        .map(|y| changed(before.row(y).rgb(), after.row(y).rgb(), least))
        .sum();
}

#[multiversion(targets = "simd")]
fn changed(before: [&[f32]; 3], after: [&[f32]; 3], least: f32) -> u32 {
    let code = |v: f32| (smaller(greater(v, 0.0), 1.0) * 255.0).round_ties_even();
    let width = before[0].len();
    let [before, after] = [before, after].map(|row| row.map(|channel| &channel[..width]));
    let apart = |c: usize, x: usize| (code(before[c][x]) - code(after[c][x])).abs();
    (0..width)
        .map(|x| u32::from(greater(apart(0, x), greater(apart(1, x), apart(2, x))) >= least))
        .sum()
}
