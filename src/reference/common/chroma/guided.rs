use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::{Io, Out};

/// Variances below this are noise: that of one code of 8 bits, and a little more.
const NOISE: f32 = 2e-5;
/// The most that is taken from luma.
const MOST: f32 = 0.8;
/// Samples along each axis.
const TAPS: usize = 4;
/// Samples that a row is continued by on both sides.
const MORE: usize = 3;

/// Weights of four samples for a place `t` after the second: Catmull and Rom's cubic.
fn cubic(t: f32) -> [f32; TAPS] {
    [
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    ]
}

/// The same of a cubic B-spline; none is negative.
fn spline(t: f32) -> [f32; TAPS] {
    let s = 1.0 - t;
    let weights = [
        s * s * s,
        4.0 - 3.0 * t * t * (2.0 - t),
        4.0 - 3.0 * s * s * (2.0 - s),
        t * t * t,
    ];
    weights.map(|weight| weight / 6.0)
}

/// Where an output pixel lies among the samples: the first of four, and how far after the second.
fn place(at: usize, count: f32, made: usize, step: f32, siting: f32) -> (i64, f32) {
    let place = (at as f32 + 0.5) * count / made as f32 - 0.5 - siting;
    let position = place * step;
    (position.floor() as i64 - 1, position - position.floor())
}

/// The places of all columns, up to whole blocks.
struct Columns {
    first: Vec<u32>,
    plain: [Vec<f32>; TAPS],
    near: [Vec<f32>; TAPS],
}

impl Columns {
    fn new(io: &Io<'_>) -> Self {
        let (count, step, siting) = (io.param("columns"), io.param("step_x"), io.param("siting_x"));
        let all = io.width.next_multiple_of(LANES);
        let places: Vec<(i64, f32)> = (0..all)
            .map(|at| place(at.min(io.width - 1), count, io.width, step, siting))
            .collect();
        let weights = |of: fn(f32) -> [f32; TAPS], tap: usize| {
            places.iter().map(|(_, t)| of(*t)[tap]).collect()
        };
        Self {
            first: places
                .iter()
                .map(|(first, _)| (first + MORE as i64) as u32)
                .collect(),
            plain: std::array::from_fn(|tap| weights(cubic, tap)),
            near: std::array::from_fn(|tap| weights(spline, tap)),
        }
    }
}

/// Sums down the columns of four rows of samples, each of red, green and blue: luma and the colour differences.
#[derive(Default)]
struct Down {
    plain: [Vec<f32>; 2],
    mean: [Vec<f32>; 3],
    squares: [Vec<f32>; 3],
    products: [Vec<f32>; 2],
    low: [Vec<f32>; 2],
    high: [Vec<f32>; 2],
}

impl Down {
    /// Continues all on both sides, as the samples there go on.
    fn continued(mut self) -> Self {
        let mut all: Vec<&mut Vec<f32>> = Vec::new();
        all.extend(&mut self.plain);
        all.extend(&mut self.mean);
        all.extend(&mut self.squares);
        all.extend(&mut self.products);
        all.extend(&mut self.low);
        all.extend(&mut self.high);
        for row in all {
            let (start, end) = (row[0], row[row.len() - 1]);
            row.splice(0..0, [start; MORE]);
            row.extend([end; MORE]);
        }
        self
    }
}

/// Colour differences at the size of a luma, along its edges, and the picture that both make.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let samples = io.image("samples");
    let columns = io.once(|| Columns::new(io));
    let (rows, step, siting) = (io.param("rows"), io.param("step_y"), io.param("siting_y"));
    let (first, t) = place(io.y, rows, io.height, step, siting);
    let rows: [_; TAPS] = std::array::from_fn(|row| samples.clamped_row(first + row as i64));
    let down = sum_down(rows.map(|row| row.rgb()), cubic(t), spline(t)).continued();
    let luma = io.here("luma").r();
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    for at in (0..io.width).step_by(LANES) {
        let [r, g, b] = block(&columns, at, &down, load(luma, at), kr, kb);
        for (channel, made) in [r, g, b].iter().enumerate() {
            store(made, out.channel(channel), at);
        }
    }
    out.channel(3).fill(1.0);
}

