//! Pictures: reference-counted planes with their format and colour.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::{Color, ComponentRow, FieldOrder, PixelFormat, Span};

/// Memory with the planes of a picture: a decoder's frame, or a buffer of our own.
pub trait Planes: Send + Sync {
    /// The bytes of plane `index`, from its first sample to at least the end of its last row. Panics if the plane does
    /// not exist.
    fn data(&self, index: usize) -> &[u8];
    /// Bytes from one row of plane `index` to the next.
    fn stride(&self, index: usize) -> usize;
    /// How many bytes after the end of each plane may be read too, whatever they are. Encoders that read many samples at a
    /// time read a little past a row.
    fn slack(&self) -> usize {
        0
    }
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
        let mut rest = bytes;
        for plane in planes.planes_mut() {
            let (from, left) = rest.split_at(plane.len());
            plane.copy_from_slice(from);
            rest = left;
        }
        assert!(rest.is_empty(), "bytes of a picture of another size");
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

/// Planes in one block of memory, rows without padding. Each plane begins at a multiple of 64 bytes, so that encoders can
/// read them where they are.
#[derive(Debug, Default)]
pub struct OwnedPlanes {
    bytes: Vec<u8>,
    /// For each plane: its start in `bytes`, its size, and the length of a row.
    layout: Vec<(usize, usize, usize)>,
}

/// Alignment of planes, and bytes after the last one.
const ALIGNMENT: usize = 64;

impl OwnedPlanes {
    /// Zeroed planes for a picture of `width` × `height` in `format`.
    pub fn new(width: u32, height: u32, format: &PixelFormat) -> Self {
        let mut layout = Vec::with_capacity(format.plane_count());
        let mut end = 0;
        for plane in 0..format.plane_count() {
            let extent = format.plane_extent(plane, width, height);
            let size = extent.row_bytes * extent.rows;
            layout.push((end, size, extent.row_bytes));
            end += size.next_multiple_of(ALIGNMENT);
        }
        let bytes = vec![0; end + 2 * ALIGNMENT];
        // The memory stays where it is, so the alignment is kept.
        let first = bytes.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        layout.iter_mut().for_each(|(start, ..)| *start += first);
        Self { bytes, layout }
    }

    /// The bytes of plane `index`, writable.
    pub fn plane_mut(&mut self, index: usize) -> &mut [u8] {
        let (start, size, _) = self.layout[index];
        &mut self.bytes[start..start + size]
    }

    /// All planes, writable at the same time.
    pub fn planes_mut(&mut self) -> Vec<&mut [u8]> {
        let mut rest = self.bytes.as_mut_slice();
        let mut at = 0;
        let mut planes = Vec::with_capacity(self.layout.len());
        for &(start, size, _) in &self.layout {
            let (_, begun) = rest.split_at_mut(start - at);
            let (plane, tail) = begun.split_at_mut(size);
            planes.push(plane);
            rest = tail;
            at = start + size;
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

    fn slack(&self) -> usize {
        ALIGNMENT
    }
}

/// Planes of pictures that nobody uses any more, to be written again. All are of one size and format.
#[derive(Debug, Default)]
pub struct PlanePool(Arc<Mutex<Vec<OwnedPlanes>>>);

impl PlanePool {
    /// Planes for a picture of `width` × `height` in `format`, the same at every call: zeroed ones, or those of an earlier
    /// picture with what it held.
    pub fn take(&self, width: u32, height: u32, format: &PixelFormat) -> OwnedPlanes {
        let known = lock(&self.0).pop();
        known.unwrap_or_else(|| OwnedPlanes::new(width, height, format))
    }

    /// As [`Picture::new`], but the planes come back to the pool when the last clone of the picture is dropped.
    pub fn picture(
        &self,
        width: u32,
        height: u32,
        format: PixelFormat,
        color: Color,
        planes: OwnedPlanes,
    ) -> Picture {
        Picture {
            width,
            height,
            format,
            color,
            field_order: FieldOrder::Unknown,
            planes: Arc::new(PooledPlanes {
                planes,
                pool: Arc::downgrade(&self.0),
            }),
        }
    }
}

/// Planes that come from a pool, and go back where it still exists.
struct PooledPlanes {
    planes: OwnedPlanes,
    pool: Weak<Mutex<Vec<OwnedPlanes>>>,
}

impl Planes for PooledPlanes {
    fn data(&self, index: usize) -> &[u8] {
        self.planes.data(index)
    }

    fn stride(&self, index: usize) -> usize {
        self.planes.stride(index)
    }

    fn slack(&self) -> usize {
        self.planes.slack()
    }
}

impl Drop for PooledPlanes {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            lock(&pool).push(std::mem::take(&mut self.planes));
        }
    }
}

fn lock(pool: &Mutex<Vec<OwnedPlanes>>) -> MutexGuard<'_, Vec<OwnedPlanes>> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Model, Subsampling};

    #[test]
    fn planes_are_aligned_and_rows_survive_a_copy() {
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 10, false);
        let bytes: Vec<u8> = (0..2 * (7 * 5 + 2 * 4 * 3)).map(|n| n as u8).collect();
        let picture = Picture::from_rows(7, 5, format, Color::default(), &bytes);
        for plane in 0..3 {
            assert_eq!(picture.planes.data(plane).as_ptr() as usize % ALIGNMENT, 0);
        }
        let mut copy = vec![0; bytes.len()];
        picture.copy_rows(&mut copy);
        assert_eq!(copy, bytes);
    }

    #[test]
    fn planes_are_written_again_when_nobody_reads_them() {
        let format = PixelFormat::planar(Model::Gray, Subsampling::S444, 8, false);
        let pool = PlanePool::default();
        let make = |value: u8| {
            let mut planes = pool.take(8, 4, &format);
            planes.plane_mut(0).fill(value);
            pool.picture(8, 4, format, Color::default(), planes)
        };
        let first = make(1);
        let held = first.clone();
        let place = first.planes.data(0).as_ptr();
        drop(first);
        let second = make(2);
        assert_ne!(
            second.planes.data(0).as_ptr(),
            place,
            "a clone still reads them"
        );
        assert_eq!(held.row(0, 3), [1; 8]);
        drop(held);
        assert_eq!(make(3).planes.data(0).as_ptr(), place);
        // Pictures outlive their pool.
        drop(pool);
        assert_eq!(second.row(0, 0), [2; 8]);
    }
}
