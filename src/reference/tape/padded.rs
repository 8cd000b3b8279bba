use crate::reference::Io;

/// Makes `padded` of `row`: its pixels from `first` on, `count` of them; beyond its borders the pixels there are repeated.
pub fn pad(row: &[f32], first: i64, count: usize, padded: &mut Vec<f32>) {
    padded.clear();
    let (Some(left), Some(right)) = (row.first(), row.last()) else {
        return;
    };
    let width = row.len() as i64;
    let end = first + count as i64;
    let (from, to) = (first.clamp(0, width), end.clamp(0, width));
    padded.resize((from.min(end) - first).max(0) as usize, *left);
    if from < to {
        padded.extend_from_slice(&row[from as usize..to as usize]);
    }
    padded.resize(count, *right);
}

/// Lines from one to the next of the same field.
pub fn step(io: &Io<'_>) -> i64 {
    if io.facts.fields != 0 { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_are_repeated() {
        let row = [1.0, 2.0, 3.0];
        let mut padded = Vec::new();
        for (first, count, expected) in [
            (-2, 6, &[1.0, 1.0, 1.0, 2.0, 3.0, 3.0][..]),
            (1, 3, &[2.0, 3.0, 3.0]),
            (5, 2, &[3.0, 3.0]),
            (-9, 2, &[1.0, 1.0]),
        ] {
            pad(&row, first, count, &mut padded);
            assert_eq!(padded, expected);
        }
    }
}
