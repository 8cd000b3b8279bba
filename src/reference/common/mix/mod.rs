pub mod blend;

/// WGSL's `mix`: `a` at 0, `b` at 1.
#[inline(always)]
pub fn mix(a: f32, b: f32, t: f32) -> f32 {
    a * (1.0 - t) + b * t
}
