use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::{LANES, Lanes};
use crate::reference::phases::{Places, RowPlaces, apart, continued, taken, together};
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
#[inline(always)]
fn cubic(t: f32) -> [f32; TAPS] {
    [
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    ]
}

/// The same of a cubic B-spline; none is negative.
#[inline(always)]
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

/// An axis of the output, of `made` pixels; its source has `count`.
#[derive(Clone, Copy)]
struct Axis {
    made: usize,
    count: usize,
    /// Pixels of the source from one sample of chroma to the next.
    apart: usize,
    /// Twice the place of the first sample among the pixels.
    siting: i64,
}

impl Axis {
    /// The axis that parameters end in `name` for.
    fn new(io: &Io<'_>, made: usize, count: &str, name: &str) -> Self {
        Self {
            made,
            count: io.param(count) as usize,
            apart: (1.0 / io.param(&format!("step_{name}"))) as usize,
            siting: (2.0 * io.param(&format!("siting_{name}"))) as i64,
        }
    }

    /// Where output pixel `at` lies among the samples: the first of four, and how far after the second. In whole numbers, as
    /// a place may be that of a sample.
    fn place(self, at: usize) -> (i64, f32) {
        let (made, count) = (self.made as i64, self.count as i64);
        let over = 2 * made * self.apart as i64;
        let position = (2 * at as i64 + 1) * count - (1 + self.siting) * made;
        let after = position.rem_euclid(over) as f32 / over as f32;
        (position.div_euclid(over) - 1, after)
    }

