use multiversion::multiversion;

use super::super::blocks::{
    Pair, Plane, VectorRow, Vectors, apart, noise_units, place, sum, write,
};
use crate::reference::{Io, Out};

/// A vector that is no nearer to a neighbour's than this many pixels differs from it as much as any.
const FAR: i32 = 4;

/// The best vector of each block, of its own and those of the eight blocks around. For each pixel that a vector differs from
/// one of the four neighbours beside it, it must be better by 32, and more in noise.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["image", "other"].map(|name| Plane::of(io.image(name)));
    let vectors = Vectors(io.image("vectors"));
    let y = io.y as i32;
    let price = 32 + 2 * noise_units(io.facts.noise_level);
    let [columns, rows, rest, alpha] = out.rgba();
    rest.fill(0.0);
    alpha.fill(1.0);
    let around = [y - 1, y, y + 1].map(|y| vectors.row(y));
    settle(planes, around, price, y, [columns, rows]);
}

#[multiversion(targets = "simd")]
fn settle(
    [image, other]: [Plane<'_>; 2],
    vectors: [VectorRow<'_>; 3],
    price: i32,
    y: i32,
    out: [&mut [f32]; 2],
) {
    write(out, |x| {
        let near: [Pair; 9] = std::array::from_fn(|k| {
            let k = k as i32;
            vectors[(k / 3) as usize].at(x + k % 3 - 1)
        });
        let own = near[4];
        if near == [own; 9] {
            return own;
        }
        let at = place([x, y]);
        let window = image.window(at);
        let rough = |v: Pair| {
            let beside = [near[1], near[3], near[5], near[7]];
            let rough: i32 = beside.iter().map(|n| apart(v, *n).min(FAR)).sum();
            (price * rough) as f32
        };
        let differs = |v: Pair| other.differs(&window, sum(at, v));
        let mut best = (own, differs(own) + rough(own));
        for (k, v) in near.iter().enumerate() {
            if *v == own || near[..k].contains(v) {
                continue;
            }
            let rough = rough(*v);
            if rough < best.1 {
                let cost = differs(*v) + rough;
                if cost < best.1 {
                    best = (*v, cost);
                }
            }
        }
        best.0
    });
}
