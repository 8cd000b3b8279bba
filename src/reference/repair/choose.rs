use multiversion::multiversion;

use super::found::found;
use crate::reference::common::codes::code_to;
use crate::reference::common::motion::blocks::{Pair, Plane, sum};
use crate::reference::{Image, Io, Out};

/// What a vector other than the first must be better by.
const PRICE: i32 = 144;
/// Columns and rows that are compared, and how far they begin before the block.
const SIDE: usize = 12;
const MARGIN: i32 = 4;
/// Vectors that are tried.
const TRIED: i32 = 28;

/// The vector from the good frame before to the one after, of what is at each block at the time of the lost frame.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [kind, before, after] = found(io);
    if kind == 0 {
        for channel in out.rgba() {
            channel.fill(0.0);
        }
        return;
    }
    let between = Between {
        planes: ["before", "after"].map(|name| Plane::of(io.image(name))),
        found: ["forward", "backward"].map(|name| io.image(name)),
        by: [before, after],
    };
    choose(&between, io.y as i32, out.rgba());
}

#[multiversion(targets = "simd")]
fn choose(between: &Between<'_>, y: i32, out: [&mut [f32]; 4]) {
    let [columns, rows, third, alpha] = out;
    third.fill(0.0);
    alpha.fill(1.0);
    for (x, (column, row)) in columns.iter_mut().zip(rows).enumerate() {
        let at = [x as i32, y];
        let mut best = between.vector(at, false);
        let mut least = between.differs(at, best) - PRICE;
        for k in 1..TRIED {
            let v = between.tried(at, k);
            let here = between.differs(at, v);
            if here < least {
                (best, least) = (v, here);
            }
        }
        [*column, *row] = best;
    }
}

/// The good frames, the vectors from each to the other, and how far before and after the lost frame they are.
struct Between<'a> {
    planes: [Plane<'a>; 2],
    found: [&'a Image; 2],
    by: Pair,
}

impl Between<'_> {
    /// The vector of block `at`, from the frame before to the one after: as found from the first, or back from the second.
    #[inline(always)]
    fn vector(&self, at: Pair, back: bool) -> [f32; 2] {
        let row = self.found[usize::from(back)].clamped_row(at[1].into());
        let x = at[0].clamp(0, row.width() as i32 - 1) as usize;
        let v = [row.channel(0)[x], row.channel(1)[x]];
        if back { v.map(|v| -v) } else { v }
    }

    /// The whole pixels of a vector that are passed until the lost frame.
    #[inline(always)]
    fn passed(&self, v: [f32; 2]) -> Pair {
        let [before, after] = self.by;
        let lag = 4 * (before + after);
        v.map(|v| ((4.0 * v).round_ties_even() as i32 * before + lag / 2 + 4096 * lag) / lag - 4096)
    }

    /// How much the frames before and after differ where vector `v` leads from block `at`.
    #[inline(always)]
    fn differs(&self, at: Pair, v: [f32; 2]) -> i32 {
        let passed = self.passed(v);
        let first = [0, 1].map(|axis| 4 * at[axis] - MARGIN - passed[axis]);
        let last = sum(first, v.map(|v| v.round_ties_even() as i32));
        let mut rooms = [[[0.0; SIDE]; SIDE]; 2];
        let [one, other] = &mut rooms;
        let before = self.planes[0].lines(first, one);
        let after = self.planes[1].lines(last, other);
        let mut sums = [0; SIDE];
        for (before, after) in before.iter().zip(after) {
            for i in 0..SIDE {
                sums[i] += (code_to(before[i], 1020.0) - code_to(after[i], 1020.0)).abs();
            }
        }
        sums.iter().sum()
    }

    /// Vector `k` that is tried at a block: see the kernel.
    #[inline(always)]
    fn tried(&self, at: Pair, k: i32) -> [f32; 2] {
        let back = k % 2 == 1;
        let d = match k {
            0 | 1 => [0, 0],
            2 | 3 => {
                let v = self.vector(at, back);
                let passed = self.passed(v);
                [0, 1].map(|axis| {
                    let whole = if back {
                        v[axis].round_ties_even() as i32
                    } else {
                        0
                    };
                    (whole - passed[axis] + 4098) / 4 - 1024
                })
            }
            _ => {
                let far = 1 << ((k - 4) / 8);
                match (k / 2 - 2) % 4 {
                    0 => [-far, 0],
                    1 => [far, 0],
                    2 => [0, -far],
                    _ => [0, far],
                }
            }
        };
        self.vector(sum(at, d), back)
    }
}
