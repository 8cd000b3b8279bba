//! Demuxing of a file that Rust opens and reads: its name need not be UTF-8, only its content decides the format, and a
//! read error is not mistaken for the end of the file.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use std::collections::VecDeque;

use super::{AvError, Dict, Packet, av_rational, check, ffi, pipe, rational, text};
use crate::frame::Rational;
use crate::media::clock::{At, Clock, Hole};
use crate::media::sequence::SequenceReader;

const BUFFER: usize = 1 << 16;
/// Broken pictures allowed at the start of a sequence.
const BROKEN_FIRST: usize = 64;
/// Bytes that are read ahead at most to see which streams have more than one picture.
const LOOK_AHEAD: usize = 16 << 20;
/// A stream with so many packets has more than one picture.
const MANY_PACKETS: u64 = 50;
/// Packets that are read ahead at most to find where each stream goes on after a hole.
const JOIN_PACKETS: usize = 500;
/// A picture with more pixels than this is treated as damaged, and not allocated.
pub(super) const MAX_PIXELS: i64 = 1 << 28;

/// Whether files that name other files are refused.
static SINGLE_FILES: AtomicBool = AtomicBool::new(false);

/// From now on, no file that this process opens may have others read, as playlists do: for programs whose files come from
/// others. It holds for the whole process, so that no place that opens a file can forget it.
pub fn read_single_files_only() {
    SINGLE_FILES.store(true, Ordering::Relaxed);
}

fn reads_single_files() -> bool {
    SINGLE_FILES.load(Ordering::Relaxed)
}

/// A file being demuxed.
pub(crate) struct Input {
    pub context: *mut ffi::AVFormatContext,
    io: *mut ffi::AVIOContext,
    file: Box<Reader>,
    /// The sequence, if this is one. Its pictures are read instead of the opened file, which is its first picture.
    sequence: Option<SequenceReader>,
    /// Packets that were read ahead.
    ahead: VecDeque<Packet>,
    /// The error that ended reading ahead. It is returned after the packets, because the demuxer may give another one the
    /// next time.
    failed: Option<ReadError>,
    /// The first packet after another hole, which ended reading ahead. It follows the packets.
    jumped: Option<(Packet, Hole)>,
    clock: Clock,
    /// Whether the times of packets are moved so that no hole is left in them.
    closing: bool,
    /// Microseconds that are added to the times of packets.
    moved: i64,
}

// SAFETY: demuxers are not bound to a thread; `&Input` only reads fields that opening has set.
unsafe impl Send for Input {}

struct Reader {
    file: File,
    /// Whether it is no file on a disk but a pipe or a terminal: it is waited for, and cannot seek.
    pipe: bool,
    error: Option<io::Error>,
}

/// How FFmpeg moves in a file; none where it cannot.
type SeekFunction = Option<unsafe extern "C" fn(*mut c_void, i64, c_int) -> i64>;

/// Why no packet was read.
pub(crate) enum ReadError {
    /// End of the file.
    End,
    /// The system reported a read error.
    Io(io::Error),
    /// The content is damaged.
    Damaged(AvError),
}

impl Input {
    /// Detects the format of `file` and its streams.
    pub fn open(file: File) -> Result<Self, ReadError> {
        Self::open_with(file, true, false)
    }

    /// Opens a file whose header is complete, such as one of our own segments. No frame is decoded for it.
    pub fn open_ours(file: File) -> Result<Self, ReadError> {
        Self::open_with(file, false, false)
    }

    /// Opens a file for its tags alone, those of XMP too: no packet is read for it.
    pub fn open_tags(file: File) -> Result<Self, ReadError> {
        Self::open_with(file, false, true)
    }

    fn open_with(file: File, look: bool, xmp: bool) -> Result<Self, ReadError> {
        let mut input = Self {
            context: ptr::null_mut(),
            io: ptr::null_mut(),
            file: Box::new(Reader {
                pipe: file.metadata().is_ok_and(|facts| !facts.is_file()),
                file,
                error: None,
            }),
            sequence: None,
            ahead: VecDeque::new(),
            failed: None,
            jumped: None,
            clock: Clock::default(),
            closing: false,
            moved: 0,
        };
        match input.open_streams(look, xmp) {
            Ok(()) => Ok(input),
            Err(error) => Err(match input.file.error.take() {
                Some(io) => ReadError::Io(io),
                None => ReadError::Damaged(error),
            }),
        }
    }

