//! How one small picture lies over another: the movement between frames, to a small part of a cell.
//!
//! The pictures are compared directly, from coarse to fine (Lucas and Kanade: "An iterative image registration technique", 1981;
//! Bergen et al.: "Hierarchical model-based motion estimation", 1992). Places that move on their own hardly count: what differs
//! more than usual weighs less in the next step (iteratively reweighted least squares, weights of Geman and McClure). A gain and
//! an offset of the brightness are fitted along, so flicker is no movement.

use std::ops::Range;

use super::cells::Cells;
use super::equations;
use super::smooth::median;

/// Levels are halved until their longer side has no more than so many cells.
const SMALLEST: usize = 40;
/// Steps of the fit at each level.
const STEPS: usize = 12;
/// The least that a deviation is taken to be, as a share of white.
const FINEST: f32 = 0.001;
/// A fit is none if it is less sure than so many cells.
const UNSURE: f64 = 0.25;
const UNKNOWNS: usize = 6;

/// A movement: what is at a place `p` from the middle goes to `p + turned p + shift`. Lengths are in cells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Motion {
    /// Growth and turn: the real and the imaginary part of a complex factor, less 1.
    pub grow: f64,
    pub turn: f64,
    pub x: f64,
    pub y: f64,
}

impl Motion {
    /// Where it takes a place.
    pub fn of(&self, x: f64, y: f64) -> (f64, f64) {
        let (across, down) = (self.grow * x - self.turn * y, self.turn * x + self.grow * y);
        (x + across + self.x, y + down + self.y)
    }

    /// This movement after another.
    pub fn after(&self, first: &Self) -> Self {
        let (x, y) = self.of(first.x, first.y);
        let (real, imaginary) = (1.0 + self.grow, self.turn);
        Self {
            grow: real * (1.0 + first.grow) - imaginary * first.turn - 1.0,
            turn: real * first.turn + imaginary * (1.0 + first.grow),
            x,
            y,
        }
    }

    /// The movement back.
    pub fn back(&self) -> Self {
        let (real, imaginary) = (1.0 + self.grow, self.turn);
        let square = (real * real + imaginary * imaginary).max(1e-12);
        let (real, imaginary) = (real / square, -imaginary / square);
        Self {
            grow: real - 1.0,
            turn: imaginary,
            x: -(real * self.x - imaginary * self.y),
            y: -(imaginary * self.x + real * self.y),
        }
    }
}

/// A fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    pub motion: Motion,
    /// The usual difference that is left, as a share of white.
    pub apart: f64,
}

#[derive(Clone, Debug)]
struct Level {
    columns: usize,
    rows: usize,
    tones: Vec<f32>,
    /// Slopes across and down.
    slopes: Vec<[f32; 2]>,
}

/// A small picture at several sizes.
#[derive(Clone, Debug)]
pub(super) struct Pyramid {
    levels: Vec<Level>,
}

impl Pyramid {
    pub fn new(cells: &Cells) -> Self {
        let mut tones = cells.clone();
        let mut levels = vec![Level::new(&tones)];
        while tones.columns.max(tones.rows) > SMALLEST && tones.columns.min(tones.rows) >= 16 {
            tones = tones.coarser(2);
            levels.push(Level::new(&tones));
        }
        Self { levels }
    }

    /// Whether both have the same sizes.
    pub fn like(&self, other: &Self) -> bool {
        (self.levels[0].columns, self.levels[0].rows)
            == (other.levels[0].columns, other.levels[0].rows)
    }

    /// The movement that takes this picture to `to`; `None` where nothing is sure. Without `turns` it is a shift.
    pub fn motion_to(&self, to: &Self, guess: &Motion, turns: bool) -> Option<Fit> {
        let top = self.levels.len() - 1;
        let size = (1 << top) as f64;
        let (x, y) = search(
            &self.levels[top],
            &to.levels[top],
            (guess.x / size, guess.y / size),
        );
        let found = Motion {
            x: x * size,
            y: y * size,
            ..*guess
        };
        let by_guess = self.refined(to, guess, turns);
        if found == *guess {
            return by_guess;
        }
        // Of two beginnings, the one that comes out nearer; a pattern that repeats itself has many.
        let by_search = self.refined(to, &found, turns);
        match (by_guess, by_search) {
            (Some(guess), Some(found)) if guess.apart <= found.apart => Some(guess),
            (_, Some(found)) => Some(found),
            (guess, None) => guess,
        }
    }

