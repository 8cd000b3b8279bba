//! How sharp the edges of a picture look, by their widths.

use rayon::prelude::*;

use super::Plane;

/// Side of the blocks that are asked for their contrast.
const BLOCK: usize = 64;
/// A block has edges where more than one of 500 pixels is one.
const EDGES: usize = 500;
/// An edge is followed for so many pixels each way, at most.
const FARTHEST: usize = 100;
/// The width from which on blur is noticed, in pixels, in blocks of low and of high contrast, and the contrast between.
const WIDTHS: (usize, usize) = (5, 3);
const CONTRAST: f64 = 50.0;

/// CPBD (Narvekar, Karam: "A no-reference image blur metric based on the cumulative probability of blur detection", 2011): the
/// share of edges whose blur is seen with a probability of at most 63 %, 0 to 1. By the paper's formula these are the edges
/// that are no wider than the width which is just noticed: 5 pixels in blocks of low contrast, 3 in others. `None` for
/// pictures without edges, or with fewer than 64 columns or rows.
///
/// Edges are found by an eighth of the Sobel filter across, in codes of 255: where its square exceeds twice its root mean
/// square over the picture, as in the function `edge` of GNU Octave, and it is the largest of three pixels in a row or a
/// column. The widths are Marziliano's (2002), of edges that are upright: from where the codes begin to rise or fall to where
/// they end. Noise and ringing make narrow edges of their own, and raise the number.
pub fn cpbd(plane: &Plane) -> Option<f64> {
    let (across, down) = (plane.width / BLOCK, plane.height / BLOCK);
    if across == 0 || down == 0 {
        return None;
    }
    let energies = (1..plane.height - 1).into_par_iter().map(|y| {
        let gradients = (1..plane.width - 1).map(|x| gradient(plane, x, y));
        gradients
            .map(|across| (across * across) as u64)
            .sum::<u64>()
    });
    let pixels = (plane.width - 2) * (plane.height - 2);
    let eighth = 255.0 / plane.peak() / 8.0;
    let size = (energies.sum::<u64>() as f64 / pixels as f64).sqrt() * eighth;
    let least = 2.0 * size / (eighth * eighth);
    let counts = (0..across * down).into_par_iter().map(|block| {
        let (left, top) = (block % across * BLOCK, block / across * BLOCK);
        sharp_edges(plane, (left, top), least)
    });
    let (sharp, all) = counts.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    (all > 0).then(|| f64::from(sharp) / f64::from(all))
}

/// How many edges of a block look sharp, and how many there are; none if it has too few. `least` is the square of the
/// gradient of an edge.
fn sharp_edges(plane: &Plane, (left, top): (usize, usize), least: f64) -> (u32, u32) {
    let mut widths = Vec::new();
    let (mut darkest, mut brightest) = (u16::MAX, 0);
    for y in top..top + BLOCK {
        let row = plane.row(y);
        for x in left..left + BLOCK {
            darkest = darkest.min(row[x]);
            brightest = brightest.max(row[x]);
            if is_edge(plane, x, y, least) {
                widths.push(width(row, x));
            }
        }
    }
    if widths.len() * EDGES <= BLOCK * BLOCK {
        return (0, 0);
    }
    let contrast = f64::from(brightest - darkest) * 255.0 / plane.peak();
    let noticed = if contrast <= CONTRAST {
        WIDTHS.0
    } else {
        WIDTHS.1
    };
    let sharp = widths.iter().filter(|width| **width <= noticed).count();
    (sharp as u32, widths.len() as u32)
}

/// Whether an upright edge passes through a pixel. Those next to the border have none.
fn is_edge(plane: &Plane, x: usize, y: usize, least: f64) -> bool {
    let is_inside = |at: usize, size: usize| (2..size - 2).contains(&at);
    if !is_inside(x, plane.width) || !is_inside(y, plane.height) {
        return false;
    }
    let size = gradient(plane, x, y).abs();
    if (size * size) as f64 <= least {
        return false;
    }
    let exceeds = |neighbours: [(usize, usize); 2]| {
        let mut sizes = neighbours
            .map(|(x, y)| gradient(plane, x, y).abs())
            .into_iter();
        sizes.all(|other| size > other)
    };
    let difference = |a: u16, b: u16| f64::from(a) - f64::from(b);
    let across = difference(plane.row(y)[x + 1], plane.row(y)[x - 1]).abs();
    let down = difference(plane.row(y + 1)[x], plane.row(y - 1)[x]).abs();
    // tan 22.5°.
    let is_upright = across > 0.0 && down <= 0.414_213_562 * across;
    is_upright && (exceeds([(x - 1, y), (x + 1, y)]) || exceeds([(x, y - 1), (x, y + 1)]))
}

