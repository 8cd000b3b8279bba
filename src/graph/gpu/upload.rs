//! What goes up to the device with each frame: planes, facts and parameters, through one buffer that stays.

use rayon::prelude::*;

use super::super::executor::ExecError;
use super::context::GpuContext;
use super::planes::PlaneLayout;
use crate::frame::Picture;

/// Bytes that one thread copies at a time: with fewer, it would take longer to wake threads than to copy.
const SHARE: usize = 1 << 19;

/// A buffer that the processor writes and the device copies from.
pub(super) struct Upload {
    buffer: wgpu::Buffer,
    size: u64,
}

/// An upload that is being written.
pub(super) struct Writing<'a> {
    upload: &'a Upload,
    view: wgpu::BufferViewMut,
    at: u64,
    /// Where each part goes: the buffer, and the place and size of the part.
    copies: Vec<(&'a wgpu::Buffer, u64, u64)>,
}

impl Upload {
    /// For up to `size` bytes in each frame. It can be written at once.
    pub fn new(device: &wgpu::Device, size: u64) -> Self {
        let size = size
            .next_multiple_of(wgpu::MAP_ALIGNMENT)
            .max(wgpu::MAP_ALIGNMENT);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size,
            usage: wgpu::BufferUsages::MAP_WRITE | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: true,
        });
        Self { buffer, size }
    }

    /// Another one of the same size.
    pub fn another(&self, device: &wgpu::Device) -> Self {
        Self::new(device, self.size)
    }

    /// The bytes that a part of `size` takes in it.
    pub fn room(size: u64) -> u64 {
        size.next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT)
    }

    /// Begins to write.
    ///
    /// # Errors
    /// `Lost` if the device still has it.
    pub fn write(&self, context: &GpuContext) -> Result<Writing<'_>, ExecError> {
        let view = self.buffer.get_mapped_range_mut(..);
        let view = view.map_err(|error| context.fail(error.to_string()))?;
        Ok(Writing {
            upload: self,
            view,
            at: 0,
            copies: Vec::new(),
        })
    }

    /// The buffer, to be mapped again when the device has read it.
    pub fn buffer(&self) -> &wgpu::Buffer {
        &self.buffer
    }
}

impl<'a> Writing<'a> {
    /// A part of `size` bytes for `to`; `fill` is given a function that writes bytes at a place in the part.
    pub fn part(
        &mut self,
        to: &'a wgpu::Buffer,
        size: u64,
        fill: impl FnOnce(&mut dyn FnMut(usize, &[u8])),
    ) {
        let start = self.at as usize;
        let view = &mut self.view;
        fill(&mut |at, bytes| {
            let from = start + at;
            view.slice(from..from + bytes.len()).copy_from_slice(bytes);
        });
        self.copies.push((to, self.at, size));
        self.at += Upload::room(size);
        debug_assert!(self.at <= self.upload.size);
    }

    /// As [`Self::part`], of the planes of `picture`. Large ones are copied by several threads: one alone does not reach
    /// what memory can move.
    pub fn planes(&mut self, to: &'a wgpu::Buffer, layout: &PlaneLayout, picture: &Picture) {
        let (start, size) = (self.at as usize, layout.bytes());
        let place = self.view.slice(start..start + size as usize);
        let (shares, mut rest) = place.into_chunks::<SHARE>();
        let shares: Vec<_> = shares.into_iter().enumerate().collect();
        let begin = shares.len() * SHARE;
        let copy = |at: usize, place: &mut wgpu::WriteOnly<'_, [u8]>| {
            layout.write_within(at..at + place.len(), picture, |at, row| {
                place.slice(at..at + row.len()).copy_from_slice(row);
            });
        };
        shares
            .into_par_iter()
            .for_each(|(index, share)| copy(index * SHARE, &mut share.into()));
        copy(begin, &mut rest);
        self.copies.push((to, self.at, size));
        self.at += Upload::room(size);
        debug_assert!(self.at <= self.upload.size);
    }

    /// As [`Self::part`], of these words.
    pub fn words(&mut self, to: &'a wgpu::Buffer, words: &[u32]) {
        let bytes: &[u8] = bytemuck::cast_slice(words);
        self.part(to, bytes.len() as u64, |write| write(0, bytes));
    }

    /// Ends writing and has the device copy all parts to their places.
    pub fn copy(self, encoder: &mut wgpu::CommandEncoder) {
        drop(self.view);
        self.upload.buffer.unmap();
        for (to, at, size) in self.copies {
            encoder.copy_buffer_to_buffer(&self.upload.buffer, at, to, 0, size);
        }
    }
}
