//! Which outputs need a first pass.

use super::Analysis;
use crate::graph::plan::StyleUse;
use crate::graph::style::Value;

/// An output with styles that measure all frames first.
#[derive(Clone, Debug)]
pub(in super::super) struct MeasuredLook {
    /// As it was asked for.
    pub name: String,
    chain: Vec<StyleUse>,
    /// The styles that are to measure, by their places in the chain: each sees what those before it make.
    waiting: Vec<usize>,
}

/// A style that measures, after the styles before it.
#[derive(Clone, Debug)]
pub(in super::super) struct MeasuredPart {
    /// The output, as it was asked for.
    pub look: String,
    /// Which of the styles of the output that can measure it is.
    pub ordinal: usize,
    /// The styles up to the one that measures.
    pub chain: Vec<StyleUse>,
}

impl MeasuredLook {
    /// How many passes over all frames it needs.
    pub fn passes(&self) -> usize {
        self.waiting.len()
    }

    /// The first style that is to measure.
    pub fn first(&self) -> &StyleUse {
        &self.chain[self.waiting[0]]
    }

    /// What is measured in the pass `nth`, from 0; `known` has what was measured in those before.
    pub fn part(&self, nth: usize, known: &Analysis) -> Option<MeasuredPart> {
        let at = *self.waiting.get(nth)?;
        let mut chain = self.chain[..=at].to_vec();
        known.apply(&self.name, &mut chain);
        let before = self.chain[..at].iter();
        Some(MeasuredPart {
            look: self.name.clone(),
            ordinal: before.filter(|part| part.style.analyse.is_some()).count(),
            chain,
        })
    }
}

impl MeasuredPart {
    /// The style that measures.
    pub fn style(&self) -> Option<&StyleUse> {
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
pub(in super::super) fn measured_look(
    name: &str,
    chain: &[StyleUse],
) -> (Option<MeasuredLook>, Vec<String>) {
    let measures = |part: &&StyleUse| part.style.analyse.is_some();
    let words = chain.iter().filter(measures).flat_map(set_by_user);
    let words = words.collect();
    let waiting = (0..chain.len()).filter(|at| !is_complete(&chain[*at]));
    let waiting: Vec<usize> = waiting.collect();
    let look = (!waiting.is_empty()).then(|| MeasuredLook {
        name: name.to_owned(),
        chain: chain.to_vec(),
        waiting,
    });
    (look, words)
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
