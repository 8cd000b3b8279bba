//! Where the pictures of a job come from: a file, or a generator.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::chunks::Seam;
use super::error::{RenderError, Result};
use crate::frame::{Picture, PixelFormat, Span};
use crate::media::{Damage, Event, Packet, Source};

/// What a feed gives, in order.
pub(super) enum Fed {
    /// A frame to render; without a picture where the graph generates it.
    Frame(Option<Picture>, Span),
    /// A packet of another stream.
    Packet(Packet),
    /// A chunk ends here.
    Cut(Box<Cut>),
}

/// The end of a chunk, and what the decoder knows of it.
pub(super) struct Cut {
    pub chunk: usize,
    /// When each of its frames is shown.
    pub decoded: Vec<Span>,
    /// Damage met in it.
    pub damage: Damage,
    /// The frame after it.
    pub next: Option<Seam>,
}

/// A sequence of frames and packets.
pub(super) trait Feed: Send {
    /// The next frame or packet; `None` at the end.
    fn next(&mut self) -> Result<Option<Fed>>;

    /// Damage met so far.
    fn damage(&self) -> Damage {
        Damage::default()
    }

    /// Time spent.
    fn spent(&self) -> Duration;
}

/// A file being decoded, whose pictures must all be alike.
pub(super) struct FileFeed {
    source: Source,
    strict: bool,
    first: Option<(u32, u32, PixelFormat)>,
    spent: Duration,
}

impl FileFeed {
    pub fn new(source: Source, strict: bool) -> Self {
        let pictures = source.info().pictures();
        let first = pictures
            .format
            .map(|format| (pictures.width, pictures.height, format));
        Self {
            source,
            strict,
            first,
            spent: Duration::ZERO,
        }
    }

    fn path(&self) -> PathBuf {
        self.source.info().path.clone()
    }

    /// A plan is made for one size and format.
    fn check(&mut self, picture: &Picture, span: Span) -> Result<()> {
        let this = (picture.width, picture.height, picture.format);
        let first = *self.first.get_or_insert(this);
        if this == first {
            return Ok(());
        }
        let words =
            |(width, height, format): (u32, u32, PixelFormat)| format!("{width}x{height} {format}");
        Err(RenderError::Changed {
            path: self.path(),
            seconds: self.source.time_base().seconds(span.pts),
            from: words(first),
            to: words(this),
        })
    }
}

impl Feed for FileFeed {
    fn next(&mut self) -> Result<Option<Fed>> {
        let start = Instant::now();
        let next = self.source.next_event();
        self.spent += start.elapsed();
        let next = next?;
        if self.strict && self.source.damage().any() {
            return Err(RenderError::Damaged {
                path: self.path(),
                words: self.source.damage().words(),
            });
        }
        Ok(match next {
            Some(Event::Frame(frame, _)) => {
                self.check(&frame.picture, frame.span)?;
                Some(Fed::Frame(Some(frame.picture), frame.span))
            }
            Some(Event::Packet(packet)) => Some(Fed::Packet(packet)),
            None => None,
        })
    }

    fn damage(&self) -> Damage {
        self.source.damage().clone()
    }

    fn spent(&self) -> Duration {
        self.spent
    }
}
