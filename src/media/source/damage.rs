//! Damage found in a file.

use serde::{Deserialize, Serialize};

use crate::media::clock::Hole;

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
        words.extend(self.holes.iter().map(|hole| hole.words(self.holes_closed)));
        words
    }
}
