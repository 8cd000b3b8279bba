use multiversion::multiversion;

use crate::reference::common::transfer::{HLG, POWER, PQ, signal};
use crate::reference::{Io, Out};

/// The signal that stands for a light.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let (transfer, gamma) = (io.param("transfer") as u8, io.param("gamma"));
    for channel in 0..out.channels().min(3) {
        convert(
            image.channel(channel),
            transfer,
            gamma,
            out.channel(channel),
        );
    }
    if out.channels() == 4 {
        out.channel(3).copy_from_slice(image.channel(3));
    }
}

#[multiversion(targets = "simd")]
fn convert(row: &[f32], transfer: u8, gamma: f32, out: &mut [f32]) {
    match transfer {
        PQ => convert_with::<PQ>(row, gamma, out),
        HLG => convert_with::<HLG>(row, gamma, out),
        _ => convert_with::<POWER>(row, gamma, out),
    }
}

#[inline(always)]
fn convert_with<const TRANSFER: u8>(row: &[f32], gamma: f32, out: &mut [f32]) {
    for (out, value) in out.iter_mut().zip(row) {
        *out = signal::<TRANSFER>(*value, gamma);
    }
}
