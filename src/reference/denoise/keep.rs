use multiversion::multiversion;

use super::apart::Apart;
use super::level::level;
use crate::color::bounds::{greater, smaller};
use crate::reference::{Image, Io, Out};

/// An average over time that is kept where nothing moves.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    let [r, g, b, frames] = out.rgba();
    if !io.facts.history_valid {
        for (out, own) in [r, g, b].into_iter().zip(image.rgb()) {
            out.copy_from_slice(own);
        }
        return frames.fill(1.0);
    }
    let sigma = level(io) * io.param("gain");
    let images = [io.image("image"), io.image("average")];
    let average = images[1].row(io.y);
    io.with_kept(|apart: &mut Apart| {
        compare(apart, images, io.y);
        let numbers = [sigma * sigma, io.param("most")];
        weigh(apart, average.channel(3), numbers, frames);
        add(image.rgb(), average.rgb(), frames, [r, g, b]);
    });
}

#[multiversion(targets = "simd")]
fn compare(apart: &mut Apart, images: [&Image; 2], y: usize) {
    apart.find::<1>(images, y);
}

#[multiversion(targets = "simd")]
fn weigh(apart: &Apart, before: &[f32], [variance, most]: [f32; 2], out: &mut [f32]) {
    let width = out.len();
    let (sums, squares) = (&apart.sums[..width], &apart.squares[..width]);
    let before = &before[..width];
    for x in 0..width {
        let frames = greater(before[x], 1.0);
        let noise = greater(variance * (1.0 + 1.0 / frames), 1e-9);
        let far = (squares[x] + 0.12 * sums[x] * sums[x]) / (9.0 * noise);
        let alike = smaller(greater(2.4 - far, 0.0), 1.0);
        out[x] = 1.0 + smaller(frames, most) * alike;
    }
}

#[multiversion(targets = "simd")]
fn add(image: [&[f32]; 3], average: [&[f32]; 3], frames: &[f32], out: [&mut [f32]; 3]) {
    for ((out, image), average) in out.into_iter().zip(image).zip(average) {
        let width = out.len();
        let (image, average, frames) = (&image[..width], &average[..width], &frames[..width]);
        for x in 0..width {
            let share = (frames[x] - 1.0) / frames[x];
            out[x] = image[x] + (average[x] - image[x]) * share;
        }
    }
}
