use crate::reference::common::noise::noise;
use crate::reference::{Io, Out};

/// The relief of the paper for the whole picture. The paper does not move, so it is computed once.
fn tooth(width: usize, height: usize, pixel: f32) -> Vec<f32> {
    use rayon::prelude::*;
    let mut relief_of = vec![0.0; width * height];
    relief_of
        .par_chunks_mut(width)
        .enumerate()
        .for_each(|(y, line)| {
            let y = y as f32 * pixel;
            for (x, value) in line.iter_mut().enumerate() {
                let x = x as f32 * pixel;
                *value = 0.5 * noise(x / 2.0, y / 2.0, 0)
                    + 0.3 * noise(x / 4.5, y / 4.5, 1)
                    + 0.2 * noise(x / 11.0, y / 11.0, 2);
            }
        });
    relief_of
}

/// Paper grain: dark strokes are broken up in the valleys of the paper; bare paper stays nearly white.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let tooth = io.once(|| tooth(io.width, io.height, io.param("pixel")));
    let tooth = &tooth[io.y * io.width..(io.y + 1) * io.width];
    let drawing = io.here("drawing").r();
    for ((value, drawing), tooth) in out.gray().iter_mut().zip(drawing).zip(tooth) {
        let paper = 1.0 - 0.08 * tooth;
        let graphite = 1.0 - drawing;
        *value = paper * (1.0 - graphite * (1.0 - 0.55 * tooth));
    }
}
