use crate::reference::{Io, Out};

const LONG: i64 = 16;
const MARKED: i32 = 12;
/// Pixels beside a streak that belong to it.
const BESIDE: i64 = 3;

/// 1 where a pixel belongs to a streak: it lies in or close to 16 pixels of its line, 12 of which are marked.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let marks = io.image("marks").clamped_row(io.y as i64);
    streaks(marks.r(), out.gray());
}

fn streaks(marks: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    if marks.iter().sum::<f32>() < MARKED as f32 {
        return;
    }
    let width = marks.len() as i64;
    let mark = |x: i64| {
        let inside = usize::try_from(x).ok().and_then(|x| marks.get(x));
        inside.map_or(0, |mark| *mark as i32)
    };
    let mut sum = 0;
    // The pixels up to `end` that are counted.
    for end in 0..width + LONG - 1 {
        sum += mark(end) - mark(end - LONG);
        if sum >= MARKED {
            let from = (end - LONG + 1 - BESIDE).clamp(0, width);
            let to = (end + 1 + BESIDE).clamp(0, width);
            out[from as usize..to as usize].fill(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_streaks_stay_and_short_ones_go() {
        let mut marks = [0.0; 64];
        marks[20..32].fill(1.0);
        let mut out = [2.0; 64];
        streaks(&marks, &mut out);
        assert!(out[13..39].iter().all(|value| *value == 1.0));
        assert_eq!(out.iter().sum::<f32>(), 26.0);
        marks[25] = 0.0;
        streaks(&marks, &mut out);
        assert_eq!(out, [0.0; 64]);
    }
}