    /// The places of all pixels.
    fn places(self) -> RowPlaces {
        let repeat = (self.made * self.apart, self.count);
        RowPlaces::new(self.made, repeat, |at| {
            let (first, after) = self.place(at);
            ((first + MORE as i64) as u32, after)
        })
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
    let places = io.once(|| Axis::new(io, io.width, "columns", "x").places());
    let (first, t) = Axis::new(io, io.height, "rows", "y").place(io.y);
    let rows: [_; TAPS] = std::array::from_fn(|row| samples.clamped_row(first + row as i64));
    // Columns of whole blocks read beyond the end.
    let channel =
        |channel: usize| rows.map(|row| continued(row.channel(channel), MORE, MORE + LANES));
    let (plain, near) = (cubic(t), spline(t));
    let of_luma = channel(0);
    let of_luma = of_luma.each_ref().map(Vec::as_slice);
    let squares = products(of_luma, of_luma);
    let luma = [
        weighted(of_luma, near),
        weighted(squares.each_ref().map(Vec::as_slice), near),
    ];
    let luma = luma.each_ref().map(Vec::as_slice);
    let here = apart(io.here("luma").r(), places.phases.len());
    for component in 1..3 {
        let of_chroma = channel(component);
        let of_chroma = of_chroma.each_ref().map(Vec::as_slice);
        let down = sum_down(of_luma, of_chroma, plain, near);
        let made: Vec<Vec<f32>> = places
            .phases
            .iter()
            .zip(&here)
            .map(|(of_phase, here)| match places.dense {
                true => phase::<true>(of_phase, &down, luma, here),
                false => phase::<false>(of_phase, &down, luma, here),
            })
            .collect();
        let made: Vec<&[f32]> = made.iter().map(Vec::as_slice).collect();
        together(&made, out.channel(component));
    }
    let [r, g, b, a] = out.rgba();
    picture(io.here("luma").r(), r, g, b, io.param("kr"), io.param("kb"));
    a.fill(1.0);
}

/// The sum of rows, each times its weight.
#[multiversion(targets = "simd")]
fn weighted(rows: [&[f32]; TAPS], weights: [f32; TAPS]) -> Vec<f32> {
    let count = rows[0].len();
    let [a, b, c, d] = rows.map(|row| &row[..count]);
    let mut sums = vec![0.0; count];
    for x in 0..count {
        sums[x] = weights[0] * a[x] + weights[1] * b[x] + weights[2] * c[x] + weights[3] * d[x];
    }
    sums
}

/// Rows of products.
fn products(first: [&[f32]; TAPS], second: [&[f32]; TAPS]) -> [Vec<f32>; TAPS] {
    std::array::from_fn(|row| product(first[row], second[row]))
}

#[multiversion(targets = "simd")]
fn product(first: &[f32], second: &[f32]) -> Vec<f32> {
    let count = first.len();
    let second = &second[..count];
    let mut made = vec![0.0; count];
    for x in 0..count {
        made[x] = first[x] * second[x];
    }
    made
}

/// The least and the largest of each column.
#[multiversion(targets = "simd")]
fn bounds(rows: [&[f32]; TAPS]) -> [Vec<f32>; 2] {
    let count = rows[0].len();
    let [a, b, c, d] = rows.map(|row| &row[..count]);
    let [mut low, mut high] = [vec![0.0; count], vec![0.0; count]];
    for x in 0..count {
        low[x] = smaller(smaller(a[x], b[x]), smaller(c[x], d[x]));
        high[x] = greater(greater(a[x], b[x]), greater(c[x], d[x]));
    }
    [low, high]
}

fn sum_down(
    luma: [&[f32]; TAPS],
    chroma: [&[f32]; TAPS],
    plain: [f32; TAPS],
    near: [f32; TAPS],
) -> Down {
    let [low, high] = bounds(chroma);
    let squares = products(chroma, chroma);
    let mixed = products(luma, chroma);
    Down {
        plain: weighted(chroma, plain),
        mean: weighted(chroma, near),
        squares: weighted(squares.each_ref().map(Vec::as_slice), near),
        products: weighted(mixed.each_ref().map(Vec::as_slice), near),
        low,
        high,
    }
}

/// One colour difference of the pixels of a phase. `luma` are the mean and the mean of squares down the columns, `here` is
/// the luma of the pixels themselves.
#[multiversion(targets = "simd")]
fn phase<const DENSE: bool>(
    places: &Places,
    down: &Down,
    luma: [&[f32]; 2],
    here: &[f32],
) -> Vec<f32> {
    let mut made = vec![0.0; here.len()];
    let blocks = places.before.as_chunks::<LANES>().0.iter();
    let blocks = blocks.zip(places.after.as_chunks::<LANES>().0);
    let pixels = here.as_chunks::<LANES>().0.iter();
    let pixels = pixels.zip(made.as_chunks_mut::<LANES>().0);
    for ((first, after), (here, made)) in blocks.zip(pixels) {
        let [mut plain, mut near] = [[[0.0; LANES]; TAPS]; 2];
        for lane in 0..LANES {
            let (cubic, spline) = (cubic(after[lane]), spline(after[lane]));
            for tap in 0..TAPS {
                plain[tap][lane] = cubic[tap];
                near[tap][lane] = spline[tap];
            }
        }
        let mean_luma = across::<DENSE>(luma[0], first, &near);
        let squares_luma = across::<DENSE>(luma[1], first, &near);
        let smooth = across::<DENSE>(&down.plain, first, &plain);
        let mean = across::<DENSE>(&down.mean, first, &near);
        let squares = across::<DENSE>(&down.squares, first, &near);
        let products = across::<DENSE>(&down.products, first, &near);
        let mut low = taken::<DENSE>(&down.low, first, 0);
        let mut high = taken::<DENSE>(&down.high, first, 0);
        for tap in 1..TAPS as isize {
            let (lower, higher) = (
                taken::<DENSE>(&down.low, first, tap),
                taken::<DENSE>(&down.high, first, tap),
            );
            for lane in 0..LANES {
                low[lane] = smaller(low[lane], lower[lane]);
                high[lane] = greater(high[lane], higher[lane]);
            }
        }
        for lane in 0..LANES {
            let of_luma =
                greater(squares_luma[lane] - mean_luma[lane] * mean_luma[lane], 0.0) + NOISE;
            let of_chroma = greater(squares[lane] - mean[lane] * mean[lane], 0.0) + NOISE;
            let along = products[lane] - mean_luma[lane] * mean[lane];
            let sure = along * along / (of_luma * of_chroma);
            let guided = mean[lane] + along / of_luma * (here[lane] - mean_luma[lane]);
            let share = MOST * sure * sure;
            let mixed = smooth[lane] * (1.0 - share) + guided * share;
            made[lane] = smaller(greater(mixed, low[lane]), high[lane]);
        }
    }
    made
}

/// Sums along a row of four samples from `first` on, each times its weight, for a block of places.
#[inline(always)]
fn across<const DENSE: bool>(row: &[f32], first: &[u32; LANES], weights: &[Lanes; TAPS]) -> Lanes {
    let mut sums = [0.0; LANES];
    for (tap, weights) in weights.iter().enumerate() {
        let values = taken::<DENSE>(row, first, tap as isize);
        for lane in 0..LANES {
            sums[lane] += weights[lane] * values[lane];
        }
    }
    sums
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
