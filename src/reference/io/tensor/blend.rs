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
    let share = |at: f32| 0.5 - 0.5 * (PI * at / feather).cos();
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
