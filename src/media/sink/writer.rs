//! Writes encoded pictures and the packets of other streams to a container or to picture files.

use std::fs::File;
use std::path::Path;

use super::pictures::Pictures;
use super::stream_muxer::StreamMuxer;
use super::{Counts, encode_error, write_error};
use crate::media::audio_transcoder::AudioTranscoder;
use crate::media::av::{Packet, SubtitleTranscoder};
use crate::media::error::{MediaError, Result};
use crate::media::log;

/// What happens to the packets of a source stream.
pub(crate) enum Route {
    Discard,
    /// Copied to that stream of the output.
    Copy(usize),
    TranscodeAudio(usize, Box<AudioTranscoder>),
    /// Subtitles converted to another codec.
    TranscodeSubtitles(usize, Box<SubtitleTranscoder>),
}

/// Where the packets of an output are written.
pub(crate) enum PacketWriter {
    Container {
        muxer: StreamMuxer,
        /// Index of the rendered stream in the output.
        video: usize,
        routes: Vec<Route>,
    },
    Pictures(Pictures),
}

impl PacketWriter {
    /// Whether packets of other streams are written.
    pub(crate) fn takes_packets(&self) -> bool {
        match self {
            Self::Container { routes, .. } => {
                routes.iter().any(|route| !matches!(route, Route::Discard))
            }
            Self::Pictures(_) => false,
        }
    }

    /// Writes a packet of the rendered pictures.
    pub(crate) fn rendered(
        &mut self,
        packet: Packet,
        path: &Path,
        counts: &mut Counts,
    ) -> Result<()> {
        let mark = log::mark();
        match self {
            Self::Pictures(pictures) => pictures.picture(&packet, path)?,
            Self::Container { muxer, video, .. } => {
                muxer
                    .write(packet, *video)
                    .map_err(|e| write_error(path, e, mark))?;
                counts.moved_times += std::mem::take(&mut muxer.moved);
            }
        }
        Ok(())
    }

    /// Writes a packet of another stream; audio is re-encoded if the plan says so. Packets of dropped streams are
    /// ignored.
    pub(crate) fn packet(
        &mut self,
        packet: &Packet,
        path: &Path,
        counts: &mut Counts,
    ) -> Result<()> {
        let mark = log::mark();
        let Self::Container { muxer, routes, .. } = self else {
            return Ok(());
        };
        let mut write = |packet: Packet, to: usize| {
            counts.other_packets += 1;
            let written = muxer.write(packet, to);
            counts.moved_times += std::mem::take(&mut muxer.moved);
            written.map_err(|e| write_error(path, e, mark))
        };
        match routes.get_mut(packet.stream()) {
            Some(Route::Copy(to)) => {
                let share = packet.share().map_err(|e| write_error(path, e, mark))?;
                write(share, *to)
            }
            Some(Route::TranscodeAudio(to, transcoder)) => {
                let packets = transcoder.push(Some(packet));
                for packet in packets.map_err(|e| encode_error(path, e, mark))? {
                    write(packet, *to)?;
                }
                Ok(())
            }
            Some(Route::TranscodeSubtitles(to, transcoder)) => {
                let transcoded = transcoder.push(packet);
                match transcoded.map_err(|e| encode_error(path, e, mark))? {
                    Some(packet) => write(packet, *to),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Completes the file and waits until it is on the disk.
    pub(crate) fn finish(self, path: &Path, counts: &mut Counts) -> Result<()> {
        let mark = log::mark();
        match self {
            Self::Container {
                mut muxer,
                mut routes,
                ..
            } => {
                for route in &mut routes {
                    if let Route::TranscodeAudio(to, transcoder) = route {
                        let rest = transcoder
                            .push(None)
                            .map_err(|e| encode_error(path, e, mark))?;
                        for packet in rest {
                            counts.other_packets += 1;
                            muxer
                                .write(packet, *to)
                                .map_err(|e| write_error(path, e, mark))?;
                        }
                    }
                }
                counts.moved_times += muxer.moved;
                muxer
                    .muxer
                    .finish()
                    .map_err(|e| write_error(path, e, mark))?;
            }
            Self::Pictures(pictures) => return pictures.finish(path),
        }
        // The data may still be in the system's cache. A full network disk reports it only now.
        File::open(path)
            .and_then(|file| file.sync_all())
            .or_else(|e| match e.raw_os_error() {
                // Devices and pipes do not support this.
                Some(libc::EINVAL | libc::EACCES) => Ok(()),
                _ => Err(e),
            })
            .map_err(|e| MediaError::write(path, e))
    }
}
