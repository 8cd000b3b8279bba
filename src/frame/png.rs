//! PNG pictures (ISO/IEC 15948) in memory, without FFmpeg: those that come with styles, and those that a page or a terminal is
//! given.

use std::io::Cursor;

use png::{BitDepth, ColorType, Compression, Decoder, Encoder, EncodingError, Transformations};

use super::{Color, Model, OwnedPlanes, Picture, PixelFormat, Subsampling};

/// The most bytes of samples that are read.
const MOST: usize = 1 << 29;

/// The picture in a file's bytes: planar, in whole codes of 8 or 16 bits, of full range.
///
/// # Errors
/// What is wrong with the bytes.
pub fn read_png(bytes: &[u8]) -> Result<Picture, String> {
    let limits = png::Limits { bytes: MOST };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    // Palettes and fewer than 8 bits become 8 bits.
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let size = reader.output_buffer_size().filter(|bytes| *bytes <= MOST);
    let mut samples = vec![0; size.ok_or("it is too large")?];
    let frame = reader.next_frame(&mut samples);
    let frame = frame.map_err(|error| error.to_string())?;
    let (model, alpha) = match frame.color_type {
        ColorType::Grayscale | ColorType::Indexed => (Model::Gray, false),
        ColorType::GrayscaleAlpha => (Model::Gray, true),
        ColorType::Rgb => (Model::Rgb, false),
        ColorType::Rgba => (Model::Rgb, true),
    };
    let depth = if frame.bit_depth == BitDepth::Sixteen {
        16
    } else {
        8
    };
    let format = PixelFormat::planar(model, Subsampling::S444, depth, alpha);
    let mut planes = OwnedPlanes::new(frame.width, frame.height, &format);
    // In the file, the channels of a pixel lie side by side, the high byte first.
    let used = format.used();
    for (channel, at) in used.iter().enumerate() {
        let size = format.sample_bytes();
        let plane = planes.plane_mut(usize::from(at.plane));
        let of_channel = samples.chunks_exact(size).skip(channel).step_by(used.len());
        for (to, from) in plane.chunks_exact_mut(size).zip(of_channel) {
            to.copy_from_slice(from);
            to.reverse();
        }
    }
    let color = Color {
        // Gray has no matrix that matters; 0 is that of RGB alone.
        matrix: if model == Model::Rgb { 0 } else { 1 },
        ..Color::SRGB
    };
    Ok(Picture::new(
        frame.width,
        frame.height,
        format,
        color,
        planes,
    ))
}

/// A gray picture, or one of packed RGB with or without alpha, as a PNG of 8 bits: of deeper samples the high byte. It is
/// packed for speed, not for size.
///
/// # Errors
/// Those of the encoder, in words.
pub fn png_bytes(picture: &Picture) -> Result<Vec<u8>, String> {
    let format = &picture.format;
    let colour = match (format.model, format.alpha) {
        (Model::Gray, false) => ColorType::Grayscale,
        (Model::Rgb, false) => ColorType::Rgb,
        (Model::Rgb, true) => ColorType::Rgba,
        _ => return Err(format!("{format} is not written as PNG")),
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fastest);
    let failed = |error: EncodingError| error.to_string();
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
            true => samples.extend(row.as_chunks::<2>().0.iter().map(|[_, high]| *high)),
            false => samples.extend_from_slice(row),
        }
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(
        (width, height): (u32, u32),
        depth: BitDepth,
        colour: ColorType,
        samples: &[u8],
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, width, height);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        if colour == ColorType::Indexed {
            encoder.set_palette(vec![1, 2, 3, 250, 251, 252]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(samples).unwrap();
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn channels_and_deep_samples_are_in_their_places() {
        let deep = [1, 2, 0, 2, 0, 3, 255, 255];
        let rgba = read_png(&file((1, 1), BitDepth::Sixteen, ColorType::Rgba, &deep)).unwrap();
        let samples = [0, 1, 2, 3].map(|component| rgba.sample(component, 0, 0));
        assert_eq!(samples, [0x102, 2, 3, 0xffff]);
        let gray = file(
            (2, 1),
            BitDepth::Eight,
            ColorType::GrayscaleAlpha,
            &[7, 200, 8, 100],
        );
        let gray = read_png(&gray).unwrap();
        assert_eq!([0, 1].map(|x| gray.sample(0, x, 0)), [7, 8]);
        assert_eq!([0, 1].map(|x| gray.sample(1, x, 0)), [200, 100]);
        let palette = read_png(&file(
            (2, 1),
            BitDepth::One,
            ColorType::Indexed,
            &[0b0100_0000],
        ));
        let palette = palette.unwrap();
        assert_eq!(
            [0, 1, 2].map(|component| palette.sample(component, 1, 0)),
            [250, 251, 252]
        );
    }

    #[test]
    fn what_was_written_is_read_again() {
        let format = PixelFormat::packed_rgb(16, 3, &[0, 1, 2]);
        let mut planes = OwnedPlanes::new(5, 3, &format);
        for (at, byte) in planes.plane_mut(0).iter_mut().enumerate() {
            *byte = (7 * at) as u8;
        }
        let picture = Picture::new(5, 3, format, Color::default(), planes);
        let back = read_png(&png_bytes(&picture).unwrap()).unwrap();
        for (x, y) in [(0, 0), (4, 2), (3, 1)] {
            let high = |picture: &Picture| {
                [0, 1, 2].map(|c| picture.sample(c, x, y) >> (picture.format.depth - 8))
            };
            assert_eq!(high(&back), high(&picture), "{x} {y}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let whole = file((3, 2), BitDepth::Eight, ColorType::Grayscale, &[9; 6]);
        assert!(read_png(&whole).is_ok());
        assert!(read_png(b"GIF89a").is_err());
        assert!(read_png(&whole[..whole.len() - 20]).is_err());
        let mut damaged = whole;
        damaged[20] ^= 1;
        assert!(read_png(&damaged).is_err());
        // A header that promises more than there is.
        let mut large = file((1, 1), BitDepth::Eight, ColorType::Grayscale, &[9]);
        large[16..24].fill(0x7f);
        assert!(read_png(&large).is_err());
    }
}
