//! Stderr without the words of libraries that write there by themselves.

use std::fs::File;
use std::io::{self, Write};
use std::sync::OnceLock;

/// Our own way to stderr, once libraries have lost theirs.
static OURS: OnceLock<File> = OnceLock::new();

/// Tells libraries that listen to keep quiet. To be called first of all, while there is one thread.
pub fn hush_libraries() {
    let set = |name: &str| std::env::var_os(name).is_some();
    // Without a session Mesa's device-select layer complains of XDG_RUNTIME_DIR for every instance of Vulkan.
    if !set("XDG_RUNTIME_DIR") && !set("MESA_VK_DEVICE_SELECT") && !set("NODEVICE_SELECT") {
        // SAFETY: nothing else runs yet.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}

/// From here on only [`write_line`] reaches stderr: a driver's complaint would be no JSON.
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

/// From here on only [`write_line`] reaches stderr.
#[cfg(not(unix))]
pub fn keep_stderr_to_ourselves() {}

/// Writes a line to stderr; if nobody listens, that is no failure.
pub fn write_line(text: &str) {
    let _ = match OURS.get() {
        Some(mut ours) => ours.write_all(format!("{text}\n").as_bytes()),
        None => writeln!(io::stderr().lock(), "{text}"),
    };
}
