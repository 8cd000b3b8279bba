//! A pass of the network forward over a picture, and back: how its output depends on each number that is learnt.

use rayon::prelude::*;

use super::super::network::{EPSILON, Layer, Network};
use super::super::rgb::Rgb;
use super::convolution::Convolution;
use super::maps::{Maps, sum};

/// What the way back needs to know of a layer.
enum Note {
    Convolution {
        /// Number of its weights among the parameters; those of its normalisation or bias follow.
        weight: usize,
        convolution: Convolution,
        input: Maps,
        /// Of normalised channels: their numbers with mean 0 and deviation 1, and one over the deviation of each.
        normal: Option<(Maps, Vec<f32>)>,
        relu: bool,
    },
    Keep,
    AddKept,
    Double,
    Sigmoid,
}

/// A pass forward.
pub struct Pass<'a> {
    values: &'a [Vec<f32>],
    notes: Vec<Note>,
    output: Maps,
}

impl<'a> Pass<'a> {
    /// Over `picture`, whose sides are multiples of [`MULTIPLE`](super::super::network::MULTIPLE), with the parameters
    /// `values` in the order of [`Network::parameters`].
    pub fn new(network: &Network, values: &'a [Vec<f32>], picture: &Rgb) -> Self {
        let mut x = Maps::of(picture);
        let mut weight = 0;
        let mut kept = Vec::new();
        let layer = |layer: Layer| match layer {
            Layer::Convolution {
                from,
                kernel,
                stride,
                normal,
                relu,
                ..
            } => {
                let convolution = Convolution {
                    from,
                    kernel,
                    stride,
                };
                let input = x.reflected(kernel / 2);
                x = convolution.forward(&values[weight], &input);
                let normal = normal.then(|| normalised(&mut x));
                match &normal {
                    Some((before, _)) => {
                        let [scales, shifts] = [&values[weight + 1], &values[weight + 2]];
                        scaled(&mut x, before, scales, shifts);
                    }
                    None => shifted(&mut x, &values[weight + 1]),
                }
                if relu {
                    x.values
                        .iter_mut()
                        .for_each(|value| *value = value.max(0.0));
                }
                let first = weight;
                weight += if normal.is_some() { 3 } else { 2 };
                Note::Convolution {
                    weight: first,
                    convolution,
                    input,
                    relu,
                    normal,
                }
            }
            Layer::Keep => {
                kept.push(x.clone());
                Note::Keep
            }
            Layer::AddKept => {
                x.add(&kept.pop().expect("kept before it is added"));
                Note::AddKept
            }
            Layer::Double => {
                x = x.doubled();
                Note::Double
            }
            Layer::Sigmoid => {
                x.values
                    .iter_mut()
                    .for_each(|value| *value = 1.0 / (1.0 + (-*value).exp()));
                Note::Sigmoid
            }
        };
        let notes = network.layers().into_iter().map(layer).collect();
        Self {
            values,
            notes,
            output: x,
        }
    }

    /// What the network made of the picture.
    pub fn output(&self) -> Rgb {
        self.output.clone().rgb()
    }

    /// Adds to `sums`, in the order of the parameters, how a loss depends on each, from how it depends on the output:
    /// `slopes`, of each channel row by row.
    pub fn back(&self, slopes: Vec<f32>, sums: &mut [Vec<f32>]) {
        let mut slopes = Maps {
            values: slopes,
            ..self.output
        };
        let mut kept = Vec::new();
        for note in self.notes.iter().rev() {
            match note {
                Note::Sigmoid => {
                    for (slope, value) in slopes.values.iter_mut().zip(&self.output.values) {
                        *slope *= value * (1.0 - value);
                    }
                }
                Note::Double => slopes = slopes.doubled_back(),
                Note::AddKept => kept.push(slopes.clone()),
                Note::Keep => slopes.add(&kept.pop().expect("added after it was kept")),
                Note::Convolution {
                    weight,
                    convolution,
                    input,
                    normal,
                    relu,
                } => {
                    let (weights, rest) = sums[*weight..].split_at_mut(1);
                    match normal {
                        Some((before, factors)) => {
                            let learnt = [&self.values[weight + 1], &self.values[weight + 2]];
                            normalised_back(&mut slopes, before, factors, learnt, *relu, rest);
                        }
                        None => {
                            let area = slopes.area();
                            let planes = slopes.values.chunks_exact(area);
                            for (total, plane) in rest[0].iter_mut().zip(planes) {
                                *total += sum(plane.iter().copied());
                            }
                        }
                    }
                    let learnt = &self.values[*weight];
                    slopes = convolution
                        .back(learnt, input, &slopes, Some(&mut weights[0]))
                        .reflected_back(convolution.kernel / 2);
                }
            }
        }
    }
}

/// The picture that `network` makes of `picture`, whose sides are multiples of
/// [`MULTIPLE`](super::super::network::MULTIPLE).
pub fn run(network: &Network, values: &[Vec<f32>], picture: &Rgb) -> Rgb {
    Pass::new(network, values, picture).output()
}

