//! Trials that no other beats.

/// The indexes of the `points` that no other beats: none is at least as good in each goal, and better in one. A point has a
/// number for each goal, the more the better ([`Goals::gains`](super::Goals::gains)); one with a number that is not a number
/// is beaten. Of equal points, all are given back.
///
/// The indexes ascend. This is the Pareto front; each point is compared with each other one.
pub fn front(points: &[Vec<f64>]) -> Vec<usize> {
    let valid = |point: &Vec<f64>| !point.iter().any(|gain| gain.is_nan());
    let is_beaten = |point: &[f64]| {
        points
            .iter()
            .filter(|other| valid(other))
            .any(|other| beats(other, point))
    };
    (0..points.len())
        .filter(|index| valid(&points[*index]) && !is_beaten(&points[*index]))
        .collect()
}

/// Whether `a` is at least as good as `b` in each goal, and better in one.
fn beats(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a >= b) && a.iter().zip(b).any(|(a, b)| a > b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_not_beaten_is_in_front() {
        let points = [
            vec![0.0, 0.0],
            vec![1.0, 0.0],
            vec![0.0, 1.0],
            vec![0.5, 0.5],
            vec![0.4, 0.5],
            vec![1.0, 0.0],
            vec![f64::NAN, 9.0],
        ];
        assert_eq!(front(&points), [1, 2, 3, 5]);
        assert!(front(&[]).is_empty());
        assert!(front(&[vec![f64::NAN]]).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_not_in_front_is_beaten_by_one_that_is(
            points in prop::collection::vec(prop::collection::vec(0_u8..6, 3), 0..30),
        ) {
            let points: Vec<Vec<f64>> = points.iter().map(|point| point.iter().map(|gain| f64::from(*gain)).collect()).collect();
            let front = front(&points);
            for (index, point) in points.iter().enumerate() {
                let beaten = front.iter().any(|other| beats(&points[*other], point));
                prop_assert_eq!(beaten, !front.contains(&index));
            }
        }
    }
}
