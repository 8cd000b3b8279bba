use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::phases::{Phases, apart, continued, together};
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

/// Where the columns lie among the samples, and the weights of the four samples around.
struct Columns {
    phases: Phases,
    /// Of each column, in a row that is continued.
    first: Vec<u32>,
    plain: Vec<[f32; TAPS]>,
    near: Vec<[f32; TAPS]>,
}

impl Columns {
    fn new(io: &Io<'_>) -> Self {
        let (count, step, siting) = (
            io.param("columns"),
            io.param("step_x"),
            io.param("siting_x"),
        );
        let places = |at| place(at, count, io.width, step, siting);
        let places: Vec<(i64, f32)> = (0..io.width).map(places).collect();
        let first = |(first, _): &(i64, f32)| (first + MORE as i64) as u32;
        Self {
            phases: Phases::new(count as usize, (io.width as f32 / step) as usize),
            first: places.iter().map(first).collect(),
            plain: places.iter().map(|(_, t)| cubic(*t)).collect(),
            near: places.iter().map(|(_, t)| spline(*t)).collect(),
        }
    }
}

/// Sums down the columns of four rows of samples, of luma and one colour difference.
struct Down {
    plain: Vec<f32>,
    mean: Vec<f32>,
    squares: Vec<f32>,
    products: Vec<f32>,
    low: Vec<f32>,
    high: Vec<f32>,
}

/// Colour differences at the size of a luma, along its edges, and the picture that both make.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let samples = io.image("samples");
    let columns = io.once(|| Columns::new(io));
    let (rows, step, siting) = (io.param("rows"), io.param("step_y"), io.param("siting_y"));
    let (first, t) = place(io.y, rows, io.height, step, siting);
    let rows: [_; TAPS] = std::array::from_fn(|row| samples.clamped_row(first + row as i64));
    // Columns of whole blocks read beyond the end.
    let channel =
        |channel: usize| rows.map(|row| continued(row.channel(channel), MORE, MORE + LANES));
    let (plain, near) = (cubic(t), spline(t));
    let of_luma = channel(0);
    let of_luma = of_luma.each_ref().map(Vec::as_slice);
    let luma = [
        weighted(of_luma, near, |value| value),
        weighted(of_luma, near, |value| value * value),
    ];
    let luma = luma.each_ref().map(Vec::as_slice);
    let here = io.here("luma").r();
    for component in 1..3 {
        let of_chroma = channel(component);
        let of_chroma = of_chroma.each_ref().map(Vec::as_slice);
        let down = sum_down(of_luma, of_chroma, plain, near);
        across(&columns, &down, luma, here, out.channel(component));
    }
    let [r, g, b, a] = out.rgba();
    picture(here, r, g, b, io.param("kr"), io.param("kb"));
    a.fill(1.0);
}

/// Rows times their weights, each value changed by `of` before.
#[inline(always)]
fn weighted(rows: [&[f32]; TAPS], weights: [f32; TAPS], of: impl Fn(f32) -> f32) -> Vec<f32> {
    let [a, b, c, d] = rows;
    let values = a.iter().zip(b).zip(c).zip(d);
    let sum = |(((a, b), c), d): (((&f32, &f32), &f32), &f32)| {
        weights[0] * of(*a) + weights[1] * of(*b) + weights[2] * of(*c) + weights[3] * of(*d)
    };
    values.map(sum).collect()
}

#[multiversion(targets = "simd")]
fn sum_down(
    luma: [&[f32]; TAPS],
    chroma: [&[f32]; TAPS],
    plain: [f32; TAPS],
    near: [f32; TAPS],
) -> Down {
    let count = luma[0].len();
    let [a, b, c, d] = chroma.map(|row| &row[..count]);
    let [la, lb, lc, ld] = luma.map(|row| &row[..count]);
    let product = |x: usize| {
        near[0] * (la[x] * a[x])
            + near[1] * (lb[x] * b[x])
            + near[2] * (lc[x] * c[x])
            + near[3] * (ld[x] * d[x])
    };
    Down {
        plain: weighted(chroma, plain, |value| value),
        mean: weighted(chroma, near, |value| value),
        squares: weighted(chroma, near, |value| value * value),
        products: (0..count).map(product).collect(),
        low: (0..count)
            .map(|x| smaller(smaller(a[x], b[x]), smaller(c[x], d[x])))
            .collect(),
        high: (0..count)
            .map(|x| greater(greater(a[x], b[x]), greater(c[x], d[x])))
            .collect(),
    }
}

