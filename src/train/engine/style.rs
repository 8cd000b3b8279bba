//! How far a picture's features are from those of the style picture: the sliced Wasserstein distance of their
//! distributions (Rabin and others 2011; for style: Heitz and others 2021).
//!
//! Features are projected on random directions. Along each direction, the values of both pictures are sorted, and the
//! distance is the mean square between values of the same rank: what is learnt need not know where in the style picture
//! something is, only how often it is there.

use burn_tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::super::random::{Random, orthogonal};
use super::super::rgb::Rgb;
use super::features::{Features, Kind, Map};
use super::tensors::{Picture4, numbers};

/// Sets of random directions; a step uses one.
const SETS: usize = 16;
/// Values that stand for a distribution of the style picture.
const QUANTILES: usize = 1024;

/// Pixels that a picture is cut by at most, above and on its left, so that features of all positions are compared in turn.
const SHIFT: usize = 8;

/// The style picture's features, ready to be compared with.
pub struct StyleLoss {
    features: Features,
    maps: Vec<StyleMap>,
    device: Device,
}

/// Features of one kind and size.
struct StyleMap {
    channels: usize,
    /// One over the deviation of each channel.
    scale: Tensor<2>,
    weight: f32,
    sets: Vec<Directions>,
}

/// Directions, row by row, and the sorted values of the style picture along each: [`QUANTILES`] of them.
struct Directions {
    rows: Vec<f32>,
    sorted: Vec<f32>,
}

impl StyleLoss {
    /// Features of `style`, and directions that follow from `seed`. `device` is the one of the pictures that are compared.
    pub fn new(style: &Rgb, seed: u64, device: &Device) -> Self {
        let plain = Device::flex();
        let maps = Features::new(&plain).of(style.tensor(&plain));
        let one = |(index, map): (usize, Map)| StyleMap::new(map, seed, index as u64, device);
        Self {
            maps: maps.into_iter().enumerate().map(one).collect(),
            features: Features::new(device),
            device: device.clone(),
        }
    }

    /// The distance of `picture`, along the directions of `step`.
    pub fn of(&self, picture: Picture4, step: u64) -> Tensor<1> {
        let mut total: Option<Tensor<1>> = None;
        // Features are looked at in steps of pixels: what is between them in one step is on them in another.
        let mut random = Random::new(step, 0x0ff, 0);
        let [_, _, height, width] = picture.dims();
        let (top, left) = (random.below(SHIFT), random.below(SHIFT));
        let picture = picture.slice([0..1, 0..3, top..height, left..width]);
        for (map, own) in self.features.of(picture).into_iter().zip(&self.maps) {
            let set = Random::new(step, 0x5e7, own.channels as u64).below(SETS);
            let loss = own.distance(map.values, &own.sets[set], &self.device) * own.weight;
            total = Some(match total {
                Some(total) => total + loss,
                None => loss,
            });
        }
        total.expect("there are features")
    }

    /// The filters.
    pub fn features(&self) -> &Features {
        &self.features
    }
}

impl StyleMap {
    fn new(map: Map, seed: u64, index: u64, device: &Device) -> Self {
        let [channels, count] = map.values.dims();
        let mut values = numbers(map.values);
        let deviations: Vec<f32> = values.chunks_exact(count).map(deviation).collect();
        // Strengths of all directions keep their proportions; of colours and waves each channel counts as much.
        let scale: Vec<f32> = match map.kind {
            Kind::Colour => deviations.iter().map(|own| 1.0 / (own + 1e-3)).collect(),
            Kind::Strength | Kind::Region | Kind::Wave => {
                let mean = deviations.iter().sum::<f32>() / channels as f32;
                vec![1.0 / (mean + 1e-3); channels]
            }
        };
        for (row, scale) in values.chunks_exact_mut(count).zip(&scale) {
            row.iter_mut().for_each(|value| *value *= scale);
        }
        let set = |set: usize| {
            let mut random = Random::new(seed, 0xd1 + index, set as u64);
            let rows = orthogonal(channels, channels, &mut random);
            let sorted = rows
                .par_chunks_exact(channels)
                .flat_map_iter(|row| quantiles(&values, count, row))
                .collect();
            Directions { rows, sorted }
        };
        Self {
            channels,
            scale: Tensor::from_data(TensorData::new(scale, [channels, 1]), device),
            weight: match map.kind {
                Kind::Colour => 1.0,
                Kind::Strength | Kind::Region | Kind::Wave => 0.7,
            },
            sets: (0..SETS).map(set).collect(),
        }
    }

    fn distance(&self, values: Tensor<2>, directions: &Directions, device: &Device) -> Tensor<1> {
        let channels = self.channels;
        let rows = TensorData::new(directions.rows.clone(), [channels, channels]);
        let rows: Tensor<2> = Tensor::from_data(rows, device);
        let along = rows.matmul(values * self.scale.clone());
        let count = along.dims()[1];
        let now = numbers(along.clone().detach());
        let wanted: Vec<f32> = now
            .par_chunks_exact(count)
            .zip(directions.sorted.par_chunks_exact(QUANTILES))
            .flat_map_iter(|(row, sorted)| same_ranks(row, sorted))
            .collect();
        let wanted: Tensor<2> =
            Tensor::from_data(TensorData::new(wanted, [channels, count]), device);
        (along - wanted).square().mean()
    }
}

fn deviation(values: &[f32]) -> f32 {
    let count = values.len() as f64;
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / count;
    let square = |value: &f32| (f64::from(*value) - mean).powi(2);
    (values.iter().map(square).sum::<f64>() / count).sqrt() as f32
}

/// The values of `channels` rows of `count` along the direction `row`, sorted: [`QUANTILES`] of them.
fn quantiles(channels: &[f32], count: usize, row: &[f32]) -> Vec<f32> {
    let mut along = vec![0.0; count];
    for (channel, weight) in channels.chunks_exact(count).zip(row) {
        for (sum, value) in along.iter_mut().zip(channel) {
            *sum += weight * value;
        }
    }
    along.sort_unstable_by(f32::total_cmp);
    let at = |index: usize| interpolated(&along, (index as f32 + 0.5) / QUANTILES as f32);
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
        let found = quantiles(&ramp, 5000, &[1.0]);
        for (index, value) in found.iter().enumerate() {
            let expected = (index as f32 + 0.5) / QUANTILES as f32;
            assert!((value - expected).abs() < 1e-3, "{index}: {value}");
        }
    }
}
