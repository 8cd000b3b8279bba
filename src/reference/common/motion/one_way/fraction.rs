use multiversion::multiversion;

use super::super::blocks::{Pair, Plane, SIDE, VectorRow, place, sum, total};
use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Added to the squares of differences between neighbours: where they are no larger than this, they tell nothing.
const FLOOR: f32 = 1024.0;

/// Squares of a block that count as a weight of 1; so weights fit half floats.
const SHARE: f32 = 16384.0;

/// Where between whole pixels each block matches best: one step of Lucas and Kanade (1981), with the mean of both pictures'
/// slopes (Benhimane and Malis, 2004), at most a pixel. The third channel is how much there is to tell that by.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["image", "other"].map(|name| Plane::of(io.image(name)));
    let vectors = io.here("vectors");
    let vectors = VectorRow([vectors.channel(0), vectors.channel(1)]);
    let [columns, rows, weights, alpha] = out.rgba();
    alpha.fill(1.0);
    fraction(planes, vectors, io.y as i32, [columns, rows, weights]);
}

#[multiversion(targets = "simd")]
fn fraction(planes: [Plane<'_>; 2], vectors: VectorRow<'_>, y: i32, out: [&mut [f32]; 3]) {
    let [columns, rows, weights] = out;
    let outs = columns.iter_mut().zip(rows).zip(weights).enumerate();
    for (x, ((column, row), weight)) in outs {
        let v = vectors.at(x as i32);
        let [dx, dy, much] = step(planes, place([x as i32, y]), v);
        *weight = much;
        (*column, *row) = (v[0] as f32 + dx, v[1] as f32 + dy);
    }
}

/// How far the best place is from `v`, and how much there is to tell it by.
#[inline(always)]
fn step([image, other]: [Plane<'_>; 2], at: Pair, v: Pair) -> [f32; 3] {
    let mut rooms = [[[0.0; SIDE + 2]; SIDE + 2]; 2];
    let [first, second] = &mut rooms;
    let before = sum(at, [-1, -1]);
    let here = image.lines(before, first);
    let moved = other.lines(sum(before, v), second);
    let mut sums = [[0.0f32; SIDE]; 5];
    for j in 1..=SIDE {
        let h = [here[j - 1], here[j], here[j + 1]];
        let m = [moved[j - 1], moved[j], moved[j + 1]];
        for i in 0..SIDE {
            let across = 0.25 * ((h[1][i + 2] - h[1][i]) + (m[1][i + 2] - m[1][i]));
            let down = 0.25 * ((h[2][i + 1] - h[0][i + 1]) + (m[2][i + 1] - m[0][i + 1]));
            let apart = h[1][i + 1] - m[1][i + 1];
            sums[0][i] += across * across;
            sums[1][i] += across * down;
            sums[2][i] += down * down;
            sums[3][i] += across * apart;
            sums[4][i] += down * apart;
        }
    }
    let [xx, xy, yy, xe, ye] = sums.map(total);
    let (xx, yy) = (xx + FLOOR, yy + FLOOR);
    let determinant = xx * yy - xy * xy;
    let within = |d: f32| smaller(greater(d / determinant, -1.0), 1.0);
    let much = determinant / (xx + yy) / SHARE;
    [within(yy * xe - xy * ye), within(xx * ye - xy * xe), much]
}
