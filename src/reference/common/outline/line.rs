use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Draws lines along the edges of a blurred image. Across a step blurred by a Gaussian of variance s, the slope L' is
/// itself a Gaussian: a = L'' / L' is -distance / s, and a² - L''' / L' is 1 / s. So the distance to the edge is known
/// to a fraction of a pixel, for any step height and any blur of the source (zero crossings of the second directional
/// derivative: Haralick, "Digital Step Edges", 1984). The width of a line grows with the height of the step, and its
/// coverage of the pixel is exact.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("luma");
    let rows = [-2, -1, 0, 1, 2].map(|offset| padded(image.clamped_row(io.y as i64 + offset).r()));
    let pen = Pen {
        variance: io.param("variance"),
        width: io.param("width"),
        threshold: io.param("threshold"),
    };
    draw(rows.each_ref().map(Vec::as_slice), pen, out.gray());
}

/// Pixels added at each end of a row.
const MARGIN: usize = 2;

/// A row extended by copies of its first and last pixel.
fn padded(row: &[f32]) -> Vec<f32> {
    let mut wide = vec![row[0]; MARGIN];
    wide.extend_from_slice(row);
    wide.extend([row[row.len() - 1]; MARGIN]);
    wide
}

#[derive(Clone, Copy)]
struct Pen {
    variance: f32,
    width: f32,
    threshold: f32,
}

#[multiversion(targets = "simd")]
fn draw(rows: [&[f32]; 5], pen: Pen, out: &mut [f32]) {
    let Pen {
        variance,
        width,
        threshold,
    } = pen;
    let (softest, sharpest) = (0.04 / variance, 1.0 / variance);
    let to_step = (std::f32::consts::TAU * variance).sqrt();
    let length = out.len();
    let from = |row: usize, offset: usize| &rows[row][offset..offset + length];
    let [nw, n, ne] = [1, 2, 3].map(|offset| from(1, offset));
    let [ww, w, here, e, ee] = [0, 1, 2, 3, 4].map(|offset| from(2, offset));
    let [sw, s, se] = [1, 2, 3].map(|offset| from(3, offset));
    let (nn, ss) = (from(0, MARGIN), from(4, MARGIN));
    for i in 0..length {
        let (nn, ss, ww, ee) = (nn[i], ss[i], ww[i], ee[i]);
        let (nw, n, ne, w, here, e, sw, s, se) =
            (nw[i], n[i], ne[i], w[i], here[i], e[i], sw[i], s[i], se[i]);
        // Scharr's weights for the slopes.
        let x = ((3.0 * ne + 10.0 * e + 3.0 * se) - (3.0 * nw + 10.0 * w + 3.0 * sw)) / 32.0;
        let y = (3.0 * (sw - nw) + 10.0 * (s - n) + 3.0 * (se - ne)) / 32.0;
        let xx = e + w - 2.0 * here;
        let yy = n + s - 2.0 * here;
        let xy = ((se - ne) - (sw - nw)) / 4.0;
        let xxx = (ee - ww) / 2.0 - (e - w);
        let yyy = (ss - nn) / 2.0 - (s - n);
        let xxy = ((se + sw - 2.0 * s) - (ne + nw - 2.0 * n)) / 2.0;
        let xyy = ((se + ne - 2.0 * e) - (sw + nw - 2.0 * w)) / 2.0;
        let square = greater(x * x + y * y, 1e-8);
        let slope = square.sqrt();
        let share = 1.0 / (square * square);
        let second = (x * x * xx + 2.0 * x * y * xy + y * y * yy) * (slope * share);
        let third = (x * x * (x * xxx + 3.0 * y * xxy) + y * y * (3.0 * x * xyy + y * yyy)) * share;
        // No edge is sharper than the blur. What is five times softer is shading, not an edge.
        let inverse = smaller(greater(second * second - third, softest), sharpest);
        let away = second / inverse;
        // The height of the step, from the slope at this distance: exp by its series, for the distances that matter.
        // Soft edges are weighted less than their height.
        let t = smaller(0.5 * second * away, 1.0);
        let step = slope * to_step * (1.0 + t * (1.0 + t * (0.5 + t * 0.166_666_67)));
        let pressure = smaller(greater((step - threshold) * 6.666_666_5, 0.0), 1.0);
        let reach = 0.5 * width * pressure;
        let covered = smaller(away + 0.5, reach) - greater(away - 0.5, -reach);
        out[i] = greater(covered, 0.0);
    }
}
