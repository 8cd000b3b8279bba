//! Gradient magnitude similarity deviation (Xue, Zhang, Mou, Bovik: "Gradient magnitude similarity deviation", 2014).

use rayon::prelude::*;

use super::Plane;

/// The constant of the paper, for codes of 255.
const C: f32 = 170.0;

/// Standard deviation of the similarity of gradients, after a mean over 2 × 2: 0 for the same picture, and the larger the worse.
/// Borders are continued by zeros, as in the authors' program. `None` for pictures with fewer than 4 columns or rows.
pub fn gmsd(a: &Plane, b: &Plane) -> Option<f64> {
    let (width, height) = (a.width.div_ceil(2), a.height.div_ceil(2));
    if a.width.min(a.height) < 4 {
        return None;
    }
    let [a, b] = [a, b].map(halved);
    let rows = (0..height).into_par_iter().map(|y| {
        let mut sums = (0.0f64, 0.0f64);
        for x in 0..width {
            let [one, other] = [&a, &b].map(|picture| magnitude(picture, (width, height), x, y));
            let quality = (2.0 * one * other + C) / (one * one + other * other + C);
            let quality = f64::from(quality);
            sums = (sums.0 + quality, sums.1 + quality * quality);
        }
        sums
    });
    let rows: Vec<(f64, f64)> = rows.collect();
    let sums = rows
        .iter()
        .fold((0.0, 0.0), |sums, row| (sums.0 + row.0, sums.1 + row.1));
    let count = (width * height) as f64;
    let mean = sums.0 / count;
    Some((sums.1 / count - mean * mean).max(0.0).sqrt())
}

/// Means of 2 × 2 that begin at every second sample, in codes of 255; beyond the border lie zeros.
fn halved(plane: &Plane) -> Vec<f32> {
    let scale = (255.0 / plane.peak()) as f32;
    let (width, height) = (plane.width.div_ceil(2), plane.height.div_ceil(2));
    let rows = (0..height).into_par_iter().flat_map_iter(|y| {
        let here = plane.row(2 * y);
        let below = (2 * y + 1 < plane.height).then(|| plane.row(2 * y + 1));
        (0..width).map(move |x| {
            let at = |row: &[u16], x: usize| row.get(x).map_or(0, |code| u32::from(*code));
            let mut sum = at(here, 2 * x) + at(here, 2 * x + 1);
            if let Some(below) = below {
                sum += at(below, 2 * x) + at(below, 2 * x + 1);
            }
            sum as f32 * scale / 4.0
        })
    });
    rows.collect()
}

/// Size of the Prewitt gradient, a third of its sums.
fn magnitude(picture: &[f32], (width, height): (usize, usize), x: usize, y: usize) -> f32 {
    let at = |dx: isize, dy: isize| {
        let (x, y) = (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy));
        match x < width && y < height {
            true => picture[y * width + x],
            false => 0.0,
        }
    };
    let across = at(1, -1) + at(1, 0) + at(1, 1) - at(-1, -1) - at(-1, 0) - at(-1, 1);
    let down = at(-1, 1) + at(0, 1) + at(1, 1) - at(-1, -1) - at(0, -1) - at(1, -1);
    (across * across + down * down).sqrt() / 3.0
}
