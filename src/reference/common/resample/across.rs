use super::alpha::{divide, is_opaque, multiply};
use super::limit::{limit_pixels, places};
use super::sums::{LANES, weighted_pixels};
use super::window::Windows;
use crate::reference::{Io, Out};

/// The picture at another size, along the rows.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let limits = io.param("limit") > 0.0;
    let make = || {
        let places = limits.then(|| places(image.width, io.width));
        let windows = Windows::new(io.param("curve"), image.width, io.width, LANES);
        (windows, places)
    };
    let made = io.once(make);
    let (windows, places) = &*made;
    let resample = |row: &[f32], out: &mut [f32]| {
        weighted_pixels(row, windows, out);
        if let Some(places) = places {
            limit_pixels(row, places, out);
        }
    };
    let row = image.row(io.y);
    if out.channels() == 1 {
        return resample(row.r(), out.gray());
    }
    if is_opaque(row) {
        for channel in 0..3 {
            resample(row.channel(channel), out.channel(channel));
        }
        return out.channel(3).fill(1.0);
    }
    let alpha = row.channel(3);
    let multiplies = io.param("multiply") != 0.0;
    for channel in 0..3 {
        let mut colour = row.channel(channel).to_vec();
        if multiplies {
            multiply(&mut colour, alpha);
        }
        resample(&colour, out.channel(channel));
    }
    resample(alpha, out.channel(3));
    if io.param("divide") != 0.0 {
        divide(out);
    }
}