    /// Detects the picture format of a sequence and opens it as one stream with one tick per picture. `None` if the
    /// files are not pictures.
    pub fn open_sequence(sequence: SequenceReader) -> Result<Option<Self>, ReadError> {
        let mut failure = ReadError::End;
        let first: Vec<_> = sequence.files().take(BROKEN_FIRST).collect();
        for path in first {
            let opened = File::open(path).map_err(ReadError::Io).and_then(Self::open);
            let mut input = match opened {
                Ok(input) => input,
                Err(error) => {
                    failure = error;
                    continue;
                }
            };
            // SAFETY: the name of a format is static.
            let format = unsafe { text((*(*input.context).iformat).name) };
            let &[stream] = input.streams() else {
                return Ok(None);
            };
            if !format.ends_with("_pipe") || format == "image2pipe" {
                return Ok(None);
            }
            let pictures = sequence.info().map_or(0, |info| info.pictures);
            let places = sequence.info().map_or(0, |info| info.last - info.first + 1);
            let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            // SAFETY: the stream belongs to the input; the demuxer, which set these fields, is not used any more.
            unsafe {
                (*stream).time_base =
                    av_rational(Rational::new(sequence.rate.den, sequence.rate.num));
                (*stream).avg_frame_rate = av_rational(sequence.rate);
                (*stream).r_frame_rate = (*stream).avg_frame_rate;
                (*stream).start_time = 0;
                (*stream).duration = signed(places);
                (*stream).nb_frames = signed(pictures);
            }
            input.sequence = Some(sequence);
            return Ok(Some(input));
        }
        Err(failure)
    }

    fn open_streams(&mut self, look: bool, xmp: bool) -> Result<(), AvError> {
        // SAFETY: the reader is boxed, so its address does not change; both callbacks get it back. On failure
        // avformat_open_input frees the context, and `drop` frees the I/O context.
        unsafe {
            let buffer = ffi::av_malloc(BUFFER).cast::<u8>();
            if buffer.is_null() {
                return Err(AvError::NO_MEMORY);
            }
            let reader = ptr::from_mut(self.file.as_mut()).cast::<c_void>();
            let seek: SeekFunction = if self.file.pipe { None } else { Some(seek) };
            self.io =
                ffi::avio_alloc_context(buffer, BUFFER as c_int, 0, reader, Some(read), None, seek);
            if self.io.is_null() {
                ffi::av_free(buffer.cast());
                return Err(AvError::NO_MEMORY);
            }
            let mut context = ffi::avformat_alloc_context();
            if context.is_null() {
                return Err(AvError::NO_MEMORY);
            }
            (*context).pb = self.io;
            // A playlist may name other files, but nothing on the network.
            let protocols = match reads_single_files() {
                true => "crypto,data",
                false => "file,crypto,data",
            };
            let mut options = Dict::from_pairs([
                ("protocol_whitelist", protocols),
                ("export_xmp", if xmp { "1" } else { "0" }),
            ]);
            check(ffi::avformat_open_input(
                &mut context,
                c"".as_ptr(),
                ptr::null(),
                &mut options.0,
            ))?;
            self.context = context;
            if !look {
                return Ok(());
            }
            let count = (*context).nb_streams as usize;
            let limits: Vec<Dict> = (0..count)
                .map(|_| Dict::from_pairs([("max_pixels", MAX_PIXELS.to_string())]))
                .collect();
            let mut raw: Vec<_> = limits.into_iter().map(Dict::into_raw).collect();
            let found = ffi::avformat_find_stream_info(
                context,
                if raw.is_empty() {
                    ptr::null_mut()
                } else {
                    raw.as_mut_ptr()
                },
            );
            raw.into_iter().for_each(|r| drop(Dict(r)));
            check(found)?;
        }
        Ok(())
    }

    /// The streams. The pointers are valid as long as the input.
    pub fn streams(&self) -> &[*mut ffi::AVStream] {
        // SAFETY: FFmpeg stores `nb_streams` pointers there.
        unsafe {
            let c = self.context;
            if (*c).nb_streams == 0 {
                return &[];
            }
            std::slice::from_raw_parts((*c).streams, (*c).nb_streams as usize)
        }
    }

