//! How far a picture's strokes are from those of the style picture: the sliced Wasserstein distance of the distributions of
//! their patches (Rabin and others 2011; for patches: Elnekave and Weiss 2022), at several sizes.
//!
//! Patches are projected on random directions. Along each direction, the values of both pictures are sorted, and the
//! distance is the mean square between values of the same rank: what is learnt need not know where in the style picture
//! something is, only how often it is there.

use rayon::prelude::*;

use super::super::random::Random;
use super::super::rgb::Rgb;
use super::convolution::Convolution;
use super::maps::{Maps, sum};
use super::product::{Matrix, product};

/// Side of a patch, in pixels.
const SIDE: usize = 7;
/// Numbers of a patch.
const TAPS: usize = 3 * SIDE * SIDE;
/// How much a level weighs, from full size on; each level has half the size of the one before.
const LEVELS: [f32; 5] = [10.0, 12.0, 12.0, 6.0, 2.0];
/// Shortest side of a level.
const SMALLEST: usize = SIDE + 2;
/// Sets of random directions; a step uses one.
const SETS: usize = 32;
/// Directions of a set: of patches, and of their middle pixels alone. The latter keep colours to those of the style picture,
/// along edges, too.
const DIRECTIONS: usize = 48;
const COLOURS: usize = 16;
/// Values that stand for a distribution of the style picture.
const QUANTILES: usize = 512;
/// Patches of the style picture that are looked at, for each level.
const PATCHES: usize = 16_384;
/// Pixels that a picture is cut by at most, above and on its left, so that patches of all positions are compared in turn.
const SHIFT: usize = 8;
/// Each part of a patch is divided by its deviation to the power of this: fine parts vary little, but make edges sharp. With
/// more of it, noise of the output is what is compared.
const EVENNESS: f32 = 0.25;
/// Deviation of the blur of the style picture, in pixels: grain of a canvas or a scan is no stroke.
const SOFT: f32 = 0.7;

/// The style picture's patches, ready to be compared with.
pub struct StyleLoss(Vec<Vec<Directions>>);

/// Directions, each a filter of three channels, and the sorted values of the style picture along each: [`QUANTILES`] of
/// them.
struct Directions {
    filters: Vec<f32>,
    sorted: Vec<f32>,
}

impl StyleLoss {
    /// Patches of `style`, along directions that follow from `seed`.
    pub fn new(style: &Rgb, seed: u64) -> Self {
        let mut levels = Vec::new();
        let mut x = Maps::of(&style.softened(SOFT));
        for level in 0..LEVELS.len() {
            if x.width.min(x.height) < SMALLEST {
                break;
            }
            levels.push(directions(&x, seed, level as u64));
            x = x.halved();
        }
        Self(levels)
    }

    /// The distance of `picture`, along the directions of `step`, and how it depends on each of its numbers.
    pub fn of(&self, picture: &Rgb, step: u64) -> (f32, Vec<f32>) {
        let mut random = Random::new(step, 0x0ff, 0);
        // At full size every other patch is compared: what is between them in one step is on them in another.
        let (left, top) = (random.below(SHIFT), random.below(SHIFT));
        let (width, height) = (picture.width - left, picture.height - top);
        let set = Random::new(step, 0x5e7, 0).below(SETS);
        let mut levels = vec![Maps::of(&picture.part(left, top, width, height))];
        while levels.len() < self.0.len() {
            let next = levels[levels.len() - 1].halved();
            if next.width.min(next.height) < SMALLEST {
                break;
            }
            levels.push(next);
        }
        let mut loss = 0.0;
        let mut slopes: Option<Maps> = None;
        for (level, x) in levels.iter().enumerate().rev() {
            let stride = if level == 0 { 2 } else { 1 };
            let (value, mut own) = self.0[level][set].distance(x, stride, LEVELS[level]);
            loss += value;
            if let Some(coarser) = slopes {
                own.add(&coarser.halved_back(x.width, x.height));
            }
            slopes = Some(own);
        }
        let slopes = slopes.expect("there is one level or more").rgb();
        let slopes = Rgb::from_fn(picture.width, picture.height, |channel, x, y| {
            if x < left || y < top {
                0.0
            } else {
                slopes.at(channel, x - left, y - top)
            }
        });
        (loss, slopes.values)
    }
}

impl Directions {
    /// The distance of `x`'s patches, `weight` times, and its slopes.
    fn distance(&self, x: &Maps, stride: usize, weight: f32) -> (f32, Maps) {
        let convolution = Convolution {
            from: 3,
            kernel: SIDE,
            stride,
        };
        let mut along = convolution.forward(&self.filters, x);
        let (count, area) = (along.values.len() as f32, along.area());
        let one = |(values, sorted): (&mut [f32], &[f32])| {
            let wanted = same_ranks(values, sorted);
            for (value, wanted) in values.iter_mut().zip(wanted) {
                *value -= wanted;
            }
            sum(values.iter().map(|value| value * value))
        };
        let squares: Vec<f32> = along
            .values
            .par_chunks_exact_mut(area)
            .zip(self.sorted.par_chunks_exact(QUANTILES))
            .map(one)
            .collect();
        let factor = 2.0 * weight / count;
        along.values.iter_mut().for_each(|value| *value *= factor);
        let slopes = convolution.back(&self.filters, x, &along, None);
        (squares.iter().sum::<f32>() * weight / count, slopes)
    }
}

