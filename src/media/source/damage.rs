//! What was broken in a file.

use serde::{Deserialize, Serialize};

/// Damage met so far. All zero for a sound file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// Pictures in which the decoder found errors.
    pub damaged_frames: u64,
    /// Packets that the decoder refused: their pictures are missing.
    pub refused_packets: u64,
    /// Places where the container could not be read.
    pub unreadable: u64,
    /// Frames without a time, or with one not after the frame before: their times are made up.
    pub bad_times: u64,
    /// Pictures of another size or pixel format than the first: they were scaled to it.
    #[serde(default)]
    pub resized: u64,
    /// Numbers that an image sequence lacks, in words.
    #[serde(default)]
    pub missing: Option<String>,
    /// The file ends before it should, in words.
    pub truncated: Option<String>,
}

impl Damage {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }

    /// The damage in words, one line each.
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
            "frame has no usable time stamp: it was put after the frame before",
            "frames have no usable time stamp: they were put after the frames before",
        );
        count(
            self.resized,
            "picture has another size or pixel format than the first: it was scaled to that",
            "pictures have another size or pixel format than the first: they were scaled to that",
        );
        words.extend(self.missing.clone());
        words.extend(self.truncated.clone());
        words
    }
}
