//! Whether a small part of a frame is to be found, moved, in the frame before or after.

use super::bytes::Bytes;

/// Mean absolute difference, in codes, between the part of `now` from (`left`, `top`) up to but without (`right`, `bottom`)
/// and the most alike part of `other` that lies at most `reach` pixels away each way. The part is not empty.
pub(super) fn least_difference(
    now: &Bytes,
    other: &Bytes,
    [left, top, right, bottom]: [usize; 4],
    reach: usize,
) -> f64 {
    let (width, height) = (right - left, bottom - top);
    let mut least = u32::MAX;
    for y in top.saturating_sub(reach)..=(top + reach).min(other.height - height) {
        for x in left.saturating_sub(reach)..=(left + reach).min(other.width - width) {
            let mut sum = 0;
            for row in 0..height {
                let here = &now.row(top + row)[left..right];
                let there = &other.row(y + row)[x..x + width];
                let both = here.iter().zip(there);
                sum += both.map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
                if sum >= least {
                    break;
                }
            }
            least = least.min(sum);
        }
    }
    f64::from(least) / (width * height) as f64
}

#[cfg(test)]
mod tests {
    use super::super::bytes::tests::{hash, view};
    use super::*;

    #[test]
    fn moved_parts_are_found_within_reach() {
        let frame = |by: usize| {
            Bytes::luma(&view(0, 64, 48, |x, y| {
                let code = hash((x + by) / 3 + y / 3 * 40) % 200;
                [f64::from(code), 128.0, 128.0]
            }))
        };
        let (now, other) = (frame(0), frame(4));
        assert_eq!(least_difference(&now, &other, [20, 20, 32, 30], 5), 0.0);
        assert!(least_difference(&now, &other, [20, 20, 32, 30], 2) > 10.0);
    }
}