/// [`SETS`] sets of directions for patches of `style`.
fn directions(style: &Maps, seed: u64, level: u64) -> Vec<Directions> {
    let mut random = Random::new(seed, 0x9a7c, level);
    let (across, down) = (style.width - SIDE + 1, style.height - SIDE + 1);
    let count = (across * down).min(PATCHES);
    let places: Vec<usize> = (0..count)
        .map(|_| random.below(down) * style.width + random.below(across))
        .collect();
    // Patch by patch.
    let mut patches = Vec::with_capacity(count * TAPS);
    for place in places {
        for plane in style.values.chunks_exact(style.area()) {
            for row in 0..SIDE {
                patches.extend_from_slice(&plane[place + row * style.width..][..SIDE]);
            }
        }
    }
    let patches = Matrix::new(&patches, TAPS);
    let basis = basis();
    let parts = product(Matrix::new(&basis, TAPS), patches.turned());
    let variances: Vec<f32> = parts
        .chunks_exact(count)
        .map(|values| variance(values).max(1e-5))
        .collect();
    let scales: Vec<f32> = variances
        .iter()
        .map(|variance| variance.powf(-0.5 * EVENNESS))
        .collect();
    let total = variances.iter().zip(&scales).map(|(v, s)| v * s * s);
    let length = total.sum::<f32>().sqrt();
    // Grey and two differences of colours of a pixel, each divided by its deviation.
    let middle = |colour: usize| -> Vec<f32> {
        let axis = axis(colour);
        let values: Vec<f32> = (0..count)
            .map(|patch| {
                (0..3)
                    .map(|c| axis[c] * patches.at(patch, middle_of(c)))
                    .sum()
            })
            .collect();
        let scale = 1.0 / (3.0 * variance(&values).max(1e-4)).sqrt();
        axis.map(|weight| weight * scale).to_vec()
    };
    let axes: Vec<Vec<f32>> = (0..3).map(middle).collect();
    let set = |set: usize| {
        let mut random = Random::new(seed, 0xd1 + level, set as u64);
        let mut mixed = Vec::with_capacity(DIRECTIONS * TAPS);
        for _ in 0..DIRECTIONS {
            mixed.extend(scales.iter().map(|scale| random.normal() * scale / length));
        }
        let mut filters = product(Matrix::new(&mixed, TAPS), Matrix::new(&basis, TAPS));
        for _ in 0..COLOURS {
            let first = filters.len();
            filters.resize(first + TAPS, 0.0);
            for axis in &axes {
                let weight = random.normal();
                for (channel, value) in axis.iter().enumerate() {
                    filters[first + middle_of(channel)] += weight * value;
                }
            }
        }
        let values = product(Matrix::new(&filters, TAPS), patches.turned());
        let sorted = values.chunks_exact(count).flat_map(quantiles).collect();
        Directions { filters, sorted }
    };
    (0..SETS).into_par_iter().map(set).collect()
}

/// Parts that a patch is the sum of, each of length 1 and at right angles to the others: cosine waves across and down, in
/// grey and two differences of colours.
fn basis() -> Vec<f32> {
    let waves = |frequency: usize| {
        let at = |x: usize| (x as f32 + 0.5) * frequency as f32 / SIDE as f32;
        unit((0..SIDE).map(|x| (std::f32::consts::PI * at(x)).cos()))
    };
    let mut out = Vec::with_capacity(TAPS * TAPS);
    for colour in (0..3).map(axis) {
        for part in 0..SIDE * SIDE {
            let (down, across) = (waves(part / SIDE), waves(part % SIDE));
            for index in 0..TAPS {
                let (channel, at) = (index / (SIDE * SIDE), index % (SIDE * SIDE));
                out.push(colour[channel] * down[at / SIDE] * across[at % SIDE]);
            }
        }
    }
    out
}

/// Grey, or one of two differences of colours, as weights of R, G and B; of length 1.
fn axis(number: usize) -> [f32; 3] {
    let axes: [[f32; 3]; 3] = [[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0]];
    let axis = axes[number];
    let length = axis
        .iter()
        .map(|weight| weight * weight)
        .sum::<f32>()
        .sqrt();
    axis.map(|weight| weight / length)
}

/// Where the middle pixel of a patch has a channel.
fn middle_of(channel: usize) -> usize {
    channel * SIDE * SIDE + SIDE * SIDE / 2
}

/// Of length 1.
fn unit(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let values: Vec<f32> = values.collect();
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    values.iter().map(|value| value / length).collect()
}

fn variance(values: &[f32]) -> f32 {
    let count = values.len() as f32;
    let mean = sum(values.iter().copied()) / count;
    sum(values.iter().map(|value| (value - mean).powi(2))) / count
}

