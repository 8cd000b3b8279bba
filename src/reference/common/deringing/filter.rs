use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::common::power::falloff;
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::phases::continued;
use crate::reference::{Io, Out};

/// Half the side of the window.
const HALF: usize = 2;
/// Its side.
const SIDE: usize = 2 * HALF + 1;
/// The steepest difference, 0 to 1, that is smoothed, for an amount of 1.
const MOST: f32 = 0.06;
/// Where luma goes as far as this within the window, all of that is smoothed; elsewhere less, but at least [`LEAST`] of it.
const EDGE: f32 = 0.35;
const LEAST: f32 = 0.15;
/// Half the inverse of the variance in the plane, of a deviation of 1.5 pixels.
const NEAR: f32 = 0.222_222_22;

/// A bilateral filter of 5 by 5 (Tomasi and Manduchi, 1998) whose range is wider where luma goes far: ringing lies beside
/// edges, and is the stronger the stronger they are; elsewhere fine differences are texture.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let luma = io.image("luma");
    let rows: [Vec<f32>; SIDE] = std::array::from_fn(|row| {
        let row = luma.clamped_row((io.y + row) as i64 - HALF as i64);
        continued(row.r(), HALF, HALF + LANES)
    });
    let rows = rows.each_ref().map(Vec::as_slice);
    filtered(rows, io.param("amount"), out.gray());
}

/// `rows` are continued by half a window on both sides, and by a block.
#[multiversion(targets = "simd")]
fn filtered(rows: [&[f32]; SIDE], amount: f32, out: &mut [f32]) {
    for x in (0..out.len()).step_by(LANES) {
        let here: Lanes = load(rows[HALF], x + HALF);
        let (mut low, mut high) = (here, here);
        for row in rows {
            for column in 0..SIDE {
                let values = load(row, x + column);
                for lane in 0..LANES {
                    low[lane] = smaller(low[lane], values[lane]);
                    high[lane] = greater(high[lane], values[lane]);
                }
            }
        }
        let mut scale = [0.0; LANES];
        for lane in 0..LANES {
            let edge = smaller(greater((high[lane] - low[lane]) / EDGE, LEAST), 1.0);
            let deviation = amount * MOST * edge;
            scale[lane] = 0.5 / (deviation * deviation);
        }
        let mut sum = [0.0; LANES];
        let mut total = [0.0; LANES];
        for (j, row) in rows.into_iter().enumerate() {
            for i in 0..SIDE {
                let far = i.abs_diff(HALF).pow(2) + j.abs_diff(HALF).pow(2);
                let near = falloff(NEAR * far as f32);
                let values = load(row, x + i);
                for lane in 0..LANES {
                    let apart = values[lane] - here[lane];
                    let weight = near * falloff(apart * apart * scale[lane]);
                    sum[lane] += weight * values[lane];
                    total[lane] += weight;
                }
            }
        }
        for lane in 0..LANES {
            sum[lane] /= total[lane];
        }
        store(&sum, out, x);
    }
}
