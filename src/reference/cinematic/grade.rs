use multiversion::multiversion;

use super::carry_alpha;
use crate::color::lut::{Cube, Curves, Interpolation, place};
use crate::reference::{Io, Out};

pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let interpolation = if io.param("tetrahedral") != 0.0 {
        Interpolation::Tetrahedral
    } else {
        Interpolation::Trilinear
    };
    let [r, g, b, a] = out.rgba();
    carry_alpha(image, a);
    let strength = io.param("lut_strength");
    let lut = io.lut("look");
    let mut through = image.rgb().map(<[f32]>::to_vec);
    let [red, green, blue] = &mut through;
    if let Some(curves) = &lut.curves {
        bend(curves, red, green, blue);
    }
    if let Some(cube) = &lut.cube {
        look_up(cube, interpolation, red, green, blue);
    }
    for ((line, from), to) in [r, g, b].into_iter().zip(image.rgb()).zip(&through) {
        mix(from, to, strength, line);
    }
}

#[multiversion(targets = "simd")]
fn bend(curves: &Curves, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
    let scale = curves.domain.scale(curves.entries.len());
    for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
        [*r, *g, *b] = curves.apply([*r, *g, *b], scale);
    }
}

/// Pixels whose table positions are computed together, before their entries are read one by one.
const BLOCK: usize = 64;

#[multiversion(targets = "simd")]
fn look_up(cube: &Cube, how: Interpolation, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
    let scale = cube.domain.scale(cube.size);
    let strides = [1, cube.size as i32, (cube.size * cube.size) as i32];
    let mut starts = [0; BLOCK];
    let mut parts = [[0.0; BLOCK]; 3];
    let mut colors = [[0.0; 4]; BLOCK];
    let blocks = r.chunks_mut(BLOCK).zip(g.chunks_mut(BLOCK));
    for ((r, g), b) in blocks.zip(b.chunks_mut(BLOCK)) {
        starts.fill(0);
        for (c, values) in [&*r, &*g, &*b].into_iter().enumerate() {
            for ((value, start), part) in values.iter().zip(&mut starts).zip(&mut parts[c]) {
                let x = (value - cube.domain.min[c]) * scale[c];
                let (index, t) = place(x, cube.size);
                *start += index * strides[c];
                *part = t;
            }
        }
        for (i, color) in colors.iter_mut().enumerate().take(r.len()) {
            let (start, t) = (starts[i] as usize, [parts[0][i], parts[1][i], parts[2][i]]);
            *color = match how {
                Interpolation::Trilinear => cube.trilinear(start, t),
                Interpolation::Tetrahedral => cube.tetrahedral(start, t),
            };
        }
        for (((r, g), b), color) in r.iter_mut().zip(g).zip(b).zip(&colors) {
            [*r, *g, *b, _] = *color;
        }
    }
}

#[multiversion(targets = "simd")]
fn mix(from: &[f32], to: &[f32], strength: f32, out: &mut [f32]) {
    for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
        *out = from + (to - from) * strength;
    }
}
