//! Pixel formats, described by where each component's samples are stored: so one kernel reads planar, semi-planar and
//! packed pictures.

use serde::{Deserialize, Serialize};

/// The colour model of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// One component, luma.
    Gray,
    /// Luma and two colour differences (chroma).
    Yuv,
    /// Red, green and blue.
    Rgb,
}

/// Chroma subsampling: the powers of two by which chroma is smaller than luma (0 or 1 on each axis).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subsampling {
    pub x: u8,
    pub y: u8,
}

impl Subsampling {
    pub const S444: Self = Self { x: 0, y: 0 };
    pub const S422: Self = Self { x: 1, y: 0 };
    pub const S440: Self = Self { x: 0, y: 1 };
    pub const S420: Self = Self { x: 1, y: 1 };
}

/// Where the samples of one component are stored. If the depth is 8, a sample is one byte; if it is [`FLOATS`], a
/// little-endian 32-bit float; otherwise it is a little-endian 16-bit word, and its value is `word >> shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Component {
    /// Index of the plane.
    pub plane: u8,
    /// Bytes from one sample to the next in a row.
    pub step: u8,
    /// Bytes before the first sample in a row.
    pub offset: u8,
    /// Unused bits below the value in its word (6 for P010).
    pub shift: u8,
}

/// The depth of formats whose samples are 32-bit floats. 0 is black and 1 is white; values may lie outside.
pub const FLOATS: u8 = 32;

/// The size of a plane, without row padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaneExtent {
    /// Bytes in a row.
    pub row_bytes: usize,
    pub rows: usize,
}

/// A pixel format: 8 to 16 bits or 32-bit floats, gray, YUV (4:4:4, 4:4:0, 4:2:2, 4:2:0) or RGB, with or without straight alpha, planar
/// or packed. Other formats (palettes, bit fields, big-endian words) are converted when a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PixelFormat {
    pub model: Model,
    /// Bits per sample, 8 to 16; [`FLOATS`] are 32-bit floats.
    pub depth: u8,
    pub chroma: Subsampling,
    pub alpha: bool,
    /// The components in the order of the model (Y · Y U V · R G B), then alpha. Only the first
    /// [`Self::component_count`] are used.
    pub components: [Component; 4],
}

const UNUSED: Component = Component {
    plane: 0,
    step: 0,
    offset: 0,
    shift: 0,
};

impl PixelFormat {
    /// A planar format: one plane per component, in the order of the model; RGB is stored in the order G, B, R
    /// (FFmpeg's `gbrp`).
    pub fn planar(model: Model, chroma: Subsampling, depth: u8, alpha: bool) -> Self {
        let step = sample_bytes(depth) as u8;
        let at = |plane| Component {
            plane,
            step,
            offset: 0,
            shift: 0,
        };
        let (colours, last) = match model {
            Model::Gray => ([at(0), UNUSED, UNUSED], 1),
            Model::Yuv => ([at(0), at(1), at(2)], 3),
            Model::Rgb => ([at(2), at(0), at(1)], 3),
        };
        let mut components = [colours[0], colours[1], colours[2], UNUSED];
        if alpha {
            components[last] = at(last as u8);
        }
        Self {
            model,
            depth,
            chroma,
            alpha,
            components,
        }
    }

    /// An interleaved RGB format. `order` is the position of R, G, B (and A) in a pixel of `channels` samples.
    pub fn packed_rgb(depth: u8, channels: u8, order: &[u8]) -> Self {
        let bytes = sample_bytes(depth) as u8;
        let mut components = [UNUSED; 4];
        for (component, position) in components.iter_mut().zip(order) {
            *component = Component {
                plane: 0,
                step: channels * bytes,
                offset: position * bytes,
                shift: 0,
            };
        }
        Self {
            model: Model::Rgb,
            depth,
            chroma: Subsampling::S444,
            alpha: order.len() == 4,
            components,
        }
    }

    /// Number of colour components: 1 for gray, else 3.
    pub fn colour_count(&self) -> usize {
        if self.model == Model::Gray { 1 } else { 3 }
    }

    /// Number of components, including alpha.
    pub fn component_count(&self) -> usize {
        self.colour_count() + usize::from(self.alpha)
    }

    /// The components that are used.
    pub fn used(&self) -> &[Component] {
        &self.components[..self.component_count()]
    }

