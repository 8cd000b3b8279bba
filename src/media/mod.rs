//! Reads and writes media files with FFmpeg's libraries: describes a file, decodes its pictures into the decoder's own
//! planes, passes its other streams on as packets, and writes outputs that keep colour, timing and every stream.
//!
//! A job calls [`Source::open`] → [`OutputPlan::decide`] → [`Sink::create`] with the first rendered picture →
//! [`Sink::frame`] and [`Sink::packet`] for every [`SourceEvent`] → [`Sink::finish`] → [`inspect_output`].
//! Nothing here prints: FFmpeg's log goes to `tracing` (target `ffmpeg`), errors are [`MediaError`].

mod attached;
mod audio_transcoder;
mod av;
mod bytes;
mod clock;
mod encoder;
mod encoders;
mod error;
mod exif;
mod exr;
mod fnv;
mod generated;
mod hdr;
mod header;
mod image;
mod index;
mod info;
mod inks;
mod inspect_output;
mod likeness;
mod log;
mod metadata;
mod orientation;
mod part;
mod picture_import;
mod plan;
mod reading;
mod recipe_tag;
mod relayout;
mod same_file;
mod segment;
mod sequence;
mod sink;
mod sound;
mod source;
mod still;
mod stitch;
mod timestamp_rescaler;
mod trim;
mod truncation;
mod turn;
mod verify;
mod video_plan;
mod write_picture;

#[cfg(test)]
mod tests;

pub use attached::{Attached, Carried, Carrier};
pub use av::pipe::end_waits_on;
pub use av::{Packet, ZeroedMemory, read_single_files_only};
pub use bytes::bytes_in_words;
pub use clock::Hole;
pub use encoders::{EncoderStatus, Trial, encoders, try_encoder, try_encoders_in, versions};
pub use error::{ErrorKind, MediaError, Result};
pub use fnv::{FNV_EMPTY, fnv1a};
pub use generated::{Generated, generated, pcm_packet};
pub use hdr::{ContentLight, Hdr, MasteringDisplay};
pub use header::Header;
pub use image::read_image;
pub use index::{Index, Indexed, index};
pub(crate) use info::path_as_text;
pub use info::{AudioInfo, ChapterInfo, SourceInfo, StreamInfo, StreamKind, VideoInfo};
pub use inspect_output::{OutputFacts, inspect_output};
pub use likeness::{Likeness, likeness};
pub use part::{Part, TimeRange};
pub use plan::{
    AUTO, Action, AudioChoice, Dropped, Numbering, OutputOptions, OutputPlan, Recommended,
    Rotation, StreamPlan, Turned, encoder_by_name, extensions, fitting_extension, recommended,
};
pub use reading::{AspectChanges, Decode, Reading};
pub use recipe_tag::read_recipe;
pub use relayout::relayout;
pub use same_file::same_file;
pub use segment::{SegmentFacts, segment_facts};
pub use sequence::{Pattern, SEQUENCE_RATE, SequenceInfo};
pub use sink::{Counts, Sink};
pub use sound::Sound;
pub use source::{
    AspectChange, Damage, FrameFacts, Source, SourceEvent, is_read_again, needs_reading_again,
    probe, probe_at,
};
pub use stitch::{Shape, Stitcher};
pub use turn::Turn;
pub use verify::{Check, Expected, Pair, Verdict, Verification, verify, verify_tags};
pub use video_plan::{FrameShape, VideoPlan};
pub use write_picture::{jpeg_bytes, write_png};
