//! A page with what was found.

use super::{Analysis, Finding};
use crate::measure::page::{Advice, AnalysisFinding, AnalysisPage, clock};

/// Kinds that say what a file is, and are no defects.
const FACTS: [&str; 4] = ["content", "scenes", "hdr", "no_sound"];

/// The page.
pub fn page(analysis: &Analysis) -> String {
    let name = analysis.input.file_name().unwrap_or_default();
    let advice = &analysis.recommendation;
    let page = AnalysisPage {
        title: name.to_string_lossy().into_owned(),
        facts: facts(analysis),
        recommendation: Advice {
            command: advice.command.clone(),
            reasons: advice.reasons.clone(),
        },
        findings: analysis.findings.iter().map(shown).collect(),
        duration: analysis.duration,
        notes: analysis.warnings.clone(),
        ..AnalysisPage::default()
    };
    page.html()
}

fn facts(analysis: &Analysis) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    let (width, height) = (analysis.width, analysis.height);
    add("Pictures", format!("{width} × {height}"));
    let looked = match analysis.sampled {
        true => format!("{} in parts that lie evenly over the file", analysis.frames),
        false => analysis.frames.to_string(),
    };
    add("Frames seen", looked);
    if let Some(duration) = analysis.duration {
        add("Length", clock(duration));
    }
    facts
}

fn shown(finding: &Finding) -> AnalysisFinding {
    AnalysisFinding {
        kind: finding.kind.to_owned(),
        title: String::new(),
        found: finding.found,
        // Strengths of different units do not compare; how sure each is does.
        weight: match FACTS.contains(&finding.kind) {
            true => 0.0,
            false => finding.confidence,
        },
        severity: finding.severity,
        unit: finding.unit.to_owned(),
        confidence: finding.confidence,
        words: finding.words.clone(),
        at: finding.at.clone(),
        area: finding.area,
        mends: finding.mends.clone(),
    }
}
