//! Hald CLUTs: look-up tables as pictures (Clapper and Eskil Steenberg's idea, the format of ImageMagick's `hald:` and
//! FFmpeg's `haldclut`). The pixels of a square of side level³ are the entries of a cube of side level², red fastest.

use super::lut::{Cube, Domain, Lut};
use super::lut_file::LARGEST_CUBE;
use crate::frame::{FLOATS, Model, Picture};

/// File extensions of the pictures that are read as Hald CLUTs.
pub const EXTENSIONS: [&str; 3] = ["png", "tif", "tiff"];

/// The table in `picture`.
///
/// # Errors
/// Why it is none, in words.
pub fn from_picture(picture: &Picture) -> Result<Lut, String> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let level = (2..).take_while(|level| level * level <= LARGEST_CUBE);
    let level = level
        .into_iter()
        .find(|level| level.pow(3) == width && width == height);
    let Some(level) = level else {
        return Err(format!(
            "it has {width}x{height} pixels, but a Hald CLUT is a square of 8, 27, 64, 125, 216, 343, 512, 729, 1000 or 1331"
        ));
    };
    if picture.format.model != Model::Rgb {
        return Err(format!("it has {}, but a Hald CLUT is RGB", picture.format));
    }
    if picture.format.depth == FLOATS {
        return Err("its samples are floats, but a Hald CLUT has whole numbers".to_owned());
    }
    let scale = picture.format.max_value() as f32;
    let mut entries = Vec::with_capacity(width * height);
    for y in 0..height {
        let [r, g, b] = [0, 1, 2].map(|component| picture.component_row(component, y));
        let value = |row: &crate::frame::ComponentRow<'_>, x| f32::from(row.at(x)) / scale;
        entries.extend((0..width).map(|x| [value(&r, x), value(&g, x), value(&b, x), 0.0]));
    }
    Ok(Lut {
        cube: Some(Cube {
            domain: Domain::default(),
            size: level * level,
            entries,
        }),
        ..Lut::default()
    })
}
