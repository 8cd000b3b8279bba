//! A landscape in units of the picture's height (x from the left, y from the top), so that it looks the same at every
//! size. Layers are drawn from front to back, each with the share of the pixel that it covers.

use crate::reference::common::mix::mix;
use crate::reference::common::noise::noise;
use crate::reference::{Io, Out};

const SHORE: f32 = 0.64;

type Color = [f32; 3];

fn blend(a: Color, b: Color, t: f32) -> Color {
    [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]
}

fn scaled(a: Color, t: f32) -> Color {
    a.map(|value| value * t)
}

fn plus(a: Color, b: Color, t: f32) -> Color {
    [a[0] + b[0] * t, a[1] + b[1] * t, a[2] + b[2] * t]
}

fn smoothstep(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn fract(x: f32) -> f32 {
    x - x.floor()
}

/// Four octaves of noise, 0 to 1.
fn fractal(x: f32, y: f32, layer: u32) -> f32 {
    let a = noise(x, y, layer);
    let b = noise(x * 2.03, y * 2.03, layer + 1);
    let c = noise(x * 4.01, y * 4.01, layer + 2);
    let d = noise(x * 8.07, y * 8.07, layer + 3);
    (8.0 * a + 4.0 * b + 2.0 * c + d) / 15.0
}

/// Coverage of a pixel of size `soft` at `distance` beyond an edge.
fn beyond(distance: f32, soft: f32) -> f32 {
    smoothstep(-soft, soft, distance)
}

/// Coverage of a pixel by a box.
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
fn ridge(x: f32) -> f32 {
    let a = 1.0 - (2.0 * noise(x * 2.1 + 3.7, 0.5, 20) - 1.0).abs();
    let b = 1.0 - (2.0 * noise(x * 5.3 + 1.1, 0.5, 21) - 1.0).abs();
    let c = noise(x * 17.0, 0.5, 22);
    let d = noise(x * 61.0, 0.5, 23);
    0.52 - 0.17 * a - 0.07 * b - 0.022 * c - 0.007 * d
}

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
fn hills(x: f32) -> f32 {
    let swell = 0.57 - 0.055 * noise(x * 1.7 + 9.0, 0.5, 40) - 0.025 * noise(x * 4.9, 0.5, 41);
    swell - 0.014 * noise(x * 95.0, 0.5, 42) - 0.006 * noise(x * 240.0, 0.5, 43)
}

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

/// Sky, mountains and hills, which the lake reflects.
fn distant(x: f32, y: f32, view: &View, soft: f32) -> Color {
    let to_hills = y - hills(x);
    let hill = beyond(to_hills, soft);
    let mut color = [0.0; 3];
    if hill > 0.0 {
        color = woods(x, y, to_hills);
    }
    if hill < 1.0 {
        let to_ridge = y - ridge(x);
        let mountain = beyond(to_ridge, soft);
        let mut behind = [0.0; 3];
        if mountain > 0.0 {
            behind = mountains(x, y, to_ridge);
        }
        if mountain < 1.0 {
            behind = blend(sky(x, y, view), behind, mountain);
        }
        color = blend(behind, color, hill);
    }
    color
}

fn lake(x: f32, y: f32, view: &View, soft: f32) -> Color {
    let time = view.time;
    let depth = y - SHORE;
    let far = 1.0 / (0.12 + depth);
    let wave = noise(
        x * 3.0 * far + 0.5 * time,
        depth * 26.0 * far - 1.3 * time,
        60,
    ) - 0.5;
    let ripple = noise(
        x * 9.0 * far - 0.8 * time,
        depth * 80.0 * far - 2.1 * time,
        61,
    ) - 0.5;
    let mirror_x = x + 0.05 * depth * (wave + ripple);
    let mirror_y = SHORE - depth * (0.95 + 0.12 * wave) - 0.012 * ripple * depth;
    let color = distant(mirror_x, mirror_y, view, soft + 0.05 * depth);
    let tinted = [color[0] * 0.70, color[1] * 0.80, color[2] * 0.84];
    let mut color = blend(tinted, [0.10, 0.24, 0.32], (0.18 + depth).clamp(0.0, 0.5));
    color = plus(color, [0.10, 0.10, 0.09], ripple);
    let path = (x - view.sun[0]).abs() / (0.05 + 0.35 * depth);
    let glitter = smoothstep(0.20, 0.38, ripple + 0.35 * wave) / (1.0 + path * path);
    color = plus(color, [0.85, 0.68, 0.42], glitter);
    let mist = 1.0 - smoothstep(0.0, 0.03, depth);
    blend(color, [0.86, 0.83, 0.80], 0.35 * mist)
}

/// A house with its door at the origin, half as wide as high. Colour and coverage.
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
fn bank(x: f32, width: f32) -> f32 {
    let across = x / width;
    let shape = 0.80 + 0.22 * smoothstep(0.15, 0.62, across) - 0.17 * smoothstep(0.66, 1.0, across);
    shape + 0.03 * (noise(x * 6.0, 0.5, 80) - 0.5) - 0.013 * noise(x * 190.0, 0.5, 81)
}

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

fn scene(x: f32, y: f32, width: f32, soft: f32, time: f32) -> Color {
    let view = View {
        sun: [0.66 * width, 0.245],
        time,
    };
    let to_bank = y - bank(x, width);
    let near = beyond(to_bank, soft);
    let mut color = [0.0; 3];
    if near < 1.0 {
        color = if y < SHORE {
            distant(x, y, &view, soft)
        } else {
            lake(x, y, &view, soft)
        };
    }
    if near > 0.0 {
        color = blend(color, meadow(x, y, to_bank, time), near);
    }
    // Smoke from the chimney.
    let (door_x, door_y) = (0.21 * width, 0.835);
    let rise = door_y - 0.185 - y;
    let bend = 0.3 * rise * rise + 0.03 * (noise(rise * 9.0 - 1.4 * time, 0.5, 90) - 0.5);
    let reach = 0.008 + 0.11 * rise.max(0.0);
    let column = 1.0 - smoothstep(0.2, 1.0, (x - door_x - 0.058 - bend).abs() / reach);
    if column > 0.0 && rise > 0.0 {
        let wisps = fractal((x - bend) * 26.0, y * 26.0 + 3.2 * time, 91);
        let smoke = column
            * smoothstep(0.0, 0.02, rise)
            * (1.0 - smoothstep(0.12, 0.42, rise))
            * smoothstep(0.3, 0.65, wisps);
        color = blend(color, [0.86, 0.85, 0.86], 0.75 * smoke);
    }
    let (painted, covered) = house((x - door_x) / 1.25, (y - door_y) / 1.25, soft / 1.25);
    color = blend(color, painted, covered);
    // Spruces, swaying slightly.
    let sway = 0.02 * (noise(0.6 * time, 0.5, 95) - 0.5);
    for (index, [across, foot, height]) in SPRUCES.into_iter().enumerate() {
        let (qx, qy) = ((x - across * width) / height, (y - foot) / height);
        if qx.abs() < 0.4 && qy < 0.1 && qy > -1.1 {
            let layer = 100 + 4 * index as u32;
            let (painted, covered) = spruce(qx + sway * qy * qy, qy, soft / height, layer);
            color = blend(color, painted, covered);
        }
    }
    color.map(|value| value.clamp(0.0, 1.0))
}

pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (columns, rows) = (io.param("columns"), io.param("rows"));
    let (width, soft) = (columns / rows, 0.75 / rows);
    let y = (io.y as f32 + 0.5) / rows;
    let [r, g, b, a] = out.rgba();
    for (index, ((r, g), b)) in r.iter_mut().zip(g).zip(b).enumerate() {
        let x = (index as f32 + 0.5) / rows;
        [*r, *g, *b] = scene(x, y, width, soft, io.facts.time);
    }
    a.fill(1.0);
}
