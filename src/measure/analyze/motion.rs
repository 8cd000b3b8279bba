//! How the whole picture moved from one frame to the next, to a fraction of a sample.

use crate::metrics::Plane;

/// Side of the blocks whose movement is measured, and how many there are each way at most.
const BLOCK: usize = 16;
const BLOCKS: (usize, usize) = (16, 10);
/// The largest movement that is found, in samples of the plane a quarter as large.
const REACH: isize = 8;
/// Steps after Lucas and Kanade (1981), and how far they may go from the whole movement, in samples.
const STEPS: usize = 4;
const FAR: f32 = 2.5;
/// Blocks say something where both ways have edges: least mean square of slopes, in codes.
const TEXTURE: f32 = 3.0;
/// Blocks agree where they differ by at most so much, in samples, or by this part of the movement.
const AGREE: f64 = 0.2;
const AGREE_PART: f64 = 0.05;
/// Fewest blocks that say something, and steps of the fit.
const LEAST: usize = 8;
const ROUNDS: usize = 6;
/// A block stands still below this, in samples; and the picture does where this part of the blocks do.
const STANDS: f64 = 0.06;
const STILL: f64 = 0.2;

/// A block with its movement: where it lies, -1 to 1 from the middle of the picture, and how far it moved, in samples.
struct Block {
    left: f64,
    top: f64,
    x: f64,
    y: f64,
}

/// The movement of the picture in samples, to the right and down, and the share of the blocks that move like that.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Movement {
    pub x: f64,
    pub y: f64,
    pub agreeing: f64,
}

/// A frame at three sizes, each half as large as the one before.
pub(super) struct Pyramid([Plane; 3]);

impl Pyramid {
    pub fn of(small: &Plane) -> Self {
        let half = halved(small);
        let quarter = halved(&half);
        Self([small.clone(), half, quarter])
    }

    /// Whether both are of planes of the same size.
    pub fn fits(&self, other: &Self) -> bool {
        (self.0[0].width, self.0[0].height) == (other.0[0].width, other.0[0].height)
    }
}

/// How the picture moved from `before` to `now`, which are of the same size; none where too few blocks have edges.
pub(super) fn movement(before: &Pyramid, now: &Pyramid) -> Option<Movement> {
    let (width, height) = (now.0[0].width, now.0[0].height);
    if width < 4 * BLOCK || height < 3 * BLOCK {
        return None;
    }
    let mut shift = (0, 0);
    for (level, reach) in [(2, REACH), (1, 1), (0, 1)] {
        let around = (shift.0 * 2, shift.1 * 2);
        shift = best(&before.0[level], &now.0[level], around, reach);
    }
    let found = blocks(&before.0[0], &now.0[0], shift);
    (found.len() >= LEAST).then(|| whole(&found))
}

/// The movement of the middle of the picture, by a movement that changes evenly over it, as of a zoom, a rotation or ground
/// seen at an angle. Blocks that move otherwise count less from step to step.
fn whole(blocks: &[Block]) -> Movement {
    let middle = |of: fn(&Block) -> f64| {
        let mut values: Vec<f64> = blocks.iter().map(of).collect();
        let at = values.len() / 2;
        *values.select_nth_unstable_by(at, f64::total_cmp).1
    };
    let (x, y) = (middle(|b| b.x), middle(|b| b.y));
    let still = blocks.iter().filter(|b| b.x.hypot(b.y) < STANDS);
    let still = still.count() as f64 / blocks.len() as f64;
    if x.hypot(y) > 2.0 * STANDS && still > STILL {
        // Something large moves before a picture that stands still.
        return Movement {
            x: 0.0,
            y: 0.0,
            agreeing: 1.0,
        };
    }
    let (mut along, mut down) = ([x, 0.0, 0.0], [y, 0.0, 0.0]);
    let at = |fit: &[f64; 3], b: &Block| fit[0] + fit[1] * b.left + fit[2] * b.top;
    let rest = |along: &[f64; 3], down: &[f64; 3], b: &Block| {
        (b.x - at(along, b)).hypot(b.y - at(down, b))
    };
    for _ in 0..ROUNDS {
        let weights: Vec<f64> = blocks
            .iter()
            .map(|b| 1.0 / (1.0 + (rest(&along, &down, b) / AGREE).powi(2)))
            .collect();
        let fits = [|b: &Block| b.x, |b: &Block| b.y].map(|of| plane_fit(blocks, &weights, of));
        let [Some(new_along), Some(new_down)] = fits else {
            break;
        };
        (along, down) = (new_along, new_down);
    }
    let near = AGREE + AGREE_PART * along[0].hypot(down[0]);
    let agreeing = blocks.iter().filter(|b| rest(&along, &down, b) <= near);
    Movement {
        x: along[0],
        y: down[0],
        agreeing: agreeing.count() as f64 / blocks.len() as f64,
    }
}

