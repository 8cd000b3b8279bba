use crate::reference::{Io, Out};

/// Gradients that are largest across their direction: 2 where strong, 1 where weak, else 0.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let gradient = io.image("gradient");
    let (low, high) = (io.param("low"), io.param("high"));
    let y = io.y as i64;
    // Magnitudes; nothing beyond the border.
    let row = |y: i64| {
        (0..gradient.height as i64)
            .contains(&y)
            .then(|| gradient.row(y as usize).r())
    };
    let rows = [row(y - 1), row(y), row(y + 1)];
    let magnitude = |row: usize, x: i64| match rows[row] {
        Some(row) if (0..row.len() as i64).contains(&x) => row[x as usize] as i32 >> 2,
        _ => 0,
    };
    let here = gradient.row(io.y).r();
    for ((x, out), here) in out.gray().iter_mut().enumerate().zip(here) {
        let size = *here as i32 >> 2;
        if size as f32 <= low {
            *out = 0.0;
            continue;
        }
        let (sector, x) = (*here as i32 & 3, x as i64);
        let (before, after) = match sector {
            0 => (magnitude(1, x - 1), magnitude(1, x + 1)),
            1 => (magnitude(0, x), magnitude(2, x)),
            2 => (magnitude(0, x - 1), magnitude(2, x + 1)),
            _ => (magnitude(0, x + 1), magnitude(2, x - 1)),
        };
        // Of two equal neighbours one stays: the later one across and down, both wander off a diagonal.
        let not_less = if sector >= 2 {
            size > after
        } else {
            size >= after
        };
        *out = match size > before && not_less {
            false => 0.0,
            true if size as f32 > high => 2.0,
            true => 1.0,
        };
    }
}
