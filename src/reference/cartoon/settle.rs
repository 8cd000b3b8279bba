use multiversion::multiversion;

use crate::reference::{Io, Out};

const COLOURS: usize = 16;
/// Pixels that are looked at together: most blocks are of one colour.
const BLOCK: usize = 32;

/// The number of each pixel's colour, or the most frequent one of the square around where its own is rare there: a speck.
/// Of equally frequent ones the smaller number.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let regions = io.image("regions");
    let reach = io.param("reach") as usize;
    let rows: Vec<Vec<u8>> = (0..=2 * reach)
        .map(|dy| {
            let row = regions.clamped_row((io.y + dy) as i64 - reach as i64).r();
            let mut wide = vec![0; row.len() + 2 * reach];
            numbers(row, &mut wide[reach..reach + row.len()]);
            let (first, last) = (wide[reach], wide[reach + row.len() - 1]);
            wide[..reach].fill(first);
            wide[reach + row.len()..].fill(last);
            wide
        })
        .collect();
    let own = io.here("regions").r();
    let out = out.gray();
    out.copy_from_slice(own);
    for first in (0..own.len()).step_by(BLOCK) {
        let end = (first + BLOCK).min(own.len());
        let value = rows[reach][first + reach];
        let around = first..end + 2 * reach;
        if rows.iter().all(|row| all_are(&row[around.clone()], value)) {
            continue;
        }
        for x in first..end {
            let window = rows.iter().map(|row| &row[x..=x + 2 * reach]);
            out[x] = f32::from(settled(window, rows[reach][x + reach], reach));
        }
    }
}

#[multiversion(targets = "simd")]
fn numbers(row: &[f32], out: &mut [u8]) {
    for (number, value) in out.iter_mut().zip(row) {
        *number = value.round_ties_even() as u8;
    }
}

#[multiversion(targets = "simd")]
fn all_are(numbers: &[u8], value: u8) -> bool {
    numbers
        .iter()
        .fold(0, |bits, number| bits | (number ^ value))
        == 0
}

fn settled<'a>(window: impl Iterator<Item = &'a [u8]>, own: u8, reach: usize) -> u8 {
    let mut counts = [0_usize; COLOURS];
    for row in window {
        for number in row {
            counts[usize::from(*number) % COLOURS] += 1;
        }
    }
    let side = 2 * reach + 1;
    if 4 * counts[usize::from(own) % COLOURS] > side * side {
        return own;
    }
    let (mut best, mut most) = (own, 0);
    for (number, count) in (0..).zip(counts) {
        if count > most {
            (best, most) = (number, count);
        }
    }
    best
}
