use multiversion::multiversion;

use super::carry_alpha;
use crate::color::bounds::{greater, smaller};
use crate::reference::common::bspline::cubic;
use crate::reference::common::hash::pcg3d;
use crate::reference::lanes::LANES;
#[cfg(target_arch = "x86_64")]
use crate::reference::lanes::Lanes;
use crate::reference::{Io, Out};

/// Four neighbouring lattice points and their weights. The squares of the weights sum to 1.
#[derive(Clone, Copy)]
struct Taps {
    first: i32,
    weights: [f32; 4],
}

fn taps(pixel: usize, pitch: f32) -> Taps {
    let position = (pixel as f32 + 0.5) / pitch;
    let first = position.floor() as i32 - 1;
    let weights = [0, 1, 2, 3].map(|i| cubic((first + i) as f32 - position));
    let power: f32 = weights.iter().map(|weight| weight * weight).sum();
    Taps {
        first,
        weights: weights.map(|weight| weight / power.sqrt()),
    }
}

/// Film grain: a cubic B-spline through random points, scaled to the same deviation at every pixel. Mostly common to
/// the three colours; strongest in the lower midtones, zero in black and white.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let pitch = io.param("pitch");
    let columns = io.once(|| Columns::new(io.width, pitch));
    let [r, g, b, a] = out.rgba();
    carry_alpha(image, a);
    io.with_kept(|lattice: &mut Lattice| {
        let points = lattice.around(taps(io.y, pitch), &columns, io.facts.noise);
        columns.spread(points, [&mut *r, &mut *g, &mut *b]);
    });
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let [red, green, blue] = image.rgb();
    expose(red, green, blue, r, g, b, [kr, kb, io.param("strength")]);
}

/// A row of lattice points, by colour.
type Points = [Vec<f32>; 3];

/// The rows of the lattice that the row before was made of, row y in place y modulo four: most are needed again.
#[derive(Default)]
struct Lattice {
    rows: [Option<(i32, Points)>; 4],
    sum: Points,
}

impl Lattice {
    /// The points between four rows of the lattice, weighted.
    fn around(&mut self, down: Taps, columns: &Columns, key: u32) -> &Points {
        let first = columns.taps[0].first;
        for y in down.first..down.first + 4 {
            let row = &mut self.rows[y.rem_euclid(4) as usize];
            if row.as_ref().is_none_or(|(known, _)| *known != y) {
                let points = row.take().map(|(_, points)| points);
                let mut points =
                    points.unwrap_or_else(|| [0, 1, 2].map(|_| vec![0.0; columns.points]));
                let [r, g, b] = &mut points;
                scatter(first, y as u32, key, r, g, b);
                *row = Some((y, points));
            }
        }
        for (c, sum) in self.sum.iter_mut().enumerate() {
            sum.resize(columns.points, 0.0);
            sum.fill(0.0);
            for (y, weight) in (down.first..).zip(down.weights) {
                if let Some((_, points)) = &self.rows[y.rem_euclid(4) as usize] {
                    add(&points[c], weight, sum);
                }
            }
        }
        &self.sum
    }
}

/// One row of the lattice: uniform noise with mean 0 and deviation 1. A part that is common to the three colours is mixed
/// with a part of each; the deviation stays 1: 0.85² + 0.229² + 2·0.85·0.229/√3 = 1.
#[multiversion(targets = "simd")]
fn scatter(first: i32, y: u32, key: u32, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
    let uniform = |h: u32| (((h >> 8) as i32 as f32 + 0.5) / 16_777_216.0 - 0.5) * 3.464_101_6;
    for (i, ((r, g), b)) in r.iter_mut().zip(g).zip(b).enumerate() {
        let own = pcg3d([(first as u32).wrapping_add(i as u32), y, key]).map(uniform);
        let common = 0.85 * 0.577_350_26 * (own[0] + own[1] + own[2]);
        *r = common + 0.229 * own[0];
        *g = common + 0.229 * own[1];
        *b = common + 0.229 * own[2];
    }
}

