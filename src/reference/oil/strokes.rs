use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::{Io, Out};

/// Of the polynomials of sectors: how far a sector reaches beyond its corner, and how much it widens.
const ZETA: f32 = 0.33;
const ETA: f32 = 3.77;
const SECTORS: usize = 8;

/// The anisotropic Kuwahara filter (Kyprianidis, Kang and Döllner 2009) with polynomial weights (Kyprianidis, Semmo, Kang
/// and Döllner 2010): the means of eight sectors of an ellipse along the lines of the picture, of which the evenest count
/// most. Every other pixel is looked at, as on a chessboard: means of so many change little by it. Beyond the border, the
/// nearest pixel.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (stroke, stretch) = (io.param("stroke"), io.param("stretch"));
    let (image, lines) = (io.image("image"), io.here("lines"));
    let lines = [0, 1, 2].map(|channel| lines.channel(channel));
    let shape = Shape { stroke, stretch };
    // No pixel is farther away than the longest stroke.
    let reach = shape.longest();
    let room = io.width + 2 * reach + LANES;
    let rows = (0..=2 * reach).map(|dy| {
        let row = image.clamped_row((io.y + dy) as i64 - reach as i64);
        row.rgb().map(|row| continued(row, reach, room))
    });
    let rows: Vec<[Vec<f32>; 3]> = rows.collect();
    let [r, g, b, a] = out.rgba();
    a.copy_from_slice(image.row(io.y).channel(3));
    paint(&rows, lines, shape, [r, g, b]);
}

/// A row with so many copies of its first pixel before it, and of its last one after it, `room` in all.
fn continued(row: &[f32], before: usize, room: usize) -> Vec<f32> {
    let mut wide = vec![row[0]; before];
    wide.extend_from_slice(row);
    wide.resize(room, row[row.len() - 1]);
    wide
}

#[derive(Clone, Copy)]
struct Shape {
    stroke: f32,
    stretch: f32,
}

impl Shape {
    fn longest(self) -> usize {
        // Clearness may be a rounding above 1.
        (self.stroke * (1.0 + self.stretch) * 1.001).floor() as usize
    }
}

/// The ellipses of a block of pixels.
struct Ellipses {
    /// Unit vectors along the strokes, divided by half their lengths.
    along: [Lanes; 2],
    /// Across them, divided by half their breadths.
    across: [Lanes; 2],
    /// Columns and rows to the farthest pixel of all.
    reach: [usize; 2],
}

impl Ellipses {
    #[inline(always)]
    fn new(lines: [&[f32]; 3], at: usize, shape: Shape) -> Self {
        let [x, y, clear] = lines.map(|line| load(line, at));
        let mut out = Self {
            along: [[0.0; LANES]; 2],
            across: [[0.0; LANES]; 2],
            reach: [0; 2],
        };
        let mut farthest = [0.0_f32; 2];
        for i in 0..LANES {
            let length = greater(x[i] * x[i] + y[i] * y[i], 1e-6).sqrt();
            let (x, y) = (x[i] / length, y[i] / length);
            let stretch = 1.0 + shape.stretch * clear[i];
            let (long, short) = (shape.stroke * stretch, shape.stroke / stretch);
            out.along[0][i] = x / long;
            out.along[1][i] = y / long;
            out.across[0][i] = y / short;
            out.across[1][i] = -x / short;
            let (xx, yy) = (x * x, y * y);
            let (ll, ss) = (long * long, short * short);
            farthest[0] = greater(farthest[0], ll * xx + ss * yy);
            farthest[1] = greater(farthest[1], ll * yy + ss * xx);
        }
        out.reach = farthest.map(|square| (square.sqrt().floor() as usize).min(shape.longest()));
        out
    }
}

#[multiversion(targets = "simd")]
fn paint(rows: &[[Vec<f32>; 3]], lines: [&[f32]; 3], shape: Shape, out: [&mut [f32]; 3]) {
    let [out_r, out_g, out_b] = out;
    let middle = shape.longest();
    for at in (0..out_r.len()).step_by(LANES) {
        let ellipses = Ellipses::new(lines, at, shape);
        let [r, g, b] = block(rows, &ellipses, middle, at);
        store(&r, out_r, at);
        store(&g, out_g, at);
        store(&b, out_b, at);
    }
}

/// What a sector has of a block: sums of red, green, blue and of squares, and of weights.
type Sector = [Lanes; 5];

