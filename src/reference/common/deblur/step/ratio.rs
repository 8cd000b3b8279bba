use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// The ratio of what was observed to the blurred estimate, nearer to 1 where they differ by less than noise: damped as by
/// White (1994).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (observed, blurred) = (io.here("observed").r(), io.here("blurred").r());
    let (noise, lift) = (io.param("noise"), io.param("lift"));
    ratios(observed, blurred, noise, lift, out.gray());
}

#[multiversion(targets = "simd")]
fn ratios(observed: &[f32], blurred: &[f32], noise: f32, lift: f32, out: &mut [f32]) {
    let count = out.len();
    let (observed, blurred) = (&observed[..count], &blurred[..count]);
    let largest = greater(4.0 * noise * noise, 1e-12);
    for x in 0..count {
        let difference = observed[x] - blurred[x];
        let share = smaller(difference * difference / largest, 1.0);
        let sure = share * share * (3.0 - 2.0 * share);
        let lifted = greater(blurred[x] + lift, 0.001);
        out[x] = greater(1.0 + sure * difference / lifted, 0.0);
    }
}
