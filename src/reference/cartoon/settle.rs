use multiversion::multiversion;

use crate::reference::{Image, Io, Out};

const COLOURS: usize = 16;

/// The number of each pixel's colour, or the most frequent one of the square around where its own is rare there: a speck.
/// Of equally frequent ones the smaller number.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let regions = io.image("regions");
    let reach = io.param("reach") as usize;
    io.with_kept(|kept: &mut Rows| {
        let rows = kept.around(regions, io.y, reach);
        let own = &rows[reach][reach..reach + io.width];
        let mut counts = vec![0; io.width];
        for row in &rows {
            for from in 0..=2 * reach {
                count_same(own, &row[from..from + io.width], &mut counts);
            }
        }
        let out = out.gray();
        out.copy_from_slice(io.here("regions").r());
        let side = 2 * reach + 1;
        let rare = |count: u16| 4 * usize::from(count) <= side * side;
        for (x, _) in (0..).zip(&counts).filter(|(_, count)| rare(**count)) {
            let window = rows.iter().map(|row| &row[x..=x + 2 * reach]);
            out[x] = f32::from(settled(window, own[x]));
        }
    });
}

/// Rows of numbers, continued at both ends by their first and last one: the last ones that were read.
#[derive(Default)]
struct Rows(Vec<(usize, Vec<u8>)>);

impl Rows {
    /// The rows that are at most `reach` from row `y`, in order; beyond the image, the nearest.
    fn around(&mut self, regions: &Image, y: usize, reach: usize) -> Vec<&[u8]> {
        let last = regions.height - 1;
        let wanted = |at: usize| (y + at).saturating_sub(reach).min(last);
        let (first, end) = (wanted(0), wanted(2 * reach));
        self.0.retain(|(y, _)| (first..=end).contains(y));
        for y in first..=end {
            if self.0.iter().all(|(known, _)| *known != y) {
                self.0.push((y, continued(regions.row(y).r(), reach)));
            }
        }
        let row = |y: usize| self.0.iter().find(|(known, _)| *known == y);
        let rows = (0..=2 * reach).filter_map(|at| row(wanted(at)));
        rows.map(|(_, row)| &row[..]).collect()
    }
}

fn continued(row: &[f32], reach: usize) -> Vec<u8> {
    let mut wide = vec![0; row.len() + 2 * reach];
    numbers(row, &mut wide[reach..reach + row.len()]);
    let (first, last) = (wide[reach], wide[reach + row.len() - 1]);
    wide[..reach].fill(first);
    wide[reach + row.len()..].fill(last);
    wide
}

#[multiversion(targets = "simd")]
fn numbers(row: &[f32], out: &mut [u8]) {
    for (number, value) in out.iter_mut().zip(row) {
        *number = value.round_ties_even() as u8;
    }
}

/// Counts where both are the same.
#[multiversion(targets = "simd")]
fn count_same(own: &[u8], other: &[u8], counts: &mut [u16]) {
    for ((count, own), other) in counts.iter_mut().zip(own).zip(other) {
        *count += u16::from(own == other);
    }
}

/// The most frequent number of a window, where `own` is rare.
fn settled<'a>(window: impl Iterator<Item = &'a [u8]>, own: u8) -> u8 {
    let mut counts = [0_usize; COLOURS];
    for row in window {
        for number in row {
            counts[usize::from(*number) % COLOURS] += 1;
        }
    }
    let (mut best, mut most) = (own, 0);
    for (number, count) in (0..).zip(counts) {
        if count > most {
            (best, most) = (number, count);
        }
    }
    best
}