/// `values`, sorted: [`QUANTILES`] of them.
fn quantiles(values: &[f32]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |index: usize| interpolated(&sorted, (index as f32 + 0.5) / QUANTILES as f32);
    (0..QUANTILES).map(at).collect()
}

/// For each of `values`, the value of the same rank in `sorted`.
fn same_ranks(values: &[f32], sorted: &[f32]) -> Vec<f32> {
    let key = |(index, value): (usize, &f32)| {
        // Bits that sort as the floats do, then the position.
        let bits = value.to_bits();
        let flip = if bits >> 31 == 1 { u32::MAX } else { 1 << 31 };
        u64::from(bits ^ flip) << 32 | index as u64
    };
    let mut order: Vec<u64> = values.iter().enumerate().map(key).collect();
    order.sort_unstable();
    let mut wanted = vec![0.0; values.len()];
    for (rank, key) in order.iter().enumerate() {
        let part = (rank as f32 + 0.5) / values.len() as f32;
        wanted[(key & 0xffff_ffff) as usize] = interpolated(sorted, part);
    }
    wanted
}

/// The value of `sorted` at `part` of its length, from 0 to 1.
fn interpolated(sorted: &[f32], part: f32) -> f32 {
    let last = sorted.len() - 1;
    let at = (part * sorted.len() as f32 - 0.5).clamp(0.0, last as f32);
    let low = (at as usize).min(last);
    let high = (low + 1).min(last);
    sorted[low] + (at - low as f32) * (sorted[high] - sorted[low])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_gets_the_one_of_its_rank() {
        let wanted = same_ranks(&[3.0, -1.0, 2.0, -5.0], &[10.0, 20.0, 30.0, 40.0]);
        assert_eq!(wanted, [40.0, 20.0, 30.0, 10.0]);
    }

    #[test]
    fn quantiles_of_a_ramp_are_a_ramp() {
        let ramp: Vec<f32> = (0..5000).rev().map(|x| x as f32 / 5000.0).collect();
        let found = quantiles(&ramp);
        for (index, value) in found.iter().enumerate() {
            let expected = (index as f32 + 0.5) / QUANTILES as f32;
            assert!((value - expected).abs() < 1e-3, "{index}: {value}");
        }
    }

    #[test]
    fn parts_of_patches_are_at_right_angles() {
        let basis = basis();
        let basis = Matrix::new(&basis, TAPS);
        for (index, dot) in product(basis, basis.turned()).into_iter().enumerate() {
            let expected = if index / TAPS == index % TAPS {
                1.0
            } else {
                0.0
            };
            assert!((dot - expected).abs() < 1e-4, "{index} {dot}");
        }
    }

    fn stripes(turned: bool, period: f32) -> Rgb {
        Rgb::from_fn(96, 80, |channel, x, y| {
            let at = if turned { x } else { y } as f32;
            (std::f32::consts::TAU * at / period).sin() * 0.3 + 0.4 + 0.1 * channel as f32
        })
    }

    /// Stripes on a slow wave, so that there is something to be seen at all levels.
    fn stripes_on_a_wave(turned: bool, period: f32) -> Rgb {
        Rgb::from_fn(240, 200, |channel, x, y| {
            let wave = |at: f32, period: f32| (std::f32::consts::TAU * at / period).sin();
            let at = if turned { x } else { y } as f32;
            let stripe = 0.2 * wave(at, period) + 0.2 * wave((x + y) as f32, 75.0);
            stripe + 0.4 + 0.1 * channel as f32
        })
    }

    #[test]
    fn the_style_picture_is_near_itself_and_other_strokes_and_colours_are_not() {
        let picture = stripes_on_a_wave(true, 9.0);
        let style = StyleLoss::new(&picture, 1);
        // Without its grain, as it is learnt.
        let distance = |picture: &Rgb| style.of(&picture.softened(SOFT), 3).0;
        let near = distance(&picture);
        let turned = distance(&stripes_on_a_wave(false, 9.0));
        let fine = distance(&stripes_on_a_wave(true, 4.0));
        let mut blue = picture;
        blue.values.rotate_left(240 * 200);
        let blue = distance(&blue);
        for (far, what) in [(turned, "turned"), (fine, "finer"), (blue, "other colours")] {
            assert!(far > 8.0 * near, "{what}: {far}, and {near} for itself");
        }
    }

    #[test]
    fn slopes_lead_to_a_smaller_distance() {
        let style = StyleLoss::new(&stripes(true, 9.0), 1);
        let mut picture = stripes(false, 5.0).noisy(0.05, &mut Random::new(1, 2, 3));
        let (before, slopes) = style.of(&picture, 5);
        let length = slopes.iter().map(|slope| slope * slope).sum::<f32>();
        let step = 0.02 * before / length;
        for (value, slope) in picture.values.iter_mut().zip(&slopes) {
            *value -= step * slope;
        }
        let (after, _) = style.of(&picture, 5);
        // What the slopes say, within the change of ranks.
        let gained = (before - after) / before;
        assert!((0.012..0.024).contains(&gained), "{gained} instead of 0.02");
    }
}