#[multiversion(targets = "simd")]
fn add(points: &[f32], weight: f32, sum: &mut [f32]) {
    for (sum, point) in sum.iter_mut().zip(points) {
        *sum += weight * point;
    }
}

/// Where the columns of a picture lie between the columns of the lattice.
struct Columns {
    taps: Vec<Taps>,
    /// How many points a row of the lattice has; more than are needed, so that whole vectors can be read.
    points: usize,
    /// The same taps, for sixteen pixels at a time; `None` if they lie between too many points, or the processor does not
    /// have the instructions.
    #[cfg(target_arch = "x86_64")]
    blocks: Option<Vec<Block>>,
}

/// The taps of sixteen pixels.
#[cfg(target_arch = "x86_64")]
struct Block {
    /// The first point that they need, counted from the row's first.
    start: usize,
    /// For each pixel, its first point, counted from that one.
    first: [i32; LANES],
    weights: [Lanes; 4],
}

impl Columns {
    fn new(width: usize, pitch: f32) -> Self {
        let taps: Vec<Taps> = (0..width).map(|x| taps(x, pitch)).collect();
        let needed = (taps[width - 1].first - taps[0].first) as usize + 4;
        Self {
            points: needed + 2 * LANES,
            #[cfg(target_arch = "x86_64")]
            blocks: is_x86_feature_detected!("avx512f")
                .then(|| Block::all(&taps))
                .flatten(),
            taps,
        }
    }

    /// From points to pixels.
    fn spread(&self, points: &Points, out: [&mut [f32]; 3]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(blocks) = &self.blocks {
            // SAFETY: the processor has the instructions.
            return unsafe { spread_by_sixteen(points, blocks, out) };
        }
        let [r, g, b] = points;
        let points = r.iter().zip(g).zip(b);
        let points: Vec<[f32; 4]> = points.map(|((r, g), b)| [*r, *g, *b, 0.0]).collect();
        spread(&points, &self.taps, out);
    }
}

#[multiversion(targets = "simd")]
fn spread(points: &[[f32; 4]], columns: &[Taps], [r, g, b]: [&mut [f32]; 3]) {
    let start = columns[0].first;
    let out = r.iter_mut().zip(g).zip(b);
    for (((r, g), b), taps) in out.zip(columns) {
        let first = (taps.first - start) as usize;
        let points = &points[first..first + 4];
        let [wa, wb, wc, wd] = taps.weights;
        let mut sum = [0.0; 4];
        for (c, sum) in sum.iter_mut().enumerate() {
            *sum = points[0][c] * wa + points[1][c] * wb + points[2][c] * wc + points[3][c] * wd;
        }
        [*r, *g, *b, _] = sum;
    }
}

#[cfg(target_arch = "x86_64")]
impl Block {
    /// `None` if a block needs more points than two vectors hold.
    fn all(taps: &[Taps]) -> Option<Vec<Self>> {
        let block = |pixels: &[Taps]| {
            let start = pixels[0].first;
            let mut block = Self {
                start: (start - taps[0].first) as usize,
                first: [0; LANES],
                weights: [[0.0; LANES]; 4],
            };
            for (x, pixel) in pixels.iter().enumerate() {
                block.first[x] = pixel.first - start;
                for (lanes, weight) in block.weights.iter_mut().zip(pixel.weights) {
                    lanes[x] = weight;
                }
            }
            let last = block.first.iter().max()? + 3;
            (last < 2 * LANES as i32).then_some(block)
        };
        taps.chunks(LANES).map(block).collect()
    }
}

