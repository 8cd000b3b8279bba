use multiversion::multiversion;

use super::carry::LIFE;
use crate::reference::common::hash::pcg3d;
use crate::reference::common::mix::mix;
use crate::reference::temporal::stretch::{Stretches, place};
use crate::reference::{Io, Out};

/// A value for each pixel of a row.
type Line = Vec<f32>;

/// Both layers of pigment, mixed so that each is seen least when it is laid anew: where its edges wander to, its clouds, its
/// grains.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let drift = io.image("drift");
    let (unit, cell) = (io.param("unit"), io.param("cell"));
    let columns = io.once(|| Stretches::new(drift.width, io.width));
    let (y, down) = place(io.y, io.height, drift.height);
    let [top, bottom] = [y, y + 1].map(|y| drift.clamped_row(y));
    // How far both layers were carried, in pixels of this image.
    let carried = [0, 1, 2, 3].map(|channel| {
        let rows = top.channel(channel).iter().zip(bottom.channel(channel));
        let between: Line = rows
            .map(|(top, bottom)| mix(*top, *bottom, down) * cell)
            .collect();
        let mut line = vec![0.0; io.width];
        columns.fill(&between, &mut line);
        line
    });
    let [ax, ay, bx, by] = &carried;
    let mut first: [Line; 4] = std::array::from_fn(|_| vec![0.0; io.width]);
    lay([ax, ay], io.y, unit, &mut first);
    // Where nothing moves, both layers are the same.
    if ax == bx && ay == by {
        for (channel, line) in first.iter().enumerate() {
            out.channel(channel).copy_from_slice(line);
        }
        return;
    }
    let mut second: [Line; 4] = std::array::from_fn(|_| vec![0.0; io.width]);
    lay([bx, by], io.y, unit, &mut second);
    let age = (io.facts.age % LIFE) as f32 / LIFE as f32;
    let share = 1.0 - (2.0 * age - 1.0).abs();
    let mut gain = vec![0.0; io.width];
    contrast(&carried, unit, share, &mut gain);
    for (channel, (a, b)) in first.iter().zip(&second).enumerate() {
        let out = out.channel(channel);
        for (((value, a), b), gain) in out.iter_mut().zip(a).zip(b).zip(&gain) {
            *value = mix(*b, *a, share) * gain;
        }
    }
}

/// Where the layers differ, their mix is paler than either: what makes up for that.
fn contrast(carried: &[Line; 4], unit: f32, share: f32, gain: &mut [f32]) {
    let most = 1.0 / (share * share + (1.0 - share) * (1.0 - share)).sqrt();
    let [ax, ay, bx, by] = carried;
    for (x, gain) in gain.iter_mut().enumerate() {
        let [dx, dy] = [(ax[x] - bx[x]) * unit, (ay[x] - by[x]) * unit];
        let apart = ((dx * dx + dy * dy).sqrt() / 4.0).clamp(0.0, 1.0);
        *gain = mix(1.0, most, apart);
    }
}

/// The pigment of row `y` that was laid `carried` from there.
fn lay(carried: [&Line; 2], y: usize, unit: f32, out: &mut [Line; 4]) {
    let width = carried[0].len();
    let mut noise: [[Line; 3]; 4] =
        std::array::from_fn(|_| std::array::from_fn(|_| vec![0.0; width]));
    for (layer, (noise, scale)) in noise.iter_mut().zip(SCALES).enumerate() {
        let [r, g, b] = noise;
        smooth_noise(
            carried,
            y as f32 + 0.5,
            [unit, scale],
            layer as u32,
            [r, g, b],
        );
    }
    let [wide, narrow, coarse, fine] = &noise;
    for x in 0..width {
        for channel in 0..2 {
            let fine = coarse[channel][x] + fine[channel][x];
            out[channel][x] = wide[channel][x] + 0.5 * narrow[channel][x] + 0.2 * fine;
        }
        out[2][x] = wide[2][x] + 0.5 * narrow[2][x];
        out[3][x] = coarse[2][x] + fine[2][x];
    }
}

/// Lattice points for one pixel at 1080 lines.
const SCALES: [f32; 4] = [1.0 / 70.0, 1.0 / 26.0, 1.0 / 7.0, 1.0 / 3.4];

/// Noise of three channels in -0.5..0.5 at a lattice point.
#[inline(always)]
fn lattice(x: i32, y: i32, layer: u32) -> [f32; 3] {
    pcg3d([x as u32, y as u32, layer]).map(|v| (v >> 8) as i32 as f32 / 16_777_215.0 - 0.5)
}

/// Smooth noise of three channels along a row.
#[multiversion(targets = "simd")]
fn smooth_noise(
    carried: [&Line; 2],
    y: f32,
    [unit, scale]: [f32; 2],
    layer: u32,
    out: [&mut [f32]; 3],
) {
    let [r, g, b] = out;
    let width = r.len();
    let (g, b) = (&mut g[..width], &mut b[..width]);
    let [dx, dy] = carried.map(|line| &line[..width]);
    for x in 0..width {
        let [px, py] = [
            (x as i32 as f32 + 0.5 + dx[x]) * unit * scale,
            (y + dy[x]) * unit * scale,
        ];
        let (base_x, base_y) = (px.floor(), py.floor());
        let (fx, fy) = (px - base_x, py - base_y);
        let (wx, wy) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
        let (qx, qy) = (base_x as i32, base_y as i32);
        let corners = [
            lattice(qx, qy, layer),
            lattice(qx.wrapping_add(1), qy, layer),
            lattice(qx, qy.wrapping_add(1), layer),
            lattice(qx.wrapping_add(1), qy.wrapping_add(1), layer),
        ];
        let at = |c: usize| {
            let top = mix(corners[0][c], corners[1][c], wx);
            let bottom = mix(corners[2][c], corners[3][c], wx);
            mix(top, bottom, wy)
        };
        r[x] = at(0);
        g[x] = at(1);
        b[x] = at(2);
    }
}
