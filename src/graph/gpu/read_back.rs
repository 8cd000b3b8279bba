//! Readback of images and buffers from the device, and uploads to it.

use std::sync::mpsc::Sender;

use super::super::executor::{ExecError, Stop};
use super::super::plan::Storage;
use super::context::GpuContext;
use super::image::GpuImage;
use crate::reference::fixed_grid;

/// The result of mapping a buffer.
pub(super) type Mapped = Result<(), wgpu::BufferAsyncError>;

/// A staging buffer for the readback of one image.
pub(super) struct ReadBack {
    pub staging: wgpu::Buffer,
    /// Bytes per row of pixels, and per row in the buffer.
    row: usize,
    padded: usize,
}

impl ReadBack {
    /// Makes one for images with the shape of `image`.
    pub fn new(device: &wgpu::Device, image: &GpuImage) -> Self {
        let (row, padded, rows) = match image {
            GpuImage::Words(buffer) => (buffer.size() as usize, buffer.size() as usize, 1),
            GpuImage::Texture(texture, _) => {
                let bytes = texture.format().block_copy_size(None).unwrap_or(16) * texture.width();
                let padded = bytes.next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
                (bytes as usize, padded as usize, texture.height() as usize)
            }
        };
        let staging = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: (padded * rows) as u64,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            staging,
            row,
            padded,
        }
    }

    /// Copies `image`.
    pub fn copy(&self, image: &GpuImage, encoder: &mut wgpu::CommandEncoder) {
        match image {
            GpuImage::Words(buffer) => {
                encoder.copy_buffer_to_buffer(buffer, 0, &self.staging, 0, buffer.size())
            }
            GpuImage::Texture(texture, _) => encoder.copy_texture_to_buffer(
                texture.as_image_copy(),
                wgpu::TexelCopyBufferInfo {
                    buffer: &self.staging,
                    layout: wgpu::TexelCopyBufferLayout {
                        offset: 0,
                        bytes_per_row: Some(self.padded as u32),
                        rows_per_image: None,
                    },
                },
                texture.size(),
            ),
        }
    }

    /// The pixels in order, once the buffer is mapped.
    ///
    /// # Errors
    /// `Lost` if it cannot be read.
    pub fn take(&self, context: &GpuContext) -> Result<Vec<u8>, ExecError> {
        let mapped = self.staging.get_mapped_range(..);
        let mapped = mapped.map_err(|error| context.fail(error.to_string()))?;
        let rows = mapped.chunks_exact(self.padded);
        let bytes = rows.flat_map(|bytes| &bytes[..self.row]).copied().collect();
        drop(mapped);
        self.staging.unmap();
        Ok(bytes)
    }
}

/// Requests the mapping of `buffer`; the result is sent to `sender`.
pub(super) fn map(buffer: &wgpu::Buffer, mode: wgpu::MapMode, sender: &Sender<Mapped>) {
    let sender = sender.clone();
    buffer.map_async(mode, .., move |result| {
        let _ = sender.send(result);
    });
}

/// Reads back the pixels of `image` in order. Waits for all work submitted before.
///
/// # Errors
/// `Lost` if the device fails; `OutOfMemory`; `Stopped` if `stop` gives true.
pub(super) fn download(
    context: &GpuContext,
    image: &GpuImage,
    stop: &Stop,
) -> Result<Vec<u8>, ExecError> {
    let read_back = context.make(|| ReadBack::new(&context.device, image))?;
    let mut encoder = context.device.create_command_encoder(&Default::default());
    read_back.copy(image, &mut encoder);
    let submission = context.submit(encoder);
    let (sender, receiver) = std::sync::mpsc::channel();
    map(&read_back.staging, wgpu::MapMode::Read, &sender);
    context.wait(&submission, stop)?;
    context.mapped(&receiver)?;
    read_back.take(context)
}

/// Fills `image` from 32-bit values, pixel by pixel.
pub(super) fn upload(queue: &wgpu::Queue, image: &GpuImage, bytes: &[u8]) {
    let values = bytes.as_chunks::<4>().0.iter();
    let values = values.map(|value| f32::from_le_bytes(*value));
    match image.storage() {
        Storage::Rgba16Float => {
            let halves = values.flat_map(|value| half::f16::from_f32(value).to_le_bytes());
            write(queue, image, &halves.collect::<Vec<u8>>());
        }
        Storage::Rgba16Fixed => {
            let values: Vec<f32> = values.collect();
            let mut steps = vec![0i16; values.len()];
            fixed_grid::pack_row(&values, &mut steps);
            write(queue, image, bytemuck::cast_slice(&steps));
        }
        _ => write(queue, image, bytes),
    }
}

fn write(queue: &wgpu::Queue, image: &GpuImage, bytes: &[u8]) {
    match image {
        GpuImage::Words(buffer) => queue.write_buffer(buffer, 0, bytes),
        GpuImage::Texture(texture, _) => queue.write_texture(
            texture.as_image_copy(),
            bytes,
            wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some((bytes.len() / texture.height() as usize) as u32),
                rows_per_image: None,
            },
            texture.size(),
        ),
    }
}
