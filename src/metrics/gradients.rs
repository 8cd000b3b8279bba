//! What the gradients of a picture say: how sharp it is, and how much they agree in direction.

use multiversion::multiversion;
use rayon::prelude::*;

use super::Plane;
use super::sum::sum;

/// Columns and rows that one piece of work has.
const COLUMNS: usize = 256;
const ROWS: usize = 64;
/// Side of the square over which the structure tensor is averaged.
const SQUARE: usize = 5;
/// A gradient needs one sample on each side, a square of them two more.
const MARGIN: usize = SQUARE / 2 + 1;
/// Samples of a row of a piece, rounded up to whole lines of the cache.
const WIDE: usize = (COLUMNS + 2 * MARGIN).next_multiple_of(16);
/// The tensor is looked at in every second row: its squares overlap there, too.
const STEP: usize = 2;

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
        let scale = (255.0 / plane.peak()) as f32;
        let (wide, high) = (across.div_ceil(COLUMNS), down.div_ceil(ROWS));
        let pieces = (0..wide * high).into_par_iter().map(|piece| {
            let (left, top) = (piece % wide * COLUMNS, piece / wide * ROWS);
            let columns = COLUMNS.min(across - left);
            let rows = ROWS.min(down - top);
            let mut work = Piece::new(columns);
            let mut sums = Sums::default();
            for y in 0..rows + 2 * MARGIN {
                let row = &plane.row(top + y)[left..][..columns + 2 * MARGIN];
                work.read(y, row, scale);
                if y >= 2 {
                    work.gradient(y);
                }
                if y >= 2 * MARGIN {
                    sums.energy += work.energy(y);
                    if (top + y) % STEP == 0 {
                        sums.add(work.tensor());
                    }
                }
            }
            sums
        });
        // In the order of the pieces, so that the sums are the same with any number of threads.
        let pieces: Vec<Sums> = pieces.collect();
        let mut sums = Sums::default();
        pieces.into_iter().for_each(|piece| sums.add(piece));
        Some(Self {
            sharpness: (sums.energy / (across * down) as f64).sqrt(),
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
struct Row([f32; WIDE]);

const EMPTY: Row = Row([0.0; WIDE]);

/// Rows of a piece, each kind in turn. What lies beyond the columns of a narrow one is computed, too, and not counted.
struct Piece {
    columns: usize,
    /// Samples of three rows.
    samples: [Row; 3],
    /// Products of the gradients of [`SQUARE`] rows: across by across, down by down, across by down.
    products: [[Row; 3]; SQUARE],
}

impl Piece {
    fn new(columns: usize) -> Self {
        Self {
            columns,
            samples: [EMPTY; 3],
            products: [[EMPTY; 3]; SQUARE],
        }
    }

    fn read(&mut self, y: usize, row: &[u16], scale: f32) {
        scaled(row, scale, &mut self.samples[y % 3]);
    }

    /// The products at the row before `y`.
    fn gradient(&mut self, y: usize) {
        let rows = [y - 2, y - 1, y].map(|y| &self.samples[y % 3]);
        products(rows, &mut self.products[y % SQUARE]);
    }

    /// Energy of the gradients of the row in the middle of those that are there: the last is that before `y`.
    fn energy(&self, y: usize) -> f64 {
        let [across, down, _] = &self.products[(y - SQUARE / 2) % SQUARE];
        let of = |row: &Row| sum(&row.0[MARGIN..][..self.columns]);
        of(across) + of(down)
    }

    /// Sums over a row of the tensor, of which the products of the five rows around it are there.
    fn tensor(&self) -> Sums {
        let mut found = [[0.0; COLUMNS]; 2];
        tensor(self.products.each_ref(), &mut found);
        let [weight, coherent] = found.map(|row| sum(&row[..self.columns]));
        Sums {
            energy: 0.0,
            weight,
            coherent,
        }
    }
}

#[multiversion(targets = "simd")]
fn scaled(codes: &[u16], scale: f32, out: &mut Row) {
    for (sample, code) in out.0.iter_mut().zip(codes) {
        *sample = f32::from(*code) * scale;
    }
}

#[multiversion(targets = "simd")]
fn products([above, here, below]: [&Row; 3], products: &mut [Row; 3]) {
    let ([above, here, below], [xx, yy, xy]) = ([&above.0, &here.0, &below.0], products);
    for x in 1..WIDE - 1 {
        let right = above[x + 1] + 2.0 * here[x + 1] + below[x + 1];
        let left = above[x - 1] + 2.0 * here[x - 1] + below[x - 1];
        let under = below[x - 1] + 2.0 * below[x] + below[x + 1];
        let over = above[x - 1] + 2.0 * above[x] + above[x + 1];
        let (across, down) = ((right - left) * 0.125, (under - over) * 0.125);
        xx.0[x] = across * across;
        yy.0[x] = down * down;
        xy.0[x] = across * down;
    }
}

/// For each column λ1 of its tensor, and the same times its coherence.
#[multiversion(targets = "simd")]
fn tensor(rows: [&[Row; 3]; SQUARE], found: &mut [[f32; COLUMNS]; 2]) {
    let [weights, coherents] = found;
    let mut columns = [EMPTY; 3];
    for (kind, column) in columns.iter_mut().enumerate() {
        let [a, b, c, d, e] = rows.map(|row| &row[kind].0);
        // Which row lies in which place depends on the row alone, so that the sum is always the same.
        for (x, sum) in column.0.iter_mut().enumerate() {
            *sum = (a[x] + b[x]) + (c[x] + d[x]) + e[x];
        }
    }
    let [xx, yy, xy] = [&columns[0].0, &columns[1].0, &columns[2].0];
    for x in 0..COLUMNS {
        // Column `x` of the piece lies at `x + MARGIN` of its rows; the square begins two before.
        let square =
            |row: &[f32; WIDE]| (row[x + 1] + row[x + 2]) + (row[x + 3] + row[x + 4]) + row[x + 5];
        let (xx, yy, xy) = (square(xx), square(yy), square(xy));
        let trace = xx + yy;
        let difference = xx - yy;
        let spread = difference * difference + 4.0 * xy * xy;
        let weight = 0.5 * (trace + spread.sqrt());
        weights[x] = weight;
        coherents[x] = weight * spread / (trace * trace + 1e-12);
    }
}
