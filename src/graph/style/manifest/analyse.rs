use serde::Deserialize;

use super::MeasureOf;
use crate::graph::reduce::{REDUCERS, Reducer, reducer};
use crate::graph::style::{Param, ParamKind};

/// `[analyse]`: a first pass over all frames, before the style is rendered. A reducer makes tracks of what it measures.
#[derive(Clone, Debug)]
pub struct Analyse {
    /// Names of measures of the style.
    pub measures: Vec<String>,
    pub reducer: &'static Reducer,
    /// The source's own frames are measured, not what the styles before make of them.
    pub of_source: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAnalyse {
    measures: Vec<String>,
    reducer: String,
    of: Option<String>,
}

impl RawAnalyse {
    pub fn checked(self, params: &[Param], measures: &[MeasureOf]) -> Result<Analyse, String> {
        let Some(known) = reducer(&self.reducer) else {
            let names: Vec<&str> = REDUCERS.iter().map(|reducer| reducer.name).collect();
            return Err(format!(
                "there is no reducer {:?}; the reducers: {}",
                self.reducer,
                names.join(", ")
            ));
        };
        let is_measure = |name: &&String| measures.iter().any(|measure| measure.name == **name);
        if let Some(unknown) = self.measures.iter().find(|name| !is_measure(name)) {
            return Err(format!("there is no [measure.{unknown}]"));
        }
        if self.measures.len() != known.measures {
            return Err(format!(
                "the reducer {:?} reads {} measures, not {}",
                known.name,
                known.measures,
                self.measures.len()
            ));
        }
        let of_source = match self.of.as_deref() {
            None | Some("input") => false,
            Some("source") => true,
            Some(of) => return Err(format!("of = {of:?}: it is \"input\" or \"source\"")),
        };
        let is_number = |name: &&&str| {
            let param = params.iter().find(|param| param.name == **name);
            param.is_some_and(|param| matches!(param.kind, ParamKind::Number { .. }))
        };
        if let Some(missing) = known.params.iter().find(|name| !is_number(name)) {
            return Err(format!(
                "the reducer {:?} makes values for {missing:?}: declare [param.{missing}], a number",
                known.name
            ));
        }
        Ok(Analyse {
            measures: self.measures,
            reducer: known,
            of_source,
        })
    }
}
