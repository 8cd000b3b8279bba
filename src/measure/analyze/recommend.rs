//! What to do about what was found.

use std::path::Path;

use serde::Serialize;

use super::Finding;
use crate::graph::style::Library;
use crate::render::RenderRequest;

/// Findings that are less sure than this lead to no advice.
const SURE: f64 = 0.6;

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

/// The style that mends `kind`, by the key `mends` of its manifest.
pub fn mending(library: &Library, kind: &str) -> Option<String> {
    library.style_names().into_iter().find(|name| {
        let style = library.load(name);
        style.is_ok_and(|style| style.mends.iter().any(|mended| mended == kind))
    })
}

/// The styles that mend what is surely found, with what they mend in words.
pub fn mended(findings: &[Finding]) -> impl Iterator<Item = (&str, &str)> {
    let sure = findings
        .iter()
        .filter(|finding| finding.found && finding.confidence >= SURE);
    sure.filter_map(|finding| Some((finding.mends.as_deref()?, finding.words.as_str())))
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
        assert_eq!(mending(&library, "dust").as_deref(), Some("despeckle"));
        assert_eq!(mending(&library, "scenes"), None);
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
