//! Forwards FFmpeg's log to `tracing` and keeps the last error lines: often only they tell why something failed.

use std::collections::VecDeque;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::{Mutex, Once};
use std::thread::ThreadId;

use super::av::ffi;

const KEPT: usize = 32;

struct Line {
    number: u64,
    thread: ThreadId,
    text: String,
}

#[derive(Default)]
struct Lines {
    next: u64,
    last: VecDeque<Line>,
}

static LINES: Mutex<Lines> = Mutex::new(Lines {
    next: 0,
    last: VecDeque::new(),
});

fn lines() -> std::sync::MutexGuard<'static, Lines> {
    LINES
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Installs the log callback. Every public function of this layer that calls FFmpeg calls this first.
pub(crate) fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the callback has the signature FFmpeg asks for and is thread-safe.
        unsafe { ffi::av_log_set_callback(Some(callback)) };
    });
}

/// A position in the log, for [`since`].
#[derive(Clone, Copy)]
pub(crate) struct Mark(u64);

/// The current end of the log.
pub(crate) fn mark() -> Mark {
    Mark(lines().next)
}

/// The last two error lines since `mark`. Lines of this thread are preferred; if there are none, those of other threads
/// (codecs run their own) are used.
pub(crate) fn since(mark: Mark) -> Option<String> {
    let lines = lines();
    let here = std::thread::current().id();
    let new: Vec<&Line> = lines.last.iter().filter(|l| l.number >= mark.0).collect();
    let mine: Vec<&Line> = new.iter().copied().filter(|l| l.thread == here).collect();
    let chosen = if mine.is_empty() { new } else { mine };
    let mut texts: Vec<&str> = chosen.iter().map(|l| l.text.as_str()).collect();
    texts.dedup();
    let skip = texts.len().saturating_sub(2);
    (!texts.is_empty()).then(|| texts[skip..].join("; "))
}

unsafe extern "C" fn callback(
    object: *mut c_void,
    level: c_int,
    format: *const c_char,
    arguments: *mut ffi::__va_list_tag,
) {
    if level > ffi::AV_LOG_DEBUG
        || (level > ffi::AV_LOG_WARNING
            && !tracing::enabled!(target: "ffmpeg", tracing::Level::DEBUG))
    {
        return;
    }
    let mut buffer = [0 as c_char; 1024];
    let mut prefix: c_int = 1;
    // SAFETY: FFmpeg hands the format and its arguments; the line is cut to the buffer and ends in a zero.
    let text = unsafe {
        ffi::av_log_format_line2(
            object,
            level,
            format,
            arguments,
            buffer.as_mut_ptr(),
            buffer.len() as c_int,
            &mut prefix,
        );
        CStr::from_ptr(buffer.as_ptr()).to_string_lossy()
    };
    let text = without_address(text.trim_end());
    if text.is_empty() {
        return;
    }
    if level <= ffi::AV_LOG_ERROR {
        tracing::error!(target: "ffmpeg", "{text}");
        let mut lines = lines();
        let number = lines.next;
        lines.next += 1;
        lines.last.push_back(Line {
            number,
            thread: std::thread::current().id(),
            text,
        });
        if lines.last.len() > KEPT {
            lines.last.pop_front();
        }
    } else if level <= ffi::AV_LOG_WARNING {
        tracing::warn!(target: "ffmpeg", "{text}");
    } else {
        tracing::debug!(target: "ffmpeg", "{text}");
    }
}

/// `[h264 @ 0x55d1] words` → `h264: words`: an address does not help the user.
fn without_address(line: &str) -> String {
    let Some((name, rest)) = line.strip_prefix('[').and_then(|l| l.split_once(" @ 0x")) else {
        return line.to_owned();
    };
    match rest.split_once("] ") {
        Some((_, words)) => format!("{name}: {words}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn addresses_are_dropped() {
        assert_eq!(
            super::without_address("[h264 @ 0x55d1bb312700] Invalid NAL"),
            "h264: Invalid NAL"
        );
        assert_eq!(super::without_address("plain"), "plain");
    }
}
