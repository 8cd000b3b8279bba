//! Edges that a picture shares with another.

use rayon::prelude::*;

use super::Plane;

/// Sums of the Sobel filter, in codes of 255, from which on a pixel begins an edge, and those from which on it continues one.
const BEGINS: f32 = 100.0;
const CONTINUES: f32 = 50.0;
/// Pixels without an edge at each border.
const MARGIN: usize = 3;

/// How well the edges of `output` agree with those of `source`, which has its size: the harmonic mean (F1) of the share of
/// edge pixels of `output` that have one of `source` within one pixel, and of the share the other way around. 0 to 1; 1 where
/// neither has edges. `None` for pictures with fewer than 7 columns or rows, or of two sizes.
///
/// Edges are Canny's ("A computational approach to edge detection", 1986), after a binomial filter of 5 × 5, with fixed
/// thresholds of 50 and 100 (sums of the Sobel filter in codes of 255): so that an edge which has become too soft is lost.
pub fn edges_kept(output: &Plane, source: &Plane) -> Option<f64> {
    let smallest = output.width.min(output.height);
    if smallest <= 2 * MARGIN || (output.width, output.height) != (source.width, source.height) {
        return None;
    }
    let (own, its) = (Edges::of(output), Edges::of(source));
    let ((found, all), (kept, wanted)) = (own.near(&its), its.near(&own));
    let both = (all + wanted) as f64;
    if both == 0.0 {
        return Some(1.0);
    }
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    let (precision, recall) = (share(found, all), share(kept, wanted));
    let sum = precision + recall;
    Some(if sum > 0.0 {
        2.0 * precision * recall / sum
    } else {
        0.0
    })
}

/// Which pixels of a picture are edges.
struct Edges {
    width: usize,
    height: usize,
    is_edge: Vec<bool>,
}

impl Edges {
    fn of(plane: &Plane) -> Self {
        let mut pixels = candidates(plane);
        join(&mut pixels, plane.width);
        Self {
            width: plane.width,
            height: plane.height,
            is_edge: pixels.iter().map(|pixel| *pixel == Pixel::Edge).collect(),
        }
    }

    /// How many edge pixels have one of `other` at most one pixel away, and how many there are.
    fn near(&self, other: &Self) -> (usize, usize) {
        let rows = (MARGIN..self.height - MARGIN).into_par_iter().map(|y| {
            let edges = (MARGIN..self.width - MARGIN).filter(|x| self.is_edge[y * self.width + x]);
            let is_near = |x: usize| {
                let mut lines =
                    (y - 1..=y + 1).map(|y| &other.is_edge[y * self.width + x - 1..][..3]);
                lines.any(|line| line.contains(&true))
            };
            edges.fold((0, 0), |(near, all), x| {
                (near + usize::from(is_near(x)), all + 1)
            })
        });
        rows.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Pixel {
    Other,
    /// An edge if it touches one.
    Maybe,
    Edge,
}

/// The pixels whose gradient is the largest across the edge.
fn candidates(plane: &Plane) -> Vec<Pixel> {
    let (width, height) = (plane.width, plane.height);
    let soft = softened(plane);
    let mut gradients = vec![[0.0f32; 2]; width * height];
    let rows = gradients.par_chunks_mut(width).enumerate();
    rows.filter(|(y, _)| (1..height - 1).contains(y))
        .for_each(|(y, out)| {
            let row = |y: usize| &soft[y * width..][..width];
            let (above, here, below) = (row(y - 1), row(y), row(y + 1));
            for x in 1..width - 1 {
                let column = |x: usize| above[x] + 2.0 * here[x] + below[x];
                let line = |row: &[f32]| row[x - 1] + 2.0 * row[x] + row[x + 1];
                out[x] = [column(x + 1) - column(x - 1), line(below) - line(above)];
            }
        });
    let mut pixels = vec![Pixel::Other; width * height];
    let rows = pixels.par_chunks_mut(width).enumerate();
    rows.filter(|(y, _)| (MARGIN..height - MARGIN).contains(y))
        .for_each(|(y, out)| {
            for (x, out) in out.iter_mut().enumerate().take(width - MARGIN).skip(MARGIN) {
                let at = y * width + x;
                let size = |at: usize| gradients[at][0].powi(2) + gradients[at][1].powi(2);
                let own = size(at);
                if own <= CONTINUES * CONTINUES {
                    continue;
                }
                let across = towards(gradients[at], width);
                // Of two that are equal, one is taken.
                if own > size(at - across) && own >= size(at + across) {
                    *out = if own > BEGINS * BEGINS {
                        Pixel::Edge
                    } else {
                        Pixel::Maybe
                    };
                }
            }
        });
    pixels
}

/// How far the neighbour lies to which a gradient points or from which it comes: one of four directions.
fn towards([across, down]: [f32; 2], width: usize) -> usize {
    // tan 22.5°.
    const SLOPE: f32 = 0.414_213_57;
    match (across.abs(), down.abs()) {
        (x, y) if y < SLOPE * x => 1,
        (x, y) if x < SLOPE * y => width,
        _ if (across < 0.0) == (down < 0.0) => width + 1,
        _ => width - 1,
    }
}

/// Candidates that touch an edge become edges.
fn join(pixels: &mut [Pixel], width: usize) {
    let edges = pixels
        .iter()
        .enumerate()
        .filter(|(_, pixel)| **pixel == Pixel::Edge);
    let mut open: Vec<usize> = edges.map(|(at, _)| at).collect();
    while let Some(at) = open.pop() {
        // Edges are not at the border: all have eight neighbours.
        for line in [at - width, at, at + width] {
            for (neighbour, pixel) in (line - 1..).zip(&mut pixels[line - 1..=line + 1]) {
                if *pixel == Pixel::Maybe {
                    *pixel = Pixel::Edge;
                    open.push(neighbour);
                }
            }
        }
    }
}

/// The codes of 255 after the binomial filter `[1 4 6 4 1] / 16` both ways. At the border, rows and columns repeat.
fn softened(plane: &Plane) -> Vec<f32> {
    let (width, height) = (plane.width, plane.height);
    let scale = (255.0 / plane.peak() / 256.0) as f32;
    let mut soft = vec![0.0; width * height];
    soft.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let rows: [&[u16]; 5] =
            std::array::from_fn(|line| plane.row((y + line).saturating_sub(2).min(height - 1)));
        let mut down = vec![0u32; width + 4];
        for (x, sum) in down[2..width + 2].iter_mut().enumerate() {
            let [a, b, c, d, e] = rows.map(|row| u32::from(row[x]));
            *sum = a + 4 * (b + d) + 6 * c + e;
        }
        let (first, last) = (down[2], down[width + 1]);
        down[..2].fill(first);
        down[width + 2..].fill(last);
        for (out, five) in out.iter_mut().zip(down.windows(5)) {
            *out = (five[0] + 4 * (five[1] + five[3]) + 6 * five[2] + five[4]) as f32 * scale;
        }
    });
    soft
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Discs and stripes on a ramp with a little noise; over `wide` columns averaged.
    fn picture(wide: usize, depth: u8) -> Plane {
        let (width, height) = (192usize, 128usize);
        let code = |x: usize, y: usize| {
            let noise = ((x * 73 + y * 151) ^ (x * y)) % 5;
            let disc = (x % 64).abs_diff(32).pow(2) + (y % 64).abs_diff(32).pow(2) < 400;
            let stripes = x > 128 && y % 16 > 8;
            30 + x / 4 + noise + 60 * usize::from(disc) + 20 * usize::from(stripes)
        };
        let unit = ((1usize << depth) - 1) / 255;
        let codes = (0..width * height).map(|at| {
            let (x, y) = (at % width, at / width);
            let columns = (0..wide).map(|n| code((x + n).min(width - 1), y));
            (columns.sum::<usize>() / wide * unit) as u16
        });
        Plane {
            width,
            height,
            depth,
            codes: codes.collect(),
        }
    }

