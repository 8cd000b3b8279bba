use multiversion::multiversion;

use super::alpha::{divide, is_opaque, multiply};
use super::sums::{LANES, total};
use super::weight::{POLAR_SUPPORT, polar_weight};
use super::window::{Axis, mirrored};
use crate::reference::{Io, Out, Row};

/// Positions of the output's columns among the input's. Along a row, the same few offsets come again and again.
struct Columns {
    /// Different offsets: that of column x is the one of x modulo their number.
    phases: Vec<Axis>,
    /// Where each column's window begins in a row that was continued at both ends.
    starts: Vec<u32>,
    /// The first pixel of a window, from the one the position lies in; negative.
    first: i32,
    /// Pixels across a window, a multiple of the lanes.
    taps: usize,
}

impl Columns {
    fn new(count_in: usize, count_out: usize) -> Self {
        let axis = |x: usize| Axis::new(x, count_in, count_out);
        let reach = POLAR_SUPPORT / axis(0).step + 0.5;
        let (first, last) = ((-reach).ceil() as i32, reach.floor() as i32);
        Self {
            phases: (0..count_out / common_divisor(count_in, count_out))
                .map(axis)
                .collect(),
            starts: (0..count_out).map(|x| axis(x).base as u32).collect(),
            first,
            taps: ((last - first + 1) as usize).next_multiple_of(LANES),
        }
    }

    /// `row` continued at both ends, as far as windows reach.
    fn continued(&self, row: &[f32], out: &mut Vec<f32>) {
        let first = i64::from(self.first);
        let end = row.len() as i64 + first + self.taps as i64;
        out.extend((first..0).map(|i| row[mirrored(i, row.len())]));
        out.extend_from_slice(row);
        out.extend((row.len() as i64..end).map(|i| row[mirrored(i, row.len())]));
    }
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// The picture at another size, by a filter that is round: what counts is the distance in the plane.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let columns = io.once(|| Columns::new(image.width, io.width));
    let axis = Axis::new(io.y, image.height, io.height);
    let (first, last) = axis.reach(POLAR_SUPPORT);
    let rows: Vec<Row<'_>> = (first..=last)
        .map(|j| image.row(mirrored(i64::from(axis.base + j), image.height)))
        .collect();
    let heights: Vec<f32> = (first..=last).map(|j| axis.distance(j)).collect();
    let mut weights = vec![0.0; columns.phases.len() * heights.len() * columns.taps];
    weigh(&columns, &heights, &mut weights);
    let continued = |channel: usize| {
        let mut lines = Vec::with_capacity(rows.len() * (image.width + 2 * columns.taps));
        for row in &rows {
            columns.continued(row.channel(channel), &mut lines);
        }
        lines
    };
    if out.channels() == 1 {
        return sum(&continued(0), &columns, &weights, out.gray());
    }
    if rows.iter().all(|row| is_opaque(*row)) {
        for channel in 0..3 {
            sum(
                &continued(channel),
                &columns,
                &weights,
                out.channel(channel),
            );
        }
        return out.channel(3).fill(1.0);
    }
    let alpha = continued(3);
    for channel in 0..3 {
        let mut colour = continued(channel);
        multiply(&mut colour, &alpha);
        sum(&colour, &columns, &weights, out.channel(channel));
    }
    sum(&alpha, &columns, &weights, out.channel(3));
    divide(out);
}

/// The weights of every phase, one after the other, each row by row: rows lie at `heights` from the position.
#[multiversion(targets = "simd")]
fn weigh(columns: &Columns, heights: &[f32], weights: &mut [f32]) {
    let taps = columns.taps;
    let windows = weights.chunks_exact_mut(taps * heights.len());
    for (axis, window) in columns.phases.iter().zip(windows) {
        let mut sums = [0.0; LANES];
        for (height, line) in heights.iter().zip(window.chunks_exact_mut(taps)) {
            let blocks = line.as_chunks_mut::<LANES>().0.iter_mut();
            for (block, first) in blocks.zip((columns.first..).step_by(LANES)) {
                for lane in 0..LANES {
                    let across = (((first + lane as i32) as f32) + axis.offset) * axis.step;
                    let weight = polar_weight(across * across + height * height);
                    block[lane] = weight;
                    sums[lane] += weight;
                }
            }
        }
        let share = 1.0 / total(sums);
        for weight in window {
            *weight *= share;
        }
    }
}

/// Each pixel of `out` = the weighted sum of its window over `lines`.
#[multiversion(targets = "simd")]
fn sum(lines: &[f32], columns: &Columns, weights: &[f32], out: &mut [f32]) {
    let taps = columns.taps;
    let count = weights.len() / (columns.phases.len() * taps);
    let length = lines.len() / count;
    let windows = weights.chunks_exact(taps * count).cycle();
    for ((value, start), window) in out.iter_mut().zip(&columns.starts).zip(windows) {
        let mut sums = [0.0; LANES];
        let mut from = *start as usize;
        if taps == LANES {
            // The usual case, where the picture grows.
            for weights in window.as_chunks::<LANES>().0 {
                if let Some(around) = lines[from..].first_chunk::<LANES>() {
                    for lane in 0..LANES {
                        sums[lane] += around[lane] * weights[lane];
                    }
                }
                from += length;
            }
        } else {
            for weights in window.chunks_exact(taps) {
                let around = lines[from..][..taps].as_chunks::<LANES>().0;
                for (around, weights) in around.iter().zip(weights.as_chunks::<LANES>().0) {
                    for lane in 0..LANES {
                        sums[lane] += around[lane] * weights[lane];
                    }
                }
                from += length;
            }
        }
        *value = total(sums);
    }
}