#[inline(always)]
fn block(rows: &[[Vec<f32>; 3]], ellipses: &Ellipses, middle: usize, at: usize) -> [Lanes; 3] {
    let mut sectors: [Sector; SECTORS] = [[[0.0; LANES]; 5]; SECTORS];
    let [reach_x, reach_y] = ellipses.reach.map(|reach| reach as isize);
    for dy in -reach_y..=reach_y {
        let [r, g, b] = &rows[(middle as isize + dy) as usize];
        for dx in (((reach_x + dy) & 1) - reach_x..=reach_x).step_by(2) {
            let (px, py) = (dx as f32, dy as f32);
            let mut q = [[0.0; LANES]; 2];
            let mut fade = [0.0; LANES];
            let mut any = 0.0;
            for i in 0..LANES {
                q[0][i] = px * ellipses.along[0][i] + py * ellipses.along[1][i];
                q[1][i] = px * ellipses.across[0][i] + py * ellipses.across[1][i];
                fade[i] = greater(1.0 - (q[0][i] * q[0][i] + q[1][i] * q[1][i]), 0.0);
            }
            for value in fade {
                any += value;
            }
            if any == 0.0 {
                continue;
            }
            let from = (at as isize + middle as isize + dx) as usize;
            let (r, g, b) = (load(r, from), load(g, from), load(b, from));
            add(&mut sectors, &q, &fade, [&r, &g, &b]);
        }
    }
    mixed(&sectors)
}

/// Adds a pixel of each lane to the sectors that it lies in.
#[inline(always)]
fn add(sectors: &mut [Sector; SECTORS], q: &[Lanes; 2], fade: &Lanes, [r, g, b]: [&Lanes; 3]) {
    let mut near = [0.0; LANES];
    let mut square = [0.0; LANES];
    let mut d = [[0.0; LANES]; 2];
    for i in 0..LANES {
        near[i] = fade[i] * fade[i];
        square[i] = r[i] * r[i] + g[i] * g[i] + b[i] * b[i];
        d[0][i] = 0.707_106_77 * (q[0][i] - q[1][i]);
        d[1][i] = 0.707_106_77 * (q[0][i] + q[1][i]);
    }
    let pairs = [
        (&q[0], &q[1]),
        (&d[0], &d[1]),
        (&q[1], &q[0]),
        (&d[1], &d[0]),
    ];
    let (pairs_of, _) = sectors.as_chunks_mut::<2>();
    for (pair, (along, across)) in pairs_of.iter_mut().zip(pairs) {
        let mut wide = [0.0; LANES];
        for i in 0..LANES {
            wide[i] = ZETA - ETA * across[i] * across[i];
        }
        for (sector, sense) in pair.iter_mut().zip([1.0, -1.0]) {
            let mut weight = [0.0; LANES];
            for i in 0..LANES {
                let inside = greater(wide[i] + sense * along[i], 0.0);
                weight[i] = near[i] * (inside * inside);
            }
            // Most sectors lie elsewhere for a whole block.
            if !weight.iter().any(|weight| *weight > 0.0) {
                continue;
            }
            for i in 0..LANES {
                sector[0][i] += r[i] * weight[i];
                sector[1][i] += g[i] * weight[i];
                sector[2][i] += b[i] * weight[i];
                sector[3][i] += square[i] * weight[i];
                sector[4][i] += weight[i];
            }
        }
    }
}

/// The mean of the sectors; the evenest count most.
#[inline(always)]
fn mixed(sectors: &[Sector; SECTORS]) -> [Lanes; 3] {
    let mut sums = [[0.0; LANES]; 3];
    let mut total = [0.0; LANES];
    for [r, g, b, square, weight] in sectors {
        for i in 0..LANES {
            let mean = [r[i] / weight[i], g[i] / weight[i], b[i] / weight[i]];
            let dot = mean[0] * mean[0] + mean[1] * mean[1] + mean[2] * mean[2];
            let variance = greater(square[i] / weight[i] - dot, 0.0);
            // The eighth power of the deviation in codes of 8 bits.
            let v = smaller(65025.0 * variance, 16_777_216.0);
            let w = 1.0 / (1.0 + (v * v) * (v * v));
            for (sum, mean) in sums.iter_mut().zip(mean) {
                sum[i] += w * mean;
            }
            total[i] += w;
        }
    }
    for sum in &mut sums {
        for i in 0..LANES {
            sum[i] /= total[i];
        }
    }
    sums
}
