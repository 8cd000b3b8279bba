//! Layout of a picture's planes in a buffer.

use crate::frame::{OwnedPlanes, Picture, PixelFormat};

/// Layout of a picture's planes in a buffer of 32-bit words: plane after plane; each row is a whole number of words.
#[derive(Clone, Debug)]
pub(super) struct PlaneLayout {
    format: PixelFormat,
    extent: (u32, u32),
    /// For each plane: its first word, words per row, bytes of samples per row, rows.
    planes: Vec<[u32; 4]>,
}

impl PlaneLayout {
    pub fn new(format: &PixelFormat, extent: (u32, u32)) -> Self {
        let mut planes = Vec::new();
        let mut base = 0;
        for plane in 0..format.plane_count() {
            let size = format.plane_extent(plane, extent.0, extent.1);
            let words = size.row_bytes.div_ceil(4) as u32;
            planes.push([base, words, size.row_bytes as u32, size.rows as u32]);
            base += words * size.rows as u32;
        }
        Self {
            format: *format,
            extent,
            planes,
        }
    }

    /// Size of the buffer in bytes.
    pub fn bytes(&self) -> u64 {
        self.planes.last().map_or(16, |[base, words, _, rows]| {
            4 * u64::from(base + words * rows)
        })
    }

    /// Base word, words per row, bytes of samples per row, and rows, of plane `plane`.
    pub fn place(&self, plane: usize) -> [u32; 4] {
        self.planes[plane]
    }

    /// Base word, words per row, columns and rows, of component `index`.
    pub fn of_component(&self, index: usize) -> [u32; 4] {
        let component = self.format.components[index];
        let [base, stride, ..] = self.planes[usize::from(component.plane)];
        let (width, height) = self.extent;
        let (columns, rows) = self.format.component_extent(index, width, height);
        [base, stride, columns, rows]
    }

    /// Calls `row` with each row of `picture` and the offset of its first byte in the buffer.
    pub fn write(&self, picture: &Picture, mut row: impl FnMut(usize, &[u8])) {
        for (plane, [base, words, _, rows]) in self.planes.iter().enumerate() {
            for y in 0..*rows {
                row(
                    4 * (base + y * words) as usize,
                    picture.row(plane, y as usize),
                );
            }
        }
    }

    /// Reads a picture's planes from the bytes of the buffer.
    pub fn read(&self, bytes: &[u8]) -> OwnedPlanes {
        let mut planes = OwnedPlanes::new(self.extent.0, self.extent.1, &self.format);
        for (plane, [base, words, row_bytes, rows]) in self.planes.iter().enumerate() {
            let (row_bytes, out) = (*row_bytes as usize, planes.plane_mut(plane));
            for y in 0..*rows as usize {
                let start = 4 * (*base as usize + y * *words as usize);
                out[y * row_bytes..(y + 1) * row_bytes]
                    .copy_from_slice(&bytes[start..start + row_bytes]);
            }
        }
        planes
    }
}