    /// The movement that is nearest to a first one, from coarse to fine.
    fn refined(&self, to: &Self, first: &Motion, turns: bool) -> Option<Fit> {
        let top = self.levels.len() - 1;
        let mut motion = *first;
        let mut light = [0.0; 2];
        let mut fit = None;
        for level in (0..=top).rev() {
            let size = (1 << level) as f64;
            let mut here = Motion {
                x: motion.x / size,
                y: motion.y / size,
                ..motion
            };
            // The smallest pictures say little of turns.
            let turns = turns && (level < top || top == 0);
            let apart = self.levels[level].refine(
                &to.levels[level],
                &mut here,
                &mut light,
                turns,
                level == 0,
            );
            if apart.is_none() && level == 0 {
                return None;
            }
            if let Some(apart) = apart {
                motion = Motion {
                    x: here.x * size,
                    y: here.y * size,
                    ..here
                };
                fit = Some(Fit { motion, apart });
            }
        }
        fit
    }
}

impl Level {
    fn new(cells: &Cells) -> Self {
        let (columns, rows) = (cells.columns, cells.rows);
        let tones = softened(&cells.tones, columns, rows);
        let at = |x: usize, y: usize| tones[y * columns + x];
        let slope = |x: usize, y: usize| {
            let across = at((x + 1).min(columns - 1), y) - at(x.saturating_sub(1), y);
            let down = at(x, (y + 1).min(rows - 1)) - at(x, y.saturating_sub(1));
            [0.5 * across, 0.5 * down]
        };
        let slopes = (0..rows)
            .flat_map(|y| (0..columns).map(move |x| (x, y)))
            .map(|(x, y)| slope(x, y))
            .collect();
        Self {
            columns,
            rows,
            slopes,
            tones,
        }
    }

    /// The middle of the picture.
    fn middle(&self) -> (f64, f64) {
        (
            (self.columns as f64 - 1.0) / 2.0,
            (self.rows as f64 - 1.0) / 2.0,
        )
    }

    /// Cells that are compared: those near the border may be cut off or dark.
    fn inner(&self) -> (Range<usize>, Range<usize>) {
        let inner = |of: usize| {
            let border = (of / 24).max(2).min(of.saturating_sub(1) / 2);
            border..of - border
        };
        (inner(self.columns), inner(self.rows))
    }

    /// The tone between cells: bilinear, or cubic (Catmull-Rom); `None` outside.
    #[inline(always)]
    fn between(&self, x: f32, y: f32, cubic: bool) -> Option<f32> {
        let reach = if cubic { 1.0 } else { 0.0 };
        let (left, top) = (x.floor(), y.floor());
        let inside = left >= reach && top >= reach;
        if !inside
            || left + 1.0 + reach >= self.columns as f32
            || top + 1.0 + reach >= self.rows as f32
        {
            return None;
        }
        let (part_x, part_y) = (x - left, y - top);
        let first = top as usize * self.columns + left as usize;
        if cubic {
            let (across, down) = (weights(part_x), weights(part_y));
            let mut sum = 0.0;
            for (line, weight) in down.into_iter().enumerate() {
                let four = &self.tones[first + line * self.columns - self.columns - 1..][..4];
                let along = four[0] * across[0]
                    + four[1] * across[1]
                    + four[2] * across[2]
                    + four[3] * across[3];
                sum += weight * along;
            }
            return Some(sum);
        }
        let (above, below) = (
            &self.tones[first..][..2],
            &self.tones[first + self.columns..][..2],
        );
        let above = above[0] + (above[1] - above[0]) * part_x;
        let below = below[0] + (below[1] - below[0]) * part_x;
        Some(above + (below - above) * part_y)
    }

