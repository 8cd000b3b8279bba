use multiversion::multiversion;
use rayon::prelude::*;

use super::padded::step;
use crate::reference::Io;

/// Pixels that a line is moved to be compared, at most: everywhere, and close to the bottom.
const NEAR: usize = 12;
const FAR: usize = 40;
const NEARS: usize = 2 * NEAR + 1;
const FARS: usize = 2 * FAR + 1;
/// Lines at the bottom that are compared so far.
const BOTTOM: usize = 32;
/// Added to what may be negative.
const ZERO: i32 = 32768;
/// Weights of the smooth part: a mean of nine, twice. Their sum is 81.
const HALF: i64 = 9;
const SUM: i32 = 81;
/// A line is displaced from so much on, times 81, in quarter pixels.
const LEAST: i32 = 97;
/// A jump of heads, in quarter pixels.
const JUMP: i32 = 12;

/// How far each line is displaced sideways; the kernel says how the words are laid out.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let image = io.image("image");
    let (width, height, step) = (image.width, image.height, step(io) as usize);
    let codes: Vec<u16> = (0..height)
        .flat_map(|y| image.row(y).r().iter().map(|code| *code as u16))
        .collect();
    let row = |y: usize| &codes[y * width..][..width];
    let (head, tables) = words.split_at_mut(2 * height + 8);
    let (nears, fars) = tables.split_at_mut(NEARS * height);
    let compare = |y: Option<usize>, reach: usize, sums: &mut [u32]| match y {
        Some(y) if y >= step => differences(row(y), row(y - step), reach, sums),
        _ => sums.fill(0),
    };
    let lines = nears.par_chunks_exact_mut(NEARS).enumerate();
    lines.for_each(|(y, sums)| compare(Some(y), NEAR, sums));
    let lines = fars[..FARS * BOTTOM].par_chunks_exact_mut(FARS).enumerate();
    lines.for_each(|(row, sums)| compare((height + row).checked_sub(BOTTOM), FAR, sums));

    let bottom = height as i64 - io.param("bottom") as i64;
    let limit = (64.0 * io.param("limit")) as i32;
    let mut displaced = 0;
    let mut tears = [0; 2];
    let (first, rest) = head.split_at_mut(height);
    let (places, counts) = rest.split_at_mut(height);
    let mut path: Vec<i32> = Vec::with_capacity(height.div_ceil(step));
    for (field, found) in tears.iter_mut().enumerate().take(step) {
        path.clear();
        let tear = follow(
            Tables { nears, fars, width },
            (field, step, height, bottom),
            &mut path,
        );
        *found = tear as u32;
        let whole = (height > field).then(|| (height - 1 - field) / step);
        let last = if tear < height {
            (tear - field) as i64 / step as i64 - 1
        } else {
            whole.unwrap_or(0) as i64
        };
        for (index, place) in path.iter().enumerate() {
            let y = field + index * step;
            let over = SUM * place - smoothed(&path, (index as i64).min(last), last);
            let next = y + if (index as i64) < last { step } else { 0 };
            let sure = index as i64 <= last
                && over.abs() >= LEAST
                && [y, next]
                    .iter()
                    .any(|y| helps(&nears[NEARS * y..][..NEARS]));
            displaced += u32::from(sure);
            first[y] = (ZERO * SUM + over) as u32;
            places[y] = *place as u32;
        }
    }
    for (y, word) in first.iter_mut().enumerate() {
        let tear = tears[y % step] as usize;
        let over = *word as i32 - ZERO * SUM;
        let limit = if y >= tear && tear <= height {
            64 * FAR as i32
        } else if 3 * displaced >= height as u32 {
            limit
        } else {
            0
        };
        let by = (16 * over + SUM * ZERO + 40) / SUM - ZERO;
        *word = (ZERO + by.clamp(-limit, limit)) as u32;
    }
    counts.fill(0);
    counts[..2].copy_from_slice(&tears);
    counts[2] = displaced;
}

/// Sums of differences of all lines and of those at the bottom.
#[derive(Clone, Copy)]
struct Tables<'a> {
    nears: &'a [u32],
    fars: &'a [u32],
    width: usize,
}

