//! Places in time, a row for each thing.

use std::fmt::Write as _;

use super::axis::TimeAxis;
use super::text::{clock, escaped};

/// Height of a row, and of the line in it, in pixels.
const ROW: f64 = 38.0;
const LINE: f64 = 12.0;
/// Room below for the times.
const BELOW: f64 = 20.0;

/// Rows over the time of a video.
pub(super) struct Timeline<'a> {
    /// Begins the ids of its parts.
    pub id: &'a str,
    pub title: &'a str,
    pub time: TimeAxis,
    /// Seconds at which scenes begin.
    pub scenes: &'a [f64],
    pub rows: &'a [Row],
}

/// One thing.
pub(super) struct Row {
    pub name: String,
    /// Id of the part of the page that is about it.
    pub to: String,
    /// Seconds, the strongest first. None means that it is everywhere.
    pub at: Vec<f64>,
}

impl Timeline<'_> {
    /// The drawing as SVG; nothing where there is no row.
    pub fn svg(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let time = self.time;
        let bottom = ROW * self.rows.len() as f64;
        let (id, title) = (escaped(self.id), escaped(self.title));
        let mut out = format!(
            "<svg class=\"timeline\" role=\"group\" aria-labelledby=\"{id}-title {id}-words\" height=\"{}\">\n\
             <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-words\">{}</desc>\n",
            bottom + BELOW,
            escaped(&self.description())
        );
        // Writing to a string does not fail.
        for share in self.scenes.iter().filter_map(|scene| time.share(*scene)) {
            let _ = writeln!(
                out,
                "<line class=\"scene\" x1=\"{0:.2}%\" x2=\"{0:.2}%\" y1=\"0\" y2=\"{bottom}\"/>",
                100.0 * share
            );
        }
        for (index, row) in self.rows.iter().enumerate() {
            out += &row.svg(time, ROW * index as f64);
        }
        out += &time.svg(bottom, false);
        out + "</svg>\n"
    }

    fn description(&self) -> String {
        let rows = self.rows.iter().map(|row| match row.at.is_empty() {
            true => format!("{}: throughout.", row.name),
            false => format!("{}: at {}.", row.name, clocks(&row.at)),
        });
        rows.collect::<Vec<_>>().join(" ")
    }
}

impl Row {
    /// The row, from `top` on.
    fn svg(&self, time: TimeAxis, top: f64) -> String {
        let line = top + ROW - LINE;
        let mut out = format!(
            "<a href=\"#{}\"><text class=\"row\" x=\"0\" y=\"{}\">{}</text></a>\n\
             <rect class=\"track\" x=\"0\" width=\"100%\" y=\"{line}\" height=\"{}\" rx=\"2\"/>\n",
            escaped(&self.to),
            line - 6.0,
            escaped(&self.name),
            LINE - 4.0
        );
        if self.at.is_empty() {
            let _ = writeln!(
                out,
                "<rect class=\"whole\" x=\"0\" width=\"100%\" y=\"{line}\" height=\"{}\" rx=\"2\"><title>throughout</title></rect>",
                LINE - 4.0
            );
        }
        for at in &self.at {
            if let Some(share) = time.share(*at) {
                let _ = writeln!(
                    out,
                    "<line class=\"place\" x1=\"{0:.2}%\" x2=\"{0:.2}%\" y1=\"{1}\" y2=\"{2}\"><title>{3}</title></line>",
                    100.0 * share,
                    line - 1.0,
                    line + LINE - 3.0,
                    clock(*at)
                );
            }
        }
        out
    }
}

/// Times with commas between them.
pub(super) fn clocks(seconds: &[f64]) -> String {
    let clocks = seconds.iter().map(|at| clock(*at));
    clocks.collect::<Vec<_>>().join(", ")
}
