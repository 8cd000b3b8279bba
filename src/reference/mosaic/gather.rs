use rayon::prelude::*;

use super::grid::tiles_of;
use crate::reference::Io;

/// Rows that are added up at a time.
const BAND: usize = 64;

/// The sums of the colours of each tile: red, green and blue in 1023rds, and how many pixels there are.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let (image, tiles) = (io.image("image"), io.image("tiles"));
    let (side, columns) = (io.param("cell") as usize, io.param("columns") as i32);
    let count = words.len();
    let band = |first: usize| {
        let mut sums = vec![0_u32; count];
        let mut cells = Vec::new();
        for y in first..(first + BAND).min(image.height) {
            tiles_of(tiles, y, side, columns, &mut cells);
            let [r, g, b] = image.row(y).rgb();
            for (((cell, r), g), b) in cells.iter().zip(r).zip(g).zip(b) {
                // A device reads and writes nothing beyond its buffers.
                let place = 4 * *cell as usize;
                let Some([red, green, blue, pixels]) = sums.get_mut(place..place + 4) else {
                    continue;
                };
                *red += code(*r);
                *green += code(*g);
                *blue += code(*b);
                *pixels += 1;
            }
        }
        sums
    };
    let bands: Vec<usize> = (0..image.height).step_by(BAND).collect();
    let sums = bands.into_par_iter().map(band).reduce(
        || vec![0; count],
        |mut a, b| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        },
    );
    words.copy_from_slice(&sums);
}

fn code(value: f32) -> u32 {
    (value.clamp(0.0, 2.0) * 1023.0).round_ties_even() as u32
}
