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
    let pen = Pen {
        variance: io.param("variance"),
        width: io.param("width"),
        threshold: io.param("threshold"),
    };
    let rows = [-2, -1, 0, 1, 2].map(|offset| image.clamped_row(io.y as i64 + offset).r());
    draw_row(rows, pen, out.gray());
}

/// Pixels on each side of a pixel that its line depends on.
const MARGIN: usize = 2;

/// The lines of a row, from the rows around it, which are continued by their first and last pixel.
fn draw_row(rows: [&[f32]; 5], pen: Pen, out: &mut [f32]) {
    let width = out.len();
    if width < 2 * MARGIN {
        let rows = rows.map(|row| continued(row, MARGIN, MARGIN));
        return draw(rows.each_ref().map(Vec::as_slice), pen, out);
    }
    // Only the ends are copied.
    let (left, rest) = out.split_at_mut(MARGIN);
    let (inner, right) = rest.split_at_mut(width - 2 * MARGIN);
    draw(rows, pen, inner);
    let begin = rows.map(|row| continued(&row[..2 * MARGIN], MARGIN, 0));
    draw(begin.each_ref().map(Vec::as_slice), pen, left);
    let end = rows.map(|row| continued(&row[width - 2 * MARGIN..], 0, MARGIN));
    draw(end.each_ref().map(Vec::as_slice), pen, right);
}

/// A row continued by so many copies of its first and of its last pixel.
fn continued(row: &[f32], before: usize, after: usize) -> Vec<f32> {
    let mut wide = vec![row[0]; before];
    wide.extend_from_slice(row);
    wide.resize(before + row.len() + after, row[row.len() - 1]);
    wide
}

#[derive(Clone, Copy)]
struct Pen {
    variance: f32,
    width: f32,
    threshold: f32,
}

/// The lines of the pixels of `out`, from rows that begin [`MARGIN`] pixels before and end as many after them.
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
        // Scharr's weights for the slopes. Differences come first: they are exact where the slope is small, so that a
        // device which fuses products and sums gets the same.
        let x = (3.0 * (ne - nw) + 10.0 * (e - w) + 3.0 * (se - sw)) / 32.0;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::common::hash::pcg3d;

    const SIDE: usize = 48;

    /// A scene of waves, a disc and some noise, or the same with rows and columns exchanged.
    fn scene(exchanged: bool) -> Vec<Vec<f32>> {
        let at = |x: usize, y: usize| {
            let (u, v) = (x as f32 / SIDE as f32, y as f32 / SIDE as f32);
            let wave = (u * 9.0).sin() * (v * 7.0).cos() * 0.25 + 0.5;
            let disc = if (u - 0.5).hypot(v - 0.4) < 0.2 {
                -0.3
            } else {
                0.0
            };
            let noise = ((x * 31 + y * 57) * 2_654_435_761 % 4096) as f32 / 4096.0;
            // Codes of 16 bits, as a picture has them.
            ((wave + disc + 0.06 * noise) * 65535.0).round() / 65535.0
        };
        let line = |y: usize| (0..SIDE).map(move |x| if exchanged { at(y, x) } else { at(x, y) });
        (0..SIDE).map(|y| line(y).collect()).collect()
    }

    fn lines(picture: &[Vec<f32>], variance: f32) -> Vec<Vec<f32>> {
        let rows: Vec<_> = picture
            .iter()
            .map(|row| continued(row, MARGIN, MARGIN))
            .collect();
        let pen = Pen {
            variance,
            width: 2.0,
            threshold: 0.05,
        };
        let row = |y: usize| {
            let mut out = vec![0.0; SIDE];
            let near = |offset: usize| &rows[(y + offset).saturating_sub(MARGIN).min(SIDE - 1)][..];
            draw([0, 1, 2, 3, 4].map(near), pen, &mut out);
            out
        };
        (0..SIDE).map(row).collect()
    }

    #[test]
    fn upright_and_level_edges_get_the_same_lines() {
        let mut drawn = 0;
        for variance in [1.4, 3.0, 7.0] {
            let (lines, exchanged) = (
                lines(&scene(false), variance),
                lines(&scene(true), variance),
            );
            for (y, row) in lines.iter().enumerate() {
                for (x, value) in row.iter().enumerate() {
                    let apart = (value - exchanged[x][y]).abs() * 65535.0;
                    assert!(apart < 1.0, "{apart} codes at {x}, {y}");
                    drawn += usize::from(*value > 0.1);
                }
            }
        }
        assert!(drawn > 300, "{drawn}");
    }

    /// Lines at the borders are those of the picture continued by its border pixels, however narrow it is.
    #[test]
    fn the_ends_of_a_row_are_drawn_as_in_a_continued_one() {
        let pen = Pen {
            variance: 1.5,
            width: 2.0,
            threshold: 0.01,
        };
        for width in [1, 2, 3, 4, 5, 40] {
            let value = |x: usize, y: u32| pcg3d([x as u32 / 3, y, 5])[0] as f32 / u32::MAX as f32;
            let rows =
                [0, 1, 2, 3, 4].map(|y| (0..width).map(|x| value(x, y)).collect::<Vec<f32>>());
            let rows = rows.each_ref().map(Vec::as_slice);
            let mut lines = vec![f32::NAN; width];
            draw_row(rows, pen, &mut lines);
            let mut whole = vec![f32::NAN; width];
            let wide = rows.map(|row| continued(row, MARGIN, MARGIN));
            draw(wide.each_ref().map(Vec::as_slice), pen, &mut whole);
            assert_eq!(lines, whole, "{width} pixels");
            assert!(width < 40 || lines.iter().any(|line| *line > 0.0));
        }
    }
}
