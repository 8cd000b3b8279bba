use multiversion::multiversion;

use super::carry_alpha;
use crate::color::lut::{Interpolation, Lut};
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
    grade(
        image.rgb(),
        io.lut("look"),
        interpolation,
        strength,
        [r, g, b],
    );
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn grade(
    rgb: [&[f32]; 3],
    lut: &Lut,
    interpolation: Interpolation,
    strength: f32,
    out: [&mut [f32]; 3],
) {
    // A loop of its own for every kind of table, so that nothing is decided in it.
    let scale = lut
        .cube
        .as_ref()
        .map(|cube| (cube, cube.domain.scale(cube.size)));
    let curves = lut.curves.as_ref();
    let curves = curves.map(|curves| (curves, curves.domain.scale(curves.entries.len())));
    match (curves, scale, interpolation) {
        (None, Some((cube, scale)), Interpolation::Trilinear) => {
            each(rgb, strength, out, |rgb| cube.trilinear(rgb, scale))
        }
        (None, Some((cube, scale)), Interpolation::Tetrahedral) => {
            each(rgb, strength, out, |rgb| cube.tetrahedral(rgb, scale))
        }
        (Some((curves, s)), Some((cube, scale)), Interpolation::Trilinear) => {
            each(rgb, strength, out, |rgb| {
                cube.trilinear(curves.apply(rgb, s), scale)
            })
        }
        (Some((curves, s)), Some((cube, scale)), Interpolation::Tetrahedral) => {
            each(rgb, strength, out, |rgb| {
                cube.tetrahedral(curves.apply(rgb, s), scale)
            })
        }
        (Some((curves, s)), None, _) => each(rgb, strength, out, |rgb| curves.apply(rgb, s)),
        (None, None, _) => each(rgb, strength, out, |rgb| rgb),
    }
}

#[inline(always)]
fn each(
    [r, g, b]: [&[f32]; 3],
    strength: f32,
    [out_r, out_g, out_b]: [&mut [f32]; 3],
    look: impl Fn([f32; 3]) -> [f32; 3],
) {
    let out = out_r.iter_mut().zip(out_g).zip(out_b);
    for (((out_r, out_g), out_b), ((r, g), b)) in out.zip(r.iter().zip(g).zip(b)) {
        let graded = look([*r, *g, *b]);
        *out_r = r + (graded[0] - r) * strength;
        *out_g = g + (graded[1] - g) * strength;
        *out_b = b + (graded[2] - b) * strength;
    }
}
