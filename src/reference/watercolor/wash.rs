use multiversion::multiversion;

use super::luma;
use crate::color::bounds::{greater, smaller};
use crate::reference::{Image, Io, Out, Row};

/// Weighted sums of red, green and blue, and of the weights.
type Sums = [Vec<f32>; 4];

/// Of the squares around a pixel those count most that vary least (Kuwahara and others, 1976; with soft weights after Papari,
/// Petkov and Campisi, 2007): areas become even, edges stay. Then brightness is drawn towards a few tones.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let means: &Image = io.image("means");
    let (y, reach) = (io.y as i64, io.param("reach") as i64);
    io.with_kept(|sums: &mut Sums| {
        for sums in sums.iter_mut() {
            sums.clear();
            sums.resize(io.width, 0.0);
        }
        for y in [y - reach, y, y + reach] {
            weigh(means.clamped_row(y), sums);
        }
        let [r, g, b, alpha] = out.rgba();
        settle(sums, reach as usize, io.param("tones"), [r, g, b]);
        alpha.fill(1.0);
    });
}

/// Adds a row of squares.
#[multiversion(targets = "simd")]
fn weigh(means: Row<'_>, sums: &mut Sums) {
    let [r, g, b, square] = [0, 1, 2, 3].map(|channel| means.channel(channel));
    let [red, green, blue, weights] = sums;
    let width = weights.len();
    let (red, green, blue) = (&mut red[..width], &mut green[..width], &mut blue[..width]);
    let (r, g, b, square) = (&r[..width], &g[..width], &b[..width], &square[..width]);
    for x in 0..width {
        let luma = luma(r[x], g[x], b[x]);
        let spread = greater(square[x] - luma * luma, 0.0) + 0.0008;
        let weight = 1e-12 / (spread * spread * spread * spread);
        red[x] += weight * r[x];
        green[x] += weight * g[x];
        blue[x] += weight * b[x];
        weights[x] += weight;
    }
}

/// The colours, from sums over three rows.
#[multiversion(targets = "simd")]
fn settle(sums: &Sums, reach: usize, tones: f32, out: [&mut [f32]; 3]) {
    let [r, g, b] = out;
    let width = r.len();
    let (g, b) = (&mut g[..width], &mut b[..width]);
    // Sums over three columns as well.
    let wide = |row: &Vec<f32>| -> Vec<f32> {
        let (first, last) = (row[0], row[width - 1]);
        let before = std::iter::repeat_n(first, reach).chain(row.iter().copied());
        let padded: Vec<f32> = before.chain(std::iter::repeat_n(last, reach)).collect();
        let (left, middle, right) = (&padded[..width], &row[..width], &padded[2 * reach..]);
        (0..width).map(|x| left[x] + middle[x] + right[x]).collect()
    };
    let [red, green, blue, weights] = sums.each_ref().map(wide);
    for x in 0..width {
        let share = 1.0 / weights[x];
        let [red, green, blue] = [red[x] * share, green[x] * share, blue[x] * share];
        let luma = luma(red, green, blue);
        // Between two tones, a smooth step.
        let place = luma * tones;
        let below = place.floor();
        let t = smaller(greater((place - below - 0.5) * 2.2 + 0.5, 0.0), 1.0);
        let tone = (below + t * t * (3.0 - 2.0 * t)) / tones;
        let by = 0.75 * (tone - luma);
        r[x] = smaller(greater(red + by, 0.0), 1.0);
        g[x] = smaller(greater(green + by, 0.0), 1.0);
        b[x] = smaller(greater(blue + by, 0.0), 1.0);
    }
}
