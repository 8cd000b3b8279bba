//! What wgpu does not tell of an adapter: its UUID and its memory, as Vulkan tells them.

/// Of one adapter.
#[derive(Default)]
pub(super) struct Identity {
    /// 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12.
    pub uuid: Option<String>,
    /// Bytes of the memory of the device itself; of the memory that it shares where it has none.
    pub memory: Option<u64>,
}

/// Asks the driver; what other drivers than those of Vulkan do not tell is left out.
#[cfg(not(any(target_os = "macos", target_os = "ios")))]
pub(super) fn identity(adapter: &wgpu::Adapter) -> Identity {
    use ash::vk;

    // SAFETY: the adapter is only read, and lives longer than what is read of it.
    let Some(adapter) = (unsafe { adapter.as_hal::<wgpu::hal::api::Vulkan>() }) else {
        return Identity::default();
    };
    let instance = adapter.shared_instance().raw_instance();
    let device = adapter.raw_physical_device();
    // SAFETY: both belong together, and the instance lives.
    let version = unsafe { instance.get_physical_device_properties(device) }.api_version;
    let mut ids = vk::PhysicalDeviceIDProperties::default();
    // A device of Vulkan 1.0 does not know what is asked for.
    let uuid = (version >= vk::API_VERSION_1_1).then(|| {
        let mut asked = vk::PhysicalDeviceProperties2::default().push_next(&mut ids);
        // SAFETY: as above; the driver writes into what is chained, which it knows since Vulkan 1.1.
        unsafe { instance.get_physical_device_properties2(device, &mut asked) };
        written(&ids.device_uuid)
    });
    // SAFETY: as above.
    let memory = unsafe { instance.get_physical_device_memory_properties(device) };
    let heaps = &memory.memory_heaps[..memory.memory_heap_count as usize];
    let of_device = |heap: &&vk::MemoryHeap| heap.flags.contains(vk::MemoryHeapFlags::DEVICE_LOCAL);
    let largest = heaps.iter().filter(of_device).map(|heap| heap.size).max();
    Identity {
        uuid,
        memory: largest,
    }
}

#[cfg(any(target_os = "macos", target_os = "ios"))]
pub(super) fn identity(_: &wgpu::Adapter) -> Identity {
    Identity::default()
}

/// A UUID as text.
#[cfg_attr(any(target_os = "macos", target_os = "ios"), allow(dead_code))]
fn written(uuid: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in uuid.iter().enumerate() {
        if [4, 6, 8, 10].contains(&index) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_written_in_groups() {
        let bytes: [u8; 16] = std::array::from_fn(|index| index as u8 * 17);
        assert_eq!(written(&bytes), "00112233-4455-6677-8899-aabbccddeeff");
    }
}
