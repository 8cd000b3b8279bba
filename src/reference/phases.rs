//! Places of output pixels between input pixels along a row. Where the sizes have a simple ratio they repeat: the pixels of a
//! phase then lie at the same place between pixels that lie side by side.

use multiversion::multiversion;

use super::lanes::{LANES, Lanes};

/// The places of the pixels of a phase, up to whole blocks.
pub struct Places {
    /// The input pixel before each, in a row that is continued on both sides.
    pub before: Vec<u32>,
    /// How far after that pixel each lies, from 0 to 1.
    pub after: Vec<f32>,
}

/// The places of the pixels of a row.
pub struct RowPlaces {
    /// Pixel x is in phase x modulo their number.
    pub phases: Vec<Places>,
    /// Whether the pixels of a phase are made of pixels that lie side by side.
    pub dense: bool,
}

impl RowPlaces {
    /// Of `made` pixels, made of `count`, where places repeat after `repeat.0` pixels, `repeat.1` of the input further on.
    /// `place` gives the input pixel before an output pixel, and how far after it that is; it is asked beyond the end, too.
    pub fn new(made: usize, repeat: (usize, usize), place: impl Fn(usize) -> (u32, f32)) -> Self {
        let (repeat, step) = in_lowest_terms(repeat);
        let dense = step == 1;
        let period = if dense { repeat } else { 1 };
        let count = made.div_ceil(period).next_multiple_of(LANES);
        let of_phase = |phase: usize| {
            let at = |index: usize| match dense {
                true => phase + index * period,
                false => index.min(made - 1),
            };
            let (before, after) = (0..count).map(|index| place(at(index))).unzip();
            Places { before, after }
        };
        Self {
            phases: (0..period).map(of_phase).collect(),
            dense,
        }
    }
}

fn in_lowest_terms((a, b): (usize, usize)) -> (usize, usize) {
    let mut divisor = (a, b);
    while divisor.1 > 0 {
        divisor = (divisor.1, divisor.0 % divisor.1);
    }
    (a / divisor.0, b / divisor.0)
}

/// `row` continued on both sides by `before` pixels and by `after`, as the pixels at its ends.
pub fn continued(row: &[f32], before: usize, after: usize) -> Vec<f32> {
    let mut made = Vec::with_capacity(before + row.len() + after);
    made.resize(before, row[0]);
    made.extend_from_slice(row);
    made.resize(before + row.len() + after, row[row.len() - 1]);
    made
}

/// The pixels of `row` that lie `offset` after those of a block. `DENSE` where the block's lie side by side.
#[inline(always)]
pub fn taken<const DENSE: bool>(row: &[f32], before: &[u32; LANES], offset: isize) -> Lanes {
    if DENSE {
        let first = (before[0] as usize).wrapping_add_signed(offset);
        return row[first..].first_chunk().copied().unwrap_or_default();
    }
    let mut lanes = [0.0; LANES];
    for lane in 0..LANES {
        lanes[lane] = row[(before[lane] as usize).wrapping_add_signed(offset)];
    }
    lanes
}

/// A row as `period` phases: every `period`-th pixel, zeros beyond the end up to whole blocks.
pub fn apart(row: &[f32], period: usize) -> Vec<Vec<f32>> {
    let count = row.len().div_ceil(period).next_multiple_of(LANES);
    let mut phases = vec![vec![0.0; count]; period];
    match &mut phases[..] {
        [a] => a[..row.len()].copy_from_slice(row),
        [a, b] => deinterleave(row, [a, b]),
        [a, b, c, d] => deinterleave(row, [a, b, c, d]),
        _ => {
            for (phase, values) in phases.iter_mut().enumerate() {
                let pixels = row.iter().skip(phase).step_by(period);
                values
                    .iter_mut()
                    .zip(pixels)
                    .for_each(|(value, pixel)| *value = *pixel);
            }
        }
    }
    phases
}

/// Phases as the row that they are of.
pub fn together(phases: &[&[f32]], row: &mut [f32]) {
    match phases {
        [a] => row.copy_from_slice(&a[..row.len()]),
        [a, b] => interleave([a, b], row),
        [a, b, c, d] => interleave([a, b, c, d], row),
        _ => {
            for (phase, values) in phases.iter().enumerate() {
                let pixels = row.iter_mut().skip(phase).step_by(phases.len());
                pixels
                    .zip(*values)
                    .for_each(|(pixel, value)| *pixel = *value);
            }
        }
    }
}

#[multiversion(targets = "simd")]
fn deinterleave<const PERIOD: usize>(row: &[f32], phases: [&mut Vec<f32>; PERIOD]) {
    let (whole, rest) = row.as_chunks::<PERIOD>();
    for (phase, values) in phases.into_iter().enumerate() {
        for (value, pixels) in values.iter_mut().zip(whole) {
            *value = pixels[phase];
        }
        if let Some(last) = rest.get(phase) {
            values[whole.len()] = *last;
        }
    }
}

#[multiversion(targets = "simd")]
fn interleave<const PERIOD: usize>(phases: [&[f32]; PERIOD], row: &mut [f32]) {
    let (whole, rest) = row.as_chunks_mut::<PERIOD>();
    let phases = phases.map(|phase| &phase[..whole.len() + usize::from(!rest.is_empty())]);
    for (at, pixels) in whole.iter_mut().enumerate() {
        for phase in 0..PERIOD {
            pixels[phase] = phases[phase][at];
        }
    }
    for (phase, value) in rest.iter_mut().enumerate() {
        *value = phases[phase][whole.len()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_repeat_where_the_ratio_is_simple() {
        let places = |count: usize, made: usize| {
            let place = |at: usize| ((at * count / made) as u32, (at * count % made) as f32);
            RowPlaces::new(made, (made, count), place)
        };
        let twice = places(5, 10);
        assert!(twice.dense);
        assert_eq!(twice.phases.len(), 2);
        for phase in &twice.phases {
            assert_eq!(phase.before, (0..16).collect::<Vec<u32>>());
            assert!(phase.after.iter().all(|after| *after == phase.after[0]));
        }
        let other = places(4, 6);
        assert!(!other.dense && other.phases.len() == 1);
        assert_eq!(other.phases[0].before[..7], [0, 0, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn phases_together_are_the_row() {
        for period in 1..7 {
            for length in [1, 7, 16, 33] {
                let row: Vec<f32> = (1..=length).map(|x| x as f32).collect();
                let phases = apart(&row, period);
                assert!(phases.iter().all(|phase| phase.len() % LANES == 0));
                let mut made = vec![0.0; length];
                let phases: Vec<&[f32]> = phases.iter().map(Vec::as_slice).collect();
                together(&phases, &mut made);
                assert_eq!(made, row, "{period} {length}");
            }
        }
    }

    #[test]
    fn what_is_taken_lies_after_the_places() {
        let row: Vec<f32> = (0..40).map(|x| x as f32).collect();
        let dense: [u32; LANES] = std::array::from_fn(|lane| lane as u32 + 3);
        let expected: Lanes = std::array::from_fn(|lane| lane as f32 + 2.0);
        assert_eq!(taken::<true>(&row, &dense, -1), expected);
        assert_eq!(taken::<false>(&row, &dense, -1), expected);
    }
}
