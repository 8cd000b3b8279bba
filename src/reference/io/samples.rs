//! Converts one row of one component between coded samples and floats.

use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::frame::{Component, FLOATS, Picture, float_at};
use crate::reference::common::hash::triangular;

/// Reads the code values of component `component` in row `y` of its own grid. `out` has the length of that row.
pub fn read_row(picture: &Picture, component: usize, y: usize, out: &mut [f32]) {
    let at = picture.format.components[component];
    let row = picture.row(usize::from(at.plane), y);
    read(row, at, picture.format.sample_bytes(), out);
}

#[multiversion(targets = "simd")]
fn read(row: &[u8], at: Component, bytes: usize, out: &mut [f32]) {
    let (step, offset) = (usize::from(at.step), usize::from(at.offset));
    match (bytes, step) {
        (1, 1) => {
            for (value, byte) in out.iter_mut().zip(row) {
                *value = f32::from(*byte);
            }
        }
        (1, _) => {
            for (value, sample) in out.iter_mut().zip(row.chunks_exact(step)) {
                *value = f32::from(sample[offset]);
            }
        }
        (4, _) => {
            for (value, sample) in out.iter_mut().zip(row.chunks_exact(step)) {
                *value = float_at(&sample[offset..]);
            }
        }
        _ => {
            for (value, sample) in out.iter_mut().zip(row.chunks_exact(step)) {
                let word = u16::from_le_bytes([sample[offset], sample[offset + 1]]);
                *value = f32::from(word >> at.shift);
            }
        }
    }
}

/// Writes code values, rounded to whole numbers in 0..=max, to component `at` of a row of a plane; floats as they are.
#[multiversion(targets = "simd")]
pub fn write_row(codes: &[f32], at: Component, depth: u8, row: &mut [u8]) {
    let (step, offset) = (usize::from(at.step), usize::from(at.offset));
    if depth == FLOATS {
        for (sample, code) in row.chunks_exact_mut(step).zip(codes) {
            sample[offset..offset + 4].copy_from_slice(&code.to_le_bytes());
        }
        return;
    }
    let max = ((1u32 << depth) - 1) as f32;
    // Halves are rounded up, and values outside the format are clamped. Adding 2^23 leaves the whole number in the
    // lowest bits: faster than a conversion that handles NaN.
    let whole = |code: &f32| {
        let inside = smaller(greater(code + 0.5, 0.0), max + 0.5);
        (inside.floor() + 8_388_608.0).to_bits() as u16
    };
    match (depth > 8, step) {
        (false, 1) => {
            for (byte, code) in row.iter_mut().zip(codes) {
                *byte = whole(code) as u8;
            }
        }
        (false, _) => {
            for (sample, code) in row.chunks_exact_mut(step).zip(codes) {
                sample[offset] = whole(code) as u8;
            }
        }
        (true, _) => {
            for (sample, code) in row.chunks_exact_mut(step).zip(codes) {
                let word = (whole(code) << at.shift).to_le_bytes();
                sample[offset..offset + 2].copy_from_slice(&word);
            }
        }
    }
}

/// Adds triangular noise to the code values of row `y` of a component. `key` differs from frame to frame.
#[multiversion(targets = "simd")]
pub fn dither(codes: &mut [f32], y: u32, component: u32, key: u32) {
    for (x, code) in (0..).zip(codes) {
        *code += triangular(x, y, component, key);
    }
}
