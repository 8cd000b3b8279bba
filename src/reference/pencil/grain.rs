use crate::reference::common::hash::pcg3d;
use crate::reference::{Io, Out};

/// Height of the paper at a lattice point of octave `octave`, 0..1.
fn lattice(x: i32, y: i32, octave: u32) -> f32 {
    (pcg3d([x as u32, y as u32, octave])[0] >> 8) as f32 / 16_777_215.0
}

fn mix(a: f32, b: f32, t: f32) -> f32 {
    a * (1.0 - t) + b * t
}

/// Value noise between lattice points, smooth at them.
fn relief(x: f32, y: f32, octave: u32) -> f32 {
    let (base_x, base_y) = (x.floor(), y.floor());
    let smooth = |f: f32| f * f * (3.0 - 2.0 * f);
    let (wx, wy) = (smooth(x - base_x), smooth(y - base_y));
    let (px, py) = (base_x as i32, base_y as i32);
    let top = mix(lattice(px, py, octave), lattice(px + 1, py, octave), wx);
    let bottom = mix(
        lattice(px, py + 1, octave),
        lattice(px + 1, py + 1, octave),
        wx,
    );
    mix(top, bottom, wy)
}

/// The relief of the whole picture: the paper lies still, so it is made once.
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
                *value = 0.5 * relief(x / 2.0, y / 2.0, 0)
                    + 0.3 * relief(x / 4.5, y / 4.5, 1)
                    + 0.2 * relief(x / 11.0, y / 11.0, 2);
            }
        });
    relief_of
}

/// Paper whose tooth the graphite catches on: dark strokes break up over its valleys, bare paper stays nearly white.
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
