use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::common::motion::blocks::{Pair, Plane};
use crate::reference::{Image, Io, Out, Row};

/// Columns and rows of the window that is compared for a cell of 2 by 2 pixels.
const SIDE: usize = 4;

/// Two codes of 8 bits.
const CODES: f32 = 2.0 / 255.0;

/// Rows of a window, with the pixel after each and the row below.
type Lines<'a> = [&'a [f32; SIDE + 1]; SIDE + 1];

/// The vector of each cell, of the blocks about it the one with which it matches best, and how sure that is: the match must
/// be as good as noise and texture allow. Twice the vectors, because the images have half the size. Where a cell matches about
/// as well without motion, it has none: noise must not move what stands still. Alpha is how much is seen there.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["image", "other"].map(|name| Plane::of(io.image(name)));
    let [dx, dy, sure, seen] = out.rgba();
    // Coding leaves some noise even where the picture has none: half a code value of 8 bits.
    let noise = greater(io.facts.noise_level, 0.5 / 255.0);
    let y = io.y as i32;
    let near = [y >> 1, (y >> 1) + if y & 1 == 0 { -1 } else { 1 }];
    let blocks = near.map(|y| Blocks::of(io.image("blocks"), y));
    pick(planes, blocks, noise, y, [dx, dy, sure, seen]);
    if !io.facts.history_valid {
        sure.fill(0.0);
    }
}

/// A row of blocks: their vectors, and how sure they are.
#[derive(Clone, Copy)]
struct Blocks<'a>([&'a [f32]; 3]);

impl<'a> Blocks<'a> {
    fn of(image: &'a Image, y: i32) -> Self {
        let row: Row<'a> = image.clamped_row(y.into());
        Self([0, 1, 2].map(|channel| row.channel(channel)))
    }

    /// The vector of block `x`, the nearest one inside, and how sure it is.
    #[inline(always)]
    fn at(&self, x: i32) -> ([f32; 2], f32) {
        let [dx, dy, sure] = self.0;
        let x = x.clamp(0, dx.len() as i32 - 1) as usize;
        ([dx[x], dy[x]], sure[x])
    }
}

#[multiversion(targets = "simd")]
fn pick(
    [image, other]: [Plane<'_>; 2],
    blocks: [Blocks<'_>; 2],
    noise: f32,
    y: i32,
    out: [&mut [f32]; 4],
) {
    let [columns, rows, sures, seens] = out;
    let outs = columns.iter_mut().zip(rows).zip(sures).zip(seens);
    for (x, (((column, row), sure), seen)) in outs.enumerate() {
        let x = x as i32;
        let at = [2 * x - 1, 2 * y - 1];
        let mut room = [[0.0; SIDE + 1]; SIDE + 1];
        let here = image.lines(at, &mut room);
        let beside = (x >> 1) + if x & 1 == 0 { -1 } else { 1 };
        let mut best = blocks[0].at(x >> 1);
        let mut least = None;
        for near in [
            blocks[0].at(beside),
            blocks[1].at(x >> 1),
            blocks[1].at(beside),
        ] {
            let far = [0, 1].map(|k| (near.0[k] - best.0[k]).abs());
            if greater(far[0], far[1]) < 1.0 {
                continue;
            }
            let known = *least.get_or_insert_with(|| differs(&here, other, at, best.0));
            let cost = differs(&here, other, at, near.0);
            if cost < known {
                (best, least) = (near, Some(cost));
            }
        }
        let (texture, apart, still) = compare(&here, other, at, best.0);
        let stands = still < 1.3 * apart + noise;
        let (v, known) = if stands { ([0.0; 2], 1.0) } else { best };
        let apart = if stands { still } else { apart };
        let texture = texture / 16.0;
        let allowed = 2.0 * noise + 0.25 * texture;
        let limited = |value: f32| smaller(greater(value, 0.0), 1.0);
        let matches = limited(2.0 - apart / 16.0 / allowed);
        (*column, *row) = (2.0 * v[0], 2.0 * v[1]);
        *sure = known * matches;
        *seen = limited((texture - 1.2 * noise) / CODES - 1.0);
    }
}

/// How much a window differs from the one at `v` from it, to the nearest pixel, in whole numbers.
#[inline(always)]
fn differs(here: &Lines<'_>, other: Plane<'_>, at: Pair, v: [f32; 2]) -> f32 {
    let whole = |luma: f32| (luma * 1020.0).round_ties_even();
    let there = [0, 1].map(|k| at[k] + (v[k] + 0.5).floor() as i32);
    let mut room = [[0.0; SIDE]; SIDE];
    let there = other.lines(there, &mut room);
    let mut sums = [0.0f32; SIDE];
    for (here, there) in here.iter().zip(there) {
        for i in 0..SIDE {
            sums[i] += (whole(here[i]) - whole(there[i])).abs();
        }
    }
    total(sums)
}

/// The sum of the differences between each pixel of a window and those after and below it, and that of the differences
/// from the window at `v`, bilinear, and from the same window of the other picture.
#[inline(always)]
fn compare(here: &Lines<'_>, other: Plane<'_>, at: Pair, v: [f32; 2]) -> (f32, f32, f32) {
    let floored = v.map(f32::floor);
    let part = [v[0] - floored[0], v[1] - floored[1]];
    let there = [at[0] + floored[0] as i32, at[1] + floored[1] as i32];
    let mut rooms = ([[0.0; SIDE + 1]; SIDE + 1], [[0.0; SIDE]; SIDE]);
    let there = other.lines(there, &mut rooms.0);
    let same = other.lines(at, &mut rooms.1);
    let between = |line: &[f32; SIDE + 1], i: usize| line[i] + part[0] * (line[i + 1] - line[i]);
    let mut textures = [0.0f32; SIDE];
    let mut sums = [0.0f32; SIDE];
    let mut stills = [0.0f32; SIDE];
    for j in 0..SIDE {
        for i in 0..SIDE {
            let pixel = here[j][i];
            textures[i] += (here[j][i + 1] - pixel).abs() + (here[j + 1][i] - pixel).abs();
            stills[i] += (same[j][i] - pixel).abs();
            let (first, second) = (between(there[j], i), between(there[j + 1], i));
            sums[i] += (first + part[1] * (second - first) - pixel).abs();
        }
    }
    let [texture, apart, still] = [textures, sums, stills].map(total);
    (texture, apart, still)
}

/// The sum of all, in pairs.
#[inline(always)]
fn total([a, b, c, d]: [f32; SIDE]) -> f32 {
    (a + c) + (b + d)
}
