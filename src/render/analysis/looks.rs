//! Which outputs need a first pass.

use super::super::error::{RenderError, Result};
use crate::graph::plan::StyleUse;
use crate::graph::style::Value;

/// An output whose style measures all frames first.
#[derive(Clone, Debug)]
pub(in super::super) struct MeasuredLook {
    /// As it was asked for.
    pub name: String,
    /// The styles up to the one that measures.
    pub chain: Vec<StyleUse>,
}

impl MeasuredLook {
    /// The style that measures.
    pub fn part(&self) -> Option<&StyleUse> {
        self.chain.last()
    }
}

/// Whether all that a style is to measure was set by the user or has been measured, or does not matter.
pub(in super::super) fn is_complete(part: &StyleUse) -> bool {
    let Some(analyse) = &part.style.analyse else {
        return true;
    };
    let params = analyse.reducer.params.iter();
    let mut unmeasured = params.filter(|name| part.values.is_unmeasured(name));
    part.strength <= 0.0 || unmeasured.next().is_none()
}

/// What the output called `name` needs to measure, if anything, and what to say about it.
///
/// # Errors
/// `Usage` where two styles of one chain measure: what the second would see depends on the first.
pub(in super::super) fn measured_look(
    name: &str,
    chain: &[StyleUse],
) -> Result<(Option<MeasuredLook>, Vec<String>)> {
    let measures = |part: &&StyleUse| part.style.analyse.is_some();
    let words = chain.iter().filter(measures).flat_map(set_by_user);
    let words = words.collect();
    let mut waiting = (0..chain.len()).filter(|at| !is_complete(&chain[*at]));
    let Some(at) = waiting.next() else {
        return Ok((None, words));
    };
    if let Some(other) = waiting.next() {
        return Err(RenderError::usage(
            format!(
                "{name} has two styles that measure all frames first, {} and {}",
                chain[at].style.name, chain[other].style.name
            ),
            "render one after the other: the output of the first is the input of the second",
        ));
    }
    let look = MeasuredLook {
        name: name.to_owned(),
        chain: chain[..=at].to_vec(),
    };
    Ok((Some(look), words))
}

/// What is said of parameters that would be measured if they were not set.
fn set_by_user(part: &StyleUse) -> Vec<String> {
    let reducer = part.style.analyse.as_ref().map(|analyse| analyse.reducer);
    let params = reducer.map_or(&[][..], |reducer| reducer.params).iter();
    let set = params.filter(|name| {
        let value = part.values.get(name);
        !matches!(value, Some(Value::Track(track)) if track.is_unmeasured())
    });
    let style = &part.style.name;
    set.map(|name| format!("{style}.{name} is set, so it is not measured"))
        .collect()
}
