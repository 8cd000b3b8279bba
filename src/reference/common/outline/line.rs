use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Lines along the edges of a blurred image. Across a step blurred by a Gaussian of variance s the slope L' is itself a
/// Gaussian, so that L'' / L' = -distance / s: the distance to the edge, to a fraction of a pixel, whatever the step's
/// height (after Haralick, "Digital Step Edges from Zero Crossing of Second Directional Derivatives", 1984). The line's
/// width grows with the height of the step, as a pen's does with pressure, and its coverage of the pixel is exact.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("luma");
    let rows = [-1, 0, 1].map(|offset| padded(image.clamped_row(io.y as i64 + offset).r()));
    let pen = Pen {
        variance: io.param("variance"),
        width: io.param("width"),
        threshold: io.param("threshold"),
    };
    draw([&rows[0], &rows[1], &rows[2]], pen, out.gray());
}

/// A row with its first and last pixel twice.
fn padded(row: &[f32]) -> Vec<f32> {
    let mut wide = Vec::with_capacity(row.len() + 2);
    wide.push(row[0]);
    wide.extend_from_slice(row);
    wide.push(row[row.len() - 1]);
    wide
}

#[derive(Clone, Copy)]
struct Pen {
    variance: f32,
    width: f32,
    threshold: f32,
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn draw([above, row, below]: [&[f32]; 3], pen: Pen, out: &mut [f32]) {
    let Pen {
        variance,
        width,
        threshold,
    } = pen;
    let to_step = (std::f32::consts::TAU * variance).sqrt();
    let length = out.len();
    let [nw, n, ne] = [0, 1, 2].map(|offset| &above[offset..offset + length]);
    let [w, here, e] = [0, 1, 2].map(|offset| &row[offset..offset + length]);
    let [sw, s, se] = [0, 1, 2].map(|offset| &below[offset..offset + length]);
    for i in 0..length {
        let (nw, n, ne, w, here, e, sw, s, se) =
            (nw[i], n[i], ne[i], w[i], here[i], e[i], sw[i], s[i], se[i]);
        // Scharr's weights for the slopes.
        let x = ((3.0 * ne + 10.0 * e + 3.0 * se) - (3.0 * nw + 10.0 * w + 3.0 * sw)) / 32.0;
        let y = (3.0 * (sw - nw) + 10.0 * (s - n) + 3.0 * (se - ne)) / 32.0;
        let xx = e + w - 2.0 * here;
        let yy = n + s - 2.0 * here;
        let xy = ((se - ne) - (sw - nw)) / 4.0;
        let slope_squared = x * x + y * y;
        let slope = slope_squared.sqrt();
        let bend = x * x * xx + 2.0 * x * y * xy + y * y * yy;
        let away = variance * bend / (slope_squared * slope).max(1e-9);
        // The step's height, from the slope at this distance: exp by its series, for distances that matter.
        let t = (away * away / (2.0 * variance)).min(1.0);
        let step = slope * to_step * (1.0 + t * (1.0 + t * (0.5 + t / 6.0)));
        let pressure = ((step - threshold) / 0.15).clamp(0.0, 1.0);
        let reach = 0.5 * width * pressure;
        out[i] = ((away + 0.5).min(reach) - (away - 0.5).max(-reach)).max(0.0);
    }
}