    /// Brings a movement, and the gain and offset of the brightness, nearer to what fits; the usual difference that is left.
    fn refine(
        &self,
        to: &Self,
        motion: &mut Motion,
        light: &mut [f64; 2],
        turns: bool,
        finest: bool,
    ) -> Option<f64> {
        let (middle_x, middle_y) = self.middle();
        let (across, down) = self.inner();
        // Turns are measured at this distance from the middle, so that all unknowns are of one size.
        let arm = middle_x.max(middle_y).max(1.0);
        let mut scale = None;
        let mut sizes: Vec<f64> = Vec::new();
        let mut left = None;
        for step in 0..STEPS {
            let mut matrix = [[0.0f64; UNKNOWNS]; UNKNOWNS];
            let mut right = [0.0f64; UNKNOWNS];
            let (mut counted, mut all) = (0usize, 0.0);
            sizes.clear();
            let cubic = finest && step > 1;
            let (gain, offset) = (light[0] as f32, light[1] as f32);
            for y in down.clone() {
                // The sums of a row in single floats.
                let mut row = [0.0f32; 27];
                let v = (y as f64 - middle_y) / arm;
                for x in across.clone() {
                    let index = y * self.columns + x;
                    let (px, py) = (x as f64 - middle_x, y as f64 - middle_y);
                    let (to_x, to_y) = motion.of(px, py);
                    let place = ((to_x + middle_x) as f32, (to_y + middle_y) as f32);
                    let Some(there) = to.between(place.0, place.1, cubic) else {
                        continue;
                    };
                    counted += 1;
                    let own = self.tones[index];
                    let apart = there - own - own * gain - offset;
                    if (x + y * 5) % 7 == 0 {
                        sizes.push(f64::from(apart.abs()));
                    }
                    let weight = scale.map_or(1.0, |scale: f32| {
                        let root = 1.0 / (1.0 + (apart / scale) * (apart / scale));
                        root * root
                    });
                    let [sx, sy] = self.slopes[index];
                    let (u, v) = ((px / arm) as f32, v as f32);
                    let slopes = [sx, sy, sx * u + sy * v, sy * u - sx * v, -own, -1.0];
                    let mut at = 0;
                    for (place, slope) in slopes.into_iter().enumerate() {
                        let weighted = weight * slope;
                        for more in &slopes[place..] {
                            row[at] += weighted * more;
                            at += 1;
                        }
                        row[at] += weighted * apart;
                        at += 1;
                    }
                    all += f64::from(weight);
                }
                let mut at = 0;
                for (place, (line, right)) in matrix.iter_mut().zip(&mut right).enumerate() {
                    for value in line[place..].iter_mut().chain([right]) {
                        *value += f64::from(row[at]);
                        at += 1;
                    }
                }
            }
            let cells = across.len() * down.len();
            if counted * 3 < cells || all < 16.0 {
                return None;
            }
            let usual = 1.4826 * median(std::mem::take(&mut sizes)).unwrap_or(0.0);
            let first = scale.is_none();
            scale = Some(2.5 * (usual as f32).max(FINEST));
            left = Some(usual);
            if first {
                // The first look is only for the usual difference.
                continue;
            }
            equations::mirror(&mut matrix);
            let (own_x, own_y) = (matrix[0][0], matrix[1][1]);
            if finest {
                // How sure the shift is across the direction that says least of it.
                let cross = matrix[0][1];
                let half = (own_x + own_y) / 2.0;
                let least = half - ((own_x - own_y).powi(2) / 4.0 + cross * cross).sqrt();
                let noise = usual.max(f64::from(FINEST));
                if least <= 0.0 || 3.0 * noise / least.sqrt() > UNSURE {
                    return None;
                }
            }
            let held = 1e-6 * (own_x + own_y) + 1e-9;
            for (place, line) in matrix.iter_mut().enumerate().take(4) {
                line[place] += held;
            }
            if !turns {
                for place in [2, 3] {
                    matrix[place][place] += 1e9 * (own_x + own_y) + 1.0;
                }
            }
            matrix[4][4] += 1e-3 * all;
            matrix[5][5] += 1e-9 * all + 1e-9;
            let change = equations::solve(matrix, right)?;
            motion.x -= change[0];
            motion.y -= change[1];
            motion.grow -= change[2] / arm;
            motion.turn -= change[3] / arm;
            light[0] -= change[4];
            light[1] -= change[5];
            light[0] = light[0].clamp(-0.6, 1.5);
            let moved = change[..4]
                .iter()
                .fold(0.0f64, |most, change| most.max(change.abs()));
            let small = if finest { 2e-4 } else { 5e-3 };
            if moved < small && (cubic || !finest) && step > 2 {
                break;
            }
        }
        let finite = [motion.x, motion.y, motion.grow, motion.turn]
            .iter()
            .all(|value| value.is_finite());
        left.filter(|_| finite)
    }
}

