//! Places of output pixels between input pixels along a row, which repeat where the sizes have a simple ratio.

use multiversion::multiversion;

use super::lanes::LANES;

/// Every `period` output pixels, places are the same, `step` input pixels further on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phases {
    pub period: usize,
    pub step: usize,
}

impl Phases {
    /// Of `made` pixels made of `count`.
    pub fn new(count: usize, made: usize) -> Self {
        let divisor = common_divisor(count, made);
        Self {
            period: made / divisor,
            step: count / divisor,
        }
    }

    /// Whether the pixels of a phase are made of pixels that lie side by side.
    pub fn is_dense(&self) -> bool {
        self.step == 1
    }
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// `row` continued on both sides by `before` pixels and by `after`, as the pixels at its ends.
pub fn continued(row: &[f32], before: usize, after: usize) -> Vec<f32> {
    let mut made = Vec::with_capacity(before + row.len() + after);
    made.resize(before, row[0]);
    made.extend_from_slice(row);
    made.resize(before + row.len() + after, row[row.len() - 1]);
    made
}

/// A row as its phases: every `period`-th pixel, zeros beyond the end up to whole blocks.
pub fn apart(row: &[f32], period: usize) -> Vec<Vec<f32>> {
    let count = row.len().div_ceil(period).next_multiple_of(LANES);
    let phase = |phase: usize| {
        let mut made: Vec<f32> = row.iter().skip(phase).step_by(period).copied().collect();
        made.resize(count, 0.0);
        made
    };
    (0..period).map(phase).collect()
}

/// Phases as the row that they are of.
pub fn together(phases: &[Vec<f32>], row: &mut [f32]) {
    match phases {
        [a, b] => interleave([a, b], row),
        [a, b, c, d] => interleave([a, b, c, d], row),
        _ => {
            for (phase, values) in phases.iter().enumerate() {
                let places = row.iter_mut().skip(phase).step_by(phases.len());
                places
                    .zip(values)
                    .for_each(|(place, value)| *place = *value);
            }
        }
    }
}

#[multiversion(targets = "simd")]
fn interleave<const PERIOD: usize>(phases: [&[f32]; PERIOD], row: &mut [f32]) {
    let (whole, rest) = row.as_chunks_mut::<PERIOD>();
    let phases = phases.map(|phase| &phase[..whole.len() + usize::from(!rest.is_empty())]);
    for (at, pixels) in whole.iter_mut().enumerate() {
        *pixels = phases.map(|phase| phase[at]);
    }
    for (phase, value) in rest.iter_mut().enumerate() {
        *value = phases[phase][whole.len()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_the_ratio_in_lowest_terms() {
        let phases = |count, made| {
            let Phases { period, step } = Phases::new(count, made);
            (period, step)
        };
        assert_eq!(phases(640, 1280), (2, 1));
        assert_eq!(phases(1280, 1920), (3, 2));
        assert_eq!(phases(7, 7), (1, 1));
        assert_eq!(phases(97, 388), (4, 1));
    }

    #[test]
    fn phases_together_are_the_row() {
        for period in 1..7 {
            for length in [1, 7, 16, 33] {
                let row: Vec<f32> = (0..length).map(|x| x as f32).collect();
                let mut made = vec![0.0; length];
                together(&apart(&row, period), &mut made);
                assert_eq!(made, row, "{period} {length}");
            }
        }
    }
}