/// Adds up the differences of the lines of a field to places, and gives the line before which heads were switched; `height + 1`
/// if there is none.
fn follow(
    tables: Tables<'_>,
    (field, step, height, bottom): (usize, usize, usize, i64),
    path: &mut Vec<i32>,
) -> usize {
    let none = height + 1;
    let (mut place, mut tear) = (0, none);
    let count = |reach: usize| tables.width.saturating_sub(2 * reach);
    for y in (field..height).step_by(step) {
        let mut far = None;
        if y + BOTTOM >= height && y >= step && count(FAR) > FAR {
            let sums = &tables.fars[FARS * (y + BOTTOM - height)..][..FARS];
            let by = found(sums, count(FAR));
            if tear == none && y as i64 >= bottom && torn(sums, by, count(FAR)) {
                tear = y;
            }
            far = (tear < height).then_some(by);
        }
        place += far.unwrap_or_else(|| found(&tables.nears[NEARS * y..][..NEARS], count(NEAR)));
        path.push(place);
    }
    tear
}

/// Whether heads were switched between a line of the bottom and the line above, where it is moved by so much.
fn torn(sums: &[u32], by: i32, count: usize) -> bool {
    let still = sums[FARS / 2];
    by.abs() >= JUMP && still >= 16 * count as u32 && sums[least(sums)] < still / 5 * 3
}

/// The sums of differences of a line from the line above, for each movement.
#[multiversion(targets = "simd")]
fn differences(line: &[u16], above: &[u16], reach: usize, sums: &mut [u32]) {
    let count = line.len().saturating_sub(2 * reach);
    let above = &above[reach.min(line.len())..][..count];
    for (by, sum) in sums.iter_mut().enumerate() {
        let moved = if count > 0 { &line[by..][..count] } else { &[] };
        *sum = 0;
        // Sums of 64 differences fit in 16 bits.
        for (a, b) in moved.chunks(64).zip(above.chunks(64)) {
            let part: u16 = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).sum();
            *sum += u32::from(part);
        }
    }
}

/// The number of the least of the sums; the middle one where none is less.
fn least(sums: &[u32]) -> usize {
    let mut best = sums.len() / 2;
    for k in 0..sums.len() {
        if sums[k] < sums[best] {
            best = k;
        }
    }
    best
}

/// How much more alike, twice, the line of these sums becomes to the line above where it is moved by what suits best; 0 at the ends.
fn gain(sums: &[u32]) -> i32 {
    let best = least(sums);
    if best == 0 || best == sums.len() - 1 {
        return 0;
    }
    let [still, here, left, right] =
        [sums.len() / 2, best, best - 1, best + 1].map(|k| sums[k] as i32);
    2 * (still - here) + (left - right).abs()
}

/// Whether the line of these sums differs by an eighth less from the line above where it is moved. In a picture whose edges are
/// rough by themselves few lines do.
fn helps(sums: &[u32]) -> bool {
    let gain = gain(sums);
    gain > 0 && gain >= sums[NEARS / 2] as i32 / 4
}

/// How far the line of these sums lies to the right of the line above, in quarter pixels; 0 where moving it makes it no more
/// alike.
fn found(sums: &[u32], count: usize) -> i32 {
    let gain = gain(sums);
    if gain == 0 || gain < 2 * count as i32 || gain < sums[sums.len() / 2] as i32 / 8 {
        return 0;
    }
    let best = least(sums);
    let [here, left, right] = [best, best - 1, best + 1].map(|k| sums[k] as i32);
    let lean = (left - right).abs();
    let depth = left.max(right) - here;
    if depth == 0 {
        return 0;
    }
    let part = (4 * lean + depth) / (2 * depth);
    let part = if left < right { -part } else { part };
    4 * (best as i32 - sums.len() as i32 / 2) + part
}

/// The place of line `at` of a path that ends with line `last`, and beyond as if it went on as it came.
fn extended(path: &[i32], at: i64, last: i64) -> i32 {
    let place = |at: i64| path[at as usize];
    if at < 0 {
        2 * place(0) - place((-at).min(last))
    } else if at > last {
        2 * place(last) - place((2 * last - at).max(0))
    } else {
        place(at)
    }
}

/// 81 times the smooth part of a path at line `at`.
fn smoothed(path: &[i32], at: i64, last: i64) -> i32 {
    (1 - HALF..HALF)
        .map(|k| (HALF - k.abs()) as i32 * extended(path, at + k, last))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_line_is_found_and_a_slanted_edge_is_smooth() {
        let line: Vec<u16> = (0..200).map(|x| (x * x * 7 % 1000) as u16).collect();
        let moved: Vec<u16> = (0..200).map(|x: usize| line[x.saturating_sub(5)]).collect();
        let mut sums = [0; NEARS];
        differences(&moved, &line, NEAR, &mut sums);
        assert_eq!(found(&sums, 200 - 2 * NEAR), 20);
        let slanted: Vec<i32> = (0..40).map(|y| 3 * y).collect();
        for y in 0..40 {
            assert_eq!(smoothed(&slanted, y, 39), SUM * 3 * y as i32);
        }
    }
}
