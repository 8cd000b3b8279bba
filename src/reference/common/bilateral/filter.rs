use multiversion::multiversion;

use crate::reference::common::border::reflect;
use crate::reference::{Io, Out};

/// Pixels made at once: as many as a register holds.
const LANES: usize = 16;

/// A place in the window, and the weight its distance gives it.
struct Tap {
    dx: i64,
    dy: i64,
    weight: f32,
}

/// exp(-t) as (1 - t/16)^16: no transcendental function for each of the taps.
#[inline(always)]
fn falloff(t: f32) -> f32 {
    let a = (1.0 - t * 0.0625).max(0.0);
    let b = a * a;
    let c = b * b;
    let d = c * c;
    d * d
}

/// Weights are Gaussians of the distance in the plane and of the L1 distance in colour; reflect-101 at the borders.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let radius = io.param("radius") as i64;
    let taps = io.once(|| window(radius, io.param("sigma_space")));
    let deviation = io.param("sigma_color") / 255.0;
    let colour = 0.5 / (deviation * deviation);
    // The rows of the window, each continued at both ends by what lies beyond the border.
    let margin = radius as usize;
    let length = (io.width + 2 * margin).next_multiple_of(LANES) + LANES;
    let rows: Vec<[Vec<f32>; 3]> = (-radius..=radius)
        .map(|dy| {
            let row = image.row(reflect(io.y as i64 + dy, image.height));
            row.rgb().map(|channel| continued(channel, margin, length))
        })
        .collect();
    let [r, g, b, a] = out.rgba();
    a.copy_from_slice(image.row(io.y).alpha().unwrap_or(&[]));
    filter(&rows, &taps, radius, colour, [r, g, b]);
}

fn window(radius: i64, sigma: f32) -> Vec<Tap> {
    let space = 0.5 / (sigma * sigma);
    let side = -radius..=radius;
    side.clone()
        .flat_map(|dy| side.clone().map(move |dx| (dx, dy)))
        .filter(|(dx, dy)| dx * dx + dy * dy <= radius * radius)
        .map(|(dx, dy)| Tap {
            dx,
            dy,
            weight: (-((dx * dx + dy * dy) as f32) * space).exp(),
        })
        .collect()
}

fn continued(channel: &[f32], margin: usize, length: usize) -> Vec<f32> {
    let mut row = Vec::with_capacity(length);
    let width = channel.len();
    row.extend((0..margin).map(|x| channel[reflect(x as i64 - margin as i64, width)]));
    row.extend_from_slice(channel);
    row.extend((width..width + margin).map(|x| channel[reflect(x as i64, width)]));
    row.resize(length, 0.0);
    row
}

#[multiversion(targets(
    "x86_64+avx512f+avx512vl+avx2+fma",
    "x86_64+avx2+fma",
    "x86_64+avx",
    "aarch64+neon"
))]
fn filter(rows: &[[Vec<f32>; 3]], taps: &[Tap], radius: i64, colour: f32, out: [&mut [f32]; 3]) {
    let [out_r, out_g, out_b] = out;
    let width = out_r.len();
    let [centre_r, centre_g, centre_b] = &rows[radius as usize];
    let lanes = |row: &[f32], at: usize| -> [f32; LANES] {
        let mut lanes = [0.0; LANES];
        lanes.copy_from_slice(&row[at..at + LANES]);
        lanes
    };
    for x in (0..width).step_by(LANES) {
        let middle = x + radius as usize;
        let (cr, cg, cb) = (
            lanes(centre_r, middle),
            lanes(centre_g, middle),
            lanes(centre_b, middle),
        );
        let mut sums = [[0.0f32; LANES]; 4];
        for tap in taps {
            let [r, g, b] = &rows[(tap.dy + radius) as usize];
            let at = (middle as i64 + tap.dx) as usize;
            let (r, g, b) = (lanes(r, at), lanes(g, at), lanes(b, at));
            for i in 0..LANES {
                let distance = (r[i] - cr[i]).abs() + (g[i] - cg[i]).abs() + (b[i] - cb[i]).abs();
                let weight = tap.weight * falloff(distance * distance * colour);
                sums[0][i] += weight * r[i];
                sums[1][i] += weight * g[i];
                sums[2][i] += weight * b[i];
                sums[3][i] += weight;
            }
        }
        let count = LANES.min(width - x);
        for i in 0..count {
            out_r[x + i] = sums[0][i] / sums[3][i];
            out_g[x + i] = sums[1][i] / sums[3][i];
            out_b[x + i] = sums[2][i] / sums[3][i];
        }
    }
}
