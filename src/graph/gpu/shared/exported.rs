//! Buffers whose memory the driver hands out as a file descriptor. wgpu makes none: they are made of Vulkan's own calls on
//! its device, and handed over to it.
//!
//! Vulkan wants a barrier that hands such a buffer to another interface and takes it back, which wgpu has no call for. The
//! processor waits for all work on both sides, which drivers take for it: NVIDIA's own examples do no more.

use std::os::fd::{FromRawFd, OwnedFd};

use ash::vk;

use super::super::context::GpuContext;
use crate::graph::shared::SharedBuffer;

/// How the memory is handed out: a descriptor that only the same driver and CUDA on the same card understand.
pub(super) const HANDLE: vk::ExternalMemoryHandleTypeFlags =
    vk::ExternalMemoryHandleTypeFlags::OPAQUE_FD;
/// What wgpu does with such a buffer, and the same for Vulkan.
pub(super) const USAGE: wgpu::BufferUsages = wgpu::BufferUsages::STORAGE
    .union(wgpu::BufferUsages::COPY_SRC)
    .union(wgpu::BufferUsages::COPY_DST);
const VULKAN_USAGE: vk::BufferUsageFlags = vk::BufferUsageFlags::from_raw(
    vk::BufferUsageFlags::STORAGE_BUFFER.as_raw()
        | vk::BufferUsageFlags::TRANSFER_SRC.as_raw()
        | vk::BufferUsageFlags::TRANSFER_DST.as_raw(),
);

/// The device of wgpu as Vulkan's.
pub(super) struct Raw<'a> {
    pub instance: &'a ash::Instance,
    pub device: &'a ash::Device,
    physical: vk::PhysicalDevice,
}

/// A buffer without memory, and what memory it needs.
pub(super) struct Empty {
    pub buffer: vk::Buffer,
    pub needs: vk::MemoryRequirements,
    /// The number of the type of memory that it gets.
    pub memory_type: u32,
}

impl<'a> Raw<'a> {
    /// Of a device whose features have the memory of file descriptors.
    pub fn of(device: &'a wgpu::hal::vulkan::Device) -> Self {
        Self {
            instance: device.shared_instance().raw_instance(),
            device: device.raw_device(),
            physical: device.raw_physical_device(),
        }
    }

    /// What the driver can do with the memory of such buffers.
    fn memory_features(&self) -> vk::ExternalMemoryFeatureFlags {
        let asked = vk::PhysicalDeviceExternalBufferInfo::default()
            .usage(VULKAN_USAGE)
            .handle_type(HANDLE);
        let mut told = vk::ExternalBufferProperties::default();
        // SAFETY: instance and device belong together. The call is one of Vulkan 1.1, which wgpu's instances have where a
        // device has the extension for file descriptors.
        unsafe {
            let ask = |told| {
                self.instance
                    .get_physical_device_external_buffer_properties(self.physical, &asked, told)
            };
            ask(&mut told);
        }
        told.external_memory_properties.external_memory_features
    }

    /// A buffer of `bytes`, for memory that is shared.
    pub fn empty(&self, bytes: u64) -> Result<Empty, String> {
        let mut external = vk::ExternalMemoryBufferCreateInfo::default().handle_types(HANDLE);
        let info = vk::BufferCreateInfo::default()
            .size(bytes)
            .usage(VULKAN_USAGE)
            .sharing_mode(vk::SharingMode::EXCLUSIVE)
            .push_next(&mut external);
        // SAFETY: the device lives, and has the extension that the chained structure belongs to.
        let (buffer, needs) = unsafe {
            let buffer = self.device.create_buffer(&info, None).map_err(failed)?;
            (buffer, self.device.get_buffer_memory_requirements(buffer))
        };
        match self.memory_type(needs.memory_type_bits) {
            Some(memory_type) => Ok(Empty {
                buffer,
                needs,
                memory_type,
            }),
            None => {
                // SAFETY: nothing uses it.
                unsafe { self.device.destroy_buffer(buffer, None) };
                Err("the driver has no memory for a shared buffer".to_owned())
            }
        }
    }

    /// The first type of memory of the card among `allowed`, or the first that is allowed.
    fn memory_type(&self, allowed: u32) -> Option<u32> {
        // SAFETY: instance and device belong together.
        let memory = unsafe {
            self.instance
                .get_physical_device_memory_properties(self.physical)
        };
        let types = &memory.memory_types[..memory.memory_type_count as usize];
        let of_card = |index: &u32| {
            let flags = types[*index as usize].property_flags;
            flags.contains(vk::MemoryPropertyFlags::DEVICE_LOCAL)
        };
        let allowed = (0..memory.memory_type_count).filter(|index| allowed >> index & 1 == 1);
        allowed.clone().find(of_card).or(allowed.min())
    }

