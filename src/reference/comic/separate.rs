use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Separates the picture into C, M, Y and K, 0 to 1, with grey-component replacement. Where K covers k, the rest of an
/// ink c must give the same colour through it: (1 - rest)(1 - k) = 1 - c.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    separate(
        io.here("picture").rgb(),
        io.param("gray_replacement"),
        io.param("black_start"),
        out.rgba(),
    );
}

#[multiversion(targets = "simd")]
fn separate([r, g, b]: [&[f32]; 3], replacement: f32, start: f32, out: [&mut [f32]; 4]) {
    let [c, m, y, k] = out;
    let ink = |value: f32| 1.0 - smaller(greater(value, 0.0), 1.0);
    let slope = replacement / (1.0 - start);
    for ((((((c, m), y), k), r), g), b) in c.iter_mut().zip(m).zip(y).zip(k).zip(r).zip(g).zip(b) {
        let (full_c, full_m, full_y) = (ink(*r), ink(*g), ink(*b));
        let gray = smaller(full_c, smaller(full_m, full_y));
        let black = slope * greater(gray - start, 0.0);
        let share = 1.0 / greater(1.0 - black, 0.004);
        *c = (full_c - black) * share;
        *m = (full_m - black) * share;
        *y = (full_y - black) * share;
        *k = black;
    }
}
