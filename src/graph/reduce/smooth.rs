//! Curves over time without what is quick in them.

/// How much a curve may bend, for [`smooth`]: what swings with a period of so many frames is halved, what is quicker goes.
pub(super) fn stiffness(period: f64) -> f64 {
    let angle = std::f64::consts::TAU / period.max(2.5);
    (2.0 - 2.0 * angle.cos()).powi(2).recip()
}

/// The curve that lies near `values` and bends little (Whittaker: "On a new method of graduation", 1923): the sum of squares of
/// its distance, and of its second differences times `stiffness`, is the least. Straight parts, also those at the ends, stay.
/// At the places in `breaks`, which increase, the curve begins anew.
pub(super) fn smooth(values: &[f64], breaks: &[usize], stiffness: f64) -> Vec<f64> {
    let ends = breaks.iter().copied().filter(|at| *at < values.len());
    let mut from = 0;
    let mut curve = Vec::with_capacity(values.len());
    for end in ends.chain([values.len()]) {
        if end > from {
            curve.extend(part(&values[from..end], stiffness));
            from = end;
        }
    }
    curve
}

/// [`smooth`] without breaks: a system of equations with two diagonals beside the main one, by elimination.
fn part(values: &[f64], stiffness: f64) -> Vec<f64> {
    let count = values.len();
    if count < 3 {
        return values.to_vec();
    }
    // Main diagonal and the two beside it.
    let mut main = vec![1.0; count];
    let mut beside = vec![0.0; count];
    let mut beyond = vec![0.0; count];
    for at in 0..count - 2 {
        for (place, weight) in [(at, 1.0), (at + 1, 4.0), (at + 2, 1.0)] {
            main[place] += stiffness * weight;
        }
        beside[at] -= 2.0 * stiffness;
        beside[at + 1] -= 2.0 * stiffness;
        beyond[at] += stiffness;
    }
    let mut right = values.to_vec();
    for at in 0..count - 1 {
        let (one, two) = (beside[at] / main[at], beyond[at] / main[at]);
        main[at + 1] -= one * beside[at];
        beside[at + 1] -= one * beyond[at];
        right[at + 1] -= one * right[at];
        if at + 2 < count {
            main[at + 2] -= two * beyond[at];
            right[at + 2] -= two * right[at];
        }
    }
    for at in (0..count).rev() {
        let mut rest = right[at];
        if at + 1 < count {
            rest -= beside[at] * right[at + 1];
        }
        if at + 2 < count {
            rest -= beyond[at] * right[at + 2];
        }
        right[at] = rest / main[at];
    }
    right
}

/// The middle one of some values; `None` of none.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quick_swings_go_and_slow_ones_stay() {
        let wave = |period: f64| -> Vec<f64> {
            (0..400)
                .map(|at| (std::f64::consts::TAU * f64::from(at) / period).sin())
                .collect()
        };
        let left = |period: f64| {
            let curve = smooth(&wave(period), &[], stiffness(50.0));
            curve[100..300]
                .iter()
                .fold(0.0f64, |most, value| most.max(value.abs()))
        };
        assert!((left(50.0) - 0.5).abs() < 0.02, "{}", left(50.0));
        assert!(left(200.0) > 0.97 && left(12.0) < 0.01);
    }

    #[test]
    fn nothing_goes_across_a_break() {
        let step: Vec<f64> = (0..40).map(|at| if at < 20 { 1.0 } else { 3.0 }).collect();
        let curve = smooth(&step, &[20], stiffness(50.0));
        for (value, curve) in step.iter().zip(curve) {
            assert!((value - curve).abs() < 1e-9);
        }
    }

    proptest! {
        #[test]
        fn straight_lines_stay(first in -5.0f64..5.0, slope in -1.0f64..1.0, count in 0usize..200, period in 0.0f64..500.0) {
            let line: Vec<f64> = (0..count).map(|at| first + slope * at as f64).collect();
            for (value, curve) in line.iter().zip(smooth(&line, &[], stiffness(period))) {
                prop_assert!((value - curve).abs() < 1e-5 * (1.0 + value.abs()));
            }
        }
    }
}
