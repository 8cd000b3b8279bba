use multiversion::multiversion;

use super::fall::fall;
use super::level::level;
use super::patches::{Around, SPAN};
use crate::color::bounds::greater;
use crate::reference::{Io, Out};

/// Numbers for pixels.
type Line = [f32; SPAN];

/// Non-local means: the mean of pixels whose surroundings are like those here.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let reach = io.param("radius") as i32;
    let sigma = level(io);
    let image = io.image("image");
    let frames = image.row(io.y).channel(3);
    let [r, g, b, a] = out.rgba();
    let strengths = ["luma", "chroma"].map(|name| io.param(name) * io.param(name));
    let numbers = [sigma * sigma, strengths[0], strengths[1], io.param("slope")];
    io.with_kept(|around: &mut Around| {
        around.take(image, io.y, reach as usize + 1);
        for start in (0..frames.len()).step_by(SPAN) {
            let end = frames.len().min(start + SPAN);
            let pixels = start..end;
            let lines = [&mut *r, &mut *g, &mut *b].map(|line| &mut line[pixels.clone()]);
            filter(
                around,
                start,
                reach,
                &frames[pixels.clone()],
                numbers,
                lines,
            );
        }
    });
    a.copy_from_slice(frames);
}

/// The pixels from column `start` on.
#[multiversion(targets = "simd")]
fn filter(
    around: &Around,
    start: usize,
    reach: i32,
    frames: &[f32],
    [variance, luma, chroma, slope]: [f32; 4],
    out: [&mut [f32]; 3],
) {
    let count = frames.len();
    let (mut per_luma, mut per_chroma): (Line, Line) = ([0.0; SPAN], [0.0; SPAN]);
    for i in 0..count {
        let noise = variance / greater(frames[i], 1.0);
        per_luma[i] = 1.0 / greater(noise * luma, 1e-9);
        per_chroma[i] = 1.0 / greater(noise * chroma, 1e-9);
    }
    let (per_luma, per_chroma) = (&per_luma[..count], &per_chroma[..count]);
    let mut squares: Line = [0.0; SPAN];
    let squares = &mut squares[..count];
    let mut sums: [Line; 3] = [[0.0; SPAN]; 3];
    let mut totals: [Line; 2] = [[0.0; SPAN]; 2];
    let [sum_y, sum_b, sum_r] = sums.each_mut().map(|line| &mut line[..count]);
    let [total_y, total_c] = totals.each_mut().map(|line| &mut line[..count]);
    let here: [&[f32]; 3] =
        std::array::from_fn(|channel| &around.from(channel, [0, 0], start)[..count]);
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            around.squares::<1>([dx, dy], start, squares);
            let there: [&[f32]; 3] =
                std::array::from_fn(|channel| &around.from(channel, [dx, dy], start)[..count]);
            for i in 0..count {
                let mean = squares[i] * (1.0 / 9.0);
                let apart: [f32; 3] = std::array::from_fn(|c| there[c][i] - here[c][i]);
                let colour = apart[1] * apart[1] + apart[2] * apart[2];
                let weight_y = fall((mean * per_luma[i] - 2.0) * slope);
                let weight_c = fall((0.25 * (mean + colour) * per_chroma[i] - 1.0) * slope);
                sum_y[i] += apart[0] * weight_y;
                sum_b[i] += apart[1] * weight_c;
                sum_r[i] += apart[2] * weight_c;
                total_y[i] += weight_y;
                total_c[i] += weight_c;
            }
        }
    }
    let [r, g, b] = out.map(|line| &mut line[..count]);
    for i in 0..count {
        r[i] = here[0][i] + sum_y[i] / total_y[i];
        g[i] = here[1][i] + sum_b[i] / total_c[i];
        b[i] = here[2][i] + sum_r[i] / total_c[i];
    }
}
