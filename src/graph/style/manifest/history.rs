use serde::Deserialize;

use super::super::Expression;
use super::expression;
use super::pass::{Channels, channels_from};

/// An image or buffer of the frame before.
#[derive(Clone, Debug)]
pub struct HistoryOf {
    /// The name that kernels read it by.
    pub name: String,
    /// What is kept as this history after each frame: an image of a pass, an input, or another history.
    pub of: String,
    pub shape: HistoryShape,
    /// Whether kernels use it in the first frame of a scene, too.
    pub across_cuts: bool,
}

/// The shape of a history. The image kept as it must have the same shape.
#[derive(Clone, Debug)]
pub enum HistoryShape {
    /// That of the image.
    Same,
    /// Width and height of this input, with this number of channels.
    Like(String, Channels),
    /// A buffer; the expression is its size in 32-bit words.
    Words(Box<Expression>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHistory {
    of: String,
    like: Option<String>,
    channels: Option<toml::Value>,
    words: Option<toml::Value>,
    #[serde(default)]
    across_cuts: bool,
}

pub(super) fn history_from(
    name: &str,
    raw: RawHistory,
    inputs: &[String],
) -> Result<HistoryOf, String> {
    if raw.words.is_some() && raw.channels.is_some() {
        return Err("a history of words has no channels".to_owned());
    }
    let shape = match (raw.words, raw.like) {
        (Some(words), None) => {
            let words = expression(&words).map_err(|why| format!("words: {why}"))?;
            HistoryShape::Words(Box::new(words))
        }
        (None, None) if raw.channels.is_none() => HistoryShape::Same,
        (None, like) => {
            let like = like
                .or_else(|| inputs.first().cloned())
                .ok_or("give like = \"INPUT\" or words = \"NUMBER OF WORDS\"")?;
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
        across_cuts: raw.across_cuts,
    })
}