/// The `a + b left + c top` that fits the values of the blocks best, by Cramer's rule; none where they lie in a line.
fn plane_fit(blocks: &[Block], weights: &[f64], of: fn(&Block) -> f64) -> Option<[f64; 3]> {
    let mut m = [[0.0; 3]; 3];
    let mut v = [0.0; 3];
    for (block, weight) in blocks.iter().zip(weights) {
        let row = [1.0, block.left, block.top];
        for (i, a) in row.iter().enumerate() {
            for (j, b) in row.iter().enumerate() {
                m[i][j] += weight * a * b;
            }
            v[i] += weight * a * of(block);
        }
    }
    let determinant = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let all = determinant(&m);
    if all.abs() < 1e-3 * m[0][0].powi(3) * 0.01 {
        return None;
    }
    Some([0, 1, 2].map(|column| {
        let mut replaced = m;
        for (row, value) in replaced.iter_mut().zip(v) {
            row[column] = value;
        }
        determinant(&replaced) / all
    }))
}

/// The shift near `around` with which `now` is most like `before`.
fn best(before: &Plane, now: &Plane, around: (isize, isize), reach: isize) -> (isize, isize) {
    let (mut least, mut shift) = (f64::MAX, around);
    // From near to far: of equals the nearest is taken.
    let mut all: Vec<(isize, isize)> = (-reach..=reach)
        .flat_map(|y| (-reach..=reach).map(move |x| (x, y)))
        .collect();
    all.sort_by_key(|(x, y)| x * x + y * y);
    for (x, y) in all {
        let (x, y) = (around.0 + x, around.1 + y);
        if let Some(mean) = unlikeness(before, now, x, y)
            && mean < least
        {
            (least, shift) = (mean, (x, y));
        }
    }
    shift
}

/// Mean absolute difference of `now` and `before` moved by (`x`, `y`), where both are; none where they are too little.
fn unlikeness(before: &Plane, now: &Plane, x: isize, y: isize) -> Option<f64> {
    let (width, height) = (now.width as isize, now.height as isize);
    let columns = x.max(0)..width + x.min(0);
    let rows = y.max(0)..height + y.min(0);
    if columns.len() < now.width / 2 || rows.len() < now.height / 2 {
        return None;
    }
    let mut sum = 0u64;
    for row in rows.clone() {
        let here = &now.row(row as usize)[columns.start as usize..columns.end as usize];
        let there = (columns.start - x) as usize..(columns.end - x) as usize;
        let other = &before.row((row - y) as usize)[there];
        let both = here.iter().zip(other);
        sum += u64::from(both.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>());
    }
    Some(sum as f64 / (columns.len() * rows.len()) as f64)
}

/// The movements of the blocks with edges, near `shift`.
fn blocks(before: &Plane, now: &Plane, shift: (isize, isize)) -> Vec<Block> {
    let margin = 2 + FAR as usize;
    let across = ((now.width - 2 * margin) / BLOCK).min(BLOCKS.0);
    let down = ((now.height - 2 * margin) / BLOCK).min(BLOCKS.1);
    let mut found = Vec::with_capacity(across * down);
    for row in 0..down {
        let top = margin + row * (now.height - 2 * margin - BLOCK) / (down - 1).max(1);
        for column in 0..across {
            let left = margin + column * (now.width - 2 * margin - BLOCK) / (across - 1).max(1);
            let moved = refined(before, now, (left, top), shift);
            let place = |at: usize, all: usize| (2 * at + BLOCK) as f64 / all as f64 - 1.0;
            found.extend(moved.map(|(x, y)| Block {
                left: place(left, now.width),
                top: place(top, now.height),
                x: f64::from(x),
                y: f64::from(y),
            }));
        }
    }
    found
}

/// The movement of the block of `before` at a place, by the least squares of its slopes from `shift` on. None without edges
/// both ways, where it leaves the picture, and where it does not settle.
fn refined(
    before: &Plane,
    now: &Plane,
    (left, top): (usize, usize),
    shift: (isize, isize),
) -> Option<(f32, f32)> {
    let mut block = [[[0.0f32; 3]; BLOCK]; BLOCK];
    let (mut xx, mut xy, mut yy, mut mean) = (0.0f32, 0.0, 0.0, 0.0);
    for (y, line) in block.iter_mut().enumerate() {
        let [above, here, below] = [0, 1, 2].map(|row| before.row(top + y + row - 1));
        for (x, value) in line.iter_mut().enumerate() {
            let at = left + x;
            let gx = (f32::from(here[at + 1]) - f32::from(here[at - 1])) / 2.0;
            let gy = (f32::from(below[at]) - f32::from(above[at])) / 2.0;
            *value = [f32::from(here[at]), gx, gy];
            (xx, xy, yy) = (xx + gx * gx, xy + gx * gy, yy + gy * gy);
            mean += value[0];
        }
    }
    let count = (BLOCK * BLOCK) as f32;
    let determinant = xx * yy - xy * xy;
    // The smaller eigenvalue of the matrix of slopes.
    let half = (xx + yy) / 2.0;
    let smaller = half - (half * half - determinant).max(0.0).sqrt();
    if smaller < TEXTURE * count || determinant <= 0.0 {
        return None;
    }
    mean /= count;
    let start = (shift.0 as f32, shift.1 as f32);
    let (mut dx, mut dy) = start;
    let mut settled = f32::MAX;
    for _ in 0..STEPS {
        let moved = sampled(now, left as f32 + dx, top as f32 + dy)?;
        let other: f32 = moved.as_flattened().iter().sum::<f32>() / count;
        let (mut bx, mut by) = (0.0f32, 0.0f32);
        for (line, moved) in block.iter().zip(&moved) {
            for ([code, gx, gy], moved) in line.iter().zip(moved) {
                // Changes of brightness are no movement.
                let rest = (code - mean) - (moved - other);
                bx += rest * gx;
                by += rest * gy;
            }
        }
        let step = (
            (bx * yy - by * xy) / determinant,
            (by * xx - bx * xy) / determinant,
        );
        (dx, dy) = (dx + step.0, dy + step.1);
        settled = step.0.abs().max(step.1.abs());
        if (dx - start.0).abs() > FAR || (dy - start.1).abs() > FAR {
            return None;
        }
        if settled < 0.01 {
            break;
        }
    }
    (settled < 0.1).then_some((dx, dy))
}