    #[test]
    fn edges_are_those_of_opencv() {
        // OpenCV 5.0.0: GaussianBlur of 5 × 5 in CV_64F, Sobel, both times 16 to int16, Canny(dx, dy, 800, 1600, L2gradient),
        // without three pixels at each border: number of edge pixels; F1 with dilate by 3 × 3.
        for depth in [8, 16] {
            let source = picture(1, depth);
            for (wide, count, expected) in [(1, 903, 1.0), (3, 904, 0.998891), (7, 1042, 0.513881)]
            {
                let output = picture(wide, depth);
                let edges = Edges::of(&output).is_edge;
                let found = edges.iter().filter(|is_edge| **is_edge).count();
                assert!(
                    found.abs_diff(count) * 100 <= count,
                    "{wide} {depth} {found}"
                );
                let kept = edges_kept(&output, &source).unwrap();
                assert!((kept - expected).abs() < 0.01, "{wide} {depth} {kept}");
            }
        }
    }

    #[test]
    fn one_pixel_away_is_kept_and_three_are_not() {
        let step = |at: usize| Plane {
            width: 40,
            height: 20,
            depth: 8,
            codes: (0..40 * 20)
                .map(|n| if n % 40 < at { 20 } else { 120 })
                .collect(),
        };
        assert_eq!(edges_kept(&step(20), &step(21)), Some(1.0));
        assert_eq!(edges_kept(&step(20), &step(23)), Some(0.0));
        // None in one of them, and in both.
        assert_eq!(edges_kept(&step(0), &step(20)), Some(0.0));
        assert_eq!(edges_kept(&step(0), &step(40)), Some(1.0));
    }

    #[test]
    fn other_sizes_and_small_pictures_have_none() {
        let plane = |width: usize, height: usize| Plane {
            width,
            height,
            depth: 8,
            codes: vec![0; width * height],
        };
        assert_eq!(edges_kept(&plane(1, 1), &plane(1, 1)), None);
        assert_eq!(edges_kept(&plane(6, 90), &plane(6, 90)), None);
        assert_eq!(edges_kept(&plane(7, 9), &plane(9, 7)), None);
        assert_eq!(edges_kept(&plane(7, 9), &plane(7, 9)), Some(1.0));
    }
}
