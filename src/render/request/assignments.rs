//! Lists of `NAME=VALUE`.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::plain::text_of;

/// Texts `NAME=VALUE`, in order: a later one wins. In JSON and TOML it is a list of such texts, or tables, `DEPTH` of them
/// one in the other: `{"pencil": {"strength": 0.5}}` is `pencil.strength=0.5` at depth 2.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Assignments<const DEPTH: usize>(pub Vec<String>);

/// Values of styles' parameters: `STYLE.PARAM=VALUE`.
pub type ParamValues = Assignments<2>;
/// Options of an encoder: `KEY=VALUE`.
pub type EncoderOptions = Assignments<1>;

impl<const DEPTH: usize> Assignments<DEPTH> {
    /// The texts; none where there are none.
    pub fn of(texts: &[String]) -> Option<Self> {
        (!texts.is_empty()).then(|| Self(texts.to_vec()))
    }

    /// These, then `more`.
    pub(super) fn with(self, more: Option<&Self>) -> Self {
        let mut all = self.0;
        all.extend(more.into_iter().flat_map(|more| more.0.iter().cloned()));
        Self(all)
    }
}

impl<'de, const DEPTH: usize> Deserialize<'de> for Assignments<DEPTH> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let mut texts = Vec::new();
        let read = match &value {
            Value::Array(list) => list.iter().try_for_each(|entry| {
                texts.push(entry.as_str()?.to_owned());
                Some(())
            }),
            tables => flatten("", tables, DEPTH, &mut texts),
        };
        read.map(|()| Self(texts))
            .ok_or_else(|| D::Error::custom("neither tables of values nor a list of NAME=VALUE"))
    }
}

fn flatten(name: &str, value: &Value, depth: usize, texts: &mut Vec<String>) -> Option<()> {
    if depth == 0 {
        texts.push(format!("{name}={}", text_of(value)?));
        return Some(());
    }
    value.as_object()?.iter().try_for_each(|(key, value)| {
        let name = match name {
            "" => key.clone(),
            name => format!("{name}.{key}"),
        };
        flatten(&name, value, depth - 1, texts)
    })
}
