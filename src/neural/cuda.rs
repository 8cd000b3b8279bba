//! NVIDIA's cards as CUDA sees them: memory that Vulkan has handed out is taken over here. The library of the driver is
//! loaded at run time; nothing is needed of CUDA where aquatint is built, nor where there is no such card.

use super::card::Card;

/// The card that CUDA counts as this one is the one that engines run on.
pub(super) const ORDINAL: u32 = 0;

/// The card that engines run on.
///
/// # Errors
/// Why CUDA cannot be used.
#[cfg(target_os = "linux")]
pub(super) fn card() -> Result<Box<dyn Card>, String> {
    Ok(Box::new(linux::Nvidia::new(ORDINAL)?))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn card() -> Result<Box<dyn Card>, String> {
    Err("CUDA takes over the memory of Vulkan on Linux only".to_owned())
}

#[cfg(target_os = "linux")]
mod linux {
    use std::os::fd::IntoRawFd;
    use std::sync::Arc;

    use cudarc::driver::{CudaContext, DriverError, result, sys};

    use super::super::card::{Card, CardMemory, MemoryHandle};

    /// A card, by the context that all users of CUDA in a process share.
    pub struct Nvidia {
        context: Arc<CudaContext>,
        uuid: String,
    }

    fn failed(error: DriverError) -> String {
        let told = error.error_string().ok();
        let told = told.map(|text| text.to_string_lossy().into_owned());
        format!("CUDA: {}", told.unwrap_or_else(|| format!("{:?}", error.0)))
    }

    impl Nvidia {
        pub fn new(ordinal: u32) -> Result<Self, String> {
            // SAFETY: it loads the driver's library, whose start-up code is NVIDIA's.
            if !unsafe { sys::is_culib_present() } {
                return Err(
                    "the library of NVIDIA's driver (libcuda.so.1) was not found".to_owned(),
                );
            }
            let context = CudaContext::new(ordinal as usize).map_err(failed)?;
            let uuid = context.uuid().map_err(failed)?.bytes;
            let digits = uuid.iter().map(|byte| format!("{:02x}", *byte as u8));
            Ok(Self {
                uuid: digits.collect(),
                context,
            })
        }
    }

    impl Card for Nvidia {
        fn uuid(&self) -> &str {
            &self.uuid
        }

        fn in_use(&self) -> Option<u64> {
            self.context.bind_to_thread().ok()?;
            let (free, total) = result::mem_get_info().ok()?;
            Some(total.saturating_sub(free) as u64)
        }

        fn import(
            &self,
            handle: MemoryHandle,
            bytes: u64,
            allocated: u64,
        ) -> Result<Box<dyn CardMemory>, String> {
            self.context.bind_to_thread().map_err(failed)?;
            // A driver closes what it has taken, and perhaps what it has refused: it gets one of its own.
            let own = handle
                .try_clone()
                .map_err(|error| format!("the memory cannot be handed on: {error}"))?;
            let wanted = sys::CUDA_EXTERNAL_MEMORY_HANDLE_DESC {
                type_: sys::CUexternalMemoryHandleType::CU_EXTERNAL_MEMORY_HANDLE_TYPE_OPAQUE_FD,
                handle: sys::CUDA_EXTERNAL_MEMORY_HANDLE_DESC_st__bindgen_ty_1 {
                    fd: own.into_raw_fd(),
                },
                size: allocated,
                // The allocation holds this buffer alone.
                flags: sys::CUDA_EXTERNAL_MEMORY_DEDICATED,
                reserved: [0; 16],
            };
            let mut external = std::ptr::null_mut();
            // SAFETY: the context is current; the descriptor is open, and was handed out with this size.
            let imported = unsafe { sys::cuImportExternalMemory(&mut external, &wanted) };
            imported.result().map_err(failed)?;
            // SAFETY: the buffer lies at the beginning of this memory.
            let mapped = unsafe { result::external_memory::get_mapped_buffer(external, 0, bytes) };
            match mapped {
                Ok(address) => Ok(Box::new(Memory {
                    context: self.context.clone(),
                    external,
                    address,
                    bytes,
                })),
                Err(error) => {
                    // SAFETY: nothing is mapped of it.
                    let _ = unsafe { result::external_memory::destroy_external_memory(external) };
                    Err(failed(error))
                }
            }
        }
    }

    /// Memory of Vulkan.
    struct Memory {
        context: Arc<CudaContext>,
        external: sys::CUexternalMemory,
        address: sys::CUdeviceptr,
        bytes: u64,
    }

    // SAFETY: the driver's handle may be used by any thread that has made its context the current one, which all uses do.
    unsafe impl Send for Memory {}
    // SAFETY: as above; nothing is changed by `&self`.
    unsafe impl Sync for Memory {}

    // SAFETY: the address is that of a mapping of so many bytes, which lives until `drop`.
    unsafe impl CardMemory for Memory {
        fn address(&self) -> u64 {
            self.address
        }

        fn bytes(&self) -> u64 {
            self.bytes
        }

        fn read(&self, at: u64, to: &mut [u8]) -> Result<(), String> {
            let end = at.checked_add(to.len() as u64);
            if end.is_none_or(|end| end > self.bytes) {
                return Err("what is to be read lies outside the memory".to_owned());
            }
            self.context.bind_to_thread().map_err(failed)?;
            // SAFETY: the bytes lie in the mapping.
            unsafe { result::memcpy_dtoh_sync(to, self.address + at).map_err(failed) }
        }
    }

    impl Drop for Memory {
        fn drop(&mut self) {
            let freed = self.context.bind_to_thread().and_then(|()| {
                // SAFETY: nobody knows the address any more, and each is freed once, the mapping first.
                unsafe {
                    result::memory_free(self.address)?;
                    result::external_memory::destroy_external_memory(self.external)
                }
            });
            if let Err(error) = freed {
                tracing::debug!("shared memory cannot be let go of: {}", failed(error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuda_gives_a_card_with_a_uuid_or_says_what_is_missing() {
        match card() {
            Ok(card) => {
                let uuid = card.uuid();
                assert!(uuid.len() == 32 && uuid.bytes().all(|digit| digit.is_ascii_hexdigit()));
                assert!(card.in_use().is_some_and(|bytes| bytes > 0));
                // What is no memory of Vulkan is refused.
                let file = tempfile::tempfile().unwrap();
                assert!(card.import(file.into(), 4096, 4096).is_err());
            }
            Err(why) => assert!(
                why.contains("libcuda") || why.starts_with("CUDA: ") || why.contains("Linux only"),
                "{why}"
            ),
        }
    }
}
