use super::burst::{Burst, milliseconds, patch_noise};
use crate::reference::common::hash::pcg3d;
use crate::reference::{Io, Out};

/// Lines are torn, blocks moved and coarsely coded, red and blue come apart.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let side = io.param("side") as i32;
    let levels = io.param("levels");
    let [r, g, b, alpha] = out.rgba();
    alpha.fill(1.0);
    let tears = Tears::new(io);
    let torn = tears.of_row(io);
    let apart = io.param("shift") as i32 * tears.burst.strength.max(52) / 256;
    let width = image.width as i32;
    let inside = |x: i32| x.clamp(0, width - 1) as usize;
    let rgb = [(r, -apart), (g, 0), (b, apart)];
    let mut out = rgb.map(|(out, shift)| (out.chunks_mut(side as usize), shift));
    for x in 0..(io.width as i32 + side - 1) / side {
        let block = [x, io.y as i32 / side];
        let Moved { by, coarse } = tears.of_block(io, block);
        let first = x * side + torn + by[0];
        let y = cell(io.y as i32 + by[1], coarse, side);
        let row = image.clamped_row(y.into()).rgb();
        for ((out, shift), row) in out.iter_mut().zip(row) {
            let Some(out) = out.next() else { continue };
            let from = first + *shift;
            let end = from + out.len() as i32;
            // The pixels follow each other but at the borders, which the picture goes on beyond from the other side.
            if !coarse
                && first >= 0
                && first + (out.len() as i32) <= width
                && from >= 0
                && end <= width
            {
                out.copy_from_slice(&row[from as usize..end as usize]);
                continue;
            }
            for (x, value) in (first..).zip(out.iter_mut()) {
                *value = row[inside(cell(x, coarse, side).rem_euclid(width) + *shift)];
                if coarse {
                    *value = (*value * levels).round_ties_even() / levels;
                }
            }
        }
    }
}

/// The place that pixel `at` shows: that of the middle of its half block where blocks are coarse.
fn cell(at: i32, coarse: bool, side: i32) -> i32 {
    let half = side / 2;
    if coarse {
        at / half * half + half / 2
    } else {
        at
    }
}

/// Where a block is read from, in pixels, and whether it is coded too coarsely.
struct Moved {
    by: [i32; 2],
    coarse: bool,
}

/// What is the same for all blocks of a frame.
struct Tears {
    burst: Burst,
    /// How much of 256 the burst takes.
    force: i32,
    tear: i32,
    /// What is torn changes six times a second.
    tick: u32,
    seed: u32,
}

impl Tears {
    fn new(io: &Io<'_>) -> Self {
        let burst = Burst::of(io);
        Self {
            force: burst.strength * io.param("bursts") as i32 / 256,
            burst,
            tear: io.param("tear") as i32,
            tick: (milliseconds(io.facts.time) / 160) as u32,
            seed: io.facts.seed,
        }
    }

    /// How far the row is torn to the side.
    fn of_row(&self, io: &Io<'_>) -> i32 {
        let strip = 2 * io.y as i32 / io.param("side") as i32;
        let strip = pcg3d([strip as u32, self.tick, self.seed.wrapping_add(2)]);
        if ((strip[0] >> 24) as i32) < self.force / 3 {
            let offset = (strip[1] % (2 * self.tear + 1) as u32) as i32 - self.tear;
            offset * self.burst.strength / 256
        } else {
            0
        }
    }

    fn of_block(&self, io: &Io<'_>, [x, y]: [i32; 2]) -> Moved {
        let key = (self.tick / 2 * 256).wrapping_add(self.seed.wrapping_add(3));
        let moved = pcg3d([(x / 5) as u32, (y / 2) as u32, key]);
        let step = (self.tear / 3).max(1);
        let by = if ((moved[0] >> 24) as i32) < self.force / 8 {
            [
                ((moved[1] % 9) as i32 - 4) * step,
                ((moved[2] % 3) as i32 - 1) * step,
            ]
        } else {
            [0, 0]
        };
        let noise = patch_noise([x + 1024, y + 1024], self.burst.number, io.facts);
        Moved {
            by,
            coarse: noise < self.force / 2,
        }
    }
}
