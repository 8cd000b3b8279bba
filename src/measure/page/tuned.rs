//! A page with what a search of parameters has tried.

use std::fmt::Write as _;

use super::axis::{ValueAxis, ends};
use super::document::{document, facts, list, section};
use super::table::{Cell, Table};
use super::text::{escaped, short};

/// What a search has tried, for people.
#[derive(Clone, Debug, Default)]
pub struct TunedPage {
    /// What was rendered: a file's name.
    pub title: String,
    /// Names with values.
    pub facts: Vec<(String, String)>,
    /// The preset that came of it.
    pub preset: String,
    pub plots: Vec<DotPlot>,
    /// The trials, the best first.
    pub rows: Vec<TriedRow>,
    pub notes: Vec<String>,
}

/// Scores over something.
#[derive(Clone, Debug)]
pub struct DotPlot {
    pub title: String,
    pub unit: String,
    /// Names of 0, 1, 2 …, where the places are no numbers.
    pub names: Vec<String>,
    pub dots: Vec<Dot>,
}

/// A trial in a plot.
#[derive(Clone, Debug)]
pub struct Dot {
    pub x: f64,
    /// Its score.
    pub y: f64,
    pub is_best: bool,
    /// Whether it has the defaults.
    pub is_default: bool,
    /// What is shown where a pointer rests on it.
    pub name: String,
}

/// A trial in the table.
#[derive(Clone, Debug)]
pub struct TriedRow {
    pub number: usize,
    /// None where it failed.
    pub score: Option<f64>,
    pub values: Vec<(String, String)>,
    pub metrics: Vec<(String, f64)>,
}

/// Trials in the table.
const ROWS: usize = 30;
/// Size of a plot, and room for the numbers at its sides and below, in pixels.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 24.0;
const BELOW: f64 = 24.0;

impl TunedPage {
    /// The page: one HTML file.
    pub fn html(&self) -> String {
        let plots: String = self.plots.iter().map(DotPlot::figure).collect();
        let plots = match plots.is_empty() {
            true => plots,
            false => format!(
                "<p class=\"help\">Each dot is a trial; the higher, the better. The filled one is the best, the ring has the defaults.</p>\n\
                 <div class=\"grid\">\n{plots}</div>\n"
            ),
        };
        let preset = match self.preset.is_empty() {
            true => String::new(),
            false => format!("<pre>{}</pre>\n", escaped(&self.preset)),
        };
        let body = facts(&self.facts)
            + &section("preset", "Preset", &preset)
            + &section("tried", "What was tried", &plots)
            + &section("trials", "The best trials", &self.table())
            + &section("notes", "Notes", &list(&self.notes));
        document("Tuned", &self.title, &body)
    }

    fn table(&self) -> String {
        let Some(first) = self.rows.first() else {
            return String::new();
        };
        let mut heads = vec!["trial", "score"];
        heads.extend(first.values.iter().map(|pair| pair.0.as_str()));
        heads.extend(first.metrics.iter().map(|pair| pair.0.as_str()));
        let rows = self.rows.iter().take(ROWS).map(|row| {
            let mut cells = vec![
                Cell::from(row.number.to_string()),
                Cell::from(
                    row.score
                        .map_or("failed".to_owned(), |score| format!("{score:.4}")),
                ),
            ];
            cells.extend(row.values.iter().map(|pair| Cell::from(pair.1.clone())));
            let metric = |name: &str| {
                row.metrics
                    .iter()
                    .find(|pair| pair.0 == name)
                    .map(|pair| pair.1)
            };
            let shown = first.metrics.iter().map(|(name, _)| {
                metric(name).map_or("–".to_owned(), |value| format!("{value:.4}"))
            });
            cells.extend(shown.map(Cell::from));
            cells
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        let table = Table {
            class: "",
            caption: "Trials by their score",
            heads: &heads,
            rows: &rows,
        };
        table.html()
    }
}

impl DotPlot {
    /// The drawing with its name; nothing where there is no dot.
    fn figure(&self) -> String {
        let (Some((left, right)), Some((low, high))) = (
            ends(self.dots.iter().map(|dot| dot.x)),
            ends(self.dots.iter().map(|dot| dot.y)),
        ) else {
            return String::new();
        };
        let (left, right) = if left < right {
            (left, right)
        } else {
            (left - 0.5, right + 0.5)
        };
        let axis = ValueAxis::new(low, high, (0.1, 0.1));
        let across =
            |x: f64| LEFT + (x - left) / (right - left) * (WIDTH - LEFT - RIGHT - 6.0) + 6.0;
        let down = |y: f64| 6.0 + (1.0 - axis.share(y)) * (HEIGHT - BELOW - 12.0);
        let title = escaped(&self.title);
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Score over {title}\">\n"
        );
        for (value, name) in axis.marks() {
            let y = down(value);
            // Writing to a string does not fail.
            let _ = writeln!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\" class=\"grid\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                escaped(&name)
            );
        }
        for (x, name) in self.marks(left, right) {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                across(x),
                HEIGHT - 6.0,
                escaped(&name)
            );
        }
        for dot in &self.dots {
            let class = match (dot.is_best, dot.is_default) {
                (true, _) => "dot best",
                (_, true) => "dot default",
                _ => "dot",
            };
            let radius = if dot.is_best || dot.is_default { 6 } else { 3 };
            let _ = writeln!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"{radius}\" class=\"{class}\"><title>{}</title></circle>",
                across(dot.x),
                down(dot.y),
                escaped(&dot.name)
            );
        }
        svg.push_str("</svg>\n");
        format!("<figure>{svg}<figcaption>{title}</figcaption></figure>\n")
    }

    /// Places across that have a name.
    fn marks(&self, left: f64, right: f64) -> Vec<(f64, String)> {
        if !self.names.is_empty() {
            let named = self
                .names
                .iter()
                .enumerate()
                .map(|(index, name)| (index as f64, name.clone()));
            return named.filter(|(x, _)| (left..=right).contains(x)).collect();
        }
        let middle = (left + right) / 2.0;
        [left, middle, right].map(|x| (x, short(x))).into()
    }
}
