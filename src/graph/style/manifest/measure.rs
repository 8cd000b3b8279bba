use serde::Deserialize;

/// A `[measure.NAME]`: an image or buffer of each frame that can be read back as numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureOf {
    pub name: String,
    /// What the pass that makes it calls it.
    pub of: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMeasure {
    of: String,
}

impl RawMeasure {
    pub fn named(self, name: String) -> MeasureOf {
        MeasureOf { name, of: self.of }
    }
}