    /// The chapters. The pointers are valid as long as the input.
    pub fn chapters(&self) -> &[*mut ffi::AVChapter] {
        // SAFETY: as above.
        unsafe {
            let c = self.context;
            if (*c).nb_chapters == 0 {
                return &[];
            }
            std::slice::from_raw_parts((*c).chapters, (*c).nb_chapters as usize)
        }
    }

    /// Moves the times of packets from now on so that no hole is left where the clock of the file jumps. It must be read
    /// from its beginning, and no stream is skipped, since any of them may fill a hole.
    pub fn close_gaps(&mut self) {
        self.closing = true;
    }

    /// Where the clock of the file was found to jump since this was asked last.
    pub fn take_holes(&mut self) -> Vec<Hole> {
        std::mem::take(&mut self.clock.holes)
    }

    /// Reads on until each of `streams` had two packets, one of them had many, or much was read; what was read is returned
    /// by [`Self::read`] later. Returns how many packets of each stream were seen.
    pub fn look_ahead(&mut self, streams: &[usize]) -> Vec<u64> {
        let mut seen = vec![0; self.streams().len()];
        let mut bytes = 0;
        let mut read = VecDeque::new();
        let enough = |seen: &[u64]| {
            let counts = streams.iter().filter_map(|&stream| seen.get(stream));
            counts.clone().all(|&count| count >= 2) || counts.max() >= Some(&MANY_PACKETS)
        };
        while !enough(&seen) && bytes < LOOK_AHEAD {
            let packet = match self.read() {
                Ok(packet) => packet,
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            };
            bytes += packet.data().len();
            if let Some(count) = seen.get_mut(packet.stream()) {
                *count += 1;
            }
            read.push_back(packet);
        }
        read.append(&mut self.ahead);
        self.ahead = read;
        seen
    }

    /// Makes the demuxer skip the packets of all streams except `stream`.
    pub fn only_stream(&mut self, stream: usize) {
        for index in (0..self.streams().len()).filter(|&index| index != stream) {
            self.leave_out(index);
        }
    }

    /// Makes the demuxer skip the packets of all streams that are neither sound nor pictures.
    pub fn only_sound_and_pictures(&mut self) {
        for index in 0..self.streams().len() {
            if !self.fills_time(index) {
                self.leave_out(index);
            }
        }
    }

    /// Makes the demuxer skip the packets of `stream`.
    pub fn leave_out(&mut self, stream: usize) {
        if self.closing {
            return;
        }
        self.clock.partial |= self.fills_time(stream);
        if let Some(&stream) = self.streams().get(stream) {
            // SAFETY: the streams are valid.
            unsafe { (*stream).discard = ffi::AVDiscard::AVDISCARD_ALL };
        }
    }

    /// The next packet of any stream, in file order.
    pub fn read(&mut self) -> Result<Packet, ReadError> {
        if let Some(packet) = self.ahead.pop_front() {
            return Ok(packet);
        }
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if let Some((packet, hole)) = self.jumped.take() {
            return self.join(packet, hole);
        }
        if let Some(sequence) = &mut self.sequence {
            return picture(sequence);
        }
        let mut packet = self.demux()?;
        let jump = self.time_of(&packet).and_then(|at| self.clock.jump(at));
        if let (Some(hole), true) = (jump, self.closing) {
            return self.join(packet, hole);
        }
        self.shift(&mut packet);
        Ok(packet)
    }

    /// The next packet, with the times of the file.
    fn demux(&mut self) -> Result<Packet, ReadError> {
        let mut packet = Packet::new(rational(ffi::AVRational { num: 0, den: 1 }))
            .map_err(ReadError::Damaged)?;
        // SAFETY: both are valid.
        let code = unsafe { ffi::av_read_frame(self.context, packet.raw) };
        if let Some(error) = self.file.error.take() {
            return Err(ReadError::Io(error));
        }
        match check(code) {
            Ok(_) => {
                let stream = self.streams().get(packet.stream());
                // SAFETY: the streams are valid.
                packet.time_base = rational(
                    stream.map_or(ffi::AVRational { num: 0, den: 1 }, |&s| unsafe {
                        (*s).time_base
                    }),
                );
                Ok(packet)
            }
            Err(AvError::EOF) => Err(ReadError::End),
            Err(error) => Err(ReadError::Damaged(error)),
        }
    }