/// As [`spread`], with the same bits: the points of sixteen pixels are taken from two vectors at once.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn spread_by_sixteen(points: &Points, blocks: &[Block], out: [&mut [f32]; 3]) {
    use std::arch::x86_64::*;
    for (points, out) in points.iter().zip(out) {
        for (block, out) in blocks.iter().zip(out.chunks_mut(LANES)) {
            let near = &points[block.start..block.start + 2 * LANES];
            // SAFETY: two vectors, and arrays of one vector each.
            let (low, high, first, weights) = unsafe {
                (
                    _mm512_loadu_ps(near.as_ptr()),
                    _mm512_loadu_ps(near[LANES..].as_ptr()),
                    _mm512_loadu_epi32(block.first.as_ptr()),
                    block
                        .weights
                        .each_ref()
                        .map(|lanes| _mm512_loadu_ps(lanes.as_ptr())),
                )
            };
            let tap = |i: i32, weight: __m512| {
                let at = _mm512_add_epi32(first, _mm512_set1_epi32(i));
                _mm512_mul_ps(_mm512_permutex2var_ps(low, at, high), weight)
            };
            let [wa, wb, wc, wd] = weights;
            let sum = _mm512_add_ps(tap(0, wa), tap(1, wb));
            let sum = _mm512_add_ps(_mm512_add_ps(sum, tap(2, wc)), tap(3, wd));
            let count = out.len() as u32;
            let mask = (u32::MAX >> (32 - count.min(LANES as u32))) as u16;
            // SAFETY: only pixels of the row are written.
            unsafe { _mm512_mask_storeu_ps(out.as_mut_ptr(), mask, sum) };
        }
    }
}

/// From grain with deviation 1, in place, to the picture.
#[multiversion(targets = "simd")]
fn expose(
    r: &[f32],
    g: &[f32],
    b: &[f32],
    grain_r: &mut [f32],
    grain_g: &mut [f32],
    grain_b: &mut [f32],
    [kr, kb, strength]: [f32; 3],
) {
    let kg = 1.0 - kr - kb;
    let grain = grain_r.iter_mut().zip(grain_g).zip(grain_b);
    for (((grain_r, grain_g), grain_b), ((r, g), b)) in grain.zip(r.iter().zip(g).zip(b)) {
        let luma = smaller(greater(kr * r + kg * g + kb * b, 0.0), 1.0);
        let amount = strength * 6.75 * luma * (1.0 - luma) * (1.0 - luma);
        *grain_r = r + amount * *grain_r;
        *grain_g = g + amount * *grain_g;
        *grain_b = b + amount * *grain_b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On lattices that are finer than pixels, about as fine, and coarser; rows that end within a vector.
    #[test]
    fn sixteen_pixels_at_once_have_the_bits_of_one_at_a_time() {
        for (width, pitch) in [(1, 1.25), (16, 0.6), (100, 1.25), (333, 0.5), (47, 6.0)] {
            let columns = Columns::new(width, pitch);
            let mut lattice = Lattice::default();
            let points = lattice.around(taps(3, pitch), &columns, 5).clone();
            let mut best = [0, 1, 2].map(|_| vec![0.0; width]);
            columns.spread(&points, best.each_mut().map(Vec::as_mut_slice));
            let single: Vec<[f32; 4]> = (0..columns.points)
                .map(|i| [points[0][i], points[1][i], points[2][i], 0.0])
                .collect();
            let mut one = best.clone();
            one.iter_mut().flatten().for_each(|value| *value = f32::NAN);
            spread(
                &single,
                &columns.taps,
                one.each_mut().map(Vec::as_mut_slice),
            );
            assert_eq!(best, one, "{width} pixels, pitch {pitch}");
        }
    }

    /// Whatever rows were made before, a row is the same.
    #[test]
    fn kept_rows_of_the_lattice_change_nothing() {
        for pitch in [0.5, 1.25, 6.0] {
            let columns = Columns::new(40, pitch);
            let mut kept = Lattice::default();
            for y in [0, 1, 2, 3, 4, 5, 30, 31, 7] {
                let down = taps(y, pitch);
                let alone = Lattice::default().around(down, &columns, 9).clone();
                assert_eq!(
                    kept.around(down, &columns, 9),
                    &alone,
                    "row {y}, pitch {pitch}"
                );
            }
        }
    }
}
