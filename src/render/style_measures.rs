//! Numbers that styles measure of each frame (`[measure.NAME]`), summed up over the frames of a render.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::graph::plan::{ImageDesc, Storage};
use crate::graph::{Output, Payload};

/// Buffers of more words than this have one summary for all their words.
const MOST_WORDS: usize = 4096;

/// Values are counted in units of 2^-24: exact for whole numbers and for half floats, and whole numbers have the same sum
/// in any order, so that the numbers do not depend on where chunks begin.
const UNIT: f64 = (1 << 24) as f64;

/// The summary of one measure, in the report of an output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StyleMeasure {
    /// `STYLE/NAME`, of a `[measure.NAME]` in the style's manifest.
    pub name: String,
    /// Frames of the output that were measured.
    pub frames: u64,
    /// What the entries of the lists below are: `word` by word of a buffer, `all words` of a large one together, or
    /// `channel` by channel of an image.
    pub each: &'static str,
    /// Means over the frames; of `all words` and of a `channel` also over the words or pixels of a frame. `None` where no
    /// value was a finite number.
    pub mean: Vec<Option<f64>>,
    pub min: Vec<Option<f64>>,
    pub max: Vec<Option<f64>>,
    /// Sums over all frames, of words: those of a histogram are the histogram of the whole output.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sum: Vec<u64>,
}

/// Sums of what is read at the image ports of a plan, by port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tallies(BTreeMap<usize, Tally>);

impl Tallies {
    /// Adds an output of the graph, if it is not a picture.
    pub fn add(&mut self, output: &Output) {
        if let Payload::Image(image, words) = &output.payload {
            self.0.entry(output.port).or_default().add(image, words);
        }
    }

    /// Adds the frames of another part of the render.
    pub fn merge(&mut self, other: &Self) {
        for (port, tally) in &other.0 {
            self.0.entry(*port).or_default().merge(tally);
        }
    }

    /// The summary of what was read at `port`; `None` where there was no frame.
    pub fn summary(&self, port: usize, name: &str) -> Option<StyleMeasure> {
        self.0.get(&port).map(|tally| tally.summary(name))
    }
}

/// What the entries of a tally are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Each {
    #[default]
    Word,
    AllWords,
    Channel,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    frames: u64,
    each: Each,
    entries: Vec<Entry>,
}

/// Sums of values, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    count: u64,
    sum: i128,
    min: i128,
    max: i128,
}

impl Tally {
    /// Adds the image or the words of a frame.
    fn add(&mut self, image: &ImageDesc, words: &[u32]) {
        let is_words = image.storage == Storage::Words;
        let (each, count) = match (is_words, words.len()) {
            (true, count) if count > MOST_WORDS => (Each::AllWords, 1),
            (true, count) => (Each::Word, count),
            (false, _) => (Each::Channel, image.storage.channels()),
        };
        let mut entries = vec![Entry::default(); count];
        for values in words.chunks(count) {
            for (entry, bits) in entries.iter_mut().zip(values) {
                let value = match is_words {
                    true => f64::from(*bits),
                    false => f64::from(f32::from_bits(*bits)),
                };
                if value.is_finite() {
                    entry.add(&Entry::of(value));
                }
            }
        }
        self.merge(&Self {
            frames: 1,
            each,
            entries,
        });
    }

    fn merge(&mut self, other: &Self) {
        self.frames += other.frames;
        self.each = other.each;
        // The count of entries is that of the plan, the same for all frames.
        self.entries.resize(
            other.entries.len().max(self.entries.len()),
            Entry::default(),
        );
        for (entry, more) in self.entries.iter_mut().zip(&other.entries) {
            entry.add(more);
        }
    }

