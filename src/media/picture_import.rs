//! Imports decoded frames as [`Picture`]s. Most formats pass unchanged; a format that component addressing cannot
//! describe is unpacked to planes without loss.

use std::sync::Arc;

use super::av::{AvFrame, DecodedPlanes, PixFmt, ffi};
use super::inks::{Inks, left_by};
use crate::frame::{
    Color, FieldOrder, Model, OwnedPlanes, Picture, PixelFormat, Planes, Range, Subsampling,
};

/// How frames of one pixel format are imported.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PictureImport {
    from: PixFmt,
    /// The format of the imported pictures.
    pub format: PixelFormat,
    conversion: Conversion,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Conversion {
    AsIs,
    Palette,
    Unpack,
    /// Floats whose bytes are in the other order.
    Swap,
    /// CMYK that the decoder has made RGB or YUV of: without its alpha.
    WithoutAlpha,
    /// CMYK as it is stored.
    Inks,
}

impl PictureImport {
    /// How to import frames of format `from`, or why that is impossible (as text).
    pub fn new(from: PixFmt) -> Result<Self, String> {
        if let Some(format) = from.layout() {
            let conversion = Conversion::AsIs;
            return Ok(Self {
                from,
                format,
                conversion,
            });
        }
        if let Some(format) = from.little_endian().layout().filter(PixelFormat::is_float) {
            let conversion = Conversion::Swap;
            return Ok(Self {
                from,
                format,
                conversion,
            });
        }
        let name = from.name();
        let Some(d) = from.descriptor() else {
            return Err("its pixel format is unknown".into());
        };
        let impossible = [
            (
                ffi::AV_PIX_FMT_FLAG_HWACCEL,
                "is in the memory of a hardware decoder",
            ),
            (ffi::AV_PIX_FMT_FLAG_BAYER, "is raw sensor data (Bayer)"),
            (
                ffi::AV_PIX_FMT_FLAG_FLOAT,
                "has half floats or packed floats",
            ),
        ];
        if let Some((_, words)) = impossible.iter().find(|(flag, _)| from.has(*flag)) {
            return Err(format!("its pixel format {name} {words}"));
        }
        if name.starts_with("xyz") || name == "uyyvyy411" {
            return Err(format!(
                "its pixel format {name} cannot be imported without loss"
            ));
        }
        if from.has(ffi::AV_PIX_FMT_FLAG_PAL) {
            let format = PixelFormat::packed_rgb(8, 4, &[0, 1, 2, 3]);
            return Ok(Self {
                from,
                format,
                conversion: Conversion::Palette,
            });
        }
        if let Some(format) = from.little_endian().layout() {
            let conversion = Conversion::Unpack;
            return Ok(Self {
                from,
                format,
                conversion,
            });
        }
        let used = &d.comp[..usize::from(d.nb_components)];
        let deepest = used.iter().map(|c| c.depth).max().unwrap_or(8);
        let depth = u8::try_from(deepest.max(8)).unwrap_or(u8::MAX);
        if depth > 16 {
            return Err(format!(
                "its pixel format {name} has {depth} bits per sample, more than 16"
            ));
        }
        let model = if from.has(ffi::AV_PIX_FMT_FLAG_RGB) {
            Model::Rgb
        } else if used.len() < 3 {
            Model::Gray
        } else {
            Model::Yuv
        };
        let chroma = if d.log2_chroma_w > 1 || d.log2_chroma_h > 1 {
            Subsampling::S444
        } else {
            Subsampling {
                x: d.log2_chroma_w,
                y: d.log2_chroma_h,
            }
        };
        let alpha = from.has(ffi::AV_PIX_FMT_FLAG_ALPHA);
        let format = PixelFormat::planar(model, chroma, depth, alpha);
        Ok(Self {
            from,
            format,
            conversion: Conversion::Unpack,
        })
    }