/// One colour difference of a row, as `out`. `luma` are the mean and the mean of squares down the columns, `here` is the
/// luma of the row itself.
fn across(columns: &Columns, down: &Down, luma: [&[f32]; 2], here: &[f32], out: &mut [f32]) {
    let Phases { period, .. } = columns.phases;
    if columns.phases.is_dense() && period <= out.len() {
        let mut phases = apart(here, period);
        for (phase, row) in phases.iter_mut().enumerate() {
            let first = columns.first[phase] as usize;
            let (plain, near) = (&columns.plain[phase], &columns.near[phase]);
            for at in (0..row.len()).step_by(LANES) {
                let here = load(row, at);
                store(&block(down, luma, first + at, plain, near, &here), row, at);
            }
        }
        return together(&phases, out);
    }
    for (x, value) in out.iter_mut().enumerate() {
        let of_pixel = [here[x]; LANES];
        let first = columns.first[x] as usize;
        let made = block(
            down,
            luma,
            first,
            &columns.plain[x],
            &columns.near[x],
            &of_pixel,
        );
        *value = made[0];
    }
}

/// One colour difference of a block of pixels that lie one sample apart, from the four samples from `first` on.
#[multiversion(targets = "simd")]
fn block(
    down: &Down,
    luma: [&[f32]; 2],
    first: usize,
    plain: &[f32; TAPS],
    near: &[f32; TAPS],
    here: &Lanes,
) -> Lanes {
    let taps = |row: &[f32]| -> [Lanes; TAPS] { std::array::from_fn(|tap| load(row, first + tap)) };
    let sum = |row: &[f32], weights: &[f32; TAPS]| {
        let taps = taps(row);
        let mut sums = [0.0; LANES];
        for (tap, weight) in taps.iter().zip(weights) {
            for lane in 0..LANES {
                sums[lane] += weight * tap[lane];
            }
        }
        sums
    };
    let [mean_luma, squares_luma] = luma.map(|row| sum(row, near));
    let smooth = sum(&down.plain, plain);
    let [mean, squares, products] =
        [&down.mean, &down.squares, &down.products].map(|row| sum(row, near));
    let (lows, highs) = (taps(&down.low), taps(&down.high));
    let mut made = [0.0; LANES];
    for lane in 0..LANES {
        let low = smaller(
            smaller(lows[0][lane], lows[1][lane]),
            smaller(lows[2][lane], lows[3][lane]),
        );
        let high = greater(
            greater(highs[0][lane], highs[1][lane]),
            greater(highs[2][lane], highs[3][lane]),
        );
        let of_luma = greater(squares_luma[lane] - mean_luma[lane] * mean_luma[lane], 0.0) + NOISE;
        let of_chroma = greater(squares[lane] - mean[lane] * mean[lane], 0.0) + NOISE;
        let along = products[lane] - mean_luma[lane] * mean[lane];
        let sure = along * along / (of_luma * of_chroma);
        let guided = mean[lane] + along / of_luma * (here[lane] - mean_luma[lane]);
        let share = MOST * sure * sure;
        let mixed = smooth[lane] * (1.0 - share) + guided * share;
        made[lane] = smaller(greater(mixed, low), high);
    }
    made
}

/// Red, green and blue, where green and blue are the colour differences of blue and of red, from the luma `y`.
#[multiversion(targets = "simd")]
fn picture(y: &[f32], r: &mut [f32], g: &mut [f32], b: &mut [f32], kr: f32, kb: f32) {
    let of_green = 1.0 / (1.0 - kr - kb);
    let pixels = r.iter_mut().zip(g).zip(b).zip(y);
    for (((r, g), b), y) in pixels {
        let red = y + 2.0 * (1.0 - kr) * *b;
        let blue = y + 2.0 * (1.0 - kb) * *g;
        *r = red;
        *g = (y - kr * red - kb * blue) * of_green;
        *b = blue;
    }
}