/// Sums of the Sobel filter across. Panics at the border.
fn gradient(plane: &Plane, x: usize, y: usize) -> i64 {
    let across = [y - 1, y, y + 1].map(|y| {
        let row = &plane.row(y)[x - 1..];
        i64::from(row[2]) - i64::from(row[0])
    });
    across[0] + 2 * across[1] + across[2]
}

/// Pixels over which the codes rise or fall without a stop around column `x`.
fn width(row: &[u16], x: usize) -> usize {
    let rises = row[x + 1] > row[x - 1];
    let goes_on = |pair: &[u16]| {
        if rises {
            pair[1] > pair[0]
        } else {
            pair[1] < pair[0]
        }
    };
    let after = row[x..]
        .windows(2)
        .take(FARTHEST)
        .take_while(|pair| goes_on(pair))
        .count();
    let before = row[..=x]
        .windows(2)
        .rev()
        .take(FARTHEST)
        .take_while(|pair| goes_on(pair))
        .count();
    before + after
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Discs and stripes on a ramp with a little noise, averaged `times` times over 3 × 3.
    fn picture(times: usize, depth: u8) -> Plane {
        let (width, height) = (192usize, 128usize);
        let code = |x: usize, y: usize| {
            let noise = ((x * 73 + y * 151) ^ (x * y)) % 5;
            let disc = (x % 64).abs_diff(32).pow(2) + (y % 64).abs_diff(32).pow(2) < 400;
            let stripes = x > 128 && y % 16 > 8;
            30 + x / 4 + noise + 90 * usize::from(disc) + 40 * usize::from(stripes)
        };
        let mut codes: Vec<usize> = (0..width * height)
            .map(|at| code(at % width, at / width))
            .collect();
        for _ in 0..times {
            let at = |x: usize, y: usize| codes[y.min(height - 1) * width + x.min(width - 1)];
            let mean = |x: usize, y: usize| {
                let around = (0..9)
                    .map(|n| at((x + n % 3).saturating_sub(1), (y + n / 3).saturating_sub(1)));
                around.sum::<usize>() / 9
            };
            codes = (0..width * height)
                .map(|at| mean(at % width, at / width))
                .collect();
        }
        let unit = ((1usize << depth) - 1) / 255;
        Plane {
            width,
            height,
            depth,
            codes: codes.iter().map(|code| (code * unit) as u16).collect(),
        }
    }

    #[test]
    fn blur_lowers_cpbd_as_in_another_program() {
        // PyPI cpbd-py312 1.0.3: compute(picture). It asks Canny's edges whether a block has any.
        for (times, expected) in [(0, 0.880531), (1, 0.421296), (2, 0.0)] {
            for depth in [8, 16] {
                let found = cpbd(&picture(times, depth)).unwrap();
                assert!((found - expected).abs() < 0.06, "{times} {depth} {found}");
            }
        }
    }

    #[test]
    fn an_edge_is_as_wide_as_its_rise() {
        assert_eq!(width(&[5, 5, 6, 8, 9, 9], 3), 3);
        assert_eq!(width(&[9, 9, 7, 2, 2], 2), 2);
        // The width that is just noticed still counts as sharp: three pixels in blocks of high contrast.
        let rise = |codes: &[u16]| Plane {
            width: 128,
            height: 64,
            depth: 8,
            codes: (0..128 * 64)
                .map(|at| codes[(at % 128usize).saturating_sub(60).min(codes.len() - 1)])
                .collect(),
        };
        let (three, four) = (rise(&[0, 20, 90, 100]), rise(&[0, 10, 50, 90, 100]));
        assert_eq!((cpbd(&three), cpbd(&four)), (Some(1.0), Some(0.0)));
    }

    #[test]
    fn flat_and_small_pictures_have_none() {
        let plane = |width: usize, height: usize| Plane {
            width,
            height,
            depth: 16,
            codes: vec![40_000; width * height],
        };
        assert_eq!(cpbd(&plane(64, 64)), None);
        for (width, height) in [(1, 1), (2, 90), (90, 2)] {
            assert_eq!(cpbd(&plane(width, height)), None);
        }
    }
}
