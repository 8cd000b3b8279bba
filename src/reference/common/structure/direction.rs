use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Where slopes are this small, there is no direction.
const FLOOR: f32 = 0.01;

/// The unit vector along lines: the eigenvector of the smaller eigenvalue of the tensor. Blue is how much more the picture
/// changes across them than along them, 0 to 1.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [r, g, b, a] = out.rgba();
    a.fill(1.0);
    direct(io.here("tensor").rgb(), [r, g, b]);
}

#[multiversion(targets = "simd")]
fn direct([xx, yy, xy]: [&[f32]; 3], [columns, rows, clear]: [&mut [f32]; 3]) {
    let width = columns.len();
    let (xx, yy, xy) = (&xx[..width], &yy[..width], &xy[..width]);
    let (rows, clear) = (&mut rows[..width], &mut clear[..width]);
    for i in 0..width {
        let half = 0.5 * (xx[i] - yy[i]);
        let root = (half * half + xy[i] * xy[i]).sqrt();
        let wide = half > 0.0;
        // Across the lines, of the two ways to write it the one that does not cancel.
        let x = if wide { root + half } else { xy[i] };
        let y = if wide { xy[i] } else { root - half };
        let length = (x * x + y * y).sqrt();
        let known = length > 1e-6;
        let (x, y) = (x / length, y / length);
        let x = if known { x } else { 1.0 };
        let y = if known { y } else { 0.0 };
        columns[i] = -y;
        rows[i] = x;
        clear[i] = 2.0 * root / (xx[i] + yy[i] + FLOOR);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_run_where_the_picture_does_not_change() {
        // Slopes across alone, down alone, of both alike, and none.
        let (xx, yy, xy) = (
            [2.0, 0.0, 1.0, 0.0],
            [0.0, 2.0, 1.0, 0.0],
            [0.0, 0.0, 1.0, 0.0],
        );
        let mut out = [[0.0; 4]; 3];
        let [columns, rows, clear] = &mut out;
        direct([&xx, &yy, &xy], [columns, rows, clear]);
        let [columns, rows, clear] = out;
        let side = std::f32::consts::FRAC_1_SQRT_2;
        for (at, (x, y)) in [(0.0, 1.0), (-1.0, 0.0), (-side, side)]
            .into_iter()
            .enumerate()
        {
            let along = (columns[at] * x + rows[at] * y).abs();
            assert!(
                (along - 1.0).abs() < 1e-6,
                "{at}: {}, {}",
                columns[at],
                rows[at]
            );
            assert!(clear[at] > 0.99, "{at}: {}", clear[at]);
        }
        assert_eq!((columns[3], rows[3], clear[3]), (0.0, 1.0, 0.0));
    }
}
