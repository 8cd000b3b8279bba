//! Sums over lines that tell whether the fields of frames were taken at different times, as FFmpeg's filter `idet` makes them
//! (libavfilter/vf_idet.c, 2012).

use multiversion::multiversion;

use super::View;

/// Columns of a group, and the most groups that are looked at: all lines are needed, but not all columns.
const GROUP: usize = 64;
const GROUPS: usize = 10;

/// Luma of 8 bits of some columns of a frame at its full height.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lines {
    width: usize,
    height: usize,
    codes: Vec<u8>,
}

/// Mean differences of a frame, in codes of 255.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct FieldSums {
    /// Of lines of the neighbours in time against the lines above and below in this frame. The first is of the previous top
    /// field and the next bottom field: the greater one where the top field was first.
    pub alpha: [f64; 2],
    /// Of lines against those above and below in the same frame.
    pub delta: f64,
    /// Of the bottom and the top field against those of the frame before.
    pub gamma: [f64; 2],
}

impl Lines {
    /// Groups of columns of the luma of `view`, spread over its width.
    pub fn of(view: &View) -> Self {
        let luma = &view.luma;
        let shift = luma.depth.saturating_sub(8);
        let groups = (luma.width / GROUP).clamp(1, GROUPS);
        let wide = if groups < GROUPS { luma.width } else { GROUP };
        let groups = if groups < GROUPS { 1 } else { groups };
        let mut codes = Vec::with_capacity(groups * wide * luma.height);
        for y in 0..luma.height {
            let row = luma.row(y);
            for group in 0..groups {
                let left = group * (luma.width - wide) / (groups - 1).max(1);
                let group = &row[left..left + wide];
                codes.extend(group.iter().map(|code| (code >> shift) as u8));
            }
        }
        Self {
            width: groups * wide,
            height: luma.height,
            codes,
        }
    }

    /// Whether both have the same size.
    pub fn fits(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.codes[y * self.width..][..self.width]
    }
}

/// The sums of `now` between two frames of its size; none of less than 6 lines.
pub(super) fn field_sums([before, now, after]: [&Lines; 3]) -> Option<FieldSums> {
    if now.height < 6 || now.width == 0 {
        return None;
    }
    let mut sums = [0u64; 5];
    for y in 2..now.height - 2 {
        let (above, here, below) = (now.row(y - 1), now.row(y), now.row(y + 1));
        let (old, new) = (before.row(y), after.row(y));
        let parity = y % 2;
        sums[parity] += u64::from(comb(above, old, below));
        sums[1 - parity] += u64::from(comb(above, new, below));
        sums[2] += u64::from(comb(above, here, below));
        sums[4 - parity] += u64::from(comb(here, old, here));
    }
    let count = ((now.height - 4) * now.width) as f64;
    // Each sum has the distance from the mean of two samples twice.
    let mean = |index: usize, share: f64| sums[index] as f64 / (2.0 * share * count);
    Some(FieldSums {
        alpha: [mean(0, 1.0), mean(1, 1.0)],
        delta: mean(2, 1.0),
        gamma: [mean(3, 0.5), mean(4, 0.5)],
    })
}

/// Sum of |above + below - 2 middle|.
#[multiversion(targets = "simd")]
fn comb(above: &[u8], middle: &[u8], below: &[u8]) -> u32 {
    let others = above.iter().zip(below);
    middle
        .iter()
        .zip(others)
        .map(|(m, (a, b))| {
            let twice = i16::from(*a) + i16::from(*b) - 2 * i16::from(*m);
            u32::from(twice.unsigned_abs())
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    #[test]
    fn wide_pictures_give_groups_and_narrow_ones_all() {
        let lines = |width| Lines::of(&view(0, width, 8, |x, y| [(x + y) as f64, 0.0, 0.0]));
        assert_eq!(lines(50).width, 50);
        assert_eq!(lines(600).width, 600);
        let wide = lines(700);
        assert_eq!((wide.width, wide.row(0)[0], wide.row(3)[64]), (640, 0, 73));
    }

    #[test]
    fn sums_are_those_of_the_definition() {
        let make = |seed: usize| {
            let code = move |x: usize, y: usize| hash(seed + y * 20 + x) % 256;
            let lines = Lines::of(&view(0, 20, 12, |x, y| [f64::from(code(x, y)), 0.0, 0.0]));
            (lines, code)
        };
        let ((before, b), (now, n), (after, a)) = (make(0), make(1000), make(2000));
        let mut sums = [0.0; 5];
        for y in 2..10 {
            for x in 0..20 {
                let mean = (f64::from(n(x, y - 1)) + f64::from(n(x, y + 1))) / 2.0;
                let far = |code: u32| (f64::from(code) - mean).abs();
                sums[y % 2] += far(b(x, y)) / 160.0;
                sums[1 - y % 2] += far(a(x, y)) / 160.0;
                sums[2] += far(n(x, y)) / 160.0;
                sums[4 - y % 2] += f64::from(n(x, y).abs_diff(b(x, y))) / 80.0;
            }
        }
        let found = field_sums([&before, &now, &after]).unwrap();
        let [a0, a1] = found.alpha;
        // The sum in the file has the top field's change last.
        let all = [a0, a1, found.delta, found.gamma[0], found.gamma[1]];
        for (index, (found, own)) in all.iter().zip(sums).enumerate() {
            assert!((found - own).abs() < 1e-9, "{index}: {found} {own}");
        }
    }

    #[test]
    fn few_lines_say_nothing() {
        let lines = Lines::of(&view(0, 1, 5, |_, _| [9.0; 3]));
        assert_eq!(field_sums([&lines, &lines, &lines]), None);
    }
}
