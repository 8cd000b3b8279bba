//! Distances as people see them, by crates that follow the authors' programs. Both take pictures for sRGB, as it is done with
//! video of BT.709.

use butteraugli::{ButteraugliParams, Img, RGB, butteraugli_linear};
use fast_ssim2::{PixelDescriptor, PixelSlice, TransferFunction, compute_ssimulacra2};
use rayon::prelude::*;

use super::Rgb;

/// The screen that Butteraugli assumes, in nits.
const SCREEN: f32 = 80.0;

/// SSIMULACRA2 of `output` against `reference`: 100 is no difference, 90 none that is seen, 70 high, 50 medium, 30 low quality.
/// `None` for pictures that are too small for it.
pub fn ssimulacra2(output: &Rgb, reference: &Rgb) -> Option<f64> {
    let (width, height) = (output.width, output.height);
    let [output, reference] =
        [output, reference].map(|picture| interleaved(picture, |value| value));
    let descriptor = PixelDescriptor::RGBF32.with_transfer(TransferFunction::Srgb);
    let row = width * size_of::<[f32; 3]>();
    let (wide, high) = (width as u32, height as u32);
    let (output, reference): (&[u8], &[u8]) = (
        bytemuck::cast_slice(&output),
        bytemuck::cast_slice(&reference),
    );
    let output = PixelSlice::new(output, wide, high, row, descriptor).ok()?;
    let reference = PixelSlice::new(reference, wide, high, row, descriptor).ok()?;
    compute_ssimulacra2(&reference, &output).ok()
}

/// Distance by Butteraugli of `output` from `reference`: as 3-norm over the picture, and at its worst place. `None` for
/// pictures with fewer than 8 columns or rows.
pub fn butteraugli(output: &Rgb, reference: &Rgb) -> Option<(f64, f64)> {
    let image = |picture: &Rgb| {
        let pixels = interleaved(picture, linear);
        let pixels = pixels.into_iter().map(|[r, g, b]| RGB { r, g, b });
        Img::new(pixels.collect::<Vec<_>>(), picture.width, picture.height)
    };
    let (output, reference) = (image(output), image(reference));
    let params = ButteraugliParams::new().with_intensity_target(SCREEN);
    let found = butteraugli_linear(reference.as_ref(), output.as_ref(), &params).ok()?;
    Some((found.pnorm_3, found.score))
}

/// The pixels of a picture, each value as `of` has it.
fn interleaved(picture: &Rgb, of: impl Fn(f32) -> f32 + Sync) -> Vec<[f32; 3]> {
    let [red, green, blue] = &picture.planes;
    let pixels = red.par_iter().zip(green).zip(blue);
    pixels
        .map(|((red, green), blue)| [of(*red), of(*green), of(*blue)])
        .collect()
}

/// Light of an sRGB value (IEC 61966-2-1).
fn linear(value: f32) -> f32 {
    match value <= 0.04045 {
        true => value / 12.92,
        false => ((value + 0.055) / 1.055).powf(2.4),
    }
}
