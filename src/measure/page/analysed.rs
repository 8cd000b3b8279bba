//! A page about what is wrong with a video.

use super::Embedded;
use super::axis::TimeAxis;
use super::document::{command, document, facts, keys, list, section};
use super::text::{clock, escaped, short};
use super::timeline::{Row, Timeline, clocks};

/// What an analysis found, for people.
#[derive(Clone, Debug, Default)]
pub struct AnalysisPage {
    /// What is analysed: a file's name.
    pub title: String,
    /// Names with values.
    pub facts: Vec<(String, String)>,
    pub recommendation: Advice,
    /// What was looked for, in any order.
    pub findings: Vec<AnalysisFinding>,
    /// Seconds; without it there is no drawing over time.
    pub duration: Option<f64>,
    /// Seconds at which scenes begin, but for the first.
    pub scenes: Vec<f64>,
    /// Pictures with their times in seconds.
    pub thumbnails: Vec<(f64, Embedded)>,
    /// Sentences: what makes the findings doubtful.
    pub notes: Vec<String>,
}

/// What to do.
#[derive(Clone, Debug, Default)]
pub struct Advice {
    /// A command line; none where nothing is to be mended, or nothing can.
    pub command: Option<String>,
    pub reasons: Vec<String>,
}

/// One thing that was looked for.
#[derive(Clone, Debug, Default)]
pub struct AnalysisFinding {
    /// Its key: `dropped_lines`.
    pub kind: String,
    /// Its name for people; empty is `kind` with spaces.
    pub title: String,
    pub found: bool,
    /// How much it matters, 0 to 1; 0 is for what is no defect, which is not drawn over time. The page shows what is heavier
    /// first.
    pub weight: f64,
    /// How strong it is, in `unit`.
    pub severity: f64,
    pub unit: String,
    /// How sure it is that `found` is right, 0 to 1.
    pub confidence: f64,
    /// A sentence with the numbers.
    pub words: String,
    /// Seconds of the worst places, the worst first.
    pub at: Vec<f64>,
    /// The part of the picture it is about: left, top, width, height in pixels.
    pub area: Option<[u32; 4]>,
    /// Name of what mends it.
    pub mends: Option<String>,
}

impl AnalysisPage {
    /// The page: one HTML file.
    pub fn html(&self) -> String {
        let found = self.found();
        let mut body = facts(&self.facts);
        body += &section("advice", "What to do", &self.advice(found.is_empty()));
        body += &section("notes", "To be noted", &list(&self.notes));
        body += &section("pictures", "Pictures", &self.pictures());
        body += &section("time", "Where", &self.timeline(&found));
        let parts = found.iter().enumerate();
        let parts: String = parts
            .map(|(index, finding)| finding.article(index))
            .collect();
        body += &section("found", "What was found", &parts);
        body += &section("absent", "Looked for and not found", &self.absent());
        document("Analysed", &self.title, &body)
    }

    /// What is there, the heaviest first.
    fn found(&self) -> Vec<&AnalysisFinding> {
        let mut found: Vec<&AnalysisFinding> = self.findings.iter().filter(|of| of.found).collect();
        let order = |of: &AnalysisFinding| (of.weight.max(0.0), of.confidence.max(0.0));
        found.sort_by(|a, b| {
            let (a, b) = (order(a), order(b));
            b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
        });
        found
    }

    fn advice(&self, nothing_found: bool) -> String {
        let reasons = list(&self.recommendation.reasons);
        match &self.recommendation.command {
            Some(line) => command(line) + &reasons,
            None if nothing_found => format!("<p>Nothing is to be mended.</p>\n{reasons}"),
            None => format!("<p>Nothing that was found can be mended here.</p>\n{reasons}"),
        }
    }

    fn pictures(&self) -> String {
        if self.thumbnails.is_empty() {
            return String::new();
        }
        let figures = self.thumbnails.iter().map(|(time, picture)| {
            let time = clock(*time);
            let address = picture.address();
            format!(
                "<figure><img src=\"{address}\" alt=\"The picture at {time}\"/><figcaption>{time}</figcaption></figure>\n"
            )
        });
        format!(
            "<div class=\"strip\" role=\"region\" aria-label=\"Pictures over time\" tabindex=\"0\">\n{}</div>\n",
            figures.collect::<String>()
        )
    }

