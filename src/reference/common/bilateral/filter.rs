use multiversion::multiversion;

use super::fixed;
use crate::color::bounds::greater;
use crate::reference::common::border::reflect;
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::{Io, Out};

/// The taps of the window in one row.
struct Span {
    /// Row, counted from the window's first.
    row: usize,
    /// First column, counted from the window's first.
    column: usize,
    taps: Vec<Tap>,
}

/// The weight of a tap is exp(-t), computed as (1 - t/16)^16, times the weight of its distance in the plane. Both are
/// the power of one product, (root + slope · distance²)^16, which needs no transcendental function.
struct Tap {
    root: f32,
    slope: f32,
}

/// Weights are Gaussians of the distance in the plane and of the L1 distance in colour; the borders are reflect-101.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let radius = io.param("radius") as usize;
    let window = io.once(|| {
        let [space, colour] = ["sigma_space", "sigma_color"].map(|name| io.param(name));
        let fixed = fixed::Window::new(radius, space, colour);
        (fixed, window(radius as i64, space, colour))
    });
    let row = |y: usize| image.row(y).rgb();
    let [r, g, b, a] = out.rgba();
    a.copy_from_slice(image.row(io.y).channel(3));
    let is_done = window.0.as_ref().is_some_and(|window| {
        io.with_kept(|kept: &mut fixed::Rows| {
            let lines = [&mut *r, &mut *g, &mut *b];
            fixed::filter(kept, window, io.y, image.height, row, lines)
        })
    });
    if !is_done {
        let rows: Vec<[&[f32]; 3]> = (0..=2 * radius)
            .map(|dy| (io.y + dy) as i64 - radius as i64)
            .map(|y| row(reflect(y, image.height)))
            .collect();
        filter(&rows, &window.1, radius, [r, g, b]);
    }
}

fn window(radius: i64, sigma_space: f32, sigma_color: f32) -> Vec<Span> {
    let space = 0.5 / (sigma_space * sigma_space);
    let deviation = sigma_color / 255.0;
    let colour = 0.5 / (deviation * deviation);
    let inside = |dx: i64, dy: i64| dx * dx + dy * dy <= radius * radius;
    let tap = |dx: i64, dy: i64| {
        let root = (-((dx * dx + dy * dy) as f32) * space / 16.0).exp();
        let slope = -root * colour / 16.0;
        Tap { root, slope }
    };
    let span = |dy: i64| {
        let reach = (0..=radius).rfind(|dx| inside(*dx, dy)).unwrap_or(0);
        Span {
            row: (dy + radius) as usize,
            column: (radius - reach) as usize,
            taps: (-reach..=reach).map(|dx| tap(dx, dy)).collect(),
        }
    };
    (-radius..=radius).map(span).collect()
}

/// The pixels of `row` from `first` on, reflected at the ends.
#[inline(always)]
fn continued(row: &[f32], first: i64, out: &mut [f32]) {
    for (value, x) in out.iter_mut().zip(first..) {
        *value = row[reflect(x, row.len())];
    }
}

#[multiversion(targets = "simd")]
fn filter(rows: &[[&[f32]; 3]], window: &[Span], radius: usize, out: [&mut [f32]; 3]) {
    let [out_r, out_g, out_b] = out;
    let width = out_r.len();
    for x in (0..width).step_by(LANES) {
        let [r, g, b] = if x >= radius && x + LANES + radius <= width {
            block(rows, window, radius, x)
        } else {
            // The neighbourhood, extended beyond the border.
            let reach = LANES + 2 * radius;
            let mut around = vec![0.0; 3 * rows.len() * reach];
            let lines = rows.iter().flatten().zip(around.chunks_exact_mut(reach));
            for (row, line) in lines {
                continued(row, x as i64 - radius as i64, line);
            }
            let near: Vec<[&[f32]; 3]> = around
                .chunks_exact(3 * reach)
                .map(|row| [&row[..reach], &row[reach..2 * reach], &row[2 * reach..]])
                .collect();
            block(&near, window, radius, radius)
        };
        store(&r, out_r, x);
        store(&g, out_g, x);
        store(&b, out_b, x);
    }
}

/// The block of pixels that starts at column `x`; its windows must lie inside `rows`.
#[inline(always)]
fn block(rows: &[[&[f32]; 3]], window: &[Span], radius: usize, x: usize) -> [Lanes; 3] {
    let [r, g, b] = rows[radius];
    let (here_r, here_g, here_b) = (load(r, x), load(g, x), load(b, x));
    let (mut sum_r, mut sum_g, mut sum_b) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let mut total = [0.0; LANES];
    for span in window {
        let first = x - radius + span.column;
        let reach = first..first + LANES + span.taps.len() - 1;
        let [r, g, b] = rows[span.row];
        let (r, g, b) = (&r[reach.clone()], &g[reach.clone()], &b[reach]);
        let windows = r.windows(LANES).zip(g.windows(LANES)).zip(b.windows(LANES));
        for (((r, g), b), tap) in windows.zip(&span.taps) {
            for i in 0..LANES {
                let apart_r = (r[i] - here_r[i]).abs();
                let apart_g = (g[i] - here_g[i]).abs();
                let apart_b = (b[i] - here_b[i]).abs();
                let distance = apart_r + apart_g + apart_b;
                let root = greater(tap.root + tap.slope * (distance * distance), 0.0);
                let second = root * root;
                let fourth = second * second;
                let eighth = fourth * fourth;
                let weight = eighth * eighth;
                sum_r[i] += weight * r[i];
                sum_g[i] += weight * g[i];
                sum_b[i] += weight * b[i];
                total[i] += weight;
            }
        }
    }
    for i in 0..LANES {
        let share = 1.0 / total[i];
        sum_r[i] *= share;
        sum_g[i] *= share;
        sum_b[i] *= share;
    }
    [sum_r, sum_g, sum_b]
}
