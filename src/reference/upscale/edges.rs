use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::{LANES, Lanes};
use crate::reference::phases::{Places, RowPlaces, continued, taken, together};
use crate::reference::{Io, Out};

/// Pixels that a row is continued by on both sides, as the one at its end.
const MORE: usize = 2;
/// Pixels that are read, by row and column from the one left and above of the place.
const TAPS: [(i32, i32); 12] = [
    (-1, 0),
    (-1, 1),
    (0, -1),
    (0, 0),
    (0, 1),
    (0, 2),
    (1, -1),
    (1, 0),
    (1, 1),
    (1, 2),
    (2, 0),
    (2, 1),
];
/// The four around the place, among the taps.
const NEAREST: [usize; 4] = [3, 4, 7, 8];
/// Of each of those: the taps above, left, here, right, below.
const CROSSES: [[usize; 5]; 4] = [
    [0, 2, 3, 4, 7],
    [1, 3, 4, 5, 8],
    [3, 6, 7, 8, 10],
    [4, 7, 8, 9, 11],
];

/// The pixel before, and how far after it output pixel `at` is. In whole numbers, as a place may be that of a pixel.
fn place(at: usize, count: usize, made: usize) -> (i64, f32) {
    let (n, d) = ((2 * at + 1) * count + made, 2 * made);
    ((n / d) as i64 - 1, (n % d) as f32 / d as f32)
}

/// The places of `made` columns, made of `count`.
fn places(count: usize, made: usize) -> RowPlaces {
    RowPlaces::new(made, (made, count), |at| {
        let (before, after) = place(at, count, made);
        ((before + MORE as i64) as u32, after)
    })
}

/// Edge-adaptive upsampling of luma: twelve pixels around the place, by a filter that is turned and stretched along the edge
/// there, limited to the four nearest pixels (Lottes's EASU of AMD FidelityFX Super Resolution 1, 2021).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let luma = io.image("luma");
    let places = io.once(|| places(luma.width, io.width));
    let (y, down) = place(io.y, luma.height, io.height);
    let rows: [Vec<f32>; 4] = std::array::from_fn(|row| {
        let row = luma.clamped_row(y + row as i64 - 1);
        continued(row.r(), MORE, MORE + LANES)
    });
    let rows = rows.each_ref().map(Vec::as_slice);
    let phases = places.phases.iter();
    let made: Vec<Vec<f32>> = phases
        .map(|of_phase| match places.dense {
            true => phase::<true>(of_phase, down, rows),
            false => phase::<false>(of_phase, down, rows),
        })
        .collect();
    let made: Vec<&[f32]> = made.iter().map(Vec::as_slice).collect();
    together(&made, out.gray());
}

/// The pixels of a phase.
#[multiversion(targets = "simd")]
fn phase<const DENSE: bool>(places: &Places, down: f32, rows: [&[f32]; 4]) -> Vec<f32> {
    let mut made = vec![0.0; places.before.len()];
    let blocks = places.before.as_chunks::<LANES>().0.iter();
    let blocks = blocks.zip(places.after.as_chunks::<LANES>().0);
    let mut taps = Taps([[0.0; LANES]; 12]);
    for ((before, after), made) in blocks.zip(made.as_chunks_mut::<LANES>().0) {
        for (tap, (row, column)) in taps.0.iter_mut().zip(TAPS) {
            *tap = taken::<DENSE>(rows[(row + 1) as usize], before, column as isize);
        }
        *made = weighted(&weights(&taps, after, down), &taps);
    }
    made
}

/// A value of each tap for a block, where a vector unit stores it at once.
#[repr(align(64))]
struct Taps([Lanes; 12]);

