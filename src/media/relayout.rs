//! Changes the layout of samples: semi-planar to planar, planar RGB to packed, and so on.

use std::sync::Arc;

use crate::frame::{OwnedPlanes, Picture, PixelFormat};

/// The picture with the same samples in another layout, without loss. `None` if the formats differ in more than layout
/// (model, depth, chroma or alpha). If the layout is the same, the planes are shared, not copied.
pub fn relayout(picture: &Picture, format: &PixelFormat) -> Option<Picture> {
    let from = &picture.format;
    if from == format {
        return Some(picture.clone());
    }
    if (from.model, from.depth, from.chroma, from.alpha)
        != (format.model, format.depth, format.chroma, format.alpha)
    {
        return None;
    }
    let (width, height) = (picture.width, picture.height);
    let mut planes = OwnedPlanes::new(width, height, format);
    for (index, (a, b)) in from.used().iter().zip(format.used()).enumerate() {
        let (w, h) = from.component_extent(index, width, height);
        let stride = format
            .plane_extent(usize::from(b.plane), width, height)
            .row_bytes;
        let to = planes.plane_mut(usize::from(b.plane));
        for y in 0..h as usize {
            let row = &picture.row(usize::from(a.plane), y)[usize::from(a.offset)..];
            let out = &mut to[y * stride + usize::from(b.offset)..];
            let (step, out_step) = (usize::from(a.step), usize::from(b.step));
            for x in 0..w as usize {
                let (i, o) = (x * step, x * out_step);
                if from.is_float() {
                    out[o..o + 4].copy_from_slice(&row[i..i + 4]);
                } else if from.depth > 8 {
                    let value = u16::from_le_bytes([row[i], row[i + 1]]) >> a.shift << b.shift;
                    out[o..o + 2].copy_from_slice(&value.to_le_bytes());
                } else {
                    out[o] = row[i] >> a.shift << b.shift;
                }
            }
        }
    }
    Some(Picture {
        format: *format,
        planes: Arc::new(planes),
        ..picture.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Color;
    use crate::media::av::PixFmt;

    #[test]
    fn there_and_back_is_the_same_picture() {
        let layout = |name: &str| PixFmt::by_name(name).unwrap().layout().unwrap();
        for (a, b) in [
            ("yuv420p10le", "p010le"),
            ("yuv420p", "nv21"),
            ("yuv422p", "uyvy422"),
            ("gbrp", "bgr0"),
            ("gbrap16le", "rgba64le"),
            ("yuv444p", "nv24"),
        ] {
            let (a, b) = (layout(a), layout(b));
            let mut planes = OwnedPlanes::new(7, 5, &a);
            let max = a.max_value() as u16;
            for (seed, plane) in planes.planes_mut().into_iter().enumerate() {
                for (i, word) in plane.chunks_mut(a.sample_bytes()).enumerate() {
                    let value = (i * 7919 + seed * 131) as u16 & max;
                    word.copy_from_slice(&value.to_le_bytes()[..word.len()]);
                }
            }
            let picture = Picture::new(7, 5, a, Color::default(), planes);
            let other = relayout(&picture, &b).unwrap();
            assert_eq!(other.format, b);
            for component in 0..3 {
                assert_eq!(
                    other.sample(component, 2, 1),
                    picture.sample(component, 2, 1)
                );
            }
            assert!(relayout(&other, &a).unwrap().same_samples(&picture));
        }
        assert!(
            relayout(
                &Picture::new(
                    2,
                    2,
                    layout("yuv420p"),
                    Color::default(),
                    OwnedPlanes::new(2, 2, &layout("yuv420p"))
                ),
                &layout("yuv422p")
            )
            .is_none()
        );
    }
}
