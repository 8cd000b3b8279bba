//! Damage found in a file.

use serde::{Deserialize, Serialize};

use crate::frame::Rational;
use crate::media::clock::Hole;

/// Changes of the sample aspect ratio that are noted at most.
const MOST_ASPECTS: usize = 8;

/// A place where the sample aspect ratio of pictures changes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AspectChange {
    /// Time of the first picture of the new shape, in seconds on the file's clock, and since the start of the file.
    pub at: f64,
    pub since_start: f64,
    /// Ratio before it, and from there on.
    pub from: Rational,
    pub to: Rational,
    /// That of all pictures of the output.
    pub first: Rational,
    /// Whether pictures are scaled to fit into the shape of the first.
    pub fitted: bool,
}

impl AspectChange {
    fn words(&self) -> String {
        let ratio = |ratio: Rational| format!("{}:{}", ratio.num, ratio.den);
        let change = format!(
            "the sample aspect ratio changes from {} to {} at {:.2} s ({:.2} s after the start)",
            ratio(self.from),
            ratio(self.to),
            self.at,
            self.since_start
        );
        let first = ratio(self.first);
        match self.fitted {
            _ if self.to == self.first => change,
            true => format!(
                "{change}: those pictures are fitted into the shape of the first, with black bars"
            ),
            false => format!(
                "{change}: the output has {first} for all pictures, so players show those in another shape; --aspect-changes fit keeps their shape"
            ),
        }
    }
}

/// Damage found so far. All zero for an intact file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Damage {
    /// Pictures that the decoder marked as damaged.
    pub damaged_frames: u64,
    /// Packets that could not be decoded: their pictures are missing.
    pub refused_packets: u64,
    /// Places where the container could not be read.
    pub unreadable: u64,
    /// Frames with no time stamp, or one that does not increase: their times are estimated.
    pub bad_times: u64,
    /// Pictures whose size or pixel format differs from the first: they were scaled to it.
    #[serde(default)]
    pub resized: u64,
    /// The missing numbers of an image sequence, as text.
    #[serde(default)]
    pub missing: Option<String>,
    /// How the file is truncated, as text; `None` if it is not.
    pub truncated: Option<String>,
    /// Where the clock of the file jumps. No damage: the pictures are whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
    /// Where the sample aspect ratio of pictures changes: the first of them. No damage either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aspects: Vec<AspectChange>,
    /// Whether those holes are closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holes_closed: bool,
}

impl Damage {
    /// Whether there is any damage.
    pub fn any(&self) -> bool {
        let counted = [
            self.damaged_frames,
            self.refused_packets,
            self.unreadable,
            self.bad_times,
            self.resized,
        ];
        counted.iter().any(|&count| count > 0) || self.missing.is_some() || self.truncated.is_some()
    }

    /// Adds a change of the sample aspect ratio, unless there are many.
    pub fn add_aspect(&mut self, change: AspectChange) {
        if self.aspects.len() < MOST_ASPECTS && !self.aspects.contains(&change) {
            self.aspects.push(change);
        }
    }

    /// Adds a jump of the clock, unless it is known.
    pub fn add_hole(&mut self, hole: Hole, closed: bool) {
        if !self.holes.iter().any(|known| known.is(&hole)) {
            self.holes.push(hole);
        }
        self.holes_closed |= closed;
    }

    /// The damage as text, one line per kind, and what else is noticed on the way.
    pub fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut count = |n: u64, one: &str, many: &str| match n {
            0 => {}
            1 => words.push(format!("1 {one}")),
            n => words.push(format!("{n} {many}")),
        };
        count(
            self.damaged_frames,
            "picture is damaged",
            "pictures are damaged",
        );
        count(
            self.refused_packets,
            "packet could not be decoded: its picture is missing",
            "packets could not be decoded: their pictures are missing",
        );
        count(
            self.unreadable,
            "place in the file could not be read",
            "places in the file could not be read",
        );
        count(
            self.bad_times,
            "frame has no usable time stamp: its time is estimated from the previous frame",
            "frames have no usable time stamp: their times are estimated from the previous frames",
        );
        count(
            self.resized,
            "picture has another size or pixel format than the first: it was scaled to match",
            "pictures have another size or pixel format than the first: they were scaled to match",
        );
        words.extend(self.missing.clone());
        words.extend(self.truncated.clone());
        words.extend(self.aspects.iter().map(AspectChange::words));
        words.extend(self.holes.iter().map(|hole| hole.words(self.holes_closed)));
        words
    }
}
