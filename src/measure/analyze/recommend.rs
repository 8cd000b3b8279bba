//! What to do about what was found.

use std::path::Path;

use serde::Serialize;

use super::Finding;
use crate::graph::style::{Library, Stage};
use crate::render::RenderRequest;

/// Findings that are less sure than this lead to no advice.
pub const SURE: f64 = 0.6;

/// A command line that mends what can be mended, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recommendation {
    /// None where nothing is to be mended, or nothing can.
    pub command: Option<String>,
    /// The styles of that command, one after the other.
    pub styles: Vec<String>,
    /// A sentence for each finding that is mended, after the style that mends it.
    pub reasons: Vec<String>,
}

/// The style that mends `kind`, by the key `mends` of its manifest, and where it stands among others: at the end, where it does not
/// say it.
pub fn mending(library: &Library, kind: &str) -> Option<(String, Stage)> {
    library.style_names().into_iter().find_map(|name| {
        let style = library.load(&name).ok()?;
        let mends = style.mends.iter().any(|mended| mended == kind);
        mends.then_some((name, style.stage.unwrap_or(Stage::Tone)))
    })
}

/// The styles that mend what is surely found, in the order of a chain, with what they mend in words.
pub fn mended(findings: &[Finding]) -> Vec<(&str, &str)> {
    let sure = findings
        .iter()
        .filter(|finding| finding.found && finding.confidence >= SURE);
    let mut all: Vec<_> = sure
        .filter_map(|finding| {
            let style = finding.mends.as_deref()?;
            Some((finding.stage, style, finding.words.as_str()))
        })
        .collect();
    // Among styles of one stage, what is surer stands first, as it does among the findings.
    all.sort_by_key(|(stage, ..)| *stage);
    all.into_iter()
        .map(|(_, style, words)| (style, words))
        .collect()
}

/// What is recommended for `input`, after `findings`.
pub fn recommend(input: &Path, findings: &[Finding]) -> Recommendation {
    let mut styles: Vec<&str> = Vec::new();
    let mut reasons = Vec::new();
    for (style, words) in mended(findings) {
        if !styles.contains(&style) {
            styles.push(style);
        }
        reasons.push(format!("{style}: {words}"));
    }
    let command = (!styles.is_empty()).then(|| {
        let request = RenderRequest {
            style: Some(styles.join("+")),
            ..RenderRequest::default()
        };
        request.command(input)
    });
    Recommendation {
        command,
        styles: styles.into_iter().map(str::to_owned).collect(),
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifests_say_what_mends() {
        let library = Library::built_in();
        let (style, stage) = mending(&library, "dust").unwrap();
        assert_eq!((style.as_str(), stage), ("dust", Stage::Damage));
        assert_eq!(mending(&library, "scenes"), None);
    }

    #[test]
    fn a_chain_has_the_order_of_its_stages() {
        let library = Library::built_in();
        let all = ["low_contrast", "dust"].map(|kind| {
            let (style, stage) = mending(&library, kind).unwrap();
            Finding {
                found: true,
                mends: Some(style),
                stage: Some(stage),
                ..Finding::absent("any", "", 0.9, "There is some.")
            }
        });
        let advice = recommend(Path::new("a.mkv"), &all);
        assert_eq!(advice.styles, ["dust", "levels"]);
    }

    #[test]
    fn only_what_is_found_and_can_be_mended_is_recommended() {
        let finding = |kind, found, mends: Option<&str>| Finding {
            found,
            mends: mends.map(str::to_owned),
            ..Finding::absent(kind, "", 0.9, "There is some.")
        };
        let findings = [
            finding("dust", true, Some("despeckle")),
            finding("low_contrast", false, Some("levels")),
            finding("letterbox", true, None),
        ];
        let advice = recommend(Path::new("my film.mkv"), &findings);
        assert_eq!(
            advice.command.as_deref(),
            Some("aquatint 'my film.mkv' -s despeckle")
        );
        assert_eq!(advice.reasons, ["despeckle: There is some."]);
        assert_eq!(recommend(Path::new("a.mkv"), &findings[1..]).command, None);
    }
}
