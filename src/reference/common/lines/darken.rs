use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// What is darker than its surroundings, darker by half of that.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (here, around) = (io.here("luma").r(), io.here("around").r());
    darker(here, around, 0.5 * io.param("amount"), out.gray());
}

#[multiversion(targets = "simd")]
fn darker(here: &[f32], around: &[f32], share: f32, out: &mut [f32]) {
    for ((out, here), around) in out.iter_mut().zip(here).zip(around) {
        let darker = here + share * smaller(here - around, 0.0);
        *out = greater(darker, smaller(*here, 0.0));
    }
}