#[multiversion(targets = "simd")]
fn sum_down(rows: [[&[f32]; 3]; TAPS], plain: [f32; TAPS], near: [f32; TAPS]) -> Down {
    let count = rows[0][0].len();
    let weighted = |weights: [f32; TAPS], of: &dyn Fn(usize, usize) -> f32| -> Vec<f32> {
        let at = |x: usize| {
            weights[0] * of(0, x) + weights[1] * of(1, x) + weights[2] * of(2, x) + weights[3] * of(3, x)
        };
        (0..count).map(at).collect()
    };
    let bound = |channel: usize, of: fn(f32, f32) -> f32| -> Vec<f32> {
        let at = |x: usize| rows.iter().map(|row| row[channel][x]).reduce(of);
        (0..count).filter_map(at).collect()
    };
    Down {
        plain: [1, 2].map(|c| weighted(plain, &|row, x| rows[row][c][x])),
        mean: [0, 1, 2].map(|c| weighted(near, &|row, x| rows[row][c][x])),
        squares: [0, 1, 2].map(|c| weighted(near, &|row, x| rows[row][c][x] * rows[row][c][x])),
        products: [1, 2].map(|c| weighted(near, &|row, x| rows[row][0][x] * rows[row][c][x])),
        low: [1, 2].map(|c| bound(c, smaller)),
        high: [1, 2].map(|c| bound(c, greater)),
    }
}

/// Red, green and blue of the block of pixels from `at`.
#[multiversion(targets = "simd")]
fn block(columns: &Columns, at: usize, down: &Down, luma: Lanes, kr: f32, kb: f32) -> [Lanes; 3] {
    let first = &columns.first[at..at + LANES];
    let across = |row: &[f32], weights: &[Vec<f32>; TAPS]| {
        let mut sums = [0.0; LANES];
        for (tap, weights) in weights.iter().enumerate() {
            let weights = &weights[at..at + LANES];
            for lane in 0..LANES {
                sums[lane] += weights[lane] * row[first[lane] as usize + tap];
            }
        }
        sums
    };
    let bound = |row: &[f32], of: fn(f32, f32) -> f32| -> Lanes {
        std::array::from_fn(|lane| {
            let taps = &row[first[lane] as usize..][..TAPS];
            of(of(taps[0], taps[1]), of(taps[2], taps[3]))
        })
    };
    let mean_luma = across(&down.mean[0], &columns.near);
    let squares_luma = across(&down.squares[0], &columns.near);
    let mut chroma = [[0.0; LANES]; 2];
    for (c, chroma) in chroma.iter_mut().enumerate() {
        let plain = across(&down.plain[c], &columns.plain);
        let mean = across(&down.mean[c + 1], &columns.near);
        let squares = across(&down.squares[c + 1], &columns.near);
        let products = across(&down.products[c], &columns.near);
        let low = bound(&down.low[c], smaller);
        let high = bound(&down.high[c], greater);
        for lane in 0..LANES {
            let of_luma = greater(squares_luma[lane] - mean_luma[lane] * mean_luma[lane], 0.0) + NOISE;
            let of_chroma = greater(squares[lane] - mean[lane] * mean[lane], 0.0) + NOISE;
            let along = products[lane] - mean_luma[lane] * mean[lane];
            let sure = along * along / (of_luma * of_chroma);
            let guided = mean[lane] + along / of_luma * (luma[lane] - mean_luma[lane]);
            let share = MOST * sure * sure;
            let mixed = plain[lane] * (1.0 - share) + guided * share;
            chroma[lane] = smaller(greater(mixed, low[lane]), high[lane]);
        }
    }
    let [cb, cr] = chroma;
    let mut made = [[0.0; LANES]; 3];
    for lane in 0..LANES {
        let y = luma[lane];
        let r = y + 2.0 * (1.0 - kr) * cr[lane];
        let b = y + 2.0 * (1.0 - kb) * cb[lane];
        made[0][lane] = r;
        made[1][lane] = (y - kr * r - kb * b) / (1.0 - kr - kb);
        made[2][lane] = b;
    }
    made
}
