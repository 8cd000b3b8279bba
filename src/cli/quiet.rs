//! Keeps stderr free of what libraries write there directly.

use std::fs::File;
use std::io::{self, Write};
use std::sync::OnceLock;

/// Our own descriptor of stderr, after file descriptor 2 leads to /dev/null.
static OURS: OnceLock<File> = OnceLock::new();

/// Sets what makes libraries quiet. Call it first, while the process has one thread.
pub fn hush_libraries() {
    let set = |name: &str| std::env::var_os(name).is_some();
    // Without a session, Mesa's device-select layer warns about XDG_RUNTIME_DIR for every Vulkan instance.
    if !set("XDG_RUNTIME_DIR") && !set("MESA_VK_DEVICE_SELECT") && !set("NODEVICE_SELECT") {
        // SAFETY: nothing else runs yet. Later, a driver may read the environment in another thread.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
    // SVT-AV1 writes to stderr unless this variable is set.
    if !set("SVT_LOG") {
        // SAFETY: as above.
        unsafe { std::env::set_var("SVT_LOG", "-1") };
    }
}

/// After this only [`write_line`] reaches stderr: what a driver writes is no JSON.
#[cfg(unix)]
pub fn keep_stderr_to_ourselves() {
    use std::os::fd::{AsFd, AsRawFd};
    let Ok(ours) = io::stderr().as_fd().try_clone_to_owned() else {
        return;
    };
    let Ok(nowhere) = File::options().write(true).open("/dev/null") else {
        return;
    };
    if OURS.set(ours.into()).is_ok() {
        // SAFETY: both descriptors are open; stderr is closed and opened again in one step.
        unsafe { libc::dup2(nowhere.as_raw_fd(), libc::STDERR_FILENO) };
    }
}

/// After this only [`write_line`] reaches stderr.
#[cfg(not(unix))]
pub fn keep_stderr_to_ourselves() {}

/// Writes a line to stderr; a closed stderr is no failure.
pub fn write_line(text: &str) {
    let _ = match OURS.get() {
        Some(mut ours) => ours.write_all(format!("{text}\n").as_bytes()),
        None => writeln!(io::stderr().lock(), "{text}"),
    };
}
