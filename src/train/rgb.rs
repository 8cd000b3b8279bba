//! Pictures as the trainer has them: R, G and B from 0 to 1, one plane after the other.

use super::random::Random;

/// A picture: the red plane, the green and the blue, row by row, as coded (not linear light), 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Rgb {
    pub width: usize,
    pub height: usize,
    pub values: Vec<f32>,
}

impl Rgb {
    /// A picture of `width`×`height` from a function of channel, column and row.
    pub fn from_fn(
        width: usize,
        height: usize,
        value: impl Fn(usize, usize, usize) -> f32,
    ) -> Self {
        let mut values = Vec::with_capacity(3 * width * height);
        for channel in 0..3 {
            for y in 0..height {
                values.extend((0..width).map(|x| value(channel, x, y)));
            }
        }
        Self {
            width,
            height,
            values,
        }
    }

    /// The value of a channel at a pixel.
    pub fn at(&self, channel: usize, x: usize, y: usize) -> f32 {
        self.values[(channel * self.height + y) * self.width + x]
    }

    /// The part of `width`×`height` whose upper left pixel is (`x`, `y`).
    pub fn part(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        Self::from_fn(width, height, |channel, dx, dy| {
            self.at(channel, x + dx, y + dy)
        })
    }

    /// At another size: each new pixel is the mean of the area it covers, or lies between its neighbours where the picture
    /// grows.
    pub fn resized(&self, width: usize, height: usize) -> Self {
        let across = weights(self.width, width);
        let down = weights(self.height, height);
        let mut narrow = Vec::with_capacity(3 * width * self.height);
        for row in self.values.chunks_exact(self.width) {
            narrow.extend(across.iter().map(|taps| sum(taps, |at| row[at])));
        }
        Self::from_fn(width, height, |channel, x, y| {
            sum(&down[y], |at| {
                narrow[(channel * self.height + at) * width + x]
            })
        })
    }

    /// Blurred by a bell of this deviation in pixels.
    pub fn softened(&self, deviation: f32) -> Self {
        let radius = (3.0 * deviation).ceil() as isize;
        let bell: Vec<f32> = (-radius..=radius)
            .map(|at| (-((at * at) as f32) / (2.0 * deviation * deviation)).exp())
            .collect();
        let total: f32 = bell.iter().sum();
        let near = |at: usize, by: usize, length: usize| {
            (at as isize + by as isize - radius).clamp(0, length as isize - 1) as usize
        };
        let along = |picture: &Self, down: bool| {
            Self::from_fn(picture.width, picture.height, |channel, x, y| {
                let taps = bell.iter().enumerate().map(|(by, weight)| {
                    weight
                        * if down {
                            picture.at(channel, x, near(y, by, picture.height))
                        } else {
                            picture.at(channel, near(x, by, picture.width), y)
                        }
                });
                taps.sum::<f32>() / total
            })
        };
        along(&along(self, false), true)
    }

    /// With noise of this deviation added to each value.
    pub fn noisy(mut self, deviation: f32, random: &mut Random) -> Self {
        self.values
            .iter_mut()
            .for_each(|value| *value += random.normal() * deviation);
        self
    }

    /// A square of `side` of it, as a training step sees it: at a random scale and place, mirrored or not, some with other
    /// colours or another brightness where `colours` allows it. The picture is at least `side` high and wide.
    pub fn crop(&self, side: usize, colours: bool, random: &mut Random) -> Self {
        let shorter = self.width.min(self.height);
        let target = side + random.below(shorter.max(side) - side + 1);
        let scaled = if target < shorter {
            let scale = target as f64 / shorter as f64;
            let scaled = |length: usize| ((length as f64 * scale).round() as usize).max(side);
            &self.resized(scaled(self.width), scaled(self.height))
        } else {
            self
        };
        let x = random.below(scaled.width - side + 1);
        let y = random.below(scaled.height - side + 1);
        let mirrored = random.unit() < 0.5;
        let mut channels = [0, 1, 2];
        if colours && random.unit() < 0.4 {
            channels.rotate_left(1 + random.below(2));
        }
        let power = if colours {
            ((random.unit() - 0.5) * 0.9).exp()
        } else {
            1.0
        };
        Self::from_fn(side, side, |channel, dx, dy| {
            let dx = if mirrored { side - 1 - dx } else { dx };
            scaled
                .at(channels[channel], x + dx, y + dy)
                .clamp(0.0, 1.0)
                .powf(power)
        })
    }
}

