//! Pictures that lie in mapped memory of the device: nothing is copied between the device and the encoder.

use std::sync::{Arc, Mutex, PoisonError};

use super::planes::PlaneLayout;
use crate::frame::{PixelFormat, Planes};

/// Buffers that the planes of an output are read back through. Those of pictures that are gone are used again.
#[derive(Clone)]
pub(super) struct SpareBuffers(Arc<Mutex<Vec<wgpu::Buffer>>>);

impl SpareBuffers {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// A buffer that nobody uses; a new one of `bytes` if there is none.
    pub fn take(&self, device: &wgpu::Device, bytes: u64) -> wgpu::Buffer {
        let spare = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        spare.unwrap_or_else(|| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: bytes,
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            })
        })
    }

    fn give_back(&self, buffer: wgpu::Buffer) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.push(buffer);
    }
}

/// The planes of a picture in a mapped buffer. When they are dropped, the buffer is used for another picture.
pub(super) struct MappedPlanes {
    /// The bytes; `None` only while it is dropped.
    view: Option<wgpu::BufferView>,
    buffer: wgpu::Buffer,
    spare: SpareBuffers,
    /// For each plane: its first byte, its size, and the bytes from one row to the next.
    planes: [(usize, usize, usize); 4],
}

impl MappedPlanes {
    /// Of a buffer that is mapped.
    ///
    /// # Errors
    /// If it is not mapped.
    pub fn new(
        buffer: wgpu::Buffer,
        layout: &PlaneLayout,
        format: &PixelFormat,
        spare: &SpareBuffers,
    ) -> Result<Self, wgpu::MapRangeError> {
        let mut planes = [(0, 0, 0); 4];
        for (index, plane) in planes.iter_mut().enumerate().take(format.plane_count()) {
            let [base, words, _, rows] = layout.place(index).map(|n| n as usize);
            *plane = (4 * base, 4 * words * rows, 4 * words);
        }
        Ok(Self {
            view: Some(buffer.get_mapped_range(..)?),
            buffer,
            spare: spare.clone(),
            planes,
        })
    }
}

impl Planes for MappedPlanes {
    fn data(&self, index: usize) -> &[u8] {
        let (start, size, _) = self.planes[index];
        let bytes = self.view.as_deref().unwrap_or_default();
        &bytes[start..start + size]
    }

    fn stride(&self, index: usize) -> usize {
        self.planes[index].2
    }
}

impl Drop for MappedPlanes {
    fn drop(&mut self) {
        self.view = None;
        self.buffer.unmap();
        self.spare.give_back(self.buffer.clone());
    }
}
