//! A landscape in units of the picture's height (x from the left, y from the top), so that it looks the same at every
//! size. Layers are drawn from front to back, each with the share of the pixel that it covers.
//!
//! Blocks of a row are painted at once. Functions of one pixel have no branches, so that the loops over a block become
//! vector instructions; a layer is left out where it covers no pixel of the block. Each layer is compiled for several
//! instruction sets on its own, which keeps the code small.

#![allow(
    clippy::needless_range_loop,
    reason = "a loop over the pixels of a block reads several arrays"
)]

use multiversion::multiversion;

use crate::reference::common::mix::mix;
use crate::reference::common::noise::noise;
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::{Io, Out};

const SHORE: f32 = 0.64;

/// Red, green and blue of each pixel of a block.
type Colors = [Lanes; 3];

type Color = [f32; 3];

#[inline(always)]
fn blend(a: Color, b: Color, t: f32) -> Color {
    [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}

#[inline(always)]
fn scaled(a: Color, t: f32) -> Color {
    a.map(|value| value * t)
}

#[inline(always)]
fn plus(a: Color, b: Color, t: f32) -> Color {
    [a[0] + b[0] * t, a[1] + b[1] * t, a[2] + b[2] * t]
}

#[inline(always)]
fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[inline(always)]
fn fract(x: f32) -> f32 {
    x - x.floor()
}

/// Four octaves of noise, 0 to 1.
#[inline(always)]
fn fractal(x: f32, y: f32, layer: u32) -> f32 {
    let a = noise(x, y, layer);
    let b = noise(x * 2.03, y * 2.03, layer + 1);
    let c = noise(x * 4.01, y * 4.01, layer + 2);
    let d = noise(x * 8.07, y * 8.07, layer + 3);
    (8.0 * a + 4.0 * b + 2.0 * c + d) / 15.0
}

/// Coverage of a pixel of size `soft` at `distance` beyond an edge.
#[inline(always)]
fn beyond(distance: f32, soft: f32) -> f32 {
    smoothstep(-soft, soft, distance)
}

/// Coverage of a pixel by a box.
#[inline(always)]
fn inside(x: f32, y: f32, low: [f32; 2], high: [f32; 2], soft: f32) -> f32 {
    beyond(x - low[0], soft)
        * beyond(y - low[1], soft)
        * beyond(high[0] - x, soft)
        * beyond(high[1] - y, soft)
}

/// The values that all layers use.
struct View {
    sun: [f32; 2],
    time: f32,
}

#[inline(always)]
fn sky(x: f32, y: f32, view: &View) -> Color {
    let height = (y / SHORE).clamp(0.0, 1.0);
    let (dx, dy) = (x - view.sun[0], y - view.sun[1]);
    let distance = (dx * dx + dy * dy).sqrt();
    let near = distance / 0.17;
    let glow = 1.0 / ((1.0 + near * near) * (1.0 + near * near));
    let mut color = blend([0.24, 0.45, 0.74], [0.97, 0.80, 0.62], height * height);
    color = plus(color, [0.42, 0.28, 0.12], glow);
    color = blend(
        color,
        [1.0, 0.97, 0.86],
        1.0 - smoothstep(0.046, 0.052, distance),
    );
    let (qx, qy) = ((x + 0.035 * view.time) * 2.3, y * 6.0 + 0.01 * view.time);
    let density = fractal(qx, qy, 10);
    let lit = (0.55 + 2.6 * (density - fractal(qx + 0.16, qy - 0.28, 10))).clamp(0.0, 1.0);
    let cloud = smoothstep(0.48, 0.70, density) * (1.0 - 0.65 * height);
    blend(
        color,
        blend([0.63, 0.61, 0.68], [1.0, 0.97, 0.93], lit),
        cloud,
    )
}

/// Height of the mountain ridge at x.
#[inline(always)]
fn ridge(x: f32) -> f32 {
    let a = 1.0 - (2.0 * noise(x * 2.1 + 3.7, 0.5, 20) - 1.0).abs();
    let b = 1.0 - (2.0 * noise(x * 5.3 + 1.1, 0.5, 21) - 1.0).abs();
    let c = noise(x * 17.0, 0.5, 22);
    let d = noise(x * 61.0, 0.5, 23);
    0.52 - 0.17 * a - 0.07 * b - 0.022 * c - 0.007 * d
}

#[inline(always)]
fn mountains(x: f32, y: f32, depth: f32) -> Color {
    let rock = fractal(x * 26.0 + 40.0 * depth, y * 34.0, 30);
    let folds = fractal(x * 9.0 - 14.0 * depth, y * 5.0, 34);
    let light = (0.25 + 0.9 * folds + 0.5 * (rock - 0.5)).clamp(0.0, 1.0);
    let stone = blend([0.28, 0.31, 0.42], [0.64, 0.60, 0.62], light);
    let snow = 1.0 - smoothstep(0.02, 0.06, depth + 0.10 * (rock - 0.5));
    let color = blend(
        stone,
        blend([0.70, 0.76, 0.88], [1.0, 0.98, 0.95], light),
        snow,
    );
    blend(color, [0.80, 0.76, 0.74], (depth * 2.2).clamp(0.0, 0.65))
}

/// Height of the wooded hills at x, including the tree tops.
#[inline(always)]
fn hills(x: f32) -> f32 {
    let swell = 0.57 - 0.055 * noise(x * 1.7 + 9.0, 0.5, 40) - 0.025 * noise(x * 4.9, 0.5, 41);
    swell - 0.014 * noise(x * 95.0, 0.5, 42) - 0.006 * noise(x * 240.0, 0.5, 43)
}

#[inline(always)]
fn woods(x: f32, y: f32, depth: f32) -> Color {
    let crowns = fractal(x * 70.0, y * 95.0, 50);
    let clearing = smoothstep(0.55, 0.72, noise(x * 5.0, y * 22.0, 54));
    let light = (1.5 * crowns - 0.35 + 0.5 * (0.06 - depth)).clamp(0.0, 1.0);
    let trees = blend([0.07, 0.16, 0.13], [0.34, 0.44, 0.22], light);
    blend(
        trees,
        scaled([0.58, 0.60, 0.30], 0.8 + 0.4 * crowns),
        clearing * 0.8,
    )
}

/// Puts the color of pixel `lane` into a block.
#[inline(always)]
fn set(colors: &mut Colors, lane: usize, [r, g, b]: Color) {
    colors[0][lane] = r;
    colors[1][lane] = g;
    colors[2][lane] = b;
}

#[inline(always)]
fn get(colors: &Colors, lane: usize) -> Color {
    [colors[0][lane], colors[1][lane], colors[2][lane]]
}

/// Paints a pixel over what a block has there, with coverage `t`.
#[inline(always)]
fn over(colors: &mut Colors, lane: usize, painted: Color, t: f32) {
    let color = blend(get(colors, lane), painted, t);
    set(colors, lane, color);
}

#[inline(always)]
fn all(lanes: &Lanes, value: f32) -> bool {
    lanes.iter().fold(true, |all, lane| all & (*lane == value))
}

/// Positions of the pixels of a block, and of the edges of mountains and hills there.
struct Place {
    x: Lanes,
    y: Lanes,
    hills: Lanes,
    ridge: Lanes,
    /// Half the width of an edge.
    soft: f32,
}

#[multiversion(targets = "simd")]
fn paint_sky(colors: &mut Colors, place: &Place, view: &View) {
    for i in 0..LANES {
        set(colors, i, sky(place.x[i], place.y[i], view));
    }
}

#[multiversion(targets = "simd")]
fn paint_mountains(colors: &mut Colors, place: &Place, coverage: &Lanes) {
    for i in 0..LANES {
        let (x, y) = (place.x[i], place.y[i]);
        let painted = mountains(x, y, y - place.ridge[i]);
        over(colors, i, painted, coverage[i]);
    }
}

#[multiversion(targets = "simd")]
fn paint_woods(colors: &mut Colors, place: &Place, coverage: &Lanes) {
    for i in 0..LANES {
        let (x, y) = (place.x[i], place.y[i]);
        let painted = woods(x, y, y - place.hills[i]);
        over(colors, i, painted, coverage[i]);
    }
}

/// Sky, mountains and hills, which the lake reflects.
fn distant(place: &Place, view: &View) -> Colors {
    let (mut hill, mut mountain) = ([0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        hill[i] = beyond(place.y[i] - place.hills[i], place.soft);
        mountain[i] = beyond(place.y[i] - place.ridge[i], place.soft);
    }
    let mut colors = [[0.0; LANES]; 3];
    if !all(&hill, 1.0) && !all(&mountain, 1.0) {
        paint_sky(&mut colors, place, view);
    }
    if !all(&hill, 1.0) && !all(&mountain, 0.0) {
        paint_mountains(&mut colors, place, &mountain);
    }
    if !all(&hill, 0.0) {
        paint_woods(&mut colors, place, &hill);
    }
    colors
}

/// The waves and ripples of row `y` of the lake.
#[multiversion(targets = "simd")]
fn waves(x: &Lanes, y: f32, time: f32) -> [Lanes; 2] {
    let depth = y - SHORE;
    let far = 1.0 / (0.12 + depth);
    let mut found = [[0.0; LANES]; 2];
    for i in 0..LANES {
        found[0][i] = noise(
            x[i] * 3.0 * far + 0.5 * time,
            depth * 26.0 * far - 1.3 * time,
            60,
        ) - 0.5;
        found[1][i] = noise(
            x[i] * 9.0 * far - 0.8 * time,
            depth * 80.0 * far - 2.1 * time,
            61,
        ) - 0.5;
    }
    found
}

/// The heights of hills and ridge.
#[multiversion(targets = "simd")]
fn edges(x: &Lanes) -> [Lanes; 2] {
    let mut found = [[0.0; LANES]; 2];
    for i in 0..LANES {
        found[0][i] = hills(x[i]);
        found[1][i] = ridge(x[i]);
    }
    found
}

fn lake(x: &Lanes, y: f32, view: &View, soft: f32) -> Colors {
    let depth = y - SHORE;
    let [waves, ripples] = waves(x, y, view.time);
    let (mut mirror_x, mut mirror_y) = ([0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        mirror_x[i] = x[i] + 0.05 * depth * (waves[i] + ripples[i]);
        mirror_y[i] = SHORE - depth * (0.95 + 0.12 * waves[i]) - 0.012 * ripples[i] * depth;
    }
    let [hills, ridge] = edges(&mirror_x);
    let mirrored = Place {
        x: mirror_x,
        y: mirror_y,
        hills,
        ridge,
        soft: soft + 0.05 * depth,
    };
    let mut colors = distant(&mirrored, view);
    for i in 0..LANES {
        let (wave, ripple) = (waves[i], ripples[i]);
        let [r, g, b] = get(&colors, i);
        let tinted = [r * 0.70, g * 0.80, b * 0.84];
        let mut color = blend(tinted, [0.10, 0.24, 0.32], (0.18 + depth).clamp(0.0, 0.5));
        color = plus(color, [0.10, 0.10, 0.09], ripple);
        let path = (x[i] - view.sun[0]).abs() / (0.05 + 0.35 * depth);
        let glitter = smoothstep(0.20, 0.38, ripple + 0.35 * wave) / (1.0 + path * path);
        color = plus(color, [0.85, 0.68, 0.42], glitter);
        let mist = 1.0 - smoothstep(0.0, 0.03, depth);
        set(
            &mut colors,
            i,
            blend(color, [0.86, 0.83, 0.80], 0.35 * mist),
        );
    }
    colors
}

/// A house with its door at the origin, half as wide as high. Colour and coverage.
#[inline(always)]
fn house(x: f32, y: f32, soft: f32) -> (Color, f32) {
    let wall = inside(x, y, [-0.085, -0.095], [0.085, 0.0], soft);
    let planks = smoothstep(0.08, 0.16, (fract((x + 1.0) * 75.0) - 0.5).abs());
    let grain = noise(x * 160.0 + 70.0, y * 30.0 + 70.0, 70);
    let mut color = scaled(
        scaled([0.78, 0.70, 0.58], 0.80 + 0.20 * planks),
        0.92 + 0.16 * grain,
    );
    color = blend(
        color,
        [0.36, 0.22, 0.16],
        inside(x, y, [-0.018, -0.062], [0.018, 0.0], soft),
    );
    for side in [-1.0, 1.0] {
        let (wx, wy) = (x - side * 0.052, y + 0.050);
        color = blend(
            color,
            [0.95, 0.93, 0.88],
            inside(wx, wy, [-0.019, -0.020], [0.019, 0.020], soft),
        );
        let pane = inside(wx.abs(), wy.abs(), [0.002, 0.002], [0.015, 0.016], soft);
        color = blend(color, [0.30, 0.36, 0.44], pane);
    }
    let slope = (y + 0.175) * 1.35 - x.abs();
    let roof = beyond(slope, soft) * beyond(-0.088 - y, soft);
    let tiles = fract((y + 1.0) * 85.0);
    let row = ((y + 1.0) * 85.0).floor();
    let shade = (0.70 + 0.30 * tiles) * (0.85 + 0.3 * noise(x * 150.0 + 90.0, row + 90.0, 71));
    let chimney = inside(x, y, [0.045, -0.185], [0.070, -0.11], soft);
    let mut covered = wall.max(chimney);
    color = blend(color, [0.50, 0.34, 0.29], chimney * (1.0 - wall));
    color = blend(color, scaled([0.62, 0.29, 0.20], shade), roof);
    covered = covered.max(roof);
    (color, covered)
}

/// A spruce with its foot at the origin and height 1.
#[inline(always)]
fn spruce(x: f32, y: f32, soft: f32, layer: u32) -> (Color, f32) {
    let up = -y;
    let tier = fract(up * 8.0 + 0.15 * noise(x * 9.0 + 20.0, up * 3.0, layer));
    let ragged = 0.05 * (noise(x * 40.0 + 50.0, up * 55.0, layer + 1) - 0.5);
    let reach = 0.25 * (1.0 - up) * (1.0 - 0.5 * tier) + ragged * (1.1 - up);
    let crown = beyond(reach - x.abs(), soft) * beyond(up - 0.08, soft) * beyond(0.99 - up, soft);
    let trunk = inside(x, y, [-0.018, -0.2], [0.018, 0.01], soft);
    let needles = noise(x * 70.0 + 50.0, up * 90.0, layer + 2);
    let light = (0.25 + 0.9 * x + 0.5 * needles - 0.35 * tier).clamp(0.0, 1.0);
    let green = blend([0.04, 0.11, 0.09], [0.32, 0.42, 0.20], light);
    (blend([0.25, 0.18, 0.13], green, crown), crown.max(trunk))
}

/// Height of the near bank at x.
#[inline(always)]
fn bank(x: f32, width: f32) -> f32 {
    let across = x / width;
    let shape = 0.80 + 0.22 * smoothstep(0.15, 0.62, across) - 0.17 * smoothstep(0.66, 1.0, across);
    shape + 0.03 * (noise(x * 6.0, 0.5, 80) - 0.5) - 0.013 * noise(x * 190.0, 0.5, 81)
}

#[inline(always)]
fn meadow(x: f32, y: f32, depth: f32, time: f32) -> Color {
    let lean = 0.02 * (noise(x * 2.0 - 0.9 * time, 0.5, 82) - 0.5);
    let blades = noise((x + lean * y) * 230.0, y * 38.0, 83);
    let patches = fractal(x * 7.0, y * 16.0, 84);
    let light = (0.75 * blades + 0.6 * patches - 0.25 - 0.6 * depth).clamp(0.0, 1.0);
    let grass = blend([0.10, 0.17, 0.08], [0.60, 0.66, 0.26], light);
    let flower =
        smoothstep(0.86, 0.92, noise(x * 95.0, y * 120.0, 88)) * smoothstep(0.5, 0.6, patches);
    blend(grass, [0.97, 0.90, 0.70], flower)
}

/// Positions of the spruces (x, y) and their heights.
const SPRUCES: [[f32; 3]; 4] = [
    [0.045, 0.82, 0.26],
    [0.80, 0.92, 0.36],
    [0.955, 0.93, 0.44],
    [0.88, 1.0, 0.60],
];

/// What stands still in every row: the position of each pixel, and the edges of the layers there. Whole blocks: the last
/// goes on beyond the picture.
struct Columns {
    x: Vec<f32>,
    hills: Vec<f32>,
    ridge: Vec<f32>,
    bank: Vec<f32>,
}

impl Columns {
    fn new(columns: usize, width: f32, rows: f32) -> Self {
        let columns = 0..columns.next_multiple_of(LANES);
        let x: Vec<f32> = columns.map(|at| (at as f32 + 0.5) / rows).collect();
        Self {
            hills: x.iter().map(|x| hills(*x)).collect(),
            ridge: x.iter().map(|x| ridge(*x)).collect(),
            bank: x.iter().map(|x| bank(*x, width)).collect(),
            x,
        }
    }
}

/// The parameters of a picture.
struct Picture {
    /// Its width, in heights.
    width: f32,
    /// Half the width of an edge.
    soft: f32,
    time: f32,
}

/// Paints the meadow, `depth` below its upper edge.
#[multiversion(targets = "simd")]
fn paint_meadow(
    colors: &mut Colors,
    x: &Lanes,
    y: f32,
    depth: &Lanes,
    time: f32,
    coverage: &Lanes,
) {
    for i in 0..LANES {
        over(colors, i, meadow(x[i], y, depth[i], time), coverage[i]);
    }
}

/// Paints smoke in a column that leans by `bend`.
#[multiversion(targets = "simd")]
fn paint_smoke(colors: &mut Colors, x: &Lanes, y: f32, bend: f32, time: f32, column: &Lanes) {
    for i in 0..LANES {
        let wisps = fractal((x[i] - bend) * 26.0, y * 26.0 + 3.2 * time, 91);
        let smoke = column[i] * smoothstep(0.3, 0.65, wisps);
        over(colors, i, [0.86, 0.85, 0.86], 0.75 * smoke);
    }
}

#[multiversion(targets = "simd")]
fn paint_house(colors: &mut Colors, x: &Lanes, y: f32, soft: f32) {
    for i in 0..LANES {
        let (painted, covered) = house(x[i], y, soft);
        over(colors, i, painted, covered);
    }
}

/// Paints a spruce that is bent by `sway` times the square of its height.
#[multiversion(targets = "simd")]
fn paint_spruce(colors: &mut Colors, x: &Lanes, y: f32, sway: f32, soft: f32, layer: u32) {
    for i in 0..LANES {
        let (painted, covered) = spruce(x[i] + sway * y * y, y, soft, layer);
        let covered = if x[i].abs() < 0.4 { covered } else { 0.0 };
        over(colors, i, painted, covered);
    }
}

/// Paints the block of row `y` that begins in column `at`.
fn block(picture: &Picture, columns: &Columns, at: usize, y: f32) -> Colors {
    let Picture { width, soft, time } = *picture;
    let x = load(&columns.x, at);
    let view = View {
        sun: [0.66 * width, 0.245],
        time,
    };
    let (mut to_bank, mut near) = (load(&columns.bank, at), [0.0; LANES]);
    for i in 0..LANES {
        to_bank[i] = y - to_bank[i];
        near[i] = beyond(to_bank[i], soft);
    }
    let mut colors = [[0.0; LANES]; 3];
    if !all(&near, 1.0) {
        colors = if y < SHORE {
            let place = Place {
                x,
                y: [y; LANES],
                hills: load(&columns.hills, at),
                ridge: load(&columns.ridge, at),
                soft,
            };
            distant(&place, &view)
        } else {
            lake(&x, y, &view, soft)
        };
    }
    if !all(&near, 0.0) {
        paint_meadow(&mut colors, &x, y, &to_bank, time, &near);
    }
    let door = [0.21 * width, 0.835];
    // Smoke from the chimney.
    let rise = door[1] - 0.185 - y;
    if rise > 0.0 {
        let bend = 0.3 * rise * rise + 0.03 * (noise(rise * 9.0 - 1.4 * time, 0.5, 90) - 0.5);
        let reach = 0.008 + 0.11 * rise.max(0.0);
        let column = x.map(|x| {
            let across = (x - door[0] - 0.058 - bend).abs() / reach;
            (1.0 - smoothstep(0.2, 1.0, across))
                * smoothstep(0.0, 0.02, rise)
                * (1.0 - smoothstep(0.12, 0.42, rise))
        });
        if !all(&column, 0.0) {
            paint_smoke(&mut colors, &x, y, bend, time, &column);
        }
    }
    // Nothing of the house is farther from its door than this.
    let across = x.map(|x| (x - door[0]) / 1.25);
    let (up, softness) = ((y - door[1]) / 1.25, soft / 1.25);
    let far = 0.13 + 3.0 * softness;
    let row_has = up > -0.2 - 2.0 * softness && up < 0.01 + softness;
    if row_has && across[0] < far && across[LANES - 1] > -far {
        paint_house(&mut colors, &across, up, softness);
    }
    // Spruces, swaying slightly.
    let sway = 0.02 * (noise(0.6 * time, 0.5, 95) - 0.5);
    for (index, [place, foot, height]) in SPRUCES.into_iter().enumerate() {
        let across = x.map(|x| (x - place * width) / height);
        let up = (y - foot) / height;
        if up < 0.1 && up > -1.1 && across[0] < 0.4 && across[LANES - 1] > -0.4 {
            let layer = 100 + 4 * index as u32;
            paint_spruce(&mut colors, &across, up, sway, soft / height, layer);
        }
    }
    for channel in &mut colors {
        for value in channel {
            *value = value.clamp(0.0, 1.0);
        }
    }
    colors
}

pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (columns, rows) = (io.param("columns"), io.param("rows"));
    let picture = Picture {
        width: columns / rows,
        soft: 0.75 / rows,
        time: io.facts.time,
    };
    let still = io.once(|| Columns::new(io.width, picture.width, rows));
    let y = (io.y as f32 + 0.5) / rows;
    let [r, g, b, a] = out.rgba();
    for at in (0..r.len()).step_by(LANES) {
        let colors = block(&picture, &still, at, y);
        store(&colors[0], r, at);
        store(&colors[1], g, at);
        store(&colors[2], b, at);
    }
    a.fill(1.0);
}