/// For each new pixel, the old ones it is made of with their weights.
fn weights(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let scale = from as f64 / to as f64;
    let one = |index: usize| {
        let middle = (index as f64 + 0.5) * scale - 0.5;
        // A tent as wide as a pixel of the smaller of both sizes.
        let reach = scale.max(1.0);
        let first = (middle - reach).ceil().max(0.0) as usize;
        let last = ((middle + reach).floor() as usize).min(from - 1);
        let weight = |at: usize| (1.0 - (at as f64 - middle).abs() / reach).max(0.0);
        let total: f64 = (first..=last).map(weight).sum();
        let weight = |at: usize| (at, (weight(at) / total) as f32);
        (first..=last)
            .map(weight)
            .filter(|(_, weight)| *weight > 0.0)
            .collect()
    };
    (0..to).map(one).collect()
}

fn sum(taps: &[(usize, f32)], value: impl Fn(usize) -> f32) -> f32 {
    taps.iter().map(|(at, weight)| value(*at) * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Rgb {
        Rgb::from_fn(width, height, |channel, x, y| {
            (x as f32 / width as f32 + y as f32 / height as f32) / 2.0
                * (1.0 - 0.2 * channel as f32)
        })
    }

    #[test]
    fn a_ramp_stays_a_ramp_at_other_sizes() {
        for (width, height) in [(20, 15), (64, 48), (33, 90), (40, 30)] {
            let small = ramp(40, 30).resized(width, height);
            assert_eq!(small.values.len(), 3 * width * height);
            let middle = small.at(0, width / 2, height / 2);
            assert!((middle - 0.5).abs() < 0.05, "{width}x{height}: {middle}");
            let mean = small.values.iter().sum::<f32>() / small.values.len() as f32;
            let before = ramp(40, 30).values.iter().sum::<f32>() / 3600.0;
            assert!(
                (mean - before).abs() < 0.005,
                "{width}x{height}: {mean} {before}"
            );
        }
        assert_eq!(ramp(40, 30).resized(40, 30), ramp(40, 30));
    }

    #[test]
    fn a_soft_picture_keeps_its_mean_and_loses_single_pixels() {
        let dot = Rgb::from_fn(21, 17, |_, x, y| f32::from(u8::from((x, y) == (10, 8))));
        let soft = dot.softened(1.0);
        assert!((soft.values.iter().sum::<f32>() - 3.0).abs() < 1e-4);
        // A bell of deviation 1 has 1/(2 pi) in its middle.
        assert!((soft.at(1, 10, 8) - 0.159).abs() < 0.005);
        assert!((soft.at(1, 11, 8) / soft.at(1, 10, 8) - (-0.5f32).exp()).abs() < 1e-4);
        let flat = Rgb::from_fn(5, 3, |channel, _, _| channel as f32 * 0.3);
        for (a, b) in flat.softened(0.7).values.iter().zip(&flat.values) {
            assert!((a - b).abs() < 1e-6);
        }
    }

    #[test]
    fn crops_follow_from_the_seed_and_have_their_size() {
        let picture = ramp(80, 60);
        let crop = |step| picture.crop(32, true, &mut Random::new(1, 2, step));
        assert_eq!((crop(1).width, crop(1).height), (32, 32));
        assert_eq!(crop(1), crop(1));
        assert_ne!(crop(1), crop(2));
        // A picture of just the size is its only crop.
        assert_eq!(
            ramp(32, 40)
                .crop(32, false, &mut Random::new(1, 2, 3))
                .width,
            32
        );
    }
}
