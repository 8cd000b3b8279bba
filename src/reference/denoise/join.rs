use multiversion::multiversion;

use super::apart::Apart;
use super::level::level;
use crate::color::bounds::{greater, smaller};
use crate::reference::{Image, Io, Out};

/// Pixels of the square that is compared.
const PIXELS: f32 = 25.0;

/// Adds a moved frame to the average, where it differs from this frame by no more than noise does.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let sigma = level(io) * io.param("gain");
    let scale = 1.0 / (PIXELS * 2.0 * sigma * sigma);
    let images = [io.image("own"), io.image("moved")];
    let (image, moved) = (io.here("image"), images[1].row(io.y));
    let [r, g, b, frames] = out.rgba();
    io.with_kept(|apart: &mut Apart| {
        compare(apart, images, io.y);
        let alphas = [image.channel(3), moved.channel(3)];
        weigh(apart, alphas, scale, frames);
        add(image.rgb(), moved.rgb(), alphas[0], frames, [r, g, b]);
    });
}

#[multiversion(targets = "simd")]
fn compare(apart: &mut Apart, images: [&Image; 2], y: usize) {
    apart.find::<2>(images, y);
}

/// The sum of the weights, with the moved frame.
#[multiversion(targets = "simd")]
fn weigh(apart: &Apart, [all, known]: [&[f32]; 2], scale: f32, out: &mut [f32]) {
    let width = out.len();
    let (sums, squares) = (&apart.sums[..width], &apart.squares[..width]);
    let (all, known) = (&all[..width], &known[..width]);
    for x in 0..width {
        let far = (squares[x] + 0.12 * sums[x] * sums[x]) * scale;
        let alike = smaller(greater(2.4 - far, 0.0), 1.0);
        out[x] = all[x] + alike * known[x];
    }
}

#[multiversion(targets = "simd")]
fn add(image: [&[f32]; 3], moved: [&[f32]; 3], before: &[f32], all: &[f32], out: [&mut [f32]; 3]) {
    for ((out, image), moved) in out.into_iter().zip(image).zip(moved) {
        let width = out.len();
        let (image, moved) = (&image[..width], &moved[..width]);
        let (before, all) = (&before[..width], &all[..width]);
        for x in 0..width {
            let share = (all[x] - before[x]) / all[x];
            out[x] = image[x] + (moved[x] - image[x]) * share;
        }
    }
}