    /// Whether a stream is sound or pictures, which fill the time of a film.
    fn fills_time(&self, stream: usize) -> bool {
        let Some(&raw) = self.streams().get(stream) else {
            return false;
        };
        // SAFETY: the streams are valid.
        let (kind, disposition) = unsafe { ((*(*raw).codecpar).codec_type, (*raw).disposition) };
        let fills = [
            ffi::AVMediaType::AVMEDIA_TYPE_VIDEO,
            ffi::AVMediaType::AVMEDIA_TYPE_AUDIO,
        ];
        fills.contains(&kind) && disposition & ffi::AV_DISPOSITION_ATTACHED_PIC == 0
    }

    /// The time of a packet of sound or pictures; `None` for the others, and where it has no time.
    fn time_of(&self, packet: &Packet) -> Option<At> {
        let stream = packet.stream();
        if !self.fills_time(stream) {
            return None;
        }
        let shown = packet.pts().or(packet.dts())?;
        let seconds = |ticks| packet.time_base.seconds(ticks);
        Some(At {
            stream,
            decoded: seconds(packet.dts().unwrap_or(shown)),
            start: seconds(shown),
            end: seconds(shown.saturating_add(packet.duration().max(0))),
        })
    }

    /// Joins what follows `hole` to what is before it: both keep their sound in step, so all streams are moved alike, by the
    /// earliest of what follows. `packet` is the first that was seen of it. Reading ahead ends at the next hole.
    fn join(&mut self, packet: Packet, hole: Hole) -> Result<Packet, ReadError> {
        let mut waiting: Vec<usize> = (0..self.streams().len()).collect();
        let mut read = vec![packet];
        let mut begin = f64::INFINITY;
        let mut next = 0;
        while next < read.len() {
            let packet = &read[next];
            next += 1;
            if let Some(at) = self.time_of(packet)
                && (at.decoded - hole.to).abs() < (at.decoded - hole.from).abs()
            {
                begin = begin.min(at.start);
                waiting.retain(|&stream| stream != at.stream);
            }
            let filled = self.clock.is_filled_by(&waiting);
            if next == read.len() && !filled && read.len() < JOIN_PACKETS {
                match self.demux() {
                    Ok(packet) => match self.time_of(&packet).and_then(|at| self.clock.jump(at)) {
                        Some(hole) => {
                            self.jumped = Some((packet, hole));
                            break;
                        }
                        None => read.push(packet),
                    },
                    Err(error) => {
                        self.failed = Some(error);
                        break;
                    }
                }
            }
        }
        let old = self.moved;
        let micros = |seconds: f64| (seconds * 1e6).round() as i64;
        let new = old.saturating_add(micros(hole.from - begin));
        for mut packet in read {
            let follows = self
                .time_of(&packet)
                .is_none_or(|at| (at.decoded - hole.to).abs() < (at.decoded - hole.from).abs());
            self.moved = if follows { new } else { old };
            self.shift(&mut packet);
            self.ahead.push_back(packet);
        }
        self.moved = new;
        self.ahead.pop_front().ok_or(ReadError::End)
    }

    /// Adds what is to be added to the times of a packet.
    fn shift(&self, packet: &mut Packet) {
        if self.moved != 0 {
            let by = Rational::new(1, 1_000_000).rescale(self.moved, packet.time_base);
            packet.shift(by);
        }
    }

    /// Seeks to the last key frame of `stream` at or before `pts`, or to the first key frame.
    pub fn seek(&mut self, stream: usize, pts: i64) -> Result<(), AvError> {
        self.ahead.clear();
        (self.failed, self.jumped) = (None, None);
        self.clock.restart();
        if let Some(sequence) = &mut self.sequence {
            sequence.seek(pts);
            return Ok(());
        }
        let stream = stream as c_int;
        // SAFETY: the context is open.
        unsafe {
            let code = ffi::avformat_seek_file(self.context, stream, i64::MIN, pts, pts, 0);
            if code < 0 {
                check(ffi::avformat_seek_file(
                    self.context,
                    stream,
                    i64::MIN,
                    pts,
                    i64::MAX,
                    0,
                ))?;
            }
        }
        Ok(())
    }
}

