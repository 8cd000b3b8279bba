//! Pictures: reference-counted planes with their format and colour.

use std::sync::Arc;

use super::{Color, ComponentRow, FieldOrder, PixelFormat, Span};

/// Memory with the planes of a picture: a decoder's frame, or a buffer of our own.
pub trait Planes: Send + Sync {
    /// The bytes of plane `index`, from its first sample to at least the end of its last row. Panics if the plane does
    /// not exist.
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
    pub field_order: FieldOrder,
    pub planes: Arc<dyn Planes>,
}

impl Picture {
    /// A picture that owns its planes, of unknown field order.
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
            field_order: FieldOrder::Unknown,
            planes: Arc::new(planes),
        }
    }

    /// Row `y` of plane `plane`, without padding. Panics if it does not exist.
    pub fn row(&self, plane: usize, y: usize) -> &[u8] {
        let extent = self.format.plane_extent(plane, self.width, self.height);
        let start = y * self.planes.stride(plane);
        &self.planes.data(plane)[start..start + extent.row_bytes]
    }

    /// Copies all planes into `bytes`, row after row without padding. Panics where the sizes differ.
    pub fn copy_rows(&self, bytes: &mut [u8]) {
        let mut rest = bytes;
        for plane in 0..self.format.plane_count() {
            let rows = self
                .format
                .plane_extent(plane, self.width, self.height)
                .rows;
            for y in 0..rows {
                let row = self.row(plane, y);
                let (to, left) = rest.split_at_mut(row.len());
                to.copy_from_slice(row);
                rest = left;
            }
        }
    }

    /// The picture whose planes [`Self::copy_rows`] copied. Panics where the sizes differ.
    pub fn from_rows(
        width: u32,
        height: u32,
        format: PixelFormat,
        color: Color,
        bytes: &[u8],
    ) -> Self {
        let mut planes = OwnedPlanes::new(width, height, &format);
        planes.bytes.copy_from_slice(bytes);
        Self::new(width, height, format, color, planes)
    }

    /// Row `y` of component `component`, on the component's own grid (subsampled chroma has fewer rows). Panics if it
    /// does not exist.
    pub fn component_row(&self, component: usize, y: usize) -> ComponentRow<'_> {
        ComponentRow::new(self, component, y)
    }

    /// The value of component `component` at sample (`x`, `y`) of its own grid. Slow: use it in tests and on small
    /// pictures.
    pub fn sample(&self, component: usize, x: usize, y: usize) -> u32 {
        self.component_row(component, y).at(x).into()
    }

    /// Whether two pictures have the same size, format and samples.
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

/// A picture and its time.
#[derive(Clone, Debug)]
pub struct Frame {
    pub picture: Picture,
    pub span: Span,
}

/// Planes in one block of memory, rows without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedPlanes {
    bytes: Vec<u8>,
    /// For each plane: its start in `bytes`, its size, and the length of a row.
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

    /// The bytes of plane `index`, writable.
    pub fn plane_mut(&mut self, index: usize) -> &mut [u8] {
        let (start, size, _) = self.layout[index];
        &mut self.bytes[start..start + size]
    }

    /// All planes, writable at the same time.
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
