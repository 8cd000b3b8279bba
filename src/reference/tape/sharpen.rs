use multiversion::multiversion;

use super::padded::pad;
use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::{Io, Out};

/// A variance below this is noise.
const NOISE: f32 = 4e-5;
/// What is added by luma.
const SHARE: f32 = 0.5;

/// Makes smeared colour differences steep again.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let reach = (2.0 * io.param("deviation")).ceil() as usize;
    let colour = io.image("colour").clamped_row(io.y as i64);
    let soft = io.image("soft").clamped_row(io.y as i64);
    let [y, cb, cr, a] = out.rgba();
    y.copy_from_slice(colour.channel(0));
    a.copy_from_slice(colour.channel(3));
    io.with_kept(|lines: &mut [Vec<f32>; 3]| {
        let around = [soft.channel(0), colour.channel(1), colour.channel(2)];
        // A block more, so that blocks may be read whole.
        let count = y.len() + 2 * reach + LANES;
        for (line, from) in lines.iter_mut().zip(around) {
            pad(from, -(reach as i64), count, line);
        }
        let [luma, one, other] = &*lines;
        for (channel, (line, out)) in [(one, cb), (other, cr)].into_iter().enumerate() {
            let own = [y, soft.channel(0), soft.channel(channel + 1)];
            sharpen([luma, line], reach, own, out);
        }
    });
}

/// `around` are the smeared luma and a colour difference, from `reach` pixels before the first; `own` are luma, smeared luma and
/// the smeared colour difference.
#[multiversion(targets = "simd")]
fn sharpen(around: [&[f32]; 2], reach: usize, own: [&[f32]; 3], out: &mut [f32]) {
    let share = 1.0 / (2 * reach + 1) as f32;
    for at in (0..out.len()).step_by(LANES) {
        let mut sums = [[0.0; LANES]; 5];
        let middle = load(around[1], at + reach);
        let middle_luma: Lanes = load(own[1], at);
        let (mut low, mut high) = (middle, middle);
        for k in 0..=2 * reach {
            let [luma, value]: [Lanes; 2] = around.map(|line| load(line, at + k));
            for x in 0..LANES {
                // Squares of differences from the middle keep their digits.
                let (a, b) = (luma[x] - middle_luma[x], value[x] - middle[x]);
                sums[0][x] += a;
                sums[1][x] += b;
                sums[2][x] += a * a;
                sums[3][x] += b * b;
                sums[4][x] += a * b;
                low[x] = smaller(low[x], value[x]);
                high[x] = greater(high[x], value[x]);
            }
        }
        let [luma, soft, smeared] = own.map(|row| load(row, at));
        let mut made = [0.0; LANES];
        for x in 0..LANES {
            let [mean, mean_value] = [sums[0][x] * share, sums[1][x] * share];
            let variance = greater(sums[2][x] * share - mean * mean, 0.0);
            let other = greater(sums[3][x] * share - mean_value * mean_value, 0.0);
            let along = sums[4][x] * share - mean * mean_value;
            let sure = along * along / ((variance + NOISE) * (other + 0.25 * NOISE));
            let more = sure * along / (variance + NOISE) * (luma[x] - soft[x]);
            let value = 2.0 * middle[x] - smeared[x] + SHARE * more;
            made[x] = smaller(greater(value, low[x]), high[x]);
        }
        store(&made, out, at);
    }
}