/// The weighted mean of the taps, no further than the nearest four.
#[inline(always)]
fn weighted(weights: &Taps, taps: &Taps) -> Lanes {
    let mut sums = [0.0; LANES];
    let mut total = [0.0; LANES];
    for (weights, taps) in weights.0.iter().zip(&taps.0) {
        for lane in 0..LANES {
            sums[lane] += weights[lane] * taps[lane];
            total[lane] += weights[lane];
        }
    }
    let [a, b, c, d] = NEAREST.map(|tap| &taps.0[tap]);
    let mut made = [0.0; LANES];
    for lane in 0..LANES {
        let low = smaller(smaller(a[lane], b[lane]), smaller(c[lane], d[lane]));
        let high = greater(greater(a[lane], b[lane]), greater(c[lane], d[lane]));
        made[lane] = smaller(greater(sums[lane] / total[lane], low), high);
    }
    made
}

/// The weights of the taps for a block of places.
#[inline(always)]
fn weights(luma: &Taps, across: &Lanes, down: f32) -> Taps {
    let luma = &luma.0;
    let mut found_x = [0.0; LANES];
    let mut found_y = [0.0; LANES];
    let mut straight = [0.0; LANES];
    for (pixel, [above, left, here, right, below]) in CROSSES.into_iter().enumerate() {
        let (above, left, here) = (&luma[above], &luma[left], &luma[here]);
        let (right, below) = (&luma[right], &luma[below]);
        for lane in 0..LANES {
            let near = across[lane];
            let share_x = if pixel % 2 == 0 { 1.0 - near } else { near };
            let share = share_x * if pixel < 2 { 1.0 - down } else { down };
            let x = right[lane] - left[lane];
            let y = below[lane] - above[lane];
            let steep_x = greater(
                (right[lane] - here[lane]).abs(),
                (here[lane] - left[lane]).abs(),
            );
            let steep_y = greater(
                (below[lane] - here[lane]).abs(),
                (here[lane] - above[lane]).abs(),
            );
            let part_x = smaller(x.abs() / greater(steep_x, 1e-6), 1.0);
            let part_y = smaller(y.abs() / greater(steep_y, 1e-6), 1.0);
            found_x[lane] += share * x;
            found_y[lane] += share * y;
            straight[lane] += share * (part_x * part_x + part_y * part_y);
        }
    }
    // The gradient's direction, how much shorter distances are across and along the edge, the lobe of the window,
    // and where it ends.
    let mut turn = [[0.0; LANES]; 2];
    let mut stretch = [[0.0; LANES]; 2];
    let mut lobe = [0.0; LANES];
    let mut end = [0.0; LANES];
    for lane in 0..LANES {
        let (x, y) = (found_x[lane], found_y[lane]);
        let steep = x * x + y * y;
        let length = 1.0 / greater(steep, 1e-12).sqrt();
        let is_edge = steep >= 1.0 / 131072.0;
        turn[0][lane] = if is_edge { x * length } else { 1.0 };
        turn[1][lane] = if is_edge { y * length } else { 0.0 };
        let certain = 0.25 * straight[lane] * straight[lane];
        let diagonal = 1.0 / greater(turn[0][lane].abs(), turn[1][lane].abs());
        stretch[0][lane] = 1.0 + (diagonal - 1.0) * certain;
        stretch[1][lane] = 1.0 - 0.5 * certain;
        lobe[lane] = 0.5 - 0.29 * certain;
        end[lane] = 1.0 / lobe[lane];
    }
    let mut weights = Taps([[0.0; LANES]; 12]);
    for ((row, column), weights) in TAPS.into_iter().zip(&mut weights.0) {
        let dy = row as f32 - down;
        for lane in 0..LANES {
            let dx = column as f32 - across[lane];
            let (x, y) = (turn[0][lane], turn[1][lane]);
            let u = (dx * x + dy * y) * stretch[0][lane];
            let v = (dy * x - dx * y) * stretch[1][lane];
            let far = smaller(u * u + v * v, end[lane]);
            let base = 0.4 * far - 1.0;
            let window = lobe[lane] * far - 1.0;
            weights[lane] = (1.5625 * base * base - 0.5625) * (window * window);
        }
    }
    weights
}
