//! Reads the sound of a file as samples.

use std::fs::File;
use std::path::Path;

use super::audio_transcoder::AudioTranscoder;
use super::av::{AvError, Input, Packet, ReadError};
use super::error::{MediaError, Result};
use super::header::Header;
use super::info::SourceInfo;
use super::log;
use super::source::io_reason;

/// Floats in the machine's order, the samples of all channels beside each other.
const SAMPLES: &str = "pcm_f32le";
/// Stop after this many damaged packets in a row.
const MAX_BAD_READS: u32 = 64;

/// The samples of one audio stream, from its beginning. Gaps between its packets are silence.
pub struct Sound {
    path: std::path::PathBuf,
    input: Input,
    decoder: AudioTranscoder,
    stream: usize,
    /// Channels of a sample, and samples a second.
    pub channels: u32,
    pub rate: u32,
    /// Time of the first sample, in seconds; none before it is read.
    pub start: Option<f64>,
    ended: bool,
}

impl Sound {
    /// The default audio stream of the file that `info` describes, else its first; `None` where it has none, or none that can
    /// be decoded.
    ///
    /// # Errors
    /// `NoInput` if the file is missing, `NotMedia` if it is damaged, `Read` if the disk fails.
    pub fn open(info: &SourceInfo) -> Result<Option<Self>> {
        log::init();
        let path = info.path.as_path();
        let is_default = |disposition: &String| disposition == "default";
        let of_sound = || info.streams.iter().filter(|stream| stream.audio.is_some());
        let chosen = of_sound().find(|stream| stream.dispositions.iter().any(is_default));
        let Some(stream) = chosen.or_else(|| of_sound().next()) else {
            return Ok(None);
        };
        let Some(audio) = &stream.audio else {
            return Ok(None);
        };
        let file = File::open(path).map_err(|e| MediaError::NoInput {
            path: path.into(),
            why: io_reason(&e),
        })?;
        let mut input = Input::open(file).map_err(|error| failed(path, error))?;
        let unreadable = |error: AvError| MediaError::not_media(path, error.to_string());
        let header = Header::read(&input, info.video_stream).map_err(unreadable)?;
        let Some(of_header) = header.streams.get(stream.index) else {
            return Ok(None);
        };
        let Ok(decoder) = AudioTranscoder::open(of_header, SAMPLES, false) else {
            return Ok(None);
        };
        input.only_stream(stream.index);
        Ok(Some(Self {
            path: path.to_owned(),
            stream: stream.index,
            channels: audio.channels,
            rate: decoder.time_base().den as u32,
            start: None,
            input,
            decoder,
            ended: false,
        }))
    }

    /// The next samples: those of all channels, then those of the next moment. `None` at the end.
    ///
    /// # Errors
    /// `Read` if the disk fails.
    pub fn read(&mut self) -> Result<Option<Vec<f32>>> {
        let mut damaged = 0;
        while !self.ended {
            let packet = match self.input.read() {
                Ok(packet) if packet.stream() == self.stream => Some(packet),
                Ok(_) => continue,
                Err(ReadError::Damaged(_)) if damaged < MAX_BAD_READS => {
                    damaged += 1;
                    continue;
                }
                Err(ReadError::Io(error)) => return Err(failed(&self.path, ReadError::Io(error))),
                Err(_) => None,
            };
            self.ended = packet.is_none();
            // What cannot be decoded is left out.
            let ready = self.decoder.push(packet.as_ref()).unwrap_or_default();
            if let (None, Some(first)) = (self.start, ready.first()) {
                let pts = first.pts().unwrap_or(0);
                self.start = Some(pts as f64 / f64::from(self.rate));
            }
            let samples: Vec<f32> = ready.iter().flat_map(samples).collect();
            if !samples.is_empty() {
                return Ok(Some(samples));
            }
        }
        Ok(None)
    }
}

fn samples(packet: &Packet) -> Vec<f32> {
    let (samples, _) = packet.data().as_chunks::<4>();
    let samples = samples.iter().map(|bytes| f32::from_le_bytes(*bytes));
    // What is no number is no sound.
    samples
        .map(|value| if value.is_finite() { value } else { 0.0 })
        .collect()
}

fn failed(path: &Path, error: ReadError) -> MediaError {
    match error {
        ReadError::Io(error) => MediaError::Read {
            path: path.into(),
            why: io_reason(&error),
        },
        ReadError::Damaged(error) => MediaError::not_media(path, error.to_string()),
        ReadError::End => MediaError::not_media(path, "it is empty"),
    }
}
