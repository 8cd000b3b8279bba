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
    let by_four = how == Interpolation::Trilinear && has_fours();
    let mut starts = [0; BLOCK];
    let mut parts = [[0.0; BLOCK]; 3];
    let mut colors = [[0.0; BLOCK]; 3];
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
        if by_four {
            four_by_four(cube, &starts, &parts, &mut colors);
        } else {
            one_by_one(cube, how, &starts[..r.len()], &parts, &mut colors);
        }
        for (line, color) in [r, g, b].into_iter().zip(&colors) {
            line.copy_from_slice(&color[..line.len()]);
        }
    }
}

#[inline(always)]
fn one_by_one(
    cube: &Cube,
    how: Interpolation,
    starts: &[i32],
    parts: &[[f32; BLOCK]; 3],
    colors: &mut [[f32; BLOCK]; 3],
) {
    for (i, start) in starts.iter().enumerate() {
        let (start, t) = (*start as usize, [parts[0][i], parts[1][i], parts[2][i]]);
        let color = match how {
            Interpolation::Trilinear => cube.trilinear(start, t),
            Interpolation::Tetrahedral => cube.tetrahedral(start, t),
        };
        for (line, value) in colors.iter_mut().zip(color) {
            line[i] = value;
        }
    }
}

/// Whether the processor has the instructions for [`four_by_four`].
fn has_fours() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Trilinear interpolation of four pixels at a time, with the same bits as [`Cube::trilinear`] in a third of its
/// instructions. Panics where the processor does not have them.
fn four_by_four(
    cube: &Cube,
    starts: &[i32; BLOCK],
    parts: &[[f32; BLOCK]; 3],
    colors: &mut [[f32; BLOCK]; 3],
) {
    assert!(
        has_fours(),
        "there are instructions for four pixels at once"
    );
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the processor has the instructions.
    unsafe {
        trilinear_by_four(cube, starts, parts, colors)
    }
    #[cfg(not(target_arch = "x86_64"))]
    one_by_one(cube, Interpolation::Trilinear, starts, parts, colors);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn trilinear_by_four(
    cube: &Cube,
    starts: &[i32; BLOCK],
    parts: &[[f32; BLOCK]; 3],
    colors: &mut [[f32; BLOCK]; 3],
) {
    use std::arch::x86_64::*;
    let n = cube.size;
    // An entry and its neighbour in red, along green and blue: red, green, blue and the unused number of both.
    let along_red = |i: usize| {
        let start = starts[i] as usize;
        // One bounds check for all corners.
        let corners = cube.entries[start..start + n * n + n + 2].as_ptr();
        // SAFETY: the largest offset is the last but one of the slice.
        let pair = |entry: usize| unsafe { _mm256_loadu_ps(corners.add(entry).cast()) };
        let (tg, tb) = (_mm256_set1_ps(parts[1][i]), _mm256_set1_ps(parts[2][i]));
        let between = |a: __m256, b: __m256, t: __m256| {
            _mm256_add_ps(a, _mm256_mul_ps(_mm256_sub_ps(b, a), t))
        };
        let near = between(pair(0), pair(n), tg);
        let far = between(pair(n * n), pair(n * n + n), tg);
        between(near, far, tb)
    };
    for i in (0..BLOCK).step_by(4) {
        let (a, b, c, d) = (
            along_red(i),
            along_red(i + 1),
            along_red(i + 2),
            along_red(i + 3),
        );
        // From pixels to channels: four of the first entries, then four of their neighbours in red.
        let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
        let (ab_blue, cd_blue) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
        let channels = [
            _mm256_shuffle_ps::<0x44>(ab, cd),
            _mm256_shuffle_ps::<0xee>(ab, cd),
            _mm256_shuffle_ps::<0x44>(ab_blue, cd_blue),
        ];
        // SAFETY: four pixels of a block.
        let tr = unsafe { _mm_loadu_ps(parts[0][i..i + 4].as_ptr()) };
        for (line, both) in colors.iter_mut().zip(channels) {
            let (low, high) = (
                _mm256_castps256_ps128(both),
                _mm256_extractf128_ps::<1>(both),
            );
            let color = _mm_add_ps(low, _mm_mul_ps(_mm_sub_ps(high, low), tr));
            // SAFETY: four pixels of a block.
            unsafe { _mm_storeu_ps(line[i..i + 4].as_mut_ptr(), color) };
        }
    }
}

#[multiversion(targets = "simd")]
fn mix(from: &[f32], to: &[f32], strength: f32, out: &mut [f32]) {
    for ((out, from), to) in out.iter_mut().zip(from).zip(to) {
        *out = from + (to - from) * strength;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::lut::Domain;
    use crate::reference::common::hash::pcg3d;

    #[test]
    fn four_at_a_time_gives_the_bits_of_one_at_a_time() {
        let number = |i: usize, c: u32| pcg3d([i as u32, c, 7])[0] as f32 / u32::MAX as f32;
        for size in [2, 5, 33] {
            let entries =
                (0..size * size * size).map(|i| [0, 1, 2, 3].map(|c| number(i, c) * 1.5 - 0.2));
            let cube = Cube {
                domain: Domain::default(),
                size,
                entries: entries.collect(),
            };
            // Rows that end within a block and within four pixels; values outside the table, and no numbers.
            for width in [1, 63, 64, 130] {
                let value = |x: usize, c: u32| match x % 29 {
                    3 => 1.0,
                    7 => f32::NAN,
                    _ => number(x, c + 9) * 1.2 - 0.1,
                };
                let pixels =
                    [0, 1, 2].map(|c| (0..width).map(|x| value(x, c)).collect::<Vec<f32>>());
                let [mut r, mut g, mut b] = pixels.clone();
                look_up(&cube, Interpolation::Trilinear, &mut r, &mut g, &mut b);
                for x in 0..width {
                    let rgb = pixels.each_ref().map(|channel| channel[x]);
                    let one = cube.apply(rgb, Interpolation::Trilinear);
                    assert_eq!([r[x], g[x], b[x]], one, "size {size}, {rgb:?}");
                }
            }
        }
    }
}