    /// Number of planes.
    pub fn plane_count(&self) -> usize {
        self.used()
            .iter()
            .map(|c| usize::from(c.plane) + 1)
            .max()
            .unwrap_or(0)
    }

    /// Bytes of one sample: 1, 2, or 4 of a float.
    pub fn sample_bytes(&self) -> usize {
        sample_bytes(self.depth)
    }

    /// Whether samples are floats.
    pub fn is_float(&self) -> bool {
        self.depth == FLOATS
    }

    /// Bits of a sample as [`ComponentRow`](super::ComponentRow) gives it: floats have 16.
    pub fn code_depth(&self) -> u8 {
        if self.is_float() { 16 } else { self.depth }
    }

    /// The sample that stands for opaque, or for full-range white: the largest code, or 1 for floats.
    pub fn one(&self) -> f32 {
        match self.is_float() {
            true => 1.0,
            false => self.max_value() as f32,
        }
    }

    /// Whether component `index` is a chroma component of a YUV picture.
    pub fn is_chroma(&self, index: usize) -> bool {
        self.model == Model::Yuv && (index == 1 || index == 2)
    }

    /// Width and height of component `index`, in samples, for a picture of `width` × `height` pixels.
    pub fn component_extent(&self, index: usize, width: u32, height: u32) -> (u32, u32) {
        if self.is_chroma(index) {
            let half = |n: u32, log2: u8| n.div_ceil(1 << log2);
            (half(width, self.chroma.x), half(height, self.chroma.y))
        } else {
            (width, height)
        }
    }

    /// Size of plane `plane` of a picture of `width` × `height` pixels.
    pub fn plane_extent(&self, plane: usize, width: u32, height: u32) -> PlaneExtent {
        let mut extent = PlaneExtent {
            row_bytes: 0,
            rows: 0,
        };
        for (index, component) in self.used().iter().enumerate() {
            if usize::from(component.plane) == plane {
                let (w, h) = self.component_extent(index, width, height);
                extent.row_bytes = extent
                    .row_bytes
                    .max(w as usize * usize::from(component.step));
                extent.rows = extent.rows.max(h as usize);
            }
        }
        extent
    }

    /// The largest sample value, `2^depth - 1`; for floats that of [`Self::code_depth`].
    pub fn max_value(&self) -> u32 {
        (1 << self.code_depth()) - 1
    }
}

fn sample_bytes(depth: u8) -> usize {
    match depth {
        FLOATS => 4,
        9.. => 2,
        _ => 1,
    }
}

impl std::fmt::Display for PixelFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let alpha = if self.alpha { " with alpha" } else { "" };
        let depth = match self.is_float() {
            true => "32-bit floats".to_owned(),
            false => format!("{} bits", self.depth),
        };
        match self.model {
            Model::Gray => write!(f, "gray{alpha}, {depth}"),
            Model::Rgb => write!(f, "RGB{alpha}, {depth}"),
            Model::Yuv => {
                let ratio = match (self.chroma.x, self.chroma.y) {
                    (0, 0) => "4:4:4",
                    (1, 0) => "4:2:2",
                    (0, 1) => "4:4:0",
                    _ => "4:2:0",
                };
                write!(f, "YUV {ratio}{alpha}, {depth}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plane_extents_round_chroma_up() {
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 10, false);
        assert_eq!(format.plane_count(), 3);
        assert_eq!(
            format.plane_extent(0, 5, 3),
            PlaneExtent {
                row_bytes: 10,
                rows: 3
            }
        );
        assert_eq!(
            format.plane_extent(2, 5, 3),
            PlaneExtent {
                row_bytes: 6,
                rows: 2
            }
        );
        let bgra = PixelFormat::packed_rgb(8, 4, &[2, 1, 0, 3]);
        assert_eq!(bgra.plane_count(), 1);
        assert_eq!(
            bgra.plane_extent(0, 7, 2),
            PlaneExtent {
                row_bytes: 28,
                rows: 2
            }
        );
        assert_eq!(bgra.used()[3].offset, 3);
        let gbrap = PixelFormat::planar(Model::Rgb, Subsampling::S444, 8, true);
        assert_eq!(gbrap.components.map(|c| c.plane), [2, 0, 1, 3]);
    }
}
