//! How busy blocks of luma are, in space and in time.

use std::ops::Range;

use multiversion::multiversion;

use crate::metrics::Plane;

/// Values that are added before the sum moves to 64 bits: those of 16 bits fit into 32.
const RUN: usize = 1024;
/// Movement counts twice as much as detail.
const OF_TIME: u64 = 2;
/// Of sums of 2 × 2, FFmpeg counts no detail in blocks with so few columns.
const NARROW: usize = 12;

/// Luma of the reference, now and before, in blocks.
pub struct Luma<'a> {
    pub now: &'a Plane,
    /// Codes of one frame ago, and of two if the second difference over time is wanted.
    pub before: &'a [Vec<u16>],
    /// Side of a block: even.
    pub block: usize,
    /// 1, or 2 to look at sums of 2 × 2. As many samples at the border of the picture have no detail.
    pub step: usize,
}

impl Luma<'_> {
    /// Of each block of row `row` of them: mean of the absolute values of the high-pass, and of those of the difference over
    /// time twice. `None` for blocks that are all border.
    pub fn activities(&self, row: usize) -> Vec<Option<f64>> {
        let (width, height, step) = (self.now.width, self.now.height, self.step);
        let rows = part(row, self.block, height);
        let columns = (0..width.div_ceil(self.block)).map(|column| part(column, self.block, width));
        let columns: Vec<Range<usize>> = columns.collect();
        let mut sums = vec![(0, 0); columns.len()];
        // One value for each sample of a row, or for each pair of them.
        let mut values = vec![0; width / step];
        for y in rows.clone().step_by(step) {
            if y >= step && y + 2 * step <= height {
                self.detail(y, &mut values);
                let found = sums.iter_mut().zip(values.chunks(self.block / step));
                found.for_each(|(sum, values)| sum.0 += sizes(values));
            }
            if y + step <= height {
                self.movement(y, &mut values);
                let found = sums.iter_mut().zip(values.chunks(self.block / step));
                found.for_each(|(sum, values)| sum.1 += sizes(values));
            }
        }
        let high = inside(&rows, height, step);
        let found = columns.iter().zip(sums);
        let found = found.map(|(columns, (detail, movement))| {
            let inner = inside(columns, width, step) * high;
            let all = columns.len() * rows.len();
            let movement = (OF_TIME * movement) as f64 / all as f64;
            let end = columns.end.min(width.saturating_sub(step));
            let narrow = end.saturating_sub(columns.start) <= NARROW;
            let detail = if step == 2 && narrow { 0 } else { detail };
            (inner > 0).then(|| detail as f64 / inner as f64 + movement)
        });
        found.collect()
    }

    /// The high-pass of row `y`, or of rows `y` and `y + 1`.
    fn detail(&self, y: usize, values: &mut [i32]) {
        match self.step {
            1 => high_pass([y - 1, y, y + 1].map(|y| self.now.row(y)), values),
            _ => {
                let rows = [y - 2, y - 1, y, y + 1, y + 2, y + 3];
                high_pass_of_pairs(rows.map(|y| self.now.row(y)), values);
            }
        }
    }

    /// The difference over time of row `y`, or of sums of rows `y` and `y + 1`.
    fn movement(&self, y: usize, values: &mut [i32]) {
        values.fill(0);
        for y in y..y + self.step {
            let row = y * self.now.width..(y + 1) * self.now.width;
            let now = &self.now.codes[row.clone()];
            match (self.before, self.step) {
                ([before, earlier], 1) => {
                    let (before, earlier) = (&before[row.clone()], &earlier[row]);
                    second_difference(now, before, earlier, values);
                }
                ([before, earlier], _) => {
                    let (before, earlier) = (&before[row.clone()], &earlier[row]);
                    second_difference_of_pairs(now, before, earlier, values);
                }
                ([before], 1) => first_difference(now, &before[row], values),
                ([before], _) => first_difference_of_pairs(now, &before[row], values),
                _ => {}
            }
        }
    }
}

/// Samples of block `at` on one axis.
fn part(at: usize, block: usize, length: usize) -> Range<usize> {
    at * block..((at + 1) * block).min(length)
}

