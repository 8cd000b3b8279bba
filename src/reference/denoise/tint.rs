use multiversion::multiversion;

use super::fall::fall;
use super::level::level;
use super::patches::{Around, SPAN};
use crate::color::bounds::greater;
use crate::reference::{Io, Out};

/// Numbers for pixels.
type Line = [f32; SPAN];

/// Non-local means of colour differences in a picture of half the size; what is made is the change.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let reach = io.param("radius") as i32;
    let sigma = level(io) * io.param("chroma");
    let image = io.image("image");
    let frames = image.row(io.y).channel(3);
    let [r, g, b, a] = out.rgba();
    // What noise makes of the squared differences of 3 by 3 pixels: of each colour difference, and a quarter of that of luma.
    let noise = 9.0 * 2.25 * sigma * sigma;
    let numbers = [noise, io.param("slope")];
    io.with_kept(|around: &mut Around| {
        around.take(image, io.y, reach as usize + 1);
        for start in (0..frames.len()).step_by(SPAN) {
            let end = frames.len().min(start + SPAN);
            let pixels = start..end;
            let lines = [&mut *g, &mut *b].map(|line| &mut line[pixels.clone()]);
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
    r.fill(0.0);
    a.fill(1.0);
}

/// The pixels from column `start` on.
#[multiversion(targets = "simd")]
fn filter(
    around: &Around,
    start: usize,
    reach: i32,
    frames: &[f32],
    [noise, slope]: [f32; 2],
    out: [&mut [f32]; 2],
) {
    let count = frames.len();
    let mut scale: Line = [0.0; SPAN];
    for i in 0..count {
        scale[i] = 1.0 / greater(noise / greater(frames[i], 1.0), 1e-9);
    }
    let scale = &scale[..count];
    let mut squares: Line = [0.0; SPAN];
    let squares = &mut squares[..count];
    let mut sums: [Line; 3] = [[0.0; SPAN]; 3];
    let [sum_b, sum_r, total] = sums.each_mut().map(|line| &mut line[..count]);
    let here: [&[f32]; 2] =
        std::array::from_fn(|channel| &around.from(channel + 1, [0, 0], start)[..count]);
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            around.squares::<3>([dx, dy], start, squares);
            let there: [&[f32]; 2] =
                std::array::from_fn(|channel| &around.from(channel + 1, [dx, dy], start)[..count]);
            for i in 0..count {
                let weight = fall((squares[i] * scale[i] - 2.0) * slope);
                sum_b[i] += (there[0][i] - here[0][i]) * weight;
                sum_r[i] += (there[1][i] - here[1][i]) * weight;
                total[i] += weight;
            }
        }
    }
    let [g, b] = out.map(|line| &mut line[..count]);
    for i in 0..count {
        g[i] = sum_b[i] / total[i];
        b[i] = sum_r[i] / total[i];
    }
}
