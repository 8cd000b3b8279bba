//! Decoded frames.

use std::ffi::{c_int, c_void};
use std::sync::Arc;

use super::{AvError, PixFmt, check, enum_get, enum_set, ffi, rational, timestamp, versions};
use crate::frame::{ChromaLocation, Color, PixelFormat, Planes, Range, Rational};

/// An owned `AVFrame`: references to buffers, and their description.
pub(crate) struct AvFrame(pub *mut ffi::AVFrame);

// SAFETY: a frame owns reference-counted buffers that are not bound to a thread; shared references only read.
unsafe impl Send for AvFrame {}
unsafe impl Sync for AvFrame {}

impl AvFrame {
    pub fn new() -> Result<Self, AvError> {
        // SAFETY: allocation only.
        let raw = unsafe { ffi::av_frame_alloc() };
        if raw.is_null() {
            return Err(AvError::NO_MEMORY);
        }
        Ok(Self(raw))
    }

    /// A writable picture of `width` × `height`.
    pub fn picture(format: PixFmt, width: u32, height: u32) -> Result<Self, AvError> {
        let frame = Self::new()?;
        // SAFETY: the frame is ours and empty.
        unsafe {
            (*frame.0).format = format.0;
            (*frame.0).width = c_int::try_from(width).map_err(|_| AvError::NO_MEMORY)?;
            (*frame.0).height = c_int::try_from(height).map_err(|_| AvError::NO_MEMORY)?;
            check(ffi::av_frame_get_buffer(frame.0, 0))?;
        }
        Ok(frame)
    }

    /// A frame that refers to the first `count` planes of a picture and keeps them alive; it must not be written. `None`
    /// where encoders cannot read them in place: rows must be aligned, and a little after the end must be readable.
    pub fn sharing(
        planes: &Arc<dyn Planes>,
        count: usize,
        format: PixFmt,
        (width, height): (u32, u32),
    ) -> Result<Option<Self>, AvError> {
        let is_aligned = |plane: usize| {
            let begin = planes.data(plane).as_ptr() as usize;
            [begin, planes.stride(plane)].map(|n| n % ROW_ALIGNMENT) == [0, 0]
        };
        if planes.slack() < READ_PAST_THE_END || !(0..count).all(is_aligned) {
            return Ok(None);
        }
        let frame = Self::new()?;
        let size = |n: u32| c_int::try_from(n).map_err(|_| AvError::NO_MEMORY);
        // SAFETY: the frame is ours and empty. Each buffer owns a reference to the planes, which are not moved, and is
        // marked as read-only.
        unsafe {
            (*frame.0).format = format.0;
            (*frame.0).width = size(width)?;
            (*frame.0).height = size(height)?;
            for plane in 0..count {
                let bytes = planes.data(plane);
                let begin = bytes.as_ptr().cast_mut();
                let owner = Box::into_raw(Box::new(planes.clone())).cast::<c_void>();
                let flags = ffi::AV_BUFFER_FLAG_READONLY as c_int;
                let buffer = ffi::av_buffer_create(begin, bytes.len(), Some(release), owner, flags);
                if buffer.is_null() {
                    release(owner, begin);
                    return Err(AvError::NO_MEMORY);
                }
                let stride = c_int::try_from(planes.stride(plane));
                (*frame.0).buf[plane] = buffer;
                (*frame.0).data[plane] = begin;
                (*frame.0).linesize[plane] = stride.map_err(|_| AvError::NO_MEMORY)?;
            }
        }
        Ok(Some(frame))
    }

    /// Whether the buffers are not shared, so that they may be written.
    pub fn is_writable(&self) -> bool {
        // SAFETY: the frame is ours.
        unsafe { ffi::av_frame_is_writable(self.0) > 0 }
    }

    /// Moves the contents out, leaving `self` empty.
    pub fn take(&mut self) -> Result<Self, AvError> {
        let taken = Self::new()?;
        // SAFETY: both are valid frames.
        unsafe { ffi::av_frame_move_ref(taken.0, self.0) };
        Ok(taken)
    }

    pub fn width(&self) -> u32 {
        // SAFETY: here and below, the frame is ours.
        u32::try_from(unsafe { (*self.0).width }).unwrap_or(0)
    }

    pub fn height(&self) -> u32 {
        u32::try_from(unsafe { (*self.0).height }).unwrap_or(0)
    }

    pub fn format(&self) -> PixFmt {
        PixFmt(unsafe { (*self.0).format })
    }

    pub fn line_size(&self, plane: usize) -> isize {
        unsafe { (*self.0).linesize[plane] as isize }
    }

    pub fn best_effort_pts(&self) -> Option<i64> {
        timestamp(unsafe { (*self.0).best_effort_timestamp })
    }

    pub fn duration(&self) -> i64 {
        unsafe { versions::duration(self.0) }
    }

