//! Zeroed memory for encoders.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// While a value of this type exists, C's allocator returns zeroed memory, if it can be configured to do so (glibc).
///
/// libx264 (seen with r3095, B-frames, MB-tree and an even number of macroblock rows) makes decisions from memory that
/// it has not written. New memory from the system is zero; memory reused from earlier encoders is not. Without this,
/// the second segment of a process would differ from the same segment encoded first in another process.
pub struct ZeroedMemory(());

/// Number of values that exist.
static USERS: Mutex<usize> = Mutex::new(0);

fn users() -> MutexGuard<'static, usize> {
    USERS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn fill(allocated: Option<u8>) {
    // New memory is filled with the complement of this byte; zero turns filling off.
    let byte = allocated.map_or(0, |byte| libc::c_int::from(!byte));
    // SAFETY: sets a number that the allocator reads.
    unsafe { libc::mallopt(libc::M_PERTURB, byte) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn fill(_allocated: Option<u8>) {}

impl ZeroedMemory {
    /// Turns on zeroed memory if one of `encoders` needs it; else `None`.
    pub fn for_encoders<'a>(encoders: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut encoders = encoders.into_iter();
        encoders.any(|name| name.starts_with("libx26")).then(|| {
            let mut users = users();
            *users += 1;
            if *users == 1 {
                fill(Some(0));
            }
            Self(())
        })
    }
}

impl Drop for ZeroedMemory {
    fn drop(&mut self) {
        let mut users = users();
        *users -= 1;
        if *users == 0 {
            fill(None);
        }
    }
}
