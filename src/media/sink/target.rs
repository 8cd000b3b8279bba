//! What encoded pictures and packets of other streams go into.

use std::fs::File;
use std::path::Path;

use super::muxing::Muxing;
use super::pictures::Pictures;
use super::{Counts, encode_error, write_error};
use crate::media::audio::Recoder;
use crate::media::av::{Packet, SubtitleRecoder};
use crate::media::error::{MediaError, Result};
use crate::media::log;

/// Where the packets of a source stream go.
pub(crate) enum Route {
    Nowhere,
    /// To that stream of the output.
    Copy(usize),
    Recode(usize, Box<Recoder>),
    /// Subtitles in another form.
    Reword(usize, Box<SubtitleRecoder>),
}

pub(crate) enum Target {
    Container {
        muxing: Muxing,
        /// Index of the rendered stream.
        video: usize,
        routes: Vec<Route>,
    },
    Pictures(Pictures),
}

impl Target {
    /// Whether packets of other streams go into it.
    pub(crate) fn takes_packets(&self) -> bool {
        match self {
            Self::Container { routes, .. } => {
                routes.iter().any(|route| !matches!(route, Route::Nowhere))
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
            Self::Container { muxing, video, .. } => {
                muxing
                    .write(packet, *video)
                    .map_err(|e| write_error(path, e, mark))?;
                counts.moved_times += std::mem::take(&mut muxing.moved);
            }
        }
        Ok(())
    }

    /// Passes on a packet of another stream, or re-encodes its sound; packets of dropped streams are ignored.
    pub(crate) fn packet(
        &mut self,
        packet: &Packet,
        path: &Path,
        counts: &mut Counts,
    ) -> Result<()> {
        let mark = log::mark();
        let Self::Container { muxing, routes, .. } = self else {
            return Ok(());
        };
        let mut write = |packet: Packet, to: usize| {
            counts.other_packets += 1;
            let written = muxing.write(packet, to);
            counts.moved_times += std::mem::take(&mut muxing.moved);
            written.map_err(|e| write_error(path, e, mark))
        };
        match routes.get_mut(packet.stream()) {
            Some(Route::Copy(to)) => {
                let share = packet.share().map_err(|e| write_error(path, e, mark))?;
                write(share, *to)
            }
            Some(Route::Recode(to, recoder)) => {
                let packets = recoder.push(Some(packet));
                for packet in packets.map_err(|e| encode_error(path, e, mark))? {
                    write(packet, *to)?;
                }
                Ok(())
            }
            Some(Route::Reword(to, recoder)) => {
                let worded = recoder.push(packet);
                match worded.map_err(|e| encode_error(path, e, mark))? {
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
                mut muxing,
                mut routes,
                ..
            } => {
                for route in &mut routes {
                    if let Route::Recode(to, recoder) = route {
                        let rest = recoder
                            .push(None)
                            .map_err(|e| encode_error(path, e, mark))?;
                        for packet in rest {
                            counts.other_packets += 1;
                            muxing
                                .write(packet, *to)
                                .map_err(|e| write_error(path, e, mark))?;
                        }
                    }
                }
                counts.moved_times += muxing.moved;
                muxing
                    .output
                    .finish()
                    .map_err(|e| write_error(path, e, mark))?;
            }
            Self::Pictures(pictures) => return pictures.finish(path),
        }
        // The data may still be in the system's memory, and a full network disk says so only now.
        File::open(path)
            .and_then(|file| file.sync_all())
            .or_else(|e| match e.raw_os_error() {
                // Devices and pipes cannot be synced.
                Some(libc::EINVAL | libc::EACCES) => Ok(()),
                _ => Err(e),
            })
            .map_err(|e| MediaError::write(path, e))
    }
}
