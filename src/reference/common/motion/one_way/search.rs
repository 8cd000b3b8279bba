use multiversion::multiversion;

use super::super::blocks::{Pair, Plane, apart, place, sum, write};
use crate::reference::{Io, Out};

/// The best vector of each block, of all that reach no further than so many pixels. A longer one must be better by 16 for
/// each pixel.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["image", "other"].map(|name| Plane::of(io.image(name)));
    let [columns, rows, rest, alpha] = out.rgba();
    rest.fill(0.0);
    alpha.fill(1.0);
    search(
        planes,
        io.param("reach") as i32,
        io.y as i32,
        [columns, rows],
    );
}

#[multiversion(targets = "simd")]
fn search([image, other]: [Plane<'_>; 2], reach: i32, y: i32, out: [&mut [f32]; 2]) {
    write(out, |x| {
        let at = place([x, y]);
        let window = image.window(at);
        let cost = |v: Pair| other.differs(&window, sum(at, v)) + (16 * apart(v, [0, 0])) as f32;
        let mut best = ([0, 0], cost([0, 0]));
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let cost = cost([dx, dy]);
                if cost < best.1 {
                    best = ([dx, dy], cost);
                }
            }
        }
        best.0
    });
}