    fn timeline(&self, found: &[&AnalysisFinding]) -> String {
        let defects = found.iter().enumerate().filter(|(_, of)| of.weight > 0.0);
        let rows = defects.map(|(index, finding)| Row {
            name: finding.title(),
            to: format!("finding-{}", index + 1),
            at: finding.at.clone(),
        });
        let rows: Vec<Row> = rows.collect();
        let Some(duration) = self.duration.filter(|duration| *duration > 0.0) else {
            return String::new();
        };
        let time = TimeAxis::new(0.0, duration);
        let timeline = Timeline {
            id: "findings",
            title: "Findings over time",
            time,
            scenes: &self.scenes,
            rows: &rows,
        };
        if rows.is_empty() {
            return String::new();
        }
        let keys = keys(&[
            (
                rows.iter().any(|row| !row.at.is_empty()),
                "place",
                "worst places",
            ),
            (
                rows.iter().any(|row| row.at.is_empty()),
                "whole",
                "throughout",
            ),
            (!self.scenes.is_empty(), "scene", "a scene begins"),
            (true, "none", &format!("time in {}", time.unit())),
        ]);
        keys + &timeline.svg()
    }

    fn absent(&self) -> String {
        let absent = self.findings.iter().filter(|of| !of.found);
        let parts: String = absent
            .map(|of| {
                format!(
                    "<div><dt>{}</dt><dd>{}</dd></div>\n",
                    escaped(&of.title()),
                    escaped(&of.words)
                )
            })
            .collect();
        match parts.is_empty() {
            true => parts,
            false => format!("<dl class=\"quiet\">\n{parts}</dl>\n"),
        }
    }
}

impl AnalysisFinding {
    /// Its name, with a capital.
    fn title(&self) -> String {
        if !self.title.is_empty() {
            return self.title.clone();
        }
        let words = self.kind.replace('_', " ");
        let mut letters = words.chars();
        letters.next().map_or(String::new(), |first| {
            first.to_uppercase().chain(letters).collect()
        })
    }

    fn article(&self, index: usize) -> String {
        let sure = 100.0 * self.confidence.clamp(0.0, 1.0);
        let mut more = vec![format!("{sure:.0} % sure")];
        if !self.at.is_empty() {
            more.push(format!("worst at {}", clocks(&self.at)));
        }
        if let Some([left, top, width, height]) = self.area {
            more.push(format!("{width} × {height} pixels from {left}, {top}"));
        }
        if let Some(style) = &self.mends {
            more.push(format!("mended by {style}"));
        }
        let amount = match self.severity.is_finite() && !self.unit.is_empty() {
            true => {
                let value = short(self.severity);
                format!(
                    " <span>{}</span>",
                    escaped(&format!("{value} {}", self.unit))
                )
            }
            false => String::new(),
        };
        format!(
            "<article id=\"finding-{}\">\n<h3>{}{amount}</h3>\n<p>{}</p>\n<p class=\"help\">{}</p>\n</article>\n",
            index + 1,
            escaped(&self.title()),
            escaped(&self.words),
            escaped(&more.join(" · "))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(kind: &str, found: bool, weight: f64) -> AnalysisFinding {
        AnalysisFinding {
            kind: kind.to_owned(),
            found,
            weight,
            ..AnalysisFinding::default()
        }
    }

    #[test]
    fn what_is_heavier_comes_first() {
        let page = AnalysisPage {
            findings: vec![
                finding("light_noise", true, 0.2),
                finding("absent_bars", false, 0.9),
                finding("heavy_dust", true, 0.8),
                finding("odd_one", true, f64::NAN),
            ],
            ..AnalysisPage::default()
        };
        let html = page.html();
        let at = |words: &str| html.find(words).unwrap();
        // What has no weight is the lightest.
        assert!(at("<h3>Light noise") < at("<h3>Odd one"));
        assert!(at("<h3>Heavy dust") < at("<h3>Light noise"));
        assert!(at("<h3>Light noise") < at("<dt>Absent bars</dt>"));
        assert_eq!(html.matches("Absent bars").count(), 1);
    }

    #[test]
    fn what_is_no_defect_is_not_drawn() {
        let page = AnalysisPage {
            findings: vec![finding("noise", true, 0.5), finding("cartoon", true, 0.0)],
            duration: Some(9.0),
            ..AnalysisPage::default()
        };
        let html = page.html();
        assert_eq!(html.matches("class=\"row\"").count(), 1);
        assert!(html.contains("href=\"#finding-1\"") && html.contains("<h3>Cartoon"));
    }

    #[test]
    fn nothing_found_is_told() {
        let html = AnalysisPage::default().html();
        assert!(html.contains("Nothing is to be mended."));
        assert!(!html.contains("<svg"));
    }
}
