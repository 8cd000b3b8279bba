use multiversion::multiversion;

use super::blocks::{Pair, Plane, SIDE, place, total};
use crate::color::bounds::{greater, smaller};
use crate::reference::{Image, Io, Out};

/// Two codes of 8 bits.
const CODES: f32 = 2.0 / 255.0;

/// The vectors, how sure they are, and how well blocks match: vectors forward and backward that do not lead back to where
/// they began are of what is hidden in one of the pictures, and a block that matches badly was not found. Where there is
/// little texture, many vectors match, and the way back says nothing.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["image", "other"].map(|name| Plane::of(io.image(name)));
    let forward = io.here("forward");
    let vectors = [forward.channel(0), forward.channel(1)];
    let [dx, dy, sure, apart] = out.rgba();
    dx.copy_from_slice(vectors[0]);
    dy.copy_from_slice(vectors[1]);
    consistent(io.image("backward"), planes[0], vectors, io.y, sure);
    compare(planes, vectors, io.facts.noise_level, io.y, sure, apart);
}

/// What stands for a place outside of the picture.
const OUTSIDE: f32 = -1.0;

/// How sure each vector is, from how near the way there and back ends to where it began: 1 within half a pixel.
/// [`OUTSIDE`] where the place there is not in the picture.
fn consistent(
    backward: &Image,
    image: Plane<'_>,
    [dx, dy]: [&[f32]; 2],
    y: usize,
    sure: &mut [f32],
) {
    let size = [image.width as f32, image.height as f32];
    for (x, sure) in sure.iter_mut().enumerate() {
        let v = [dx[x], dy[x]];
        let there = [4.0 * x as f32 + 2.0 + v[0], 4.0 * y as f32 + 2.0 + v[1]];
        if there[0] < 0.0 || there[1] < 0.0 || there[0] > size[0] || there[1] > size[1] {
            *sure = OUTSIDE;
            continue;
        }
        let first = there.map(|at| ((at - 2.0) * 0.25).floor() as i64);
        let mut least = f32::MAX;
        for j in 0..2 {
            let row = backward.clamped_row(first[1] + j);
            for i in 0..2 {
                let at = (first[0] + i).clamp(0, backward.width as i64 - 1) as usize;
                let back = (v[0] + row.channel(0)[at]).abs() + (v[1] + row.channel(1)[at]).abs();
                least = smaller(back, least);
            }
        }
        let length = v[0].abs() + v[1].abs();
        *sure = smaller(greater(1.5 + 0.03125 * length - least, 0.0), 1.0);
    }
}

/// Multiplies with how well each block matches, and writes the mean difference.
#[multiversion(targets = "simd")]
fn compare(
    [image, other]: [Plane<'_>; 2],
    [dx, dy]: [&[f32]; 2],
    noise: f32,
    y: usize,
    sure: &mut [f32],
    apart: &mut [f32],
) {
    for (x, (sure, apart)) in sure.iter_mut().zip(apart).enumerate() {
        let at = place([x as i32, y as i32]);
        let texture = texture(image, at);
        let mean = residual(image, other, at, [dx[x], dy[x]]) / 64.0;
        let allowed = CODES + 0.5 * texture / 64.0;
        let limited = |value: f32| smaller(greater(value, 0.0), 1.0);
        let flat = limited(2.0 - (texture / 64.0 - 1.2 * noise) / CODES);
        let consistent = if *sure == OUTSIDE {
            0.0
        } else {
            greater(*sure, flat)
        };
        *sure = consistent * limited(2.0 - mean / allowed);
        *apart = mean;
    }
}

/// The sum of the differences between each pixel of a window and those after and below it.
#[inline(always)]
fn texture(image: Plane<'_>, at: Pair) -> f32 {
    let mut room = [[0.0; SIDE + 1]; SIDE + 1];
    let here = image.lines(at, &mut room);
    let mut sums = [0.0f32; SIDE];
    for j in 0..SIDE {
        for i in 0..SIDE {
            let pixel = here[j][i];
            sums[i] += (here[j][i + 1] - pixel).abs() + (here[j + 1][i] - pixel).abs();
        }
    }
    total(sums)
}

/// The sum of the differences between a window and the same one of the other picture moved by `v`, bilinear.
#[inline(always)]
fn residual(image: Plane<'_>, other: Plane<'_>, at: Pair, v: [f32; 2]) -> f32 {
    let whole = v.map(f32::floor);
    let part = [v[0] - whole[0], v[1] - whole[1]];
    let [x, y] = [at[0] + whole[0] as i32, at[1] + whole[1] as i32];
    let mut rooms = ([[0.0; SIDE]; SIDE], [[0.0; SIDE + 1]; SIDE + 1]);
    let here = image.lines(at, &mut rooms.0);
    let moved = other.lines([x, y], &mut rooms.1);
    let mut sums = [0.0f32; SIDE];
    for j in 0..SIDE {
        let (above, below) = (moved[j], moved[j + 1]);
        for i in 0..SIDE {
            let first = above[i] + part[0] * (above[i + 1] - above[i]);
            let second = below[i] + part[0] * (below[i + 1] - below[i]);
            sums[i] += (first + part[1] * (second - first) - here[j][i]).abs();
        }
    }
    total(sums)
}
