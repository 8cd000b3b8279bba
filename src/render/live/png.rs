//! Pictures as the bytes of PNG files.

use crate::frame::{Model, Picture};

/// A gray or RGB picture, with or without alpha, as PNG of 8 bits.
///
/// # Errors
/// Those of the encoder, in words.
pub(super) fn encoded(picture: &Picture) -> Result<Vec<u8>, String> {
    let format = &picture.format;
    let colour = match (format.model, format.alpha) {
        (Model::Gray, false) => ::png::ColorType::Grayscale,
        (Model::Rgb, false) => ::png::ColorType::Rgb,
        (Model::Rgb, true) => ::png::ColorType::Rgba,
        _ => return Err(format!("{format} is not shown")),
    };
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(colour);
    encoder.set_depth(::png::BitDepth::Eight);
    // Pictures go to the same machine: the time counts, not the size.
    encoder.set_compression(::png::Compression::Fastest);
    let failed = |error: ::png::EncodingError| error.to_string();
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&samples(picture)).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

/// The samples, row after row, as 8 bits each.
fn samples(picture: &Picture) -> Vec<u8> {
    let mut samples = Vec::new();
    for y in 0..picture.height as usize {
        let row = picture.row(0, y);
        match picture.format.depth > 8 {
            // The high byte of each.
            true => samples.extend(row.as_chunks::<2>().0.iter().map(|[_, high]| *high)),
            false => samples.extend_from_slice(row),
        }
    }
    samples
}
