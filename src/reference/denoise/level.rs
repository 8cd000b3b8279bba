use crate::color::bounds::greater;
use crate::reference::Io;

/// The least deviation that is worked with: rounding to codes of 8 bits is noise, too.
const LEAST: f32 = 0.3 / 255.0;

/// The deviation of the noise: as set, or as measured where 0 is set.
pub fn level(io: &Io<'_>) -> f32 {
    let sigma = io.param("sigma");
    let sigma = if sigma == 0.0 {
        io.facts.noise_level
    } else {
        sigma
    };
    greater(sigma, LEAST)
}
