//! Looks at all frames of a file, or at parts of it.

use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use super::recommend::{Recommendation, mending, recommend};
use super::{Detector, Finding, View, detectors, detectors_of, file, sound};
use crate::frame::Frame;
use crate::graph::style::Library;
use crate::media::{Reading, Source, SourceEvent, index, is_read_again, path_as_text};
use crate::metrics::has_limited_range;
use crate::render::{AnalysisProgress, Cancel, Event, RenderError, Result};

/// Parts of a file that `fast` looks at, and their frames.
const PARTS: usize = 160;
const FRAMES: usize = 24;

/// What is analysed.
#[derive(Clone, Debug)]
pub struct Analyze {
    pub input: PathBuf,
    pub reading: Reading,
    /// Whether parts are looked at that lie evenly over the file, and not all of it.
    pub fast: bool,
    /// The kinds of findings that are looked for in the pictures alone; `None` for all there are, also in the sound.
    pub kinds: Option<Vec<String>>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Analysis {
    #[serde(serialize_with = "path_as_text")]
    pub input: PathBuf,
    pub width: u32,
    pub height: u32,
    /// Frames that were looked at; seconds of the whole file, where they are known.
    pub frames: u64,
    pub duration: Option<f64>,
    /// Whether only parts were looked at.
    pub sampled: bool,
    /// One for each kind that was looked for: what was found first, the worst kinds by their confidence first.
    pub findings: Vec<Finding>,
    pub recommendation: Recommendation,
    pub warnings: Vec<String>,
}

impl Analyze {
    /// Decodes the file once, and its sound.
    ///
    /// # Errors
    /// `Nothing` where there is no frame; those of [`Source`]; `Cancelled`.
    pub fn run(
        &self,
        library: &Library,
        listen: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Analysis> {
        let mut source = Source::open_at(&self.input, self.reading)?;
        let info = source.info().clone();
        let mut warnings = Vec::new();
        let parts = self.parts(&source, cancel, &mut warnings)?;
        let expected = match &parts {
            Some(parts) => Some((parts.len() * FRAMES) as u64),
            None => info.video().frames,
        };
        let mut looks = Looks {
            detectors: match &self.kinds {
                Some(kinds) => detectors_of(kinds),
                None => detectors(),
            },
            frames: 0,
            origin: None,
            progress: AnalysisProgress::new(self.input.clone(), expected),
            cancel,
        };
        match &parts {
            None => looks.through(&mut source, usize::MAX, listen)?,
            Some(parts) => {
                for start in parts {
                    source.seek(*start)?;
                    looks.through(&mut source, FRAMES, listen)?;
                }
            }
        }
        listen(looks.progress.event());
        if looks.frames == 0 {
            return Err(RenderError::Nothing {
                path: self.input.clone(),
            });
        }
        let frames = looks.frames;
        let mut findings: Vec<Finding> = looks
            .detectors
            .into_iter()
            .flat_map(|detector| detector.findings())
            .collect();
        if self.kinds.is_none() {
            findings.push(file::hdr(&info));
            findings.push(file::damaged(source.damage(), frames));
            match is_read_again(&self.input) && !info.is_image && info.sequence.is_none() {
                true => findings.extend(sound::sound(&info, cancel)?),
                false => warnings.push("sound was not listened to".to_owned()),
            }
        }
        for finding in &mut findings {
            (finding.mends, finding.stage) = mending(library, finding.kind).unzip();
        }
        findings.sort_by(|a, b| {
            let rank = |finding: &Finding| (!finding.found, -finding.confidence);
            rank(a)
                .partial_cmp(&rank(b))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        Ok(Analysis {
            width: info.pictures().width,
            height: info.pictures().height,
            duration: info.duration,
            recommendation: recommend(&self.input, &findings),
            sampled: parts.is_some(),
            input: self.input.clone(),
            frames,
            findings,
            warnings,
        })
    }

    /// Where the parts begin that are looked at, by ticks: key frames that lie evenly; `None` for all frames.
    fn parts(
        &self,
        source: &Source,
        cancel: &Cancel,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Vec<i64>>> {
        if !self.fast {
            return Ok(None);
        }
        let info = source.info();
        if info.is_image
            || info.sequence.is_some()
            || !info.is_seekable()
            || !is_read_again(&self.input)
        {
            warnings
                .push("the file cannot be entered anywhere, so all of it is looked at".to_owned());
            return Ok(None);
        }
        let index = index(info, &|| cancel.requested())?;
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        let keys: Vec<i64> = index
            .packets
            .iter()
            .filter(|packet| packet.key)
            .map(|packet| packet.pts)
            .collect();
        // What is short is looked at as a whole, and so is what has few places to enter.
        if index.packets.len() <= PARTS * FRAMES * 2 || keys.len() < PARTS / 4 {
            return Ok(None);
        }
        let count = PARTS.min(keys.len());
        Ok(Some(
            (0..count)
                .map(|part| keys[part * keys.len() / count])
                .collect(),
        ))
    }
}

/// The detectors at work.
struct Looks<'a> {
    detectors: Vec<Box<dyn Detector>>,
    frames: u64,
    /// Time of the first frame, in seconds.
    origin: Option<f64>,
    progress: AnalysisProgress,
    cancel: &'a Cancel,
}

impl Looks<'_> {
    /// Looks at the next `most` frames of `source`, which follow each other.
    fn through(
        &mut self,
        source: &mut Source,
        most: usize,
        listen: &mut dyn FnMut(Event),
    ) -> Result<()> {
        let unit = source.time_base();
        let mut seen = 0;
        while seen < most {
            if self.cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            match source.next_event()? {
                Some(SourceEvent::Frame(frame, _)) => {
                    let time = unit.seconds(frame.span.pts);
                    let length = unit.seconds(frame.span.duration);
                    self.frame(frame, time, length, seen > 0);
                    seen += 1;
                    if let Some(event) = self.progress.frame() {
                        listen(event);
                    }
                }
                Some(SourceEvent::Packet(_)) => {}
                None => break,
            }
        }
        Ok(())
    }

    fn frame(&mut self, frame: Frame, time: f64, length: f64, follows: bool) {
        let origin = *self.origin.get_or_insert(time);
        let limited = has_limited_range(&frame.picture);
        let view = View::new(
            self.frames,
            time - origin,
            length,
            follows,
            frame.picture,
            limited,
        );
        self.detectors
            .par_iter_mut()
            .for_each(|detector| detector.frame(&view));
        self.frames += 1;
    }
}
