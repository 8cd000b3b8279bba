//! Layout of a picture's planes in a buffer.

use std::ops::Range;

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
    pub fn write(&self, picture: &Picture, row: impl FnMut(usize, &[u8])) {
        self.write_within(0..self.bytes() as usize, picture, row);
    }

    /// As [`Self::write`], of the bytes that lie at `range` of the buffer; offsets count from its start. Of rows that go
    /// beyond it, `row` is called with the part inside.
    pub fn write_within(
        &self,
        range: Range<usize>,
        picture: &Picture,
        mut row: impl FnMut(usize, &[u8]),
    ) {
        for (plane, place) in self.planes.iter().enumerate() {
            let [base, words, _, rows] = place.map(|n| n as usize);
            let (base, stride) = (4 * base, 4 * words);
            let first = range.start.saturating_sub(base) / stride;
            let end = range.end.saturating_sub(base).div_ceil(stride).min(rows);
            for y in first..end {
                let bytes = picture.row(plane, y);
                let at = base + y * stride;
                let inside = |edge: usize| edge.saturating_sub(at).min(bytes.len());
                let (from, to) = (inside(range.start), inside(range.end));
                if from < to {
                    row(at + from - range.start, &bytes[from..to]);
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;
    use crate::frame::{Model, Subsampling};

    #[test]
    fn parts_are_the_whole_picture() {
        for (extent, depth) in [((1921, 33), 8), ((640, 360), 10), ((1, 1), 8), ((3, 2), 16)] {
            let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, depth, false);
            let mut planes = OwnedPlanes::new(extent.0, extent.1, &format);
            let bytes = planes.planes_mut().into_iter().flatten();
            bytes
                .zip(0u32..)
                .for_each(|(byte, at)| *byte = (at % 251) as u8);
            let picture = Picture::new(extent.0, extent.1, format, Color::default(), planes);
            let layout = PlaneLayout::new(&format, extent);
            let size = layout.bytes() as usize;
            let mut whole = vec![0; size];
            for (plane, [base, words, ..]) in layout.planes.iter().enumerate() {
                let (_, rows) = format.component_extent(plane, extent.0, extent.1);
                for y in 0..rows as usize {
                    let at = 4 * (*base as usize + y * *words as usize);
                    let row = picture.row(plane, y);
                    whole[at..at + row.len()].copy_from_slice(row);
                }
            }
            for length in [4, 1000, 1 << 14, size] {
                let mut parts = vec![0; size];
                for (index, part) in parts.chunks_mut(length).enumerate() {
                    let start = index * length;
                    let range = start..start + part.len();
                    layout.write_within(range, &picture, |at, row| {
                        part[at..at + row.len()].copy_from_slice(row);
                    });
                }
                assert!(parts == whole, "{extent:?} in parts of {length} bytes");
            }
        }
    }
}
