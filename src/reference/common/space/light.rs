use multiversion::multiversion;

use crate::reference::common::transfer::{HLG, POWER, PQ, SRGB, light};
use crate::reference::{Io, Out};

/// The light that a signal stands for.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    super::colours(io, out, convert);
}

#[multiversion(targets = "simd")]
fn convert(row: &[f32], transfer: u8, gamma: f32, out: &mut [f32]) {
    match transfer {
        PQ => convert_with::<PQ>(row, gamma, out),
        HLG => convert_with::<HLG>(row, gamma, out),
        SRGB => convert_with::<SRGB>(row, gamma, out),
        _ => convert_with::<POWER>(row, gamma, out),
    }
}

#[inline(always)]
fn convert_with<const TRANSFER: u8>(row: &[f32], gamma: f32, out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out = light::<TRANSFER>(*value, gamma);
    }
}
