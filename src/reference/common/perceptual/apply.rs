use multiversion::multiversion;

use super::{LEAST, WEIGHTS};
use crate::color::bounds::greater;
use crate::reference::common::nine::{rows_of, shifted};
use crate::reference::{Io, Out};

/// The mean of what the nine windows about each pixel make of it: their mean, and the difference from it as strong as it was.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, windows) = (io.here("image"), io.image("windows"));
    let left = rows_of(windows, io.y, 3);
    let left = left.each_ref().map(Vec::as_slice);
    for channel in 0..out.channels() {
        if channel == 3 {
            out.channel(3).copy_from_slice(image.channel(3));
            continue;
        }
        let means = rows_of(windows, io.y, channel);
        let means = means.each_ref().map(Vec::as_slice);
        applied(image.channel(channel), means, left, out.channel(channel));
    }
}

#[multiversion(targets = "simd")]
fn applied(image: &[f32], means: [&[f32]; 3], left: [&[f32]; 3], out: &mut [f32]) {
    let count = out.len();
    let (image, means, left) = (&image[..count], shifted(means, count), shifted(left, count));
    for (x, out) in out.iter_mut().enumerate() {
        let mut sum = 0.0;
        for ((mean, left), weight) in means.iter().zip(&left).zip(WEIGHTS) {
            sum += weight * (mean[x] + (image[x] - mean[x]) / greater(left[x], LEAST));
        }
        *out = sum;
    }
}
