//! What the gradients of a picture say: how sharp it is, and how much they agree in direction.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Plane;
use super::sum::sum;

/// Side of the square over which the structure tensor is averaged.
const SQUARE: usize = 5;
/// A gradient needs one sample on each side, a square of them two more.
const MARGIN: usize = SQUARE / 2 + 1;
/// Gradients in a row of one piece of work: whole vectors, and six pieces reach across 1920 columns.
const WIDE: usize = 336;
/// Columns and rows that one piece has. The rows are even, so that every second row of a piece is one of the picture, too.
const COLUMNS: usize = WIDE - (SQUARE - 1);
const ROWS: usize = 64;
/// Numbers in a row: the loops read a few beyond the last gradient.
const ROOM: usize = WIDE + 16;
/// Added to the square of `λ1 + λ2`, so that the coherence of a flat square is 0. In codes of 255.
const FLAT: f64 = 1e-12;

/// Numbers of the gradients of luma.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gradients {
    /// Root mean square of the Sobel gradient (an eighth of its sums), in codes of 255 a pixel.
    pub sharpness: f64,
    /// Coherence of the structure tensor, averaged over 5 × 5: `((λ1 - λ2) / (λ1 + λ2))²`, weighted by λ1 (Jähne: "Digital
    /// Image Processing", chapter 13). 0 to 1; 0 for a flat picture.
    pub coherence: f64,
}

impl Gradients {
    /// Of all pixels that are three or more away from the border; `None` where there are none.
    pub fn of(plane: &Plane) -> Option<Self> {
        let across = plane
            .width
            .checked_sub(2 * MARGIN)
            .filter(|across| *across > 0)?;
        let down = plane
            .height
            .checked_sub(2 * MARGIN)
            .filter(|down| *down > 0)?;
        // Gradients are computed as sums of the codes themselves, which are whole numbers: no difference of them is rounded.
        let scale = 255.0 / plane.peak() / 8.0;
        let flat = (FLAT / scale.powi(4)) as f32;
        let (wide, high) = (across.div_ceil(COLUMNS), down.div_ceil(ROWS));
        let pieces = (0..wide * high).into_par_iter().map(|piece| {
            let (left, top) = (piece % wide * COLUMNS, piece / wide * ROWS);
            let columns = COLUMNS.min(across - left);
            let rows = ROWS.min(down - top);
            let row = |y: usize| &plane.row(top + y)[left..][..columns + 2 * MARGIN];
            let mut work = Piece::new();
            let mut sums = Sums::default();
            work.read(0, row(0));
            work.read(1, row(1));
            // Two rows at a time: the tensor is looked at in every second row, where its squares overlap, too.
            for y in (1..rows + SQUARE).step_by(2) {
                work.read(y + 1, row(y + 1));
                // With an odd number of rows nothing lies below the last two, and the second does not count.
                work.read(y + 2, row((y + 2).min(rows + 2 * MARGIN - 1)));
                work.gradients(y);
                for row in 0..2 {
                    if (MARGIN..MARGIN + rows).contains(&(y + row)) {
                        sums.energy += work.energy(row, columns);
                    }
                }
                if y >= SQUARE {
                    sums.add(work.tensor(columns, flat));
                }
            }
            sums
        });
        // In the order of the pieces, so that the sums are the same with any number of threads.
        let pieces: Vec<Sums> = pieces.collect();
        let mut sums = Sums::default();
        pieces.into_iter().for_each(|piece| sums.add(piece));
        Some(Self {
            sharpness: (sums.energy / (across * down) as f64).sqrt() * scale,
            coherence: match sums.weight > 0.0 {
                true => sums.coherent / sums.weight,
                false => 0.0,
            },
        })
    }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    energy: f64,
    weight: f64,
    coherent: f64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.energy += other.energy;
        self.weight += other.weight;
        self.coherent += other.coherent;
    }
}

/// A row, aligned so that few loads cross two lines of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Row([f32; ROOM]);

const EMPTY: Row = Row([0.0; ROOM]);

/// Products of gradients, or sums of them: across by across, down by down, across by down.
type Products = [Row; 3];

/// Rows of a piece. What lies beyond the columns of a narrow one is computed, too, and not counted.
struct Piece {
    /// Samples of four rows.
    samples: [Row; 4],
    /// Sums of products over two rows: of the two rows before the last ones, and of those before them.
    pairs: [Products; 2],
    /// Sums of products over five rows: two pairs, and the row below them.
    fives: Products,
    /// Squares of the gradients of two rows.
    energy: [Row; 2],
}

