use std::f32::consts::PI;

/// The two tiles along one axis that make a pixel: `first` is the lower one, and `share` the part of the other one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub first: usize,
    pub other: usize,
    pub share: f32,
}

/// Pixel `x`, where `count` tiles of `size` pixels begin `pitch` pixels apart. Neighbours are blended by a raised cosine
/// over the `feather` pixels in the middle of what both have.
pub fn pair_of(x: usize, size: usize, pitch: usize, count: usize, feather: f32) -> Pair {
    let t = x as i64 - (size as i64 - pitch as i64) / 2;
    let owner = t.div_euclid(pitch as i64).clamp(0, count as i64 - 1);
    let within = (t - owner * pitch as i64) as f32 + 0.5;
    let owner = owner as usize;
    let share = |at: f32| raised(at / feather);
    let before = within + 0.5 * feather;
    if before < feather && owner > 0 {
        return Pair {
            first: owner - 1,
            other: owner,
            share: share(before),
        };
    }
    let after = within - pitch as f32 + 0.5 * feather;
    if after > 0.0 && owner + 1 < count {
        return Pair {
            first: owner,
            other: owner + 1,
            share: share(after),
        };
    }
    Pair {
        first: owner,
        other: owner,
        share: 0.0,
    }
}

/// A raised cosine, (1 - cos(π t)) / 2 for `t` from 0 to 1: by the series of the sine around its middle, within 1e-7. GPUs
/// compute a cosine with errors of up to 2⁻¹¹.
fn raised(t: f32) -> f32 {
    let x = PI * (t - 0.5);
    let y = x * x;
    let sine = x
        * (1.0
            - y / 6.0 * (1.0 - y / 20.0 * (1.0 - y / 42.0 * (1.0 - y / 72.0 * (1.0 - y / 110.0)))));
    0.5 + 0.5 * sine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_the_cosine() {
        for step in 0..=1000 {
            let t = step as f32 / 1000.0;
            let exact = 0.5 - 0.5 * (std::f64::consts::PI * f64::from(t)).cos();
            assert!((f64::from(raised(t)) - exact).abs() < 2e-7, "{t}");
        }
    }
}
