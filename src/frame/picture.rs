//! Pictures: reference-counted planes with their format and colour.

use std::sync::Arc;

use super::{Color, ComponentRow, PixelFormat, Span};

/// Memory that holds the planes of a picture, whoever owns it: a decoder's frame or a buffer of ours.
pub trait Planes: Send + Sync {
    /// The bytes of plane `index`, from its first sample to at least the end of its last row. Panics if there is no such plane.
    fn data(&self, index: usize) -> &[u8];
    /// Bytes from one row of plane `index` to the next.
    fn stride(&self, index: usize) -> usize;
}

/// A picture: `width` × `height` pixels in the planes that `format` describes. Cloning shares the planes.
#[derive(Clone)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub format: PixelFormat,
    pub color: Color,
    pub planes: Arc<dyn Planes>,
}

impl Picture {
    /// A picture over planes of ours.
    pub fn new(
        width: u32,
        height: u32,
        format: PixelFormat,
        color: Color,
        planes: OwnedPlanes,
    ) -> Self {
        Self {
            width,
            height,
            format,
            color,
            planes: Arc::new(planes),
        }
    }

    /// Row `y` of plane `plane`, without padding. Panics outside the plane.
    pub fn row(&self, plane: usize, y: usize) -> &[u8] {
        let extent = self.format.plane_extent(plane, self.width, self.height);
        let start = y * self.planes.stride(plane);
        &self.planes.data(plane)[start..start + extent.row_bytes]
    }

    /// Row `y` of component `component`, in rows of its own grid (subsampled chroma has fewer). Panics outside it.
    pub fn component_row(&self, component: usize, y: usize) -> ComponentRow<'_> {
        ComponentRow::new(self, component, y)
    }

    /// The value of component `component` at sample (`x`, `y`) of its own grid. Slow: for tests and small pictures.
    pub fn sample(&self, component: usize, x: usize, y: usize) -> u32 {
        self.component_row(component, y).at(x).into()
    }

    /// Whether two pictures hold the same samples in the same format and size.
    pub fn same_samples(&self, other: &Picture) -> bool {
        self.format == other.format
            && (self.width, self.height) == (other.width, other.height)
            && (0..self.format.plane_count()).all(|plane| {
                let rows = self
                    .format
                    .plane_extent(plane, self.width, self.height)
                    .rows;
                (0..rows).all(|y| self.row(plane, y) == other.row(plane, y))
            })
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Picture({}x{}, {})",
            self.width, self.height, self.format
        )
    }
}

/// A picture and when it is shown.
#[derive(Clone, Debug)]
pub struct Frame {
    pub picture: Picture,
    pub span: Span,
}

/// Planes in one allocation of ours, rows without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedPlanes {
    bytes: Vec<u8>,
    /// Start of each plane in `bytes`, and its row length.
    layout: Vec<(usize, usize, usize)>,
}

impl OwnedPlanes {
    /// Zeroed planes for a picture of `width` × `height` in `format`.
    pub fn new(width: u32, height: u32, format: &PixelFormat) -> Self {
        let mut layout = Vec::with_capacity(format.plane_count());
        let mut end = 0;
        for plane in 0..format.plane_count() {
            let extent = format.plane_extent(plane, width, height);
            let size = extent.row_bytes * extent.rows;
            layout.push((end, size, extent.row_bytes));
            end += size;
        }
        Self {
            bytes: vec![0; end],
            layout,
        }
    }

    /// The bytes of plane `index`, to write.
    pub fn plane_mut(&mut self, index: usize) -> &mut [u8] {
        let (start, size, _) = self.layout[index];
        &mut self.bytes[start..start + size]
    }

    /// All planes, to write side by side.
    pub fn planes_mut(&mut self) -> Vec<&mut [u8]> {
        let mut rest = self.bytes.as_mut_slice();
        let mut planes = Vec::with_capacity(self.layout.len());
        for &(_, size, _) in &self.layout {
            let (plane, tail) = rest.split_at_mut(size);
            planes.push(plane);
            rest = tail;
        }
        planes
    }
}

impl Planes for OwnedPlanes {
    fn data(&self, index: usize) -> &[u8] {
        let (start, size, _) = self.layout[index];
        &self.bytes[start..start + size]
    }

    fn stride(&self, index: usize) -> usize {
        self.layout[index].2
    }
}
