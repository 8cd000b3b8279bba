use super::found::found;
use crate::reference::{Image, Io, Out};

/// How much less a picture counts that is unlike the mean of all.
const UNLIKE: f32 = 200.0;

/// A frame that stays is as it is. A lost one is made of the good frames before and after it, each moved to its time by the
/// vectors of the four nearest blocks.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let own = io.here_of("image", 0);
    let mut out = out.rgba();
    for (channel, out) in out.iter_mut().enumerate() {
        out.copy_from_slice(own.channel(channel));
    }
    let [kind, before, after] = found(io);
    if kind == 0 {
        return;
    }
    let frames = [-before, after].map(|offset| io.image_of("image", offset));
    let t = before as f32 / (before + after) as f32;
    let down = io.param("down");
    let chosen = io.image("chosen");
    let y = Place::of(io.y, 4.0 * down);
    let rows = [0, 1].map(|j| {
        let row = chosen.clamped_row(y.first + j);
        [row.channel(0), row.channel(1)]
    });
    let last = rows[0][0].len() as i64 - 1;
    for at in 0..out[0].len() {
        let x = Place::of(at, 4.0 * down);
        let mut made = [[0.0; 3]; 8];
        let mut shares = [0.0; 8];
        let mut mean = [0.0; 3];
        for k in 0..4 {
            let [i, j] = [k & 1, k >> 1];
            let column = (x.first + i as i64).clamp(0, last) as usize;
            let share = x.shares[i] * y.shares[j];
            let v = rows[j].map(|channel| channel[column]);
            let here = [at as f32, io.y as f32];
            let p = [0, 1].map(|axis| here[axis] - t * down * v[axis]);
            let q = [0, 1].map(|axis| p[axis] + down * v[axis]);
            made[2 * k] = moved(frames[0], p);
            made[2 * k + 1] = moved(frames[1], q);
            shares[2 * k] = share * (1.0 - t);
            shares[2 * k + 1] = share * t;
            for c in 0..3 {
                mean[c] += shares[2 * k] * made[2 * k][c] + shares[2 * k + 1] * made[2 * k + 1][c];
            }
        }
        let mut sum = [0.0; 3];
        let mut total = 0.0;
        for (made, share) in made.iter().zip(shares) {
            let [r, g, b] = [0, 1, 2].map(|c| made[c] - mean[c]);
            let share = share / (1.0 + UNLIKE * (r * r + g * g + b * b));
            for c in 0..3 {
                sum[c] += share * made[c];
            }
            total += share;
        }
        for c in 0..3 {
            out[c][at] = sum[c] / total;
        }
    }
}

/// The block before a pixel, and the shares of this block and the next one.
struct Place {
    first: i64,
    shares: [f32; 2],
}

impl Place {
    fn of(at: usize, side: f32) -> Self {
        let place = (at as f32 + 0.5) / side - 0.5;
        let first = place.floor();
        let part = place - first;
        Self {
            first: first as i64,
            shares: [1.0 - part, part],
        }
    }
}

/// An image at place `p`, between pixels.
fn moved(image: &Image, p: [f32; 2]) -> [f32; 3] {
    let whole = p.map(f32::floor);
    let [across, down] = [0, 1].map(|axis| weights(p[axis] - whole[axis]));
    let first = whole.map(|at| at as i64 - 1);
    let last = image.width as i64 - 1;
    let columns = [0, 1, 2, 3].map(|i| (first[0] + i).clamp(0, last) as usize);
    let mut sum = [0.0; 3];
    for (j, down) in down.into_iter().enumerate() {
        let row = image.clamped_row(first[1] + j as i64).rgb();
        for (sum, channel) in sum.iter_mut().zip(row) {
            let [a, b, c, d] = columns.map(|x| channel[x]);
            let left = across[0] * a + across[1] * b;
            let right = across[2] * c + across[3] * d;
            *sum += down * (left + right);
        }
    }
    sum
}

/// Weights of four pixels for a place `t` after the second of them (Catmull and Rom, 1974).
#[inline(always)]
fn weights(t: f32) -> [f32; 4] {
    [
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    ]
}