    /// How to import frames of format `from` of a JPEG in CMYK, or why that is impossible (as text).
    pub fn of_inks(from: PixFmt, inks: Inks) -> Result<Self, String> {
        let name = from.name();
        let layout = from.layout().filter(|layout| layout.alpha);
        let (format, conversion) = match (inks, layout) {
            (Inks::Adobe, Some(layout)) => {
                let alpha = false;
                (PixelFormat { alpha, ..layout }, Conversion::WithoutAlpha)
            }
            (Inks::Plain, Some(_)) if name == "yuva444p" => (
                PixelFormat::planar(Model::Rgb, Subsampling::S444, 8, false),
                Conversion::Inks,
            ),
            _ => {
                return Err(format!(
                    "its CMYK is stored in a form that is not read (FFmpeg calls it {name})"
                ));
            }
        };
        Ok(Self {
            from,
            format,
            conversion,
        })
    }

    /// The conversion as text; `None` if there is none.
    pub fn description(&self) -> Option<String> {
        let name = self.from.name();
        match self.conversion {
            Conversion::AsIs | Conversion::Swap => None,
            Conversion::Palette => Some(format!(
                "{name}: palette indices are replaced by their colours, without loss"
            )),
            Conversion::WithoutAlpha => Some(format!(
                "CMYK is converted to {}, without a colour profile",
                self.format
            )),
            Conversion::Inks => Some(
                "CMYK is converted to RGB, each colour (1 - ink) * (1 - black), without a colour profile"
                    .to_owned(),
            ),
            Conversion::Unpack => Some(format!(
                "{name} is unpacked to {}, without loss",
                self.format
            )),
        }
    }

    /// Whether this import is for frames of `format`.
    pub fn accepts(&self, format: PixFmt) -> bool {
        self.from == format
    }

    /// Imports the frame. Uses its own planes if possible.
    pub fn import(&self, frame: AvFrame) -> Picture {
        let (width, height) = (frame.width(), frame.height());
        let color = color(&frame);
        let field_order = field_order(&frame);
        let format = self.format;
        let picture = |planes| Picture {
            width,
            height,
            format,
            color,
            field_order,
            planes,
        };
        match self.conversion {
            Conversion::WithoutAlpha if format.model == Model::Rgb => {
                let planes: Arc<dyn Planes> = match DecodedPlanes::new(frame, &format) {
                    Ok(planes) => Arc::new(planes),
                    Err(frame) => Arc::new(upright(&frame, &format)),
                };
                Picture {
                    color: of_rgb(color),
                    ..picture(planes)
                }
            }
            Conversion::AsIs | Conversion::WithoutAlpha => match DecodedPlanes::new(frame, &format)
            {
                Ok(planes) => picture(Arc::new(planes)),
                Err(frame) => picture(Arc::new(upright(&frame, &format))),
            },
            Conversion::Palette => picture(Arc::new(looked_up(&frame, &format))),
            Conversion::Unpack => picture(Arc::new(self.unpacked(&frame))),
            Conversion::Swap => picture(Arc::new(swapped(&frame, &format))),
            Conversion::Inks => Picture {
                color: of_rgb(color),
                ..picture(Arc::new(printed(&frame, &format)))
            },
        }
    }