/// A block from (`x`, `y`) between the samples of `plane`; none where it leaves it.
fn sampled(plane: &Plane, x: f32, y: f32) -> Option<[[f32; BLOCK]; BLOCK]> {
    let (left, top) = (x.floor(), y.floor());
    let (u, v) = (x - left, y - top);
    if left < 0.0
        || top < 0.0
        || left as usize + BLOCK >= plane.width
        || top as usize + BLOCK >= plane.height
    {
        return None;
    }
    let (left, top) = (left as usize, top as usize);
    let mut block = [[0.0; BLOCK]; BLOCK];
    for (row, line) in block.iter_mut().enumerate() {
        let upper = &plane.row(top + row)[left..left + BLOCK + 1];
        let lower = &plane.row(top + row + 1)[left..left + BLOCK + 1];
        let mut mixed = [0.0f32; BLOCK + 1];
        for (mixed, (a, b)) in mixed.iter_mut().zip(upper.iter().zip(lower)) {
            *mixed = f32::from(*a) * (1.0 - v) + f32::from(*b) * v;
        }
        for (x, value) in line.iter_mut().enumerate() {
            *value = mixed[x] * (1.0 - u) + mixed[x + 1] * u;
        }
    }
    Some(block)
}

/// A plane half as large each way: means of four samples.
fn halved(plane: &Plane) -> Plane {
    let (width, height) = ((plane.width / 2).max(1), (plane.height / 2).max(1));
    let mut codes = Vec::with_capacity(width * height);
    for y in 0..height {
        let upper = plane.row((2 * y).min(plane.height - 1));
        let lower = plane.row((2 * y + 1).min(plane.height - 1));
        codes.extend((0..width).map(|x| {
            let (a, b) = (
                (2 * x).min(plane.width - 1),
                (2 * x + 1).min(plane.width - 1),
            );
            (upper[a] + upper[b] + lower[a] + lower[b] + 2) / 4
        }));
    }
    Plane {
        width,
        height,
        depth: plane.depth,
        codes,
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::hash;
    use super::*;

    /// A smooth texture seen from (`x`, `y`).
    pub fn texture(x: f64, y: f64) -> f64 {
        let waves = (0..12).map(|n| {
            let of = |k: usize| f64::from(hash(n * 3 + k)) / 65536.0;
            let (fx, fy) = (of(0) * 0.9 - 0.45, of(1) * 0.9 - 0.45);
            10.0 * (fx * x + fy * y + of(2) * 6.0).sin()
        });
        128.0 + waves.sum::<f64>()
    }

    fn pyramid(dx: f64, dy: f64, light: f64) -> Pyramid {
        let codes = (0..160 * 96).map(|n| {
            let value = texture((n % 160) as f64 - dx, (n / 160) as f64 - dy) + light;
            (value + 0.5).clamp(0.0, 255.0) as u16
        });
        Pyramid::of(&Plane {
            width: 160,
            height: 96,
            depth: 8,
            codes: codes.collect(),
        })
    }

    #[test]
    fn movement_is_exact_to_a_part_of_a_sample() {
        let still = pyramid(0.0, 0.0, 0.0);
        for (x, y) in [(0.0, 0.0), (0.25, -0.4), (1.5, 0.1), (-7.3, 4.6)] {
            let found = movement(&still, &pyramid(x, y, 3.0)).unwrap();
            assert!(
                (found.x - x).abs() < 0.04 && (found.y - y).abs() < 0.04,
                "{found:?} {x} {y}"
            );
            assert!(found.agreeing > 0.8, "{found:?}");
        }
    }

    #[test]
    fn flat_and_small_pictures_say_nothing() {
        let flat = |width, height| {
            Pyramid::of(&Plane {
                width,
                height,
                depth: 8,
                codes: vec![90; width * height],
            })
        };
        for (width, height) in [(160, 96), (1, 1), (3, 200)] {
            assert_eq!(movement(&flat(width, height), &flat(width, height)), None);
        }
    }
}