/// The next picture of a sequence, as a packet.
fn picture(sequence: &mut SequenceReader) -> Result<Packet, ReadError> {
    let invalid = AvError(ffi::AVERROR_INVALIDDATA);
    let unit = Rational::new(sequence.rate.den, sequence.rate.num);
    let still = match sequence.read() {
        None => return Err(ReadError::End),
        Some(Ok(still)) => still,
        // A file that has disappeared or may not be read counts as one damaged picture.
        Some(Err(error))
            if [io::ErrorKind::NotFound, io::ErrorKind::PermissionDenied]
                .contains(&error.kind()) =>
        {
            return Err(ReadError::Damaged(invalid));
        }
        Some(Err(error)) => return Err(ReadError::Io(error)),
    };
    // The decoder would take an empty packet for the end of the stream.
    if still.bytes.is_empty() {
        return Err(ReadError::Damaged(invalid));
    }
    let mut packet = Packet::holding(&still.bytes, unit).map_err(ReadError::Damaged)?;
    packet.show(still.at, still.at.saturating_add(still.length));
    Ok(packet)
}

impl Drop for Input {
    fn drop(&mut self) {
        // SAFETY: frees what we own: first the context, which uses the I/O, then the I/O and its buffer, which FFmpeg
        // may have replaced.
        unsafe {
            ffi::avformat_close_input(&mut self.context);
            if !self.io.is_null() {
                ffi::av_freep(ptr::addr_of_mut!((*self.io).buffer).cast());
                ffi::avio_context_free(&mut self.io);
            }
        }
    }
}

unsafe extern "C" fn read(reader: *mut c_void, buffer: *mut u8, size: c_int) -> c_int {
    // SAFETY: FFmpeg passes our reader and a buffer of `size` bytes.
    let (reader, buffer) = unsafe {
        (
            &mut *reader.cast::<Reader>(),
            std::slice::from_raw_parts_mut(buffer, usize::try_from(size).unwrap_or(0)),
        )
    };
    loop {
        let waited = match reader.pipe {
            true => pipe::wait(&reader.file),
            false => Ok(()),
        };
        return match waited.and_then(|()| reader.file.read(buffer)) {
            Ok(0) => ffi::AVERROR_EOF,
            Ok(count) => count as c_int,
            Err(error)
                if [io::ErrorKind::Interrupted, io::ErrorKind::WouldBlock]
                    .contains(&error.kind()) =>
            {
                continue;
            }
            Err(error) => {
                reader.error = Some(error);
                ffi::AVERROR(libc::EIO)
            }
        };
    }
}

unsafe extern "C" fn seek(reader: *mut c_void, offset: i64, whence: c_int) -> i64 {
    // SAFETY: FFmpeg passes our reader.
    let reader = unsafe { &mut *reader.cast::<Reader>() };
    let result = match whence & !ffi::AVSEEK_FORCE {
        ffi::AVSEEK_SIZE => reader.file.metadata().map(|m| m.len()),
        libc::SEEK_SET => match u64::try_from(offset) {
            Ok(offset) => reader.file.seek(SeekFrom::Start(offset)),
            Err(_) => return ffi::AVERROR(libc::EINVAL).into(),
        },
        libc::SEEK_CUR => reader.file.seek(SeekFrom::Current(offset)),
        libc::SEEK_END => reader.file.seek(SeekFrom::End(offset)),
        _ => return ffi::AVERROR(libc::EINVAL).into(),
    };
    result.map_or(ffi::AVERROR(libc::ESPIPE).into(), |at| at as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that fails is no damage of the file, also where the failure is met while reading ahead.
    #[test]
    fn an_error_of_the_disk_is_kept_while_reading_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.nut");
        // Pictures that are larger than the buffer, so that each one is read from the disk.
        let made = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x480"])
            .args(["-frames:v", "3", "-c:v", "rawvideo"])
            .arg(&path)
            .status()
            .unwrap();
        assert!(made.success());
        let Ok(mut input) = Input::open_ours(File::open(&path).unwrap()) else {
            panic!("it cannot be opened");
        };
        // A file that cannot be read.
        input.file.file = File::create(folder.path().join("none")).unwrap();
        assert_eq!(input.look_ahead(&[0]), [0]);
        assert!(matches!(input.read(), Err(ReadError::Io(_))));
    }
}
