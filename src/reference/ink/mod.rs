pub mod across;
pub mod along;
pub mod fill;
pub mod print;

/// How far a Gaussian of deviation `sigma` is followed, in steps of a pixel.
fn steps(sigma: f32) -> usize {
    (2.0 * sigma).ceil() as usize
}