/// Weights of four cells for a place between the middle ones (Catmull-Rom).
#[inline(always)]
fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        -0.5 * t3 + t2 - 0.5 * t,
        1.5 * t3 - 2.5 * t2 + 1.0,
        -1.5 * t3 + 2.0 * t2 + 0.5 * t,
        0.5 * t3 - 0.5 * t2,
    ]
}

/// A picture softened by 1 2 1 across and down.
fn softened(tones: &[f32], columns: usize, rows: usize) -> Vec<f32> {
    let mut across = Vec::with_capacity(tones.len());
    for line in tones.chunks_exact(columns) {
        let last = columns - 1;
        across.extend(
            (0..columns).map(|x| {
                0.5 * line[x] + 0.25 * (line[x.saturating_sub(1)] + line[(x + 1).min(last)])
            }),
        );
    }
    let mut soft = Vec::with_capacity(tones.len());
    for y in 0..rows {
        let row = |y: usize| &across[y * columns..][..columns];
        let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(rows - 1)));
        soft.extend((0..columns).map(|x| 0.5 * here[x] + 0.25 * (above[x] + below[x])));
    }
    soft
}

/// The shift in whole cells, around `guess`, at which the slopes of both are most alike.
fn search(from: &Level, to: &Level, guess: (f64, f64)) -> (f64, f64) {
    let (columns, rows) = (from.columns as i64, from.rows as i64);
    let (reach_x, reach_y) = (columns / 4, rows / 4);
    let cost = |dx: i64, dy: i64| -> Option<f64> {
        let (left, right) = (1.max(1 - dx), (columns - 1).min(columns - 1 - dx));
        let (top, bottom) = (1.max(1 - dy), (rows - 1).min(rows - 1 - dy));
        if (right - left) * (bottom - top) * 2 < columns * rows || right <= left || bottom <= top {
            return None;
        }
        let mut sum = 0.0;
        for y in top..bottom {
            let own = &from.slopes[(y * columns) as usize..][left as usize..right as usize];
            let there = &to.slopes[((y + dy) * columns) as usize..]
                [(left + dx) as usize..(right + dx) as usize];
            let apart = own
                .iter()
                .zip(there)
                .map(|(a, b)| ((a[0] - b[0]).abs() + (a[1] - b[1]).abs()).min(0.2));
            sum += f64::from(apart.sum::<f32>());
        }
        Some(sum / ((right - left) * (bottom - top)) as f64)
    };
    let (own_x, own_y) = (guess.0.round() as i64, guess.1.round() as i64);
    let own = cost(own_x, own_y);
    // What is guessed holds unless something else is clearly better.
    let mut best = (own.unwrap_or(f64::MAX) * 0.9, None);
    for dy in own_y - reach_y..=own_y + reach_y {
        for dx in own_x - reach_x..=own_x + reach_x {
            if let Some(cost) = cost(dx, dy)
                && cost < best.0
            {
                best = (cost, Some((dx, dy)));
            }
        }
    }
    match best.1 {
        Some((dx, dy)) if (dx, dy) != (own_x, own_y) => (dx as f64, dy as f64),
        _ => guess,
    }
}