    fn summary(&self, name: &str) -> StyleMeasure {
        let of = |value: fn(&Entry) -> f64| {
            let entries = self.entries.iter();
            let values = entries.map(|entry| (entry.count > 0).then(|| value(entry)));
            values.collect()
        };
        StyleMeasure {
            name: name.to_owned(),
            frames: self.frames,
            each: match self.each {
                Each::Word => "word",
                Each::AllWords => "all words",
                Each::Channel => "channel",
            },
            mean: of(|entry| entry.sum as f64 / UNIT / entry.count as f64),
            min: of(|entry| entry.min as f64 / UNIT),
            max: of(|entry| entry.max as f64 / UNIT),
            sum: match self.each {
                Each::Channel => Vec::new(),
                Each::Word | Each::AllWords => {
                    let sums = self.entries.iter().map(|entry| entry.sum / UNIT as i128);
                    sums.map(|sum| u64::try_from(sum).unwrap_or(u64::MAX))
                        .collect()
                }
            },
        }
    }
}

impl Entry {
    fn of(value: f64) -> Self {
        let units = (value * UNIT).round() as i128;
        Self {
            count: 1,
            sum: units,
            min: units,
            max: units,
        }
    }

    fn add(&mut self, more: &Self) {
        if more.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *more;
            return;
        }
        self.count += more.count;
        self.sum = self.sum.saturating_add(more.sum);
        self.min = self.min.min(more.min);
        self.max = self.max.max(more.max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Span;

    fn output(storage: Storage, extent: (u32, u32), words: Vec<u32>) -> Output {
        Output {
            port: 3,
            span: Span::default(),
            payload: Payload::Image(ImageDesc::new(extent, storage), words),
        }
    }

    fn tallied(outputs: &[Output]) -> Tallies {
        let mut tallies = Tallies::default();
        outputs.iter().for_each(|output| tallies.add(output));
        tallies
    }

    #[test]
    fn words_are_summed_one_by_one_and_parts_join_in_any_order() {
        let frame = |words: [u32; 2]| output(Storage::Words, (2, 1), words.to_vec());
        let frames = [[5, u32::MAX], [7, 0], [0, 1]].map(frame);
        let whole = tallied(&frames);
        let mut parts = tallied(&frames[2..]);
        // As it goes through a record.
        let stored = serde_json::to_vec(&tallied(&frames[..2])).unwrap();
        parts.merge(&serde_json::from_slice(&stored).unwrap());
        assert_eq!(parts, whole);
        let summary = whole.summary(3, "style/name").unwrap();
        assert_eq!(summary.frames, 3);
        assert_eq!(summary.each, "word");
        assert_eq!(summary.mean[0], Some(4.0));
        assert_eq!(summary.min, [Some(0.0), Some(0.0)]);
        assert_eq!(summary.max, [Some(7.0), Some(f64::from(u32::MAX))]);
        assert_eq!(summary.sum, [12, u64::from(u32::MAX) + 1]);
        assert_eq!(whole.summary(0, "other"), None);
    }

    #[test]
    fn images_are_summed_by_channel_without_what_is_no_number() {
        let bits = |values: [f32; 8]| values.map(f32::to_bits).to_vec();
        let image = [0.25, -1.0, f32::NAN, 1.0, 0.75, 3.0, f32::INFINITY, 1.0];
        let summary = tallied(&[output(Storage::Rgba32Float, (2, 1), bits(image))]);
        let summary = summary.summary(3, "style/name").unwrap();
        assert_eq!(summary.each, "channel");
        assert_eq!(summary.mean, [Some(0.5), Some(1.0), None, Some(1.0)]);
        assert_eq!(summary.min, [Some(0.25), Some(-1.0), None, Some(1.0)]);
        assert_eq!(summary.max, [Some(0.75), Some(3.0), None, Some(1.0)]);
        assert!(summary.sum.is_empty());
    }

    #[test]
    fn a_large_buffer_has_one_entry() {
        let words = (0..5000).collect();
        let summary = tallied(&[output(Storage::Words, (5000, 1), words)]);
        let summary = summary.summary(3, "style/name").unwrap();
        assert_eq!(summary.each, "all words");
        assert_eq!(
            (summary.mean, summary.max),
            (vec![Some(2499.5)], vec![Some(4999.0)])
        );
        assert_eq!(summary.sum, [5000 * 4999 / 2]);
    }
}