/// Takes each channel to mean 0 and deviation 1; returns that, and one over the deviations. `x` is left empty.
fn normalised(x: &mut Maps) -> (Maps, Vec<f32>) {
    let (width, height, area) = (x.width, x.height, x.area());
    let mut values = std::mem::take(&mut x.values);
    let one = |plane: &mut [f32]| {
        let mean = sum(plane.iter().copied()) / area as f32;
        plane.iter_mut().for_each(|value| *value -= mean);
        let variance = sum(plane.iter().map(|value| value * value)) / area as f32;
        let factor = 1.0 / (variance + EPSILON).sqrt();
        plane.iter_mut().for_each(|value| *value *= factor);
        factor
    };
    let factors = values.par_chunks_exact_mut(area).map(one).collect();
    let normal = Maps {
        width,
        height,
        values,
    };
    (normal, factors)
}

fn scaled(x: &mut Maps, normal: &Maps, scales: &[f32], shifts: &[f32]) {
    x.values = vec![0.0; normal.values.len()];
    let area = normal.area();
    x.values
        .par_chunks_exact_mut(area)
        .zip(normal.values.par_chunks_exact(area))
        .zip(scales.par_iter().zip(shifts))
        .for_each(|((out, plane), (scale, shift))| {
            for (out, value) in out.iter_mut().zip(plane) {
                *out = value * scale + shift;
            }
        });
}

fn shifted(x: &mut Maps, shifts: &[f32]) {
    let area = x.area();
    for (plane, shift) in x.values.chunks_exact_mut(area).zip(shifts) {
        plane.iter_mut().for_each(|value| *value += shift);
    }
}

/// Takes slopes back through ReLU (where there is one), scale and shift, and normalisation.
fn normalised_back(
    slopes: &mut Maps,
    normal: &Maps,
    factors: &[f32],
    [scales, shifts]: [&Vec<f32>; 2],
    relu: bool,
    sums: &mut [Vec<f32>],
) {
    let area = slopes.area();
    let one = |(index, (slopes, normal)): (usize, (&mut [f32], &[f32]))| {
        let (scale, shift) = (scales[index], shifts[index]);
        if relu {
            for (slope, value) in slopes.iter_mut().zip(normal) {
                if value * scale + shift <= 0.0 {
                    *slope = 0.0;
                }
            }
        }
        let of_shift = sum(slopes.iter().copied());
        let of_scale = sum(slopes
            .iter()
            .zip(normal)
            .map(|(slope, value)| slope * value));
        // The mean and the deviation of the channel depend on each of its numbers, too.
        let (mean, along) = (of_shift / area as f32, of_scale / area as f32);
        let factor = scale * factors[index];
        for (slope, value) in slopes.iter_mut().zip(normal) {
            *slope = (*slope - mean - value * along) * factor;
        }
        (of_scale, of_shift)
    };
    let of_channels: Vec<(f32, f32)> = slopes
        .values
        .par_chunks_exact_mut(area)
        .zip(normal.values.par_chunks_exact(area))
        .enumerate()
        .map(one)
        .collect();
    for (index, (of_scale, of_shift)) in of_channels.into_iter().enumerate() {
        sums[0][index] += of_scale;
        sums[1][index] += of_shift;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::random::Random;
    use super::*;

    /// A loss that depends on each number of the output, each in its own way.
    fn weight(index: usize) -> f32 {
        ((index * 37 % 101) as f32 / 50.0) - 1.0
    }

    #[test]
    fn slopes_are_what_small_changes_of_the_parameters_do() {
        let network = Network {
            widths: [4, 5],
            blocks: 2,
        };
        let mut random = Random::new(2, 2, 2);
        let picture = Rgb::from_fn(20, 24, |_, _, _| 0.0).noisy(0.4, &mut random);
        let mut values = network.initial(4);
        for value in values.iter_mut().flatten() {
            *value += 0.1 * random.normal();
        }
        let loss = |values: &[Vec<f32>]| -> f64 {
            let output = run(&network, values, &picture);
            let terms = output.values.iter().enumerate();
            terms.map(|(i, v)| f64::from(v * weight(i))).sum()
        };
        let pass = Pass::new(&network, &values, &picture);
        let count = pass.output().values.len();
        let mut sums: Vec<Vec<f32>> = values.iter().map(|v| vec![0.0; v.len()]).collect();
        pass.back((0..count).map(weight).collect(), &mut sums);
        for (parameter, sums) in sums.iter().enumerate() {
            // Along the slopes of one parameter, so that rounding is small beside the change.
            let length = sums.iter().map(|v| v * v).sum::<f32>().sqrt();
            let step = 2e-3;
            let mut moved = values.clone();
            let mut at = |distance: f32| {
                for (index, slope) in sums.iter().enumerate() {
                    moved[parameter][index] = values[parameter][index] + distance * slope / length;
                }
                loss(&moved)
            };
            let found = (at(step) - at(-step)) / f64::from(2.0 * step);
            assert!(
                (found - f64::from(length)).abs() < 0.03 * f64::from(length) + 1e-2,
                "parameter {parameter}: {found} instead of {length}"
            );
        }
    }
}
