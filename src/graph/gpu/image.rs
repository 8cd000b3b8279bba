//! Images on the device: textures, and buffers of words.

use super::super::plan::{Slot, Storage};
use crate::reference::Image;

/// The GPU storage of an image or of a buffer of words.
pub(super) enum GpuImage {
    Texture(wgpu::Texture, wgpu::TextureView),
    Words(wgpu::Buffer),
}

impl GpuImage {
    pub fn new(
        device: &wgpu::Device,
        Slot {
            extent, storage, ..
        }: Slot,
    ) -> Self {
        if storage == Storage::Words {
            return Self::Words(device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: 4 * u64::from(extent.0),
                usage: wgpu::BufferUsages::STORAGE
                    | wgpu::BufferUsages::COPY_SRC
                    | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }));
        }
        let usage = wgpu::TextureUsages::TEXTURE_BINDING
            | wgpu::TextureUsages::STORAGE_BINDING
            | wgpu::TextureUsages::COPY_SRC
            | wgpu::TextureUsages::COPY_DST;
        let made = texture(device, extent, texture_format(storage), usage);
        let view = made.create_view(&Default::default());
        Self::Texture(made, view)
    }

    pub fn resource(&self) -> wgpu::BindingResource<'_> {
        match self {
            Self::Texture(_, view) => wgpu::BindingResource::TextureView(view),
            Self::Words(buffer) => buffer.as_entire_binding(),
        }
    }

    /// Its storage format.
    pub fn storage(&self) -> Storage {
        match self {
            Self::Words(_) => Storage::Words,
            Self::Texture(texture, _) => match texture.format() {
                wgpu::TextureFormat::Rgba16Float => Storage::Rgba16Float,
                wgpu::TextureFormat::Rgba16Sint => Storage::Rgba16Fixed,
                wgpu::TextureFormat::Rgba32Float => Storage::Rgba32Float,
                _ => Storage::R32Float,
            },
        }
    }

    /// Copies `from`, which has the same shape, into this one.
    pub fn copy(&self, from: &Self, encoder: &mut wgpu::CommandEncoder) {
        match (from, self) {
            (Self::Texture(from, _), Self::Texture(to, _)) => {
                encoder.copy_texture_to_texture(from.as_image_copy(), to.as_image_copy(), to.size())
            }
            (Self::Words(from), Self::Words(to)) => {
                encoder.copy_buffer_to_buffer(from, 0, to, 0, to.size())
            }
            _ => {}
        }
    }
}

/// The format of a texture with this storage.
pub(super) fn texture_format(storage: Storage) -> wgpu::TextureFormat {
    match storage {
        Storage::R32Float | Storage::Words => wgpu::TextureFormat::R32Float,
        Storage::Rgba16Float => wgpu::TextureFormat::Rgba16Float,
        Storage::Rgba16Fixed => wgpu::TextureFormat::Rgba16Sint,
        Storage::Rgba32Float => wgpu::TextureFormat::Rgba32Float,
    }
}

pub(super) fn texture(
    device: &wgpu::Device,
    (width, height): (u32, u32),
    format: wgpu::TextureFormat,
    usage: wgpu::TextureUsages,
) -> wgpu::Texture {
    device.create_texture(&wgpu::TextureDescriptor {
        label: None,
        size: wgpu::Extent3d {
            width,
            height,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}

/// A buffer of these numbers.
pub(super) fn of_table(device: &wgpu::Device, numbers: &[f32]) -> wgpu::Buffer {
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: 4 * numbers.len() as u64,
        usage: wgpu::BufferUsages::STORAGE,
        mapped_at_creation: true,
    });
    if let Ok(mut view) = buffer.get_mapped_range_mut(..) {
        view.copy_from_slice(bytemuck::cast_slice(numbers));
    }
    buffer.unmap();
    buffer
}

/// The picture of an image file as a texture of single floats.
pub(super) fn of_file(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    image: &Image,
) -> wgpu::TextureView {
    let extent = (image.width as u32, image.height as u32);
    let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST;
    let made = texture(device, extent, wgpu::TextureFormat::Rgba32Float, usage);
    let mut pixels = Vec::with_capacity(image.width * image.height * 4);
    for y in 0..image.height {
        let row = image.row(y);
        for x in 0..image.width {
            pixels.extend((0..4).map(|channel| row.channel(channel)[x]));
        }
    }
    queue.write_texture(
        made.as_image_copy(),
        bytemuck::cast_slice(&pixels),
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some(extent.0 * 16),
            rows_per_image: None,
        },
        wgpu::Extent3d {
            width: extent.0,
            height: extent.1,
            depth_or_array_layers: 1,
        },
    );
    made.create_view(&Default::default())
}
