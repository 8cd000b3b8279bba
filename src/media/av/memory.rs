//! Memory that codecs get.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// While it lives, the allocator of C hands out zeroed memory, where it can be told to (glibc).
///
/// libx264 (seen with r3095, B-frames, MB-tree and an even number of macroblock rows) decides by memory that it never
/// wrote. What it gets from the system is zero, what other encoders have used before it is not: so without this the
/// second segment of a process comes out otherwise than the first segment of another.
pub struct ZeroedMemory(());

/// How many there are.
static USERS: Mutex<usize> = Mutex::new(0);

fn users() -> MutexGuard<'static, usize> {
    USERS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn fill(allocated: Option<u8>) {
    // New memory is filled with the complement of the byte; zero leaves it as it is.
    let byte = allocated.map_or(0, |byte| libc::c_int::from(!byte));
    // SAFETY: it sets a number that the allocator reads.
    unsafe { libc::mallopt(libc::M_PERTURB, byte) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn fill(_allocated: Option<u8>) {}

impl ZeroedMemory {
    /// Zeroes memory for the encoders that need it.
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