/// How many samples of `range` lie `margin` or more from both ends of an axis of `length` samples.
fn inside(range: &Range<usize>, length: usize, margin: usize) -> usize {
    let end = range.end.min(length.saturating_sub(margin));
    end.saturating_sub(range.start.max(margin))
}

/// 12 -2 -1: the sample, those beside it, and those at its corners. The first and the last have none.
#[multiversion(targets = "simd")]
fn high_pass([above, here, below]: [&[u16]; 3], values: &mut [i32]) {
    values.fill(0);
    let rows = above.windows(3).zip(here.windows(3)).zip(below.windows(3));
    for (value, ((above, here), below)) in values.iter_mut().skip(1).zip(rows) {
        let at = |row: &[u16], x: usize| i32::from(row[x]);
        let beside = at(above, 1) + at(below, 1) + at(here, 0) + at(here, 2);
        let corners = at(above, 0) + at(above, 2) + at(below, 0) + at(below, 2);
        *value = 12 * at(here, 1) - 2 * beside - corners;
    }
}

/// The same of a square of 2 × 2 samples, all within 6 × 6 but for the corners.
#[multiversion(targets = "simd")]
fn high_pass_of_pairs(rows: [&[u16]; 6], values: &mut [i32]) {
    values.fill(0);
    let [first, second, third, fourth, fifth, sixth] = rows;
    let width = first.len();
    for (k, value) in values.iter_mut().enumerate().skip(1) {
        let x = 2 * k;
        if x + 3 >= width {
            break;
        }
        let both = |one: &[u16], other: &[u16], x: usize| i32::from(one[x]) + i32::from(other[x]);
        let inner = |x: usize| both(third, fourth, x);
        let near = |x: usize| both(second, fifth, x);
        let far = |x: usize| both(first, sixth, x);
        let middle = inner(x) + inner(x + 1);
        let beside = near(x) + near(x + 1) + inner(x - 1) + inner(x + 2);
        let corners = near(x - 1) + near(x + 2);
        let outer = far(x - 1) + far(x) + far(x + 1) + far(x + 2);
        let ends = inner(x - 2) + inner(x + 3) + near(x - 2) + near(x + 3);
        *value = 12 * middle - 3 * beside - 2 * corners - outer - ends;
    }
}

#[multiversion(targets = "simd")]
fn first_difference(now: &[u16], before: &[u16], values: &mut [i32]) {
    for ((value, now), before) in values.iter_mut().zip(now).zip(before) {
        *value += i32::from(*now) - i32::from(*before);
    }
}

#[multiversion(targets = "simd")]
fn second_difference(now: &[u16], before: &[u16], earlier: &[u16], values: &mut [i32]) {
    let codes = now.iter().zip(before).zip(earlier);
    for (value, ((now, before), earlier)) in values.iter_mut().zip(codes) {
        *value += i32::from(*now) - 2 * i32::from(*before) + i32::from(*earlier);
    }
}

#[multiversion(targets = "simd")]
fn first_difference_of_pairs(now: &[u16], before: &[u16], values: &mut [i32]) {
    let codes = pairs(now).zip(pairs(before));
    for (value, (now, before)) in values.iter_mut().zip(codes) {
        *value += now - before;
    }
}

#[multiversion(targets = "simd")]
fn second_difference_of_pairs(now: &[u16], before: &[u16], earlier: &[u16], values: &mut [i32]) {
    let codes = pairs(now).zip(pairs(before)).zip(pairs(earlier));
    for (value, ((now, before), earlier)) in values.iter_mut().zip(codes) {
        *value += now - 2 * before + earlier;
    }
}

/// Sums of two samples each; an odd one at the end is left out.
#[inline(always)]
fn pairs(row: &[u16]) -> impl Iterator<Item = i32> {
    let pairs = row.as_chunks::<2>().0.iter();
    pairs.map(|[one, other]| i32::from(*one) + i32::from(*other))
}

/// Sum of absolute values.
#[multiversion(targets = "simd")]
fn sizes(values: &[i32]) -> u64 {
    let runs = values.chunks(RUN);
    let sums = runs.map(|run| run.iter().map(|value| value.unsigned_abs()).sum::<u32>());
    sums.map(u64::from).sum()
}