    /// Gives `empty` memory of its own, by `how` chained into the request for it.
    pub fn filled<T: vk::ExtendsMemoryAllocateInfo>(
        &self,
        empty: &Empty,
        allocated: u64,
        how: &mut T,
    ) -> Result<vk::DeviceMemory, String> {
        let mut dedicated = vk::MemoryDedicatedAllocateInfo::default().buffer(empty.buffer);
        let info = vk::MemoryAllocateInfo::default()
            .allocation_size(allocated)
            .memory_type_index(empty.memory_type)
            .push_next(&mut dedicated)
            .push_next(how);
        // SAFETY: the buffer is one of this device and has no memory; what is allocated is as large as it needs.
        unsafe {
            let memory = self.device.allocate_memory(&info, None).map_err(failed)?;
            match self.device.bind_buffer_memory(empty.buffer, memory, 0) {
                Ok(()) => Ok(memory),
                Err(error) => {
                    self.device.free_memory(memory, None);
                    Err(failed(error))
                }
            }
        }
    }

    /// A file descriptor for all of `memory`.
    fn handle(&self, memory: vk::DeviceMemory) -> Result<OwnedFd, String> {
        let calls = ash::khr::external_memory_fd::Device::new(self.instance, self.device);
        let info = vk::MemoryGetFdInfoKHR::default()
            .memory(memory)
            .handle_type(HANDLE);
        // SAFETY: the memory was allocated to be handed out in this way; each call gives a new descriptor, which belongs
        // to the caller.
        unsafe {
            Ok(OwnedFd::from_raw_fd(
                calls.get_memory_fd(&info).map_err(failed)?,
            ))
        }
    }
}

fn failed(error: vk::Result) -> String {
    format!("the driver refuses a shared buffer: {error}")
}

/// A buffer of `bytes` zeros whose memory can be shared. The device must have `VULKAN_EXTERNAL_MEMORY_FD`.
///
/// # Errors
/// Why the driver has no such memory.
pub(super) fn buffer(
    context: &GpuContext,
    bytes: u64,
) -> Result<(wgpu::Buffer, SharedBuffer), String> {
    // SAFETY: the device is used as long as the context, which holds it, and only to make objects.
    let device = unsafe { context.device.as_hal::<wgpu::hal::api::Vulkan>() };
    let device = device.ok_or("the frames are not on Vulkan")?;
    let raw = Raw::of(&device);
    let can = raw.memory_features();
    if !can.contains(vk::ExternalMemoryFeatureFlags::EXPORTABLE) {
        return Err("the driver does not share the memory of buffers".to_owned());
    }
    let empty = raw.empty(bytes)?;
    let allocated = empty.needs.size;
    let mut how = vk::ExportMemoryAllocateInfo::default().handle_types(HANDLE);
    // SAFETY (of the clean-up): nothing uses what is destroyed.
    let memory = raw
        .filled(&empty, allocated, &mut how)
        .inspect_err(|_| unsafe { raw.device.destroy_buffer(empty.buffer, None) })?;
    let handle = raw.handle(memory).inspect_err(|_| unsafe {
        raw.device.destroy_buffer(empty.buffer, None);
        raw.device.free_memory(memory, None);
    })?;
    let buffer = owned(context, &empty, memory, bytes);
    let mut encoder = context.device.create_command_encoder(&Default::default());
    encoder.clear_buffer(&buffer, 0, None);
    context.submit(encoder);
    let shared = SharedBuffer {
        handle,
        bytes,
        allocated,
    };
    Ok((buffer, shared))
}

/// Hands a buffer and its memory over to wgpu, which frees both.
pub(super) fn owned(
    context: &GpuContext,
    empty: &Empty,
    memory: vk::DeviceMemory,
    bytes: u64,
) -> wgpu::Buffer {
    // SAFETY: nobody else uses the buffer; it is bound to all of the memory, and it was made with this size and usage. wgpu
    // takes it as filled: its owner clears it, or another buffer has filled the same memory.
    unsafe {
        let buffer =
            wgpu::hal::vulkan::Buffer::from_raw_managed(empty.buffer, memory, 0, empty.needs.size);
        let description = wgpu::BufferDescriptor {
            label: Some("shared"),
            size: bytes,
            usage: USAGE,
            mapped_at_creation: false,
        };
        context
            .device
            .create_buffer_from_hal::<wgpu::hal::api::Vulkan>(buffer, &description)
    }
}
