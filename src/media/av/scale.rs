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

/// Scales frames so that they fit into a frame of one size and format, which is shown in another shape; the rest is black.
pub(crate) struct Fitting {
    scaler: Scaler,
    wider: f64,
    frame: (PixFmt, u32, u32),
    /// Size of the scaled picture, and its place.
    size: (u32, u32),
    place: (u32, u32),
}

impl Fitting {
    /// Into frames in this format, width and height, for those that are shown `wider` by this factor at the same height.
    pub fn new(into: (PixFmt, u32, u32), wider: f64) -> Self {
        let (format, width, height) = into;
        // Even, for subsampled chroma.
        let side = |length: u32, by: f64| {
            let scaled = (f64::from(length) * by / 2.0).round() as u32 * 2;
            scaled.clamp(2, length.max(2)).min(length)
        };
        let size = match wider > 1.0 {
            true => (width, side(height, 1.0 / wider)),
            false => (side(width, wider), height),
        };
        let place = ((width - size.0) / 4 * 2, (height - size.1) / 4 * 2);
        Self {
            scaler: Scaler::new((format, size.0, size.1)),
            wider,
            frame: into,
            size,
            place,
        }
    }

    /// Whether it was made for frames that are `wider` by this factor.
    pub fn is_by(&self, wider: f64) -> bool {
        self.wider == wider
    }

    /// The fitted frame, whose original may have any size and format, with the properties of the original.
    pub fn fitted(&mut self, frame: &AvFrame) -> Result<AvFrame, AvError> {
        let (format, width, height) = self.frame;
        let scaled = self.scaler.scaled(frame)?;
        let mut fitted = AvFrame::picture(format, width, height)?;
        let invalid = AvError(ffi::AVERROR(libc::EINVAL));
        let raw = format.raw().ok_or(invalid)?;
        let chroma = format
            .descriptor()
            .map_or((0, 0), |d| (d.log2_chroma_w, d.log2_chroma_h));
        let subsampled = |plane: usize| plane == 1 || plane == 2;
        // SAFETY: both frames are valid and have the format; the copied rows lie inside both.
        unsafe {
            check(ffi::av_frame_copy_props(fitted.0, frame.0))?;
            let lines = (*fitted.0).linesize.map(|line| line as isize);
            let mut data = (*fitted.0).data;
            check(ffi::av_image_fill_black(
                data.as_mut_ptr(),
                lines.as_ptr(),
                raw,
                (*frame.0).color_range,
                side_of(width)?,
                side_of(height)?,
            ))?;
            for plane in (0..4).filter(|&plane| !(*scaled.0).data[plane].is_null()) {
                let bytes = |columns: u32| -> Result<usize, AvError> {
                    let bytes = ffi::av_image_get_linesize(raw, side_of(columns)?, plane as i32);
                    usize::try_from(bytes).map_err(|_| invalid)
                };
                let (left, length) = (bytes(self.place.0)?, bytes(self.size.0)?);
                let down = if subsampled(plane) { chroma.1 } else { 0 };
                let rows = self.size.1.div_ceil(1 << down) as usize;
                let top = (self.place.1 >> down) as usize;
                for y in 0..rows {
                    let from = scaled.row(plane, y, length);
                    fitted.row_mut(plane, top + y, left + length)[left..].copy_from_slice(from);
                }
            }
        }
        Ok(fitted)
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
