use multiversion::multiversion;

use super::pairs::{differs, pair, rounded, vector};
use crate::reference::common::motion::blocks::Plane;
use crate::reference::{Image, Io, Out};

/// Blocks to the neighbours whose pairs are tried.
const FAR: i64 = 3;
/// What a pair other than the block's own must be better by.
const PRICE: i32 = 64;

/// The pair of vectors along which the frames before and after are most alike: the block's own, half of the vector from one to
/// the other, or that of a block further away.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let planes = ["before", "after"].map(|name| Plane::of(io.image(name)));
    let to = ["to_before", "to_after"].map(|name| io.image(name));
    choose(planes, to, io.image("across"), io.y as i64, out.rgba());
}

#[multiversion(targets = "simd")]
fn choose(
    planes: [Plane<'_>; 2],
    to: [&Image; 2],
    across: &Image,
    y: i64,
    mut out: [&mut [f32]; 4],
) {
    for x in 0..out[0].len() as i64 {
        let [dx, dy] = vector(across.clamped_row(y), x);
        let tried = [
            [-0.5 * dx, -0.5 * dy, 0.5 * dx, 0.5 * dy],
            pair(to, [x - FAR, y]),
            pair(to, [x + FAR, y]),
            pair(to, [x, y - FAR]),
            pair(to, [x, y + FAR]),
        ];
        let at = [x as i32, y as i32];
        let mut best = pair(to, [x, y]);
        let mut least = differs(planes, at, rounded(best)) - PRICE;
        for by in tried {
            let whole = rounded(by);
            if whole == rounded(best) {
                continue;
            }
            let here = differs(planes, at, whole);
            if here < least {
                (best, least) = (by, here);
            }
        }
        for (out, v) in out.iter_mut().zip(best) {
            out[x as usize] = v;
        }
    }
}