    /// Reads every sample of every component, whatever its layout, into planes.
    fn unpacked(&self, frame: &AvFrame) -> OwnedPlanes {
        let (width, height) = (frame.width(), frame.height());
        let mut planes = OwnedPlanes::new(width, height, &self.format);
        let Some(d) = self.from.descriptor() else {
            return planes;
        };
        let inverted = self.from.name() == "monow";
        let max = self.format.max_value();
        let mut line = vec![0u16; width as usize];
        for (index, ours) in self.format.used().iter().enumerate() {
            let theirs = &d.comp[index];
            let (w, h) = self.format.component_extent(index, width, height);
            let chroma = self.format.is_chroma(index);
            // Chroma that is coarser than 4:2:0 is repeated.
            let shift = |log2: u8, ours: u8| if chroma { u32::from(log2 - ours) } else { 0 };
            let (shift_x, shift_y) = (
                shift(d.log2_chroma_w, self.format.chroma.x),
                shift(d.log2_chroma_h, self.format.chroma.y),
            );
            let their_max = (1u32 << theirs.depth) - 1;
            let count = w.div_ceil(1 << shift_x) as usize;
            let at = usize::from(ours.plane);
            let stride = self.format.plane_extent(at, width, height).row_bytes;
            let plane = planes.plane_mut(at);
            for y in 0..h as usize {
                // SAFETY: the frame holds its four planes; the line has room for a row; the component exists.
                unsafe {
                    let f = frame.0;
                    let mut data = [(*f).data[0], (*f).data[1], (*f).data[2], (*f).data[3]]
                        .map(|p| p.cast_const());
                    ffi::av_read_image_line2(
                        line.as_mut_ptr().cast(),
                        data.as_mut_ptr(),
                        (*f).linesize.as_ptr(),
                        d,
                        0,
                        (y >> shift_y) as i32,
                        index as i32,
                        count as i32,
                        0,
                        2,
                    );
                }
                let sample = |x: usize| {
                    let value = u32::from(line[x >> shift_x]);
                    let value = if inverted { their_max - value } else { value };
                    if their_max == max {
                        value
                    } else {
                        (value * max + their_max / 2) / their_max
                    }
                };
                let row = &mut plane[y * stride + usize::from(ours.offset)..];
                for x in 0..w as usize {
                    let value = (sample(x) << ours.shift) as u16;
                    let bytes = &value.to_le_bytes()[..self.format.sample_bytes()];
                    row[x * usize::from(ours.step)..][..bytes.len()].copy_from_slice(bytes);
                }
            }
        }
        planes
    }
}

/// Planes of floats with the bytes of each in the other order.
fn swapped(frame: &AvFrame, format: &PixelFormat) -> OwnedPlanes {
    let mut planes = upright(frame, format);
    for plane in planes.planes_mut() {
        plane.chunks_exact_mut(4).for_each(<[u8]>::reverse);
    }
    planes
}

/// The colour of RGB that was made of inks: the decoder gives that of YUV.
fn of_rgb(color: Color) -> Color {
    Color {
        matrix: 0,
        range: Range::Full,
        ..color
    }
}

/// The RGB that four planes of inks print: cyan, magenta, yellow and black, 0 is none.
fn printed(frame: &AvFrame, format: &PixelFormat) -> OwnedPlanes {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut planes = OwnedPlanes::new(frame.width(), frame.height(), format);
    for (ink, component) in format.used().iter().enumerate() {
        let to = planes.plane_mut(usize::from(component.plane));
        for y in 0..height {
            // SAFETY: the frame has four planes of these rows, a byte a pixel.
            let (inks, black) = unsafe { (frame.row(ink, y, width), frame.row(3, y, width)) };
            let row = &mut to[y * width..][..width];
            for ((to, &ink), &black) in row.iter_mut().zip(inks).zip(black) {
                *to = left_by(ink, black);
            }
        }
    }
    planes
}

/// Copies the rows from top to bottom, for frames with negative line sizes.
fn upright(frame: &AvFrame, format: &PixelFormat) -> OwnedPlanes {
    let mut planes = OwnedPlanes::new(frame.width(), frame.height(), format);
    for plane in 0..format.plane_count() {
        let extent = format.plane_extent(plane, frame.width(), frame.height());
        // SAFETY: a missing plane is left at zero.
        if unsafe { (*frame.0).data[plane].is_null() } {
            continue;
        }
        let to = planes.plane_mut(plane);
        for y in 0..extent.rows {
            // SAFETY: the frame has these rows.
            let row = unsafe { frame.row(plane, y, extent.row_bytes) };
            to[y * extent.row_bytes..][..extent.row_bytes].copy_from_slice(row);
        }
    }
    planes
}

