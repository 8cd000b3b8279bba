//! FFmpeg's pixel formats, and their conversion to ours.

use std::ffi::{CString, c_int};

use super::{ffi, text};
use crate::frame::{Component, FLOATS, Model, PixelFormat, Subsampling};

/// An `AVPixelFormat` as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PixFmt(pub c_int);

impl PixFmt {
    pub fn by_name(name: &str) -> Option<Self> {
        let name = CString::new(name).ok()?;
        // SAFETY: the name ends in a zero.
        let format = unsafe { ffi::av_get_pix_fmt(name.as_ptr()) } as c_int;
        (format >= 0).then_some(Self(format))
    }

    /// The format as FFmpeg's enum; `None` if these bindings do not know the value.
    pub fn raw(self) -> Option<ffi::AVPixelFormat> {
        let known = 0..ffi::AVPixelFormat::AV_PIX_FMT_NB as c_int;
        // SAFETY: the enum has a variant for every number in that range.
        known
            .contains(&self.0)
            .then(|| unsafe { std::mem::transmute::<c_int, ffi::AVPixelFormat>(self.0) })
    }

    pub fn descriptor(self) -> Option<&'static ffi::AVPixFmtDescriptor> {
        // SAFETY: descriptors are static; null for unknown formats.
        unsafe { ffi::av_pix_fmt_desc_get(self.raw()?).as_ref() }
    }

    pub fn name(self) -> String {
        self.descriptor()
            // SAFETY: the name is static.
            .map_or_else(|| "unknown".into(), |d| unsafe { text(d.name) })
    }

    pub fn has(self, flag: c_int) -> bool {
        self.descriptor()
            .is_some_and(|d| d.flags & flag as u64 != 0)
    }

    pub fn is_big_endian(self) -> bool {
        self.has(ffi::AV_PIX_FMT_FLAG_BE)
    }

    /// Whether pictures have no colour: one component, and alpha or not. Also those that [`Self::layout`] cannot describe.
    pub fn is_gray(self) -> bool {
        let coloured = ffi::AV_PIX_FMT_FLAG_RGB | ffi::AV_PIX_FMT_FLAG_PAL;
        self.descriptor()
            .is_some_and(|d| (1..=2).contains(&d.nb_components))
            && !self.has(coloured | ffi::AV_PIX_FMT_FLAG_HWACCEL)
    }

    /// The same format with little-endian words; unchanged if it is not big-endian.
    pub fn little_endian(self) -> Self {
        let name = self.name();
        match name.strip_suffix("be") {
            Some(stem) if self.is_big_endian() => {
                Self::by_name(&format!("{stem}le")).unwrap_or(self)
            }
            _ => self,
        }
    }

    /// The format as a [`PixelFormat`]; `None` if component addressing cannot describe it.
    pub fn layout(self) -> Option<PixelFormat> {
        let d = self.descriptor()?;
        let odd = ffi::AV_PIX_FMT_FLAG_BE
            | ffi::AV_PIX_FMT_FLAG_PAL
            | ffi::AV_PIX_FMT_FLAG_BITSTREAM
            | ffi::AV_PIX_FMT_FLAG_HWACCEL
            | ffi::AV_PIX_FMT_FLAG_BAYER;
        let float = self.has(ffi::AV_PIX_FMT_FLAG_FLOAT);
        let name = self.name();
        if self.has(odd) || name.starts_with("xyz") || d.log2_chroma_w > 1 || d.log2_chroma_h > 1 {
            return None;
        }
        let used = &d.comp[..usize::from(d.nb_components)];
        let depth = u8::try_from(used.first()?.depth).ok().filter(|&d| {
            if float {
                d == FLOATS
            } else {
                (8..=16).contains(&d)
            }
        })?;
        let mut components = [Component {
            plane: 0,
            step: 0,
            offset: 0,
            shift: 0,
        }; 4];
        for (ours, c) in components.iter_mut().zip(used) {
            let bits = c.shift + c.depth;
            let most = match depth {
                8 => 8,
                FLOATS => 32,
                _ => 16,
            };
            if c.depth != i32::from(depth) || bits > most {
                return None;
            }
            *ours = Component {
                plane: u8::try_from(c.plane).ok()?,
                step: u8::try_from(c.step).ok()?,
                offset: u8::try_from(c.offset).ok()?,
                shift: u8::try_from(c.shift).ok()?,
            };
        }
        // Bit fields share a word (x2rgb10): their samples are less than a word apart.
        let word = match depth {
            8 => 1,
            FLOATS => 4,
            _ => 2,
        };
        for (i, a) in components[..used.len()].iter().enumerate() {
            for b in &components[..i] {
                if a.plane == b.plane && a.offset.abs_diff(b.offset) < word {
                    return None;
                }
            }
        }
        let alpha = self.has(ffi::AV_PIX_FMT_FLAG_ALPHA);
        Some(PixelFormat {
            model: if self.has(ffi::AV_PIX_FMT_FLAG_RGB) {
                Model::Rgb
            } else if used.len() < 3 {
                Model::Gray
            } else {
                Model::Yuv
            },
            depth,
            chroma: Subsampling {
                x: d.log2_chroma_w,
                y: d.log2_chroma_h,
            },
            alpha,
            components,
        })
    }
}

