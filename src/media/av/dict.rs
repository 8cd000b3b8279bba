//! Key-value lists.

use std::ffi::{CString, c_char};
use std::ptr;

use super::{ffi, text};

/// An owned list of keys and values.
pub(crate) struct Dict(pub *mut ffi::AVDictionary);

// SAFETY: plain memory that is not bound to a thread; shared references only read.
unsafe impl Send for Dict {}
unsafe impl Sync for Dict {}

impl Dict {
    pub fn new() -> Self {
        Self(ptr::null_mut())
    }

    /// A list of `pairs`. A pair with a zero byte in its text is left out.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut dict = Self::new();
        for (key, value) in pairs {
            dict.set(key.as_ref(), value.as_ref());
        }
        dict
    }

    pub fn set(&mut self, key: &str, value: &str) {
        if let (Ok(key), Ok(value)) = (CString::new(key), CString::new(value)) {
            // SAFETY: FFmpeg copies both strings.
            unsafe { ffi::av_dict_set(&mut self.0, key.as_ptr(), value.as_ptr(), 0) };
        }
    }

    /// The pairs, in order.
    pub fn pairs(&self) -> Vec<(String, String)> {
        // SAFETY: the list is ours.
        unsafe { pairs(self.0) }
    }

    /// Hands the list over to FFmpeg, which frees it.
    pub fn into_raw(mut self) -> *mut ffi::AVDictionary {
        std::mem::replace(&mut self.0, ptr::null_mut())
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        // SAFETY: frees what we own; null is allowed.
        unsafe { ffi::av_dict_free(&mut self.0) };
    }
}

/// The pairs of a list owned by FFmpeg.
///
/// # Safety
/// `dict` is null or a valid list.
pub(crate) unsafe fn pairs(dict: *const ffi::AVDictionary) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut entry: *mut ffi::AVDictionaryEntry = ptr::null_mut();
    let every: *const c_char = c"".as_ptr();
    loop {
        unsafe {
            entry = ffi::av_dict_get(dict, every, entry, ffi::AV_DICT_IGNORE_SUFFIX);
            if entry.is_null() {
                return pairs;
            }
            pairs.push((text((*entry).key), text((*entry).value)));
        }
    }
}
