//! Damage found in a file.

use serde::{Deserialize, Serialize};

use crate::frame::Rational;
use crate::media::clock::Hole;

/// Changes of the sample aspect ratio that are noted at most.
const MOST_ASPECTS: usize = 8;

/// The samples of a picture: their number and their shape decide the shape in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Samples {
    /// Width of a sample divided by its height.
    pub ratio: Rational,
    /// Samples in a row, and rows.
    pub size: (u32, u32),
}

impl Samples {
    /// Width of the picture divided by its height, as it is shown.
    pub fn shape(&self) -> f64 {
        self.ratio.to_f64() * f64::from(self.size.0) / f64::from(self.size.1)
    }

    /// Whether both have samples of one shape.
    pub fn same_ratio(&self, other: &Self) -> bool {
        let product = |a: i64, b: i64| i128::from(a) * i128::from(b);
        product(self.ratio.num, other.ratio.den) == product(other.ratio.num, self.ratio.den)
    }

    /// Whether both are shown in one shape.
    pub fn same_shape(&self, other: &Self) -> bool {
        // FFmpeg's ratios and sizes have 32 bits, so no product overflows.
        let product = |a: &Self, b: &Self| {
            [a.ratio.num, b.ratio.den, a.size.0.into(), b.size.1.into()]
                .into_iter()
                .map(i128::from)
                .fold(1, i128::saturating_mul)
        };
        product(self, other) == product(other, self)
    }
}

/// A place where the shape of pictures changes, or that of their samples.
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
    /// The widths and heights that belong to the three, in samples.
    pub from_size: (u32, u32),
    pub to_size: (u32, u32),
    pub first_size: (u32, u32),
    /// Whether pictures are scaled to fit into the shape of the first.
    pub fitted: bool,
}

impl AspectChange {
    fn words(&self) -> String {
        let Self {
            at, since_start, ..
        } = self;
        let samples = |ratio, size| Samples { ratio, size };
        let from = &samples(self.from, self.from_size);
        let to = &samples(self.to, self.to_size);
        let first = &samples(self.first, self.first_size);
        let ratio = |samples: &Samples| format!("{}:{}", samples.ratio.num, samples.ratio.den);
        let whole = |samples: &Samples| {
            let (width, height) = samples.size;
            format!("{width}x{height} (samples {})", ratio(samples))
        };
        let change = match from.size == to.size {
            true => format!(
                "the sample aspect ratio changes from {} to {}",
                ratio(from),
                ratio(to)
            ),
            false => format!("the pictures change from {} to {}", whole(from), whole(to)),
        };
        let change = format!("{change} at {at:.2} s ({since_start:.2} s after the start)");
        let of_output = match first.size == to.size {
            true => ratio(first),
            false => whole(first),
        };
        match self.fitted {
            _ if to.same_shape(first) => change,
            true => format!(
                "{change}: those pictures are fitted into the shape of the first, with black bars"
            ),
            false => format!(
                "{change}: the output has {of_output} for all pictures, so players show those in another shape; --aspect-changes fit keeps their shape"
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
    /// OpenEXR pictures whose display window is not at the origin and could not be moved there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub misplaced: u64,
    /// The missing numbers of an image sequence, as text.
    #[serde(default)]
    pub missing: Option<String>,
    /// How the file is truncated, as text; `None` if it is not.
    pub truncated: Option<String>,
    /// Where the clock of the file jumps. No damage: the pictures are whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
    /// Where the shape of pictures or of their samples changes: the first of them. No damage either.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aspects: Vec<AspectChange>,
    /// Whether those holes are closed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holes_closed: bool,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
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
            self.misplaced,
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
        count(
            self.misplaced,
            "OpenEXR picture is in the wrong place: its display window does not begin at 0, 0, and it has several parts or wrong offsets",
            "OpenEXR pictures are in the wrong place: their display windows do not begin at 0, 0, and they have several parts or wrong offsets",
        );
        words.extend(self.missing.clone());
        words.extend(self.truncated.clone());
        words.extend(self.aspects.iter().map(AspectChange::words));
        words.extend(self.holes.iter().map(|hole| hole.words(self.holes_closed)));
        words
    }
}