    pub fn is_damaged(&self) -> bool {
        unsafe {
            (*self.0).decode_error_flags != 0 || (*self.0).flags & ffi::AV_FRAME_FLAG_CORRUPT != 0
        }
    }

    pub fn is_key(&self) -> bool {
        unsafe { versions::is_key(self.0) }
    }

    /// Whether the top field comes first; `None` if the frame is not interlaced.
    pub fn top_field_first(&self) -> Option<bool> {
        unsafe { versions::top_field_first(self.0) }
    }

    pub fn sample_aspect(&self) -> Rational {
        rational(unsafe { (*self.0).sample_aspect_ratio })
    }

    /// The colour that the frame is tagged with. The matrix of RGB (0) stands for "unspecified" on a gray picture:
    /// H.273 has it for three components alone, but FFmpeg's PNG decoder tags gray pictures with it from 6.1 on.
    pub fn color(&self) -> Color {
        const RGB: u8 = 0;
        let mut color = unsafe {
            let frame = self.0;
            color(
                enum_get!((*frame).colorspace),
                enum_get!((*frame).color_primaries),
                enum_get!((*frame).color_trc),
                enum_get!((*frame).color_range),
                enum_get!((*frame).chroma_location),
            )
        };
        if color.matrix == RGB && self.format().is_gray() {
            color.matrix = Color::UNSPECIFIED;
        }
        color
    }

    /// Sets time and duration, in the encoder's ticks. Clears the picture type, so that the encoder chooses it: x264
    /// would copy the source's.
    pub fn set_times(&mut self, pts: i64, duration: i64) {
        // SAFETY: here and below, the frame is ours.
        unsafe {
            (*self.0).pts = pts;
            versions::set_duration(self.0, duration);
            (*self.0).pict_type = ffi::AVPictureType::AV_PICTURE_TYPE_NONE;
        }
    }

    /// Sets whether the frame is interlaced, and then whether the top field comes first.
    pub fn set_fields(&mut self, top_first: Option<bool>) {
        unsafe { versions::set_fields(self.0, top_first) };
    }

    pub fn set_color(&mut self, color: &Color) {
        let (range, location) = range_and_location(color);
        unsafe {
            enum_set!((*self.0).color_range, range);
            enum_set!((*self.0).chroma_location, location);
            enum_set!((*self.0).colorspace, c_int::from(color.matrix));
            enum_set!((*self.0).color_primaries, c_int::from(color.primaries));
            enum_set!((*self.0).color_trc, c_int::from(color.transfer));
        }
    }

    /// A copy of the side data of type `kind` (an `AVFrameSideDataType`).
    pub fn side_data(&self, kind: ffi::AVFrameSideDataType) -> Option<Vec<u8>> {
        unsafe {
            let found = ffi::av_frame_get_side_data(self.0, kind);
            (!found.is_null() && !(*found).data.is_null())
                .then(|| std::slice::from_raw_parts((*found).data, (*found).size).to_vec())
        }
    }

    /// Copies of all side data of type `kind`, of which there may be several.
    pub fn all_side_data(&self, kind: ffi::AVFrameSideDataType) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        unsafe {
            for index in 0..usize::try_from((*self.0).nb_side_data).unwrap_or(0) {
                let data = *(*self.0).side_data.add(index);
                if (*data).type_ == kind && !(*data).data.is_null() {
                    found.push(std::slice::from_raw_parts((*data).data, (*data).size).to_vec());
                }
            }
        }
        found
    }

    /// Removes the side data of type `kind`.
    pub fn remove_side_data(&mut self, kind: ffi::AVFrameSideDataType) {
        unsafe { ffi::av_frame_remove_side_data(self.0, kind) };
    }

    /// Sets the side data of type `kind`, replacing any of that type.
    pub fn add_side_data(
        &mut self,
        kind: ffi::AVFrameSideDataType,
        data: &[u8],
    ) -> Result<(), AvError> {
        unsafe {
            ffi::av_frame_remove_side_data(self.0, kind);
            let new = ffi::av_frame_new_side_data(self.0, kind, data.len());
            if new.is_null() {
                return Err(AvError::NO_MEMORY);
            }
            std::ptr::copy_nonoverlapping(data.as_ptr(), (*new).data, data.len());
        }
        Ok(())
    }

    /// How many bytes the buffer of plane `plane` has after the first `length` bytes of the plane; zero where that is not
    /// known.
    fn bytes_after(&self, plane: usize, length: usize) -> usize {
        // SAFETY: the frame is ours, and so are its references to buffers.
        unsafe {
            let end = (*self.0).data[plane] as usize + length;
            let buffers = (*self.0).buf.iter().filter(|buffer| !buffer.is_null());
            let ends = buffers.map(|&buffer| {
                let begin = (*buffer).data as usize;
                begin..begin + (*buffer).size
            });
            let mut own = ends.filter(|range| range.contains(&(end - 1)));
            own.next().map_or(0, |range| range.end - end)
        }
    }

    /// Row `y` of plane `plane`, `bytes` long. Works with negative line sizes too.
    ///
    /// # Safety
    /// The plane has this row, and its rows have at least `bytes` bytes.
    pub unsafe fn row(&self, plane: usize, y: usize, bytes: usize) -> &[u8] {
        unsafe {
            let start = (*self.0).data[plane].offset(y as isize * self.line_size(plane));
            std::slice::from_raw_parts(start, bytes)
        }
    }

    /// Row `y` of plane `plane`, writable.
    ///
    /// # Safety
    /// As for [`Self::row`], and the frame is writable.
    pub unsafe fn row_mut(&mut self, plane: usize, y: usize, bytes: usize) -> &mut [u8] {
        unsafe {
            let start = (*self.0).data[plane].offset(y as isize * self.line_size(plane));
            std::slice::from_raw_parts_mut(start, bytes)
        }
    }
}