/// `yuv420p` for `yuvj420p`: the same planes, without "full range" in the name. `None` for other formats.
pub(crate) fn full_range_twin(format: PixFmt) -> Option<PixFmt> {
    PixFmt::by_name(&format!("yuv{}", format.name().strip_prefix("yuvj")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(name: &str) -> Option<PixelFormat> {
        PixFmt::by_name(name).unwrap().layout()
    }

    #[test]
    fn layouts_follow_the_descriptors() {
        let planar = PixelFormat::planar;
        assert_eq!(
            layout("yuv420p10le"),
            Some(planar(Model::Yuv, Subsampling::S420, 10, false))
        );
        assert_eq!(
            layout("gbrap"),
            Some(planar(Model::Rgb, Subsampling::S444, 8, true))
        );
        assert_eq!(
            layout("gray"),
            Some(planar(Model::Gray, Subsampling::S444, 8, false))
        );
        assert_eq!(
            layout("rgb48le"),
            Some(PixelFormat::packed_rgb(16, 3, &[0, 1, 2]))
        );
        assert_eq!(
            layout("bgr0"),
            Some(PixelFormat::packed_rgb(8, 4, &[2, 1, 0]))
        );
        let p010 = layout("p010le").unwrap();
        assert_eq!((p010.depth, p010.components[1].shift), (10, 6));
        assert_eq!(
            layout("gbrapf32le"),
            Some(planar(Model::Rgb, Subsampling::S444, FLOATS, true))
        );
        assert_eq!(layout("ya8").unwrap().used()[1].offset, 1);
        for name in [
            "pal8",
            "monob",
            "rgb48be",
            "x2rgb10le",
            "yuv411p",
            "yuv410p",
            "rgb565le",
            "xyz12le",
            "bayer_rggb8",
            "vaapi",
        ] {
            assert_eq!(layout(name), None, "{name}");
        }
        for (name, gray) in [
            ("gray", true),
            ("gray16be", true),
            ("ya16be", true),
            ("monob", true),
            ("pal8", false),
            ("rgb24", false),
            ("yuv420p", false),
            ("nv12", false),
            ("bayer_rggb8", false),
            ("vaapi", false),
        ] {
            assert_eq!(PixFmt::by_name(name).unwrap().is_gray(), gray, "{name}");
        }
        assert_eq!(
            PixFmt::by_name("rgb48be").unwrap().little_endian().name(),
            "rgb48le"
        );
        assert_eq!(
            full_range_twin(PixFmt::by_name("yuvj422p").unwrap())
                .unwrap()
                .name(),
            "yuv422p"
        );
    }
}
