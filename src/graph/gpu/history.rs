//! Histories on their way to a file and back.

use super::step::Store;

/// Values of `store`, pixel after pixel, once all work submitted before is done. The error is the device's own words.
pub(super) fn download(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    store: &Store,
) -> Result<Vec<u8>, String> {
    let (row, padded, rows) = match store {
        Store::Words(buffer) => (buffer.size() as usize, buffer.size() as usize, 1),
        Store::Texture(texture, _) => {
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
    let mut encoder = device.create_command_encoder(&Default::default());
    match store {
        Store::Words(buffer) => {
            encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size())
        }
        Store::Texture(texture, _) => encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            wgpu::TexelCopyBufferInfo {
                buffer: &staging,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(padded as u32),
                    rows_per_image: None,
                },
            },
            texture.size(),
        ),
    }
    let submission = queue.submit([encoder.finish()]);
    let (sender, receiver) = std::sync::mpsc::channel();
    staging.map_async(wgpu::MapMode::Read, .., move |result| {
        let _ = sender.send(result);
    });
    let wait = wgpu::PollType::Wait {
        submission_index: Some(submission),
        timeout: None,
    };
    device.poll(wait).map_err(|error| error.to_string())?;
    for result in receiver.try_iter() {
        result.map_err(|error| error.to_string())?;
    }
    let mapped = staging
        .get_mapped_range(..)
        .map_err(|error| error.to_string())?;
    let rows = mapped.chunks_exact(padded).flat_map(|bytes| &bytes[..row]);
    Ok(rows.copied().collect())
}

/// Fills `store` from values pixel after pixel.
pub(super) fn upload(queue: &wgpu::Queue, store: &Store, bytes: &[u8]) {
    match store {
        Store::Words(buffer) => queue.write_buffer(buffer, 0, bytes),
        Store::Texture(texture, _) => queue.write_texture(
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
