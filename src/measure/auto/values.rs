//! Parameters that are set by what is found in the input: `found` in the manifests of styles.

use std::path::Path;

use super::super::analyze::{Analysis, Analyze, SURE};
use crate::graph::style::Library;
use crate::media::Reading;
use crate::render::request::{ParamValues, RenderRequest};
use crate::render::{Cancel, Event, OpenParam, Result};

/// Looks through all of `input` for what sets `open`, sets it in `request`, and says what was found.
///
/// # Errors
/// Those of [`Analyze::run`].
pub(super) fn set(
    open: &[OpenParam],
    request: &mut RenderRequest,
    (input, reading, library): (&Path, Reading, &Library),
    reasons: &mut Vec<String>,
    (listen, cancel): (&mut dyn FnMut(Event), &Cancel),
) -> Result<()> {
    let mut kinds: Vec<String> = open.iter().map(|open| open.kind.clone()).collect();
    kinds.sort();
    kinds.dedup();
    let analysis = Analyze {
        input: input.to_owned(),
        reading,
        fast: false,
        kinds: Some(kinds),
    };
    let analysis = analysis.run(library, listen, cancel)?;
    apply(open, &analysis, request, reasons);
    Ok(())
}

fn apply(
    open: &[OpenParam],
    analysis: &Analysis,
    request: &mut RenderRequest,
    reasons: &mut Vec<String>,
) {
    let mut values = request.set.clone().unwrap_or_default().0;
    for open in open {
        let finding = analysis
            .findings
            .iter()
            .find(|finding| finding.kind == open.kind);
        let Some(finding) = finding else {
            continue;
        };
        let sure = finding.found && finding.confidence >= SURE;
        let words = match (finding.found, sure) {
            (true, false) => format!(
                "{}: {} It is not sure, and left as it is; set {}.{} to take it",
                open.style, finding.words, open.style, open.param
            ),
            _ => format!("{}: {}", open.style, finding.words),
        };
        let same = |reason: &String| reason.starts_with(&words);
        if !reasons.iter().any(same) {
            reasons.push(words);
        }
        let value = finding.details.get(&open.detail).filter(|_| sure);
        let value = value.and_then(|value| match value {
            serde_json::Value::String(text) => Some(text.clone()),
            other => other.as_f64().map(|number| number.to_string()),
        });
        // What is not found is set, too: it was looked for.
        let value = value.unwrap_or_else(|| open.default.clone());
        values.push(format!("{}.{}={value}", open.style, open.param));
    }
    request.set = ParamValues::of(&values);
}

#[cfg(test)]
mod tests {
    use super::super::super::analyze::detectors;
    use super::*;

    #[test]
    fn manifests_name_what_an_analysis_finds() {
        let library = Library::built_in();
        let kinds: Vec<&str> = detectors()
            .into_iter()
            .flat_map(|detector| detector.findings())
            .map(|finding| finding.kind)
            .collect();
        let mut all = 0;
        for name in library.style_names() {
            let style = library.load(&name).unwrap();
            for found in style
                .params
                .iter()
                .filter_map(|param| param.found.as_deref())
            {
                let (kind, _) = found.split_once('.').unwrap();
                assert!(kinds.contains(&kind), "{name}: {found}");
                all += 1;
            }
        }
        assert!(all >= 4, "{all}");
    }

    #[test]
    fn what_is_set_is_not_looked_for() {
        let library = Library::built_in();
        let named = |request: &RenderRequest| {
            let open = request.settings(&library).unwrap().open;
            open.iter()
                .map(|open| open.param.clone())
                .collect::<Vec<_>>()
        };
        let mut request = RenderRequest {
            style: Some("crop+pencil".to_owned()),
            ..RenderRequest::default()
        };
        assert_eq!(named(&request), ["left", "right", "top", "bottom"]);
        let set = |texts: &[&str]| {
            ParamValues::of(
                &texts
                    .iter()
                    .map(|text| (*text).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        request.set = set(&["crop.top=0", "crop.bottom = 12"]);
        assert_eq!(named(&request), ["left", "right"]);
        request.set = set(&["crop.strength=0"]);
        assert_eq!(named(&request), Vec::<String>::new());
    }
}
