use super::alpha::{divide, is_opaque, multiply};
use super::sums::{LANES, weighted_pixels};
use super::window::Windows;
use crate::reference::{Io, Out};

/// The picture at another size, along the rows.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let make = || Windows::new(io.param("curve"), image.width, io.width, LANES);
    let windows = io.once(make);
    let row = image.row(io.y);
    if out.channels() == 1 {
        return weighted_pixels(row.r(), &windows, out.gray());
    }
    if is_opaque(row) {
        for channel in 0..3 {
            weighted_pixels(row.channel(channel), &windows, out.channel(channel));
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
        weighted_pixels(&colour, &windows, out.channel(channel));
    }
    weighted_pixels(alpha, &windows, out.channel(3));
    if io.param("divide") != 0.0 {
        divide(out);
    }
}
