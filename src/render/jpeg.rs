//! Pictures as JPEG, to be looked at in a page.

use super::error::Result;
use crate::frame::{Color, Model, OwnedPlanes, Picture, PixelFormat, Range, Subsampling};
use crate::media::jpeg_bytes;
use crate::metrics::Rgb;

/// MatrixCoefficients of BT.601, which JPEG has.
const BT_601: u8 = 5;

/// `picture` as a JPEG picture: at its own size, or a whole number of times smaller, so that it is at most this wide and high in
/// pixels.
///
/// # Errors
/// Where FFmpeg cannot encode it, or no temporary file can be written.
pub fn jpeg(picture: &Picture, most: (u32, u32)) -> Result<Vec<u8>> {
    let small = reduced(&Rgb::of(picture), most);
    Ok(jpeg_bytes(&coded(&small))?)
}

/// Means of squares, so that the picture is at most this wide and high. Incomplete squares at the end are left out.
fn reduced(picture: &Rgb, (widest, highest): (u32, u32)) -> Rgb {
    let side = picture
        .width
        .div_ceil(widest.max(1) as usize)
        .max(picture.height.div_ceil(highest.max(1) as usize))
        .max(1);
    let (width, height) = (
        (picture.width / side).max(1),
        (picture.height / side).max(1),
    );
    let planes = picture.planes.each_ref().map(|plane| {
        let at = |x: usize, y: usize| {
            let rows = (y * side..((y + 1) * side).min(picture.height)).map(|y| y * picture.width);
            let columns = x * side..((x + 1) * side).min(picture.width);
            let values = rows.flat_map(|row| columns.clone().map(move |x| plane[row + x]));
            let (sum, count) =
                values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
            sum / count
        };
        (0..width * height)
            .map(|index| at(index % width, index / width))
            .collect()
    });
    Rgb {
        width,
        height,
        planes,
    }
}

/// As Y'CbCr of 8 bits in full range, by BT.601 (JFIF).
fn coded(picture: &Rgb) -> Picture {
    let (kr, kb) = (0.299, 0.114);
    let (width, height) = (picture.width as u32, picture.height as u32);
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S444, 8, false);
    let mut planes = OwnedPlanes::new(width, height, &format);
    let [red, green, blue] = &picture.planes;
    let luma = |at: usize| kr * red[at] + (1.0 - kr - kb) * green[at] + kb * blue[at];
    let code = |value: f32| (value * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
    let middle = 128.0 / 255.0;
    for (component, plane) in planes.planes_mut().into_iter().enumerate() {
        for (at, sample) in plane.iter_mut().enumerate() {
            *sample = code(match component {
                0 => luma(at),
                1 => (blue[at] - luma(at)) / (2.0 * (1.0 - kb)) + middle,
                _ => (red[at] - luma(at)) / (2.0 * (1.0 - kr)) + middle,
            });
        }
    }
    let color = Color {
        matrix: BT_601,
        range: Range::Full,
        ..Color::default()
    };
    Picture::new(width, height, format, color, planes)
}
