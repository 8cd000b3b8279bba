//! Room on disks.

use std::path::Path;

/// Bytes that can still be written to the file system that holds `path`, where the system tells.
#[cfg(unix)]
pub fn free_space(path: &Path) -> Option<u64> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(path.as_os_str().as_bytes()).ok()?;
    // SAFETY: the path ends in a zero, and the call fills the structure or says that it did not.
    let facts = unsafe {
        let mut facts: libc::statvfs = std::mem::zeroed();
        if libc::statvfs(path.as_ptr(), &mut facts) != 0 {
            return None;
        }
        facts
    };
    #[allow(clippy::unnecessary_cast)] // The fields are narrower on some systems.
    Some(facts.f_bavail as u64 * facts.f_frsize as u64)
}

/// Bytes that can still be written to the file system that holds `path`, where the system tells.
#[cfg(not(unix))]
pub fn free_space(_path: &Path) -> Option<u64> {
    None
}
