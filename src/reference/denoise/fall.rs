use crate::color::bounds::{greater, smaller};

/// exp(-t) for t above 0, as (1 - t / 8)^8; 1 below.
#[inline(always)]
pub fn fall(t: f32) -> f32 {
    let root = smaller(greater(1.0 - 0.125 * t, 0.0), 1.0);
    let second = root * root;
    let fourth = second * second;
    fourth * fourth
}
