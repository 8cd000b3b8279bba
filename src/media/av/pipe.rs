//! Pipes as inputs: opened without waiting for a writer, and read with waits that a signal ends.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Not zero when the process was asked to end.
static STOP: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// From now on waits for pipes end when `stop` is not zero. A pipe is waited for on threads of the decoder, which a request
/// to one job does not reach; a signal is meant for all of them.
pub fn end_waits_on(stop: Arc<AtomicUsize>) {
    // The first call wins.
    let _ = STOP.set(stop);
}

/// Whether a wait ended because the process was asked to end.
pub fn was_ended(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Ended>())
}

#[derive(Debug, thiserror::Error)]
#[error("the wait for a pipe was ended by a signal")]
struct Ended;

/// Opens a file or a pipe for reading, without waiting for the writer of a pipe.
#[cfg(unix)]
pub fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
    let mut options = File::options();
    options.read(true);
    if path.metadata()?.file_type().is_fifo() {
        options.custom_flags(libc::O_NONBLOCK);
    }
    options.open(path)
}

#[cfg(not(unix))]
pub fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Waits until something can be read from a pipe or a terminal, or its writer has closed it.
///
/// # Errors
/// [`was_ended`] where the process was asked to end, and those of the system.
#[cfg(unix)]
pub fn wait(file: &File) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    /// Between two looks at the request, in milliseconds.
    const LOOK: i32 = 100;
    loop {
        if STOP
            .get()
            .is_some_and(|stop| stop.load(Ordering::Relaxed) != 0)
        {
            return Err(io::Error::other(Ended));
        }
        let mut asked = libc::pollfd {
            fd: file.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one descriptor, which is open.
        match unsafe { libc::poll(&raw mut asked, 1, LOOK) } {
            0 => {}
            1 => return Ok(()),
            _ => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

#[cfg(not(unix))]
pub fn wait(_: &File) -> io::Result<()> {
    Ok(())
}
