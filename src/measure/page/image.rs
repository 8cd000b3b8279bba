//! Pictures in a page.

use super::Embedded;
use crate::frame::{Color, Model, OwnedPlanes, Picture, PixelFormat, Range, Subsampling};
use crate::media::jpeg_bytes;
use crate::metrics::Rgb;
use crate::render::Result;

/// The largest width of a picture in a page, in pixels.
const WIDEST: usize = 960;
/// MatrixCoefficients of BT.601, which JPEG has.
const BT_601: u8 = 5;

/// `picture` as a JPEG picture for a page: at its own size, or a whole number of times smaller.
///
/// # Errors
/// Where FFmpeg cannot encode it, or no temporary file can be written.
pub fn embedded(picture: &Picture) -> Result<Embedded> {
    let small = reduced(&Rgb::of(picture));
    let bytes = jpeg_bytes(&coded(&small))?;
    Ok(Embedded::new("image/jpeg", bytes))
}

/// Means of squares, so that the picture is at most [`WIDEST`] wide. Incomplete squares at the end are left out.
fn reduced(picture: &Rgb) -> Rgb {
    let side = picture.width.div_ceil(WIDEST).max(1);
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
