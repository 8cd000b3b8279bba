use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::common::resample::alpha::{divide, is_opaque, multiply};
use crate::reference::common::resample::window::Axis;
use crate::reference::lanes::{LANES, Lanes};
use crate::reference::phases::{Places, RowPlaces, continued, taken, together};
use crate::reference::{Io, Out, Row};

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

/// The pixel before, and how far after it a place is.
fn place(axis: Axis) -> (i32, f32) {
    let back = i32::from(axis.offset > 0.0);
    (axis.base - back, back as f32 - axis.offset)
}

/// The places of `made` columns, made of `count`.
fn places(count: usize, made: usize) -> RowPlaces {
    RowPlaces::new(made, (made, count), |at| {
        let (before, after) = place(Axis::new(at, count, made));
        ((before + MORE as i32) as u32, after)
    })
}

/// Edge-adaptive upsampling: twelve pixels around the place, by a filter that is turned and stretched along the edge there,
/// limited to the four nearest pixels (Lottes's EASU of AMD FidelityFX Super Resolution 1, 2021).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let places = io.once(|| places(image.width, io.width));
    let (y, down) = place(Axis::new(io.y, image.height, io.height));
    let rows: [Row<'_>; 4] =
        std::array::from_fn(|row| image.clamped_row(i64::from(y) + row as i64 - 1));
    let opaque = image.channels == 1 || rows.iter().all(|row| is_opaque(*row));
    // Red, green, blue, and alpha where it counts.
    let channels: Vec<[Vec<f32>; 4]> = (0..if opaque { 3 } else { 4 })
        .map(|channel| {
            rows.map(|row| {
                let mut values = row.channel(channel).to_vec();
                if !opaque && channel < 3 {
                    multiply(&mut values, row.channel(3));
                }
                continued(&values, MORE, MORE + LANES)
            })
        })
        .collect();
    let luma = [0, 1, 2, 3].map(|row| luma_of([0, 1, 2].map(|channel| &*channels[channel][row])));
    let rows: Vec<[&[f32]; 4]> = channels
        .iter()
        .map(|rows| rows.each_ref().map(Vec::as_slice))
        .collect();
    let luma = luma.each_ref().map(Vec::as_slice);
    // By phase, and channel.
    let made: Vec<Vec<Vec<f32>>> = places
        .phases
        .iter()
        .map(|of_phase| {
            let mut made = vec![vec![0.0; of_phase.before.len()]; rows.len()];
            match places.dense {
                true => phase::<true>(of_phase, down, luma, &rows, &mut made),
                false => phase::<false>(of_phase, down, luma, &rows, &mut made),
            }
            made
        })
        .collect();
    for channel in 0..rows.len() {
        let phases = made.iter().map(|made| made[channel].as_slice());
        together(&phases.collect::<Vec<_>>(), out.channel(channel));
    }
    if out.channels() == 1 {
        return;
    }
    match opaque {
        true => out.channel(3).fill(1.0),
        false => divide(out),
    }
}

#[multiversion(targets = "simd")]
fn luma_of([r, g, b]: [&[f32]; 3]) -> Vec<f32> {
    let pixels = r.iter().zip(g).zip(b);
    pixels.map(|((r, g), b)| 0.5 * (r + b) + g).collect()
}

/// The pixels of a phase: all channels that `rows` has.
#[multiversion(targets = "simd")]
fn phase<const DENSE: bool>(
    places: &Places,
    down: f32,
    luma: [&[f32]; 4],
    rows: &[[&[f32]; 4]],
    made: &mut [Vec<f32>],
) {
    let blocks = places.before.as_chunks::<LANES>().0.iter();
    let blocks = blocks.zip(places.after.as_chunks::<LANES>().0);
    let mut lumas = Taps([[0.0; LANES]; 12]);
    for (index, (before, after)) in blocks.enumerate() {
        for (tap, luma_of_tap) in lumas.0.iter_mut().enumerate() {
            *luma_of_tap = tap_of::<DENSE>(luma, before, tap);
        }
        let (weights, share) = weights(&lumas, after, down);
        for (rows, made) in rows.iter().zip(&mut *made) {
            let made = &mut made[index * LANES..][..LANES];
            made.copy_from_slice(&weighted::<DENSE>(&weights, &share, *rows, before));
        }
    }
}

/// A value of each tap for a block, where a vector unit stores it at once.
#[repr(align(64))]
struct Taps([Lanes; 12]);

/// A tap of a block of pixels.
#[inline(always)]
fn tap_of<const DENSE: bool>(rows: [&[f32]; 4], before: &[u32; LANES], tap: usize) -> Lanes {
    let (row, column) = TAPS[tap];
    taken::<DENSE>(rows[(row + 1) as usize], before, column as isize)
}

/// The weighted mean of the taps of `rows`, no further than the nearest four.
#[inline(always)]
fn weighted<const DENSE: bool>(
    weights: &Taps,
    share: &Lanes,
    rows: [&[f32]; 4],
    before: &[u32; LANES],
) -> Lanes {
    let mut sums = [0.0; LANES];
    for (tap, weights) in weights.0.iter().enumerate() {
        let values = tap_of::<DENSE>(rows, before, tap);
        for lane in 0..LANES {
            sums[lane] += weights[lane] * values[lane];
        }
    }
    let mut low = tap_of::<DENSE>(rows, before, NEAREST[0]);
    let mut high = low;
    for tap in &NEAREST[1..] {
        let values = tap_of::<DENSE>(rows, before, *tap);
        for lane in 0..LANES {
            low[lane] = smaller(low[lane], values[lane]);
            high[lane] = greater(high[lane], values[lane]);
        }
    }
    let mut made = [0.0; LANES];
    for lane in 0..LANES {
        made[lane] = smaller(greater(sums[lane] / share[lane], low[lane]), high[lane]);
    }
    made
}

/// The weights of the taps for a block of places, and their sum.
#[inline(always)]
fn weights(luma: &Taps, across: &Lanes, down: f32) -> (Taps, Lanes) {
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
        let is_edge = steep >= 1.0 / 32768.0;
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
    let mut share = [0.0; LANES];
    for weights in &weights.0 {
        for lane in 0..LANES {
            share[lane] += weights[lane];
        }
    }
    (weights, share)
}
