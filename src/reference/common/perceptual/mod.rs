//! The picture at a smaller size, with the local contrast that it had.

pub mod apply;
pub mod contrast;

/// The least that is left of a deviation. Where fine texture has become flat, nothing is there that could grow.
const LEAST: f32 = 0.25;

/// Binomial weights of 3 by 3 pixels, row by row.
const WEIGHTS: [f32; 9] = [
    0.0625, 0.125, 0.0625, 0.125, 0.25, 0.125, 0.0625, 0.125, 0.0625,
];