/// Alignment of the rows that [`AvFrame::sharing`] takes, in bytes.
const ROW_ALIGNMENT: usize = 32;
/// Bytes after a plane that encoders may read. FFmpeg names 16; wider registers are known.
const READ_PAST_THE_END: usize = 64;

/// Gives up the reference that a buffer of [`AvFrame::sharing`] has to its planes.
unsafe extern "C" fn release(owner: *mut c_void, _data: *mut u8) {
    // SAFETY: the buffer was made with this owner, and is freed once.
    drop(unsafe { Box::from_raw(owner.cast::<Arc<dyn Planes>>()) });
}

impl Drop for AvFrame {
    fn drop(&mut self) {
        // SAFETY: frees what we own.
        unsafe { ffi::av_frame_free(&mut self.0) };
    }
}

/// H.273 code points as a [`Color`]. Numbers that do not fit a byte become "unspecified".
pub(crate) fn color(
    matrix: c_int,
    primaries: c_int,
    transfer: c_int,
    range: c_int,
    location: c_int,
) -> Color {
    let code = |n: c_int| u8::try_from(n).unwrap_or(Color::UNSPECIFIED);
    Color {
        matrix: code(matrix),
        primaries: code(primaries),
        transfer: code(transfer),
        range: match range {
            1 => Range::Limited,
            2 => Range::Full,
            _ => Range::Unspecified,
        },
        chroma_location: match location {
            1 => ChromaLocation::Left,
            2 => ChromaLocation::Center,
            3 => ChromaLocation::TopLeft,
            4 => ChromaLocation::Top,
            5 => ChromaLocation::BottomLeft,
            6 => ChromaLocation::Bottom,
            _ => ChromaLocation::Unspecified,
        },
    }
}

/// FFmpeg's numbers for a range and a chroma location.
pub(crate) fn range_and_location(color: &Color) -> (c_int, c_int) {
    let range = match color.range {
        Range::Unspecified => 0,
        Range::Limited => 1,
        Range::Full => 2,
    };
    let location = match color.chroma_location {
        ChromaLocation::Unspecified => 0,
        ChromaLocation::Left => 1,
        ChromaLocation::Center => 2,
        ChromaLocation::TopLeft => 3,
        ChromaLocation::Top => 4,
        ChromaLocation::BottomLeft => 5,
        ChromaLocation::Bottom => 6,
    };
    (range, location)
}

/// The planes of a decoded frame. The frame's references keep them alive.
pub(crate) struct DecodedPlanes {
    frame: AvFrame,
    lengths: Vec<usize>,
    slack: usize,
}

impl DecodedPlanes {
    /// The planes of `frame`, whose format is `format`. Gives the frame back if a line size is negative or too short,
    /// or a plane is missing.
    pub fn new(frame: AvFrame, format: &PixelFormat) -> Result<Self, AvFrame> {
        let mut lengths = Vec::with_capacity(format.plane_count());
        let mut slack = usize::MAX;
        for plane in 0..format.plane_count() {
            let extent = format.plane_extent(plane, frame.width(), frame.height());
            // SAFETY: the frame is ours.
            let missing = unsafe { (*frame.0).data[plane].is_null() };
            match usize::try_from(frame.line_size(plane)) {
                Ok(line) if !missing && line >= extent.row_bytes && extent.rows > 0 => {
                    let length = line * (extent.rows - 1) + extent.row_bytes;
                    slack = slack.min(frame.bytes_after(plane, length));
                    lengths.push(length);
                }
                _ => return Err(frame),
            }
        }
        Ok(Self {
            frame,
            lengths,
            slack,
        })
    }
}

impl Planes for DecodedPlanes {
    fn data(&self, index: usize) -> &[u8] {
        // SAFETY: decoders allocate every row of a plane; the references keep them alive, and nobody writes to them
        // meanwhile.
        unsafe { std::slice::from_raw_parts((*self.frame.0).data[index], self.lengths[index]) }
    }

    fn stride(&self, index: usize) -> usize {
        self.frame.line_size(index) as usize
    }

    fn slack(&self) -> usize {
        self.slack
    }
}
