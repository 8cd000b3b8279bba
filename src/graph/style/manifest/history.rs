use serde::Deserialize;

use super::super::Expression;
use super::expression;
use super::pass::{Channels, channels_from};

/// An image or buffer of the frame before.
#[derive(Clone, Debug)]
pub struct HistoryOf {
    /// What kernels read it by.
    pub name: String,
    /// The image that becomes it when the frame is done.
    pub of: String,
    pub shape: HistoryShape,
}

/// Shape of a history; that of what is committed to it must be the same.
#[derive(Clone, Debug)]
pub enum HistoryShape {
    /// As large as this input, with so many channels.
    Like(String, Channels),
    /// A buffer of so many 32-bit words.
    Words(Box<Expression>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHistory {
    of: String,
    like: Option<String>,
    channels: Option<toml::Value>,
    words: Option<toml::Value>,
}

pub(super) fn history_from(
    name: &str,
    raw: RawHistory,
    inputs: &[String],
) -> Result<HistoryOf, String> {
    let shape = match (raw.words, raw.like) {
        (Some(words), None) => {
            let words = expression(&words).map_err(|why| format!("words: {why}"))?;
            HistoryShape::Words(Box::new(words))
        }
        (None, like) => {
            let like = like
                .or_else(|| inputs.first().cloned())
                .ok_or("give like = \"an input\" or words = \"how many\"")?;
            if !inputs.contains(&like) {
                return Err(format!("like = {like:?} is not one of the inputs"));
            }
            HistoryShape::Like(like, channels_from(raw.channels)?)
        }
        (Some(_), Some(_)) => return Err("give either like or words".to_owned()),
    };
    Ok(HistoryOf {
        name: name.to_owned(),
        of: raw.of,
        shape,
    })
}
