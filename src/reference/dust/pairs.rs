//! Pairs of vectors, to the frames before and after, and how much these differ there.

use crate::reference::common::codes::code_to;
use crate::reference::common::motion::blocks::{Pair, Plane, SIDE, place, sum};
use crate::reference::{Image, Row};

/// The vectors to the frame before and to the one after, in pixels.
pub type Vectors = [f32; 4];

/// Luma as a whole number: quarters of a code of 8 bits.
#[inline(always)]
pub fn code(luma: f32) -> i32 {
    code_to(luma, 1020.0)
}

#[inline(always)]
pub fn rounded(v: Vectors) -> [i32; 4] {
    v.map(|v| v.round_ties_even() as i32)
}

/// The first two channels at `x`, the nearest column inside.
#[inline(always)]
pub fn vector(row: Row<'_>, x: i64) -> [f32; 2] {
    let x = x.clamp(0, row.width() as i64 - 1) as usize;
    [row.channel(0)[x], row.channel(1)[x]]
}

/// The vectors of block `at` in the images to the frames before and after.
#[inline(always)]
pub fn pair(to: [&Image; 2], at: [i64; 2]) -> Vectors {
    let [[a, b], [c, d]] = to.map(|to| vector(to.clamped_row(at[1]), at[0]));
    [a, b, c, d]
}

/// The sum of the differences between the frames before and after about block `at`, in whole numbers of luma.
#[inline(always)]
pub fn differs([before, after]: [Plane<'_>; 2], at: Pair, [a, b, c, d]: [i32; 4]) -> i32 {
    let mut rooms = [[[0.0; SIDE]; SIDE]; 2];
    let [first, second] = &mut rooms;
    let before = before.lines(sum(place(at), [a, b]), first);
    let after = after.lines(sum(place(at), [c, d]), second);
    let mut sums = [0i32; SIDE];
    for (before, after) in before.iter().zip(after) {
        for i in 0..SIDE {
            sums[i] += (code(before[i]) - code(after[i])).abs();
        }
    }
    sums.iter().sum()
}
