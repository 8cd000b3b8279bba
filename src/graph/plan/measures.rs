//! Plans whose frames come with numbers: what styles offer by `[measure.NAME]`, beside their pictures.

use super::{Library, OutputRequest, Plan, PlanOptions, Source, StyleError, expand, prepared};

/// What a style of an output offers to be measured, and the port of the plan at which it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasurePort {
    /// The output, by its place among those that were asked for.
    pub output: usize,
    /// `STYLE/NAME`, of a `[measure.NAME]` in the style's manifest.
    pub name: String,
    /// An image port; two outputs that measure the same share it.
    pub port: usize,
}

/// As [`plan()`](super::plan()), with an image port for each measure of the styles. The ports of the outputs come first, in
/// their order.
///
/// # Errors
/// As [`plan()`](super::plan()).
pub fn plan_with_measures(
    library: &Library,
    source: &Source,
    outputs: &[OutputRequest],
    options: PlanOptions,
) -> Result<(Plan, Vec<MeasurePort>), StyleError> {
    let (plan, measures) = expand::expand_with_measures(library, source, outputs)?;
    Ok((prepared(library, plan, options)?, measures))
}
