use crate::color::bounds::{greater, smaller};
use crate::reference::between::Field;
use crate::reference::common::hash::{pcg3d, triangular};
use crate::reference::{Io, Out};

/// Pairs of pixels that a place is compared with.
const PAIRS: u32 = 4;

/// Takes the mean of pixels at places that differ at random. Both pixels of a pair lie on opposite sides, as far away, so that
/// a slope stays as it is; a pair with a pixel that is far from this one counts less, so that edges stay.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let reach = io.param("reach") as i32;
    let side = (2 * reach + 1) as u32;
    let key = io.facts.noise.wrapping_add(64 * io.param("key") as u32);
    let [threshold, noise, texture] = ["threshold", "noise", "texture"].map(|name| io.param(name));
    let own = image.clamped_row(io.y as i64);
    let rows: Vec<[&[f32]; 3]> = (-reach..=reach)
        .map(|d| image.clamped_row(io.y as i64 + i64::from(d)).rgb())
        .collect();
    let activity = Field::<1>::around(io.image("activity"), io.y / 4, 1);
    let [r, g, b, a] = out.rgba();
    match own.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
    let own = own.rgb();
    let last = own[0].len() as i32 - 1;
    let down = (io.y as f32 + 0.5) / 4.0;
    for x in 0..own[0].len() {
        let here = own.map(|channel| channel[x]);
        let [activity] = activity.between([(x as f32 + 0.5) / 4.0, down]);
        let even = smaller(greater(2.0 - 2.0 * activity / texture, 0.0), 1.0);
        let mut sum = [0.0; 3];
        let mut grain = 0.0;
        if even > 0.0 {
            for n in 0..PAIRS {
                let random = pcg3d([x as u32, io.y as u32, key.wrapping_add(n)]);
                let across = ((random[0] >> 8) % side) as i32 - reach;
                let along = ((random[1] >> 8) % side) as i32;
                let at = |row: [&[f32]; 3], x: i32| row.map(|row| row[x.clamp(0, last) as usize]);
                let one = at(rows[along as usize], x as i32 + across);
                let other = at(rows[(2 * reach - along) as usize], x as i32 - across);
                let apart: [[f32; 2]; 3] =
                    std::array::from_fn(|c| [one[c] - here[c], other[c] - here[c]]);
                let far = apart.map(|[a, b]| greater(a.abs(), b.abs()));
                let far = greater(far[0], greater(far[1], far[2]));
                let weight = smaller(greater(2.0 - 2.0 * far / threshold, 0.0), 1.0);
                for (sum, [a, b]) in sum.iter_mut().zip(apart) {
                    *sum += weight * (a + b);
                }
            }
            grain = noise * triangular(x as u32, io.y as u32, 16, key);
        }
        let [red, green, blue]: [f32; 3] =
            std::array::from_fn(|c| here[c] + even * (sum[c] / (2 * PAIRS) as f32 + grain));
        (r[x], g[x], b[x]) = (red, green, blue);
    }
}
