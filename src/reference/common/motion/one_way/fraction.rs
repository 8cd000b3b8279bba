use multiversion::multiversion;

use super::super::blocks::{Pair, Plane, SIDE, VectorRow, place, sum};
use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Added to the squares of differences between neighbours: where they are no larger than this, they tell nothing.
const FLOOR: f32 = 1024.0;

/// Where between whole pixels each block matches best: one step of Lucas and Kanade (1981), with the mean of both pictures'
/// slopes (Benhimane and Malis, 2004), at most a pixel.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["image", "other"].map(|name| Plane::of(io.image(name)));
    let vectors = io.here("vectors");
    let vectors = VectorRow([vectors.channel(0), vectors.channel(1)]);
    let [columns, rows, rest, alpha] = out.rgba();
    rest.fill(0.0);
    alpha.fill(1.0);
    fraction(planes, vectors, io.y as i32, [columns, rows]);
}

#[multiversion(targets = "simd")]
fn fraction(planes: [Plane<'_>; 2], vectors: VectorRow<'_>, y: i32, out: [&mut [f32]; 2]) {
    let [columns, rows] = out;
    for (x, (column, row)) in columns.iter_mut().zip(rows).enumerate() {
        let v = vectors.at(x as i32);
        let [dx, dy] = step(planes, place([x as i32, y]), v);
        (*column, *row) = (v[0] as f32 + dx, v[1] as f32 + dy);
    }
}

/// How far the best place is from `v`.
#[inline(always)]
fn step([image, other]: [Plane<'_>; 2], at: Pair, v: Pair) -> [f32; 2] {
    let there = sum(at, v);
    let mut sums = [[0.0f32; SIDE]; 5];
    let mut here = [image.row(at, -1), image.row(at, 0), image.row(at, 1)];
    let mut moved = [
        other.row(there, -1),
        other.row(there, 0),
        other.row(there, 1),
    ];
    for j in 0..SIDE {
        for i in 0..SIDE {
            let [h, m] = [&here, &moved];
            let across = 0.25 * ((h[1][i + 2] - h[1][i]) + (m[1][i + 2] - m[1][i]));
            let down = 0.25 * ((h[2][i + 1] - h[0][i + 1]) + (m[2][i + 1] - m[0][i + 1]));
            let apart = h[1][i + 1] - m[1][i + 1];
            sums[0][i] += across * across;
            sums[1][i] += across * down;
            sums[2][i] += down * down;
            sums[3][i] += across * apart;
            sums[4][i] += down * apart;
        }
        here = [here[1], here[2], image.row(at, j as i32 + 2)];
        moved = [moved[1], moved[2], other.row(there, j as i32 + 2)];
    }
    let [xx, xy, yy, xe, ye] = sums.map(|sums| sums.iter().sum::<f32>());
    let (xx, yy) = (xx + FLOOR, yy + FLOOR);
    let determinant = xx * yy - xy * xy;
    let within = |d: f32| smaller(greater(d / determinant, -1.0), 1.0);
    [within(yy * xe - xy * ye), within(xx * ye - xy * xe)]
}
