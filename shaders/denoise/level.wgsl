// The least deviation that is worked with: rounding to codes of 8 bits is noise, too.
const LEAST = 0.3 / 255.0;

// The deviation of the noise: as set, or as measured where 0 is set.
fn level(sigma: f32) -> f32 {
    return max(select(sigma, package::engine::facts.noise_level, sigma == 0.0), LEAST);
}