/// RGBA pixels from the palette in the second plane: 256 words in the machine's byte order, alpha in the highest byte.
fn looked_up(frame: &AvFrame, format: &PixelFormat) -> OwnedPlanes {
    let (width, height) = (frame.width() as usize, frame.height() as usize);
    let mut planes = OwnedPlanes::new(frame.width(), frame.height(), format);
    // SAFETY: a paletted frame has 1024 bytes there.
    let palette = unsafe { std::slice::from_raw_parts((*frame.0).data[1], 1024) };
    let to = planes.plane_mut(0);
    for y in 0..height {
        // SAFETY: the frame has these rows, a byte a pixel.
        let indices = unsafe { frame.row(0, y, width) };
        for (pixel, &index) in to[y * width * 4..].chunks_exact_mut(4).zip(indices) {
            let word = &palette[usize::from(index) * 4..][..4];
            let [a, r, g, b] =
                u32::from_ne_bytes([word[0], word[1], word[2], word[3]]).to_be_bytes();
            pixel.copy_from_slice(&[r, g, b, a]);
        }
    }
    planes
}

/// The frame's colour. The pixel formats `yuvj…` mean full range.
fn color(frame: &AvFrame) -> Color {
    let mut color = frame.color();
    if super::av::full_range_twin(frame.format()).is_some() || frame.format().name() == "yuvj411p" {
        color.range = Range::Full;
    }
    color
}

/// The field order that the decoder says of a frame.
pub(super) fn field_order(frame: &AvFrame) -> FieldOrder {
    match frame.top_field_first() {
        Some(true) => FieldOrder::TopFirst,
        Some(false) => FieldOrder::BottomFirst,
        None => FieldOrder::Progressive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_fields_come_apart_exactly() {
        let from = PixFmt::by_name("x2rgb10le").unwrap();
        let import = PictureImport::new(from).unwrap();
        assert!(import.description().is_some());
        let mut frame = AvFrame::picture(from, 5, 3).unwrap();
        let colour = |x: u32, y: u32| [x * 200 + y, 1023 - x * 7, x * y * 60];
        for y in 0..3 {
            // SAFETY: the frame has three rows of five words.
            let row = unsafe { frame.row_mut(0, y as usize, 20) };
            for (x, word) in row.chunks_exact_mut(4).enumerate() {
                let [r, g, b] = colour(x as u32, y);
                word.copy_from_slice(&(3 << 30 | r << 20 | g << 10 | b).to_le_bytes());
            }
        }
        let picture = import.import(frame);
        assert_eq!(
            (picture.format.depth, picture.format.model),
            (10, Model::Rgb)
        );
        for (x, y) in [(0, 0), (4, 2), (1, 2)] {
            let got = [0, 1, 2].map(|c| picture.sample(c, x, y));
            assert_eq!(got, colour(x as u32, y as u32));
        }
    }

    #[test]
    fn frames_stored_upside_down_are_turned() {
        let gray = PixFmt::by_name("gray").unwrap();
        let mut frame = AvFrame::picture(gray, 4, 3).unwrap();
        for y in 0..3 {
            // SAFETY: the frame has three rows of four bytes.
            unsafe { frame.row_mut(0, y, 4) }.fill(y as u8);
        }
        // SAFETY: the pointer is set to the last row and the line size is negated, so all rows stay inside the frame.
        unsafe {
            let line = (*frame.0).linesize[0];
            (*frame.0).data[0] = (*frame.0).data[0].offset(2 * line as isize);
            (*frame.0).linesize[0] = -line;
        }
        let picture = PictureImport::new(gray).unwrap().import(frame);
        assert_eq!([0, 1, 2].map(|y| picture.sample(0, 0, y)), [2, 1, 0]);
    }
}
