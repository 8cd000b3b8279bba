use super::grid::seed_of;
use crate::reference::common::hash::pcg3d;
use crate::reference::{Image, Io};

/// Words of a seed: its place in 16ths of a pixel, its number for what is left to chance, and its age in frames.
const WORDS: usize = 4;
/// The most that an age counts, and the bits of an index in a claim.
const OLDEST: u32 = 1000;
const INDEX_BITS: u32 = 20;

/// The seeds that tiles grow from, carried along the motion of the picture: a grid of cells of half a tile with at most one
/// seed each, of age 0 where there is none. Behind them lie the same words of the seeds that came into a cell, and which seed
/// that is.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let [side, cell, columns, rows] =
        ["side", "cell", "columns", "rows"].map(|name| io.param(name) as i32);
    let grid = Grid { columns, rows };
    let cells = (columns * rows) as usize;
    words.fill(0);
    let (result, rest) = words.split_at_mut(WORDS * cells);
    let (kept, claims) = rest.split_at_mut(WORDS * cells);
    if io.facts.history_valid {
        let (last, vectors) = (io.words("last"), io.image("vectors"));
        let moved = |index: usize| moved(vectors, seed(last, index));
        // Of the seeds that come into a cell, the oldest stays.
        for index in 0..cells {
            let age = last[WORDS * index + 3];
            if age == 0 {
                continue;
            }
            let place = moved(index);
            let into = place.map(|side| side / (16 * cell));
            if place[0] >= 0 && place[1] >= 0 && grid.has(into) {
                let claim = &mut claims[grid.index_of(into)];
                *claim = (*claim).max((age << INDEX_BITS) | index as u32);
            }
        }
        let seeds = kept.chunks_exact_mut(WORDS);
        for (to, claim) in seeds.zip(claims.iter()).filter(|(_, claim)| **claim > 0) {
            let index = (claim & ((1 << INDEX_BITS) - 1)) as usize;
            let place = moved(index);
            let [number, age] = [2, 3].map(|word| last[WORDS * index + word]);
            to.copy_from_slice(&[
                place[0] as u32,
                place[1] as u32,
                number,
                (age + 1).min(OLDEST),
            ]);
        }
    }
    let jitter = (256.0 * io.param("jitter")).round() as i32;
    // In 16ths of a pixel.
    let tile = 16 * side;
    for (index, to) in result.chunks_exact_mut(WORDS).enumerate() {
        let at = [index as i32 % columns, index as i32 / columns];
        let age = kept[WORDS * index + 3];
        if age > 0 {
            // One that came nearer than 0.45 of a side to an older one is taken away.
            let own = rank(index, age);
            if grid.nearest(kept, at, seed(kept, index), own) > tile * tile / 5 {
                to.copy_from_slice(&kept[WORDS * index..][..WORDS]);
            }
            continue;
        }
        // Where there is none for 0.8 of a side around, a new one is laid.
        let first = at.map(|at| at * cell / side);
        let last = at.map(|at| (at * cell + cell - 1) / side);
        for y in first[1]..=last[1] {
            for x in first[0]..=last[0] {
                let pixel = seed_of([x, y], side, jitter);
                let place = pixel.map(|side| 16 * side + 8);
                if pixel.map(|side| side / cell) == at
                    && grid.nearest(kept, at, place, 0) >= tile * tile / 25 * 16
                {
                    let number = pcg3d([x as u32, y as u32, 3 + 16 * io.facts.age])[0];
                    to.copy_from_slice(&[place[0] as u32, place[1] as u32, number, 1]);
                }
            }
        }
    }
}

/// The place of a seed, in 16ths of a pixel.
fn seed(words: &[u32], index: usize) -> [i32; 2] {
    [0, 1].map(|side| words[WORDS * index + side] as i32)
}

/// Where a seed is now: the place whose vector leads to where it was. Vectors have a pixel for 4 by 4 of the picture.
fn moved(vectors: &Image, place: [i32; 2]) -> [i32; 2] {
    let mut now = place;
    for _ in 0..3 {
        let row = vectors.clamped_row((now[1] >> 6).into());
        let x = (now[0] >> 6).clamp(0, vectors.width as i32 - 1) as usize;
        let v = [0, 1].map(|channel| (16.0 * row.channel(channel)[x] + 0.5).floor() as i32);
        now = [place[0] - v[0], place[1] - v[1]];
    }
    now
}

/// How the seed of a cell ranks: the older one is kept.
fn rank(index: usize, age: u32) -> u32 {
    (age << INDEX_BITS) | index as u32
}

struct Grid {
    columns: i32,
    rows: i32,
}

impl Grid {
    fn has(&self, cell: [i32; 2]) -> bool {
        (0..self.columns).contains(&cell[0]) && (0..self.rows).contains(&cell[1])
    }

    fn index_of(&self, cell: [i32; 2]) -> usize {
        (cell[1] * self.columns + cell[0]) as usize
    }

    /// The square of the distance from `place` in the cell `at` to the nearest seed that ranks before `own`, in 16ths of a
    /// pixel.
    fn nearest(&self, kept: &[u32], at: [i32; 2], place: [i32; 2], own: u32) -> i32 {
        let mut least = i32::MAX;
        for y in at[1] - 2..=at[1] + 2 {
            for x in at[0] - 2..=at[0] + 2 {
                if !self.has([x, y]) {
                    continue;
                }
                let index = self.index_of([x, y]);
                let age = kept[WORDS * index + 3];
                if age > 0 && rank(index, age) > own {
                    let other = seed(kept, index);
                    let d = [other[0] - place[0], other[1] - place[1]];
                    least = least.min(d[0] * d[0] + d[1] * d[1]);
                }
            }
        }
        least
    }
}
