//! Scales frames to another size and pixel format.

use std::ptr;

use super::{AvError, AvFrame, PixFmt, check, ffi};

// The bindings move these constants with each FFmpeg version; their values do not change.
const BICUBIC: i32 = 4;
const ACCURATE: i32 = 0x40000;

/// Scales frames to one size and pixel format.
pub(crate) struct Scaler {
    context: *mut ffi::SwsContext,
    from: Option<(PixFmt, u32, u32)>,
    to: (PixFmt, u32, u32),
}

// SAFETY: the context is not bound to a thread and is owned.
unsafe impl Send for Scaler {}

impl Scaler {
    /// For output in this format, width and height.
    pub fn new(to: (PixFmt, u32, u32)) -> Self {
        Self {
            context: ptr::null_mut(),
            from: None,
            to,
        }
    }

    /// The scaled frame, with the properties of the original.
    pub fn scaled(&mut self, frame: &AvFrame) -> Result<AvFrame, AvError> {
        let from = (frame.format(), frame.width(), frame.height());
        let (format, width, height) = self.to;
        let scaled = AvFrame::picture(format, width, height)?;
        // SAFETY: both frames are valid and have the sizes and formats of the context; an older context is freed.
        unsafe {
            if self.from != Some(from) {
                ffi::sws_freeContext(self.context);
                self.from = Some(from);
                let raw = |format: PixFmt| format.raw().ok_or(AvError(ffi::AVERROR(libc::EINVAL)));
                self.context = ptr::null_mut();
                self.context = ffi::sws_getContext(
                    side_of(from.1)?,
                    side_of(from.2)?,
                    raw(from.0)?,
                    side_of(width)?,
                    side_of(height)?,
                    raw(format)?,
                    BICUBIC | ACCURATE,
                    ptr::null_mut(),
                    ptr::null_mut(),
                    ptr::null(),
                );
            }
            if self.context.is_null() {
                return Err(AvError(ffi::AVERROR(libc::EINVAL)));
            }
            check(ffi::av_frame_copy_props(scaled.0, frame.0))?;
            check(ffi::sws_scale(
                self.context,
                (*frame.0).data.as_ptr().cast(),
                (*frame.0).linesize.as_ptr(),
                0,
                side_of(frame.height())?,
                (*scaled.0).data.as_ptr(),
                (*scaled.0).linesize.as_ptr(),
            ))?;
        }
        Ok(scaled)
    }
}

fn side_of(n: u32) -> Result<i32, AvError> {
    i32::try_from(n).map_err(|_| AvError::NO_MEMORY)
}

impl Drop for Scaler {
    fn drop(&mut self) {
        // SAFETY: frees what we own; null is allowed.
        unsafe { ffi::sws_freeContext(self.context) };
    }
}
