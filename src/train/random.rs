//! Random numbers that follow from a seed and a count alone: what a step of a training draws does not depend on the steps
//! before it, so that a run that goes on after a stop draws the same.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of `purpose` (any number that tells it from others) at `step` of a run with `seed`.
    pub fn new(seed: u64, purpose: u64, step: u64) -> Self {
        let state = mix(mix(mix(seed) ^ purpose) ^ step);
        Self { state }
    }

    /// 64 random bits (SplitMix64: Steele, Lea and Flood 2014).
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// A number from 0 to 1, without 1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// A whole number below `end`; 0 where that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (((self.bits() >> 32) * end as u64) >> 32) as usize
    }

    /// A number of a normal distribution with mean 0 and deviation 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f32::consts::TAU * self.unit()).cos()
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_draws_the_same_whatever_was_drawn_before() {
        let draw = |step| Random::new(7, 1, step).bits();
        let (first, second) = (draw(1), draw(2));
        assert_ne!(first, second);
        assert_eq!((draw(2), draw(1)), (second, first));
        assert_ne!(Random::new(8, 1, 1).bits(), first);
        assert_ne!(Random::new(7, 2, 1).bits(), first);
    }

    #[test]
    fn draws_fill_their_ranges_evenly() {
        let mut random = Random::new(1, 1, 1);
        let mut counts = [0; 5];
        for _ in 0..10_000 {
            counts[random.below(5)] += 1;
        }
        assert!(
            counts.iter().all(|count| (1850..2150).contains(count)),
            "{counts:?}"
        );
        let numbers: Vec<f32> = (0..20_000).map(|_| random.normal()).collect();
        let mean = numbers.iter().sum::<f32>() / 20_000.0;
        let square = numbers.iter().map(|x| x * x).sum::<f32>() / 20_000.0;
        assert!(
            mean.abs() < 0.03 && (square - 1.0).abs() < 0.05,
            "{mean} {square}"
        );
    }
}