impl Piece {
    fn new() -> Self {
        Self {
            samples: [EMPTY; 4],
            pairs: [[EMPTY; 3]; 2],
            fives: [EMPTY; 3],
            energy: [EMPTY; 2],
        }
    }

    fn read(&mut self, y: usize, row: &[u16]) {
        for (sample, code) in self.samples[y % 4].0.iter_mut().zip(row) {
            *sample = f32::from(*code);
        }
    }

    /// The gradients of the rows `y` and `y + 1`, where `y` is odd.
    fn gradients(&mut self, y: usize) {
        let rows = [y - 1, y, y + 1, y + 2].map(|y| &self.samples[y % 4].0);
        let [one, other] = &mut self.pairs;
        let pairs = match y % 4 {
            1 => (one, &*other),
            _ => (other, &*one),
        };
        gradients(rows, pairs, &mut self.fives, &mut self.energy);
    }

    /// Energy of the gradients of the first or second of the last two rows.
    fn energy(&self, row: usize, columns: usize) -> f64 {
        sum(&self.energy[row].0[MARGIN - 1..][..columns])
    }

    /// Sums over a row of the tensor, of which the five rows around it are there.
    fn tensor(&self, columns: usize, flat: f32) -> Sums {
        let mut found = [EMPTY; 2];
        tensor(&self.fives, flat, &mut found);
        let [weight, coherent] = found.map(|row| sum(&row.0[..columns]));
        Sums {
            energy: 0.0,
            weight,
            coherent,
        }
    }
}

/// Products of the gradients of two rows, between and beside those of the four rows of samples. The first row completes
/// the sums over five rows; both together take the place of the older pair. Gradient `x` lies at sample `x + 1`.
#[multiversion(targets = "simd")]
fn gradients(
    [a, b, c, d]: [&[f32; ROOM]; 4],
    (older, newer): (&mut Products, &Products),
    fives: &mut Products,
    energy: &mut [Row; 2],
) {
    for x in 0..WIDE {
        let (a_across, b_across) = (difference(a, x), difference(b, x));
        let (c_across, d_across) = (difference(c, x), difference(d, x));
        let upper = products(
            a_across + b_across + b_across + c_across,
            smooth(c, x) - smooth(a, x),
        );
        let lower = products(
            b_across + c_across + c_across + d_across,
            smooth(d, x) - smooth(b, x),
        );
        for kind in 0..3 {
            fives[kind].0[x] = older[kind].0[x] + newer[kind].0[x] + upper[kind];
            older[kind].0[x] = upper[kind] + lower[kind];
        }
        energy[0].0[x] = upper[0] + upper[1];
        energy[1].0[x] = lower[0] + lower[1];
    }
}

/// What lies right of sample `x + 1` less what lies left of it.
#[inline(always)]
fn difference(row: &[f32; ROOM], x: usize) -> f32 {
    row[x + 2] - row[x]
}

/// Sum around sample `x + 1`, which counts twice.
#[inline(always)]
fn smooth(row: &[f32; ROOM], x: usize) -> f32 {
    row[x] + row[x + 1] + row[x + 1] + row[x + 2]
}

/// In the order of [`Products`].
#[inline(always)]
fn products(across: f32, down: f32) -> [f32; 3] {
    [across * across, down * down, across * down]
}

/// For each column λ1 of its tensor, and the same times its coherence. Column `x` has the gradients from `x` on.
#[multiversion(targets = "simd")]
fn tensor([xx, yy, xy]: &Products, flat: f32, [weights, coherents]: &mut [Row; 2]) {
    for x in 0..WIDE {
        let (xx, yy, xy) = (five(xx, x), five(yy, x), five(xy, x));
        let (trace, difference) = (xx + yy, xx - yy);
        let spread = difference * difference + 4.0 * xy * xy;
        let weight = 0.5 * (trace + spread.sqrt());
        weights.0[x] = weight;
        coherents.0[x] = weight * spread / (trace * trace + flat);
    }
}

/// Sum over the columns of a square.
#[inline(always)]
fn five(row: &Row, x: usize) -> f32 {
    let row = &row.0;
    (row[x] + row[x + 1]) + (row[x + 2] + row[x + 3]) + row[x + 4]
}
