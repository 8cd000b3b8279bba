use multiversion::multiversion;

use super::super::blocks::{
    Pair, Plane, VectorRow, Vectors, apart, noise_units, place, sum, write,
};
use crate::reference::{Io, Out};

/// The best vector of each block, of no motion, twice the vectors of the four nearest blocks of the picture of half the
/// size, and then of those a pixel beside the best. What differs from twice that of the nearest must be better by 16, and
/// more in noise, for each pixel.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["image", "other"].map(|name| Plane::of(io.image(name)));
    let coarse = Vectors(io.image("coarse"));
    let y = io.y as i32;
    let near = [y >> 1, (y >> 1) + if y & 1 == 0 { -1 } else { 1 }];
    let price = 16 + noise_units(io.facts.noise_level);
    let [columns, rows, rest, alpha] = out.rgba();
    rest.fill(0.0);
    alpha.fill(1.0);
    refine(
        planes,
        near.map(|y| coarse.row(y)),
        price,
        y,
        [columns, rows],
    );
}

#[multiversion(targets = "simd")]
fn refine(
    [image, other]: [Plane<'_>; 2],
    coarse: [VectorRow<'_>; 2],
    price: i32,
    y: i32,
    out: [&mut [f32]; 2],
) {
    write(out, |x| {
        let at = place([x, y]);
        let window = image.window(at);
        let twice = |row: usize, x: i32| coarse[row].at(x).map(|v| 2 * v);
        let beside = (x >> 1) + if x & 1 == 0 { -1 } else { 1 };
        let guess = twice(0, x >> 1);
        let cost = |v: Pair| other.differs(&window, sum(at, v)) + (price * apart(v, guess)) as f32;
        let mut best = (guess, cost(guess));
        let others = [twice(0, beside), twice(1, x >> 1), twice(1, beside), [0, 0]];
        for v in others {
            if v != best.0 {
                let cost = cost(v);
                if cost < best.1 {
                    best = (v, cost);
                }
            }
        }
        let centre = best.0;
        for k in [0, 1, 2, 3, 5, 6, 7, 8] {
            let v = sum(centre, [k % 3 - 1, k / 3 - 1]);
            let cost = cost(v);
            if cost < best.1 {
                best = (v, cost);
            }
        }
        best.0
    });
}
