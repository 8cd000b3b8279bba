//! A page with the numbers of a video.

use super::Embedded;
use super::axis::TimeAxis;
use super::document::{changes, document, facts, keys, list, section};
use super::plot::{Mark, Plot};
use super::series::MetricSeries;
use super::swipe::{figure, swipe};
use super::table::{Cell, Table};
use super::text::{clock, escaped, number};
use super::thin::Curve;

/// What the numbers of a video are, for people.
#[derive(Clone, Debug, Default)]
pub struct MeasurePage {
    /// What is measured: a file's name.
    pub title: String,
    /// Names with values: settings, files, sizes, the device.
    pub facts: Vec<(String, String)>,
    /// What changed: `noise −65 %`.
    pub words: Vec<String>,
    /// In the order in which they are shown.
    pub metrics: Vec<MetricSeries>,
    /// Seconds at which scenes begin, but for the first.
    pub scenes: Vec<f64>,
    /// The worst first.
    pub worst: Vec<FramePair>,
    /// Sentences: what makes the numbers doubtful, how they were made.
    pub notes: Vec<String>,
}

/// A frame before and after.
#[derive(Clone, Debug)]
pub struct FramePair {
    /// Seconds.
    pub time: f64,
    /// Number of the frame, from 0.
    pub frame: u64,
    /// Name of the metric by which it is one of the worst.
    pub metric: String,
    pub value: f64,
    /// The source's picture, where there is one.
    pub before: Option<Embedded>,
    pub after: Embedded,
}

impl MeasurePage {
    /// The page: one HTML file.
    pub fn html(&self) -> String {
        let mut body = facts(&self.facts);
        body += &section("changed", "What changed", &changes(&self.words));
        body += &section("notes", "To be noted", &list(&self.notes));
        body += &section("numbers", "Numbers", &self.numbers());
        // The same for all, so that what stands below something else is at the same time.
        let time = TimeAxis::of(self.metrics.iter().flat_map(|of| &of.times));
        let plots = self.metrics.iter().enumerate();
        let plots: String = plots
            .map(|(index, of)| self.plot(index, of, time))
            .collect();
        if !plots.is_empty() {
            body += &section("time", "Over time", &(self.keys() + &plots));
        }
        body += &section("worst", "The worst frames", &self.frames());
        document("Measured", &self.title, &body)
    }

    /// The table of all metrics. Columns in which nothing stands are left out.
    fn numbers(&self) -> String {
        if self.metrics.is_empty() {
            return String::new();
        }
        let any = |has: fn(&MetricSeries) -> bool| self.metrics.iter().any(has);
        let has_source = any(|of| of.reference.is_some());
        let has_harmonic = any(|of| of.harmonic_mean.is_some());
        let mut heads = vec!["Metric", "mean"];
        heads.extend(has_source.then_some("source"));
        heads.extend(has_harmonic.then_some("harmonic mean"));
        heads.extend([
            "5 % are worse than",
            "1 % are worse than",
            "least",
            "largest",
            "better",
        ]);
        let rows = self.metrics.iter().enumerate().map(|(index, of)| {
            let shown = |value: f64| Cell::from(number(value, of.scale()));
            let optional = |value: Option<f64>| value.map_or(String::new().into(), shown);
            let mut row = vec![Cell {
                text: of.title_and_unit(),
                to: of.is_drawn().then(|| format!("metric-{}", index + 1)),
            }];
            row.push(shown(of.mean));
            row.extend(has_source.then(|| optional(of.reference_mean())));
            row.extend(has_harmonic.then(|| optional(of.harmonic_mean)));
            row.extend([of.p5, of.p1, of.min, of.max].map(shown));
            row.push(of.better().to_owned().into());
            row
        });
        let rows: Vec<Vec<Cell>> = rows.collect();
        let table = Table {
            class: "means",
            caption: "Over all frames that were measured",
            heads: &heads,
            rows: &rows,
        };
        let has_neither = any(|of| of.higher_is_better.is_none());
        let note = match has_neither {
            true => "<p class=\"help\">Where neither is better, worse means lower.</p>\n",
            false => "",
        };
        table.html() + note
    }

    /// What the lines and marks of the drawings mean.
    fn keys(&self) -> String {
        let any = |has: fn(&MetricSeries) -> bool| self.metrics.iter().any(has);
        keys(&[
            (true, "own", "this video"),
            (any(|of| of.reference.is_some()), "reference", "source"),
            (
                any(|of| of.band().is_some()),
                "band",
                "all but the worst 5 % of frames",
            ),
            (!self.scenes.is_empty(), "scene", "a scene begins"),
            (
                !self.worst.is_empty() || any(|of| !of.worst.is_empty()),
                "mark",
                "worst frames",
            ),
        ])
    }

    /// A metric over time.
    fn plot(&self, index: usize, of: &MetricSeries, time: TimeAxis) -> String {
        let id = format!("metric-{}", index + 1);
        let marks = self.marks(of);
        let plot = Plot {
            id: &id,
            title: &of.title_and_unit(),
            description: &of.description(),
            time,
            own: of.own(),
            reference: of.reference.as_ref().map(|values| Curve {
                times: &of.times,
                values,
            }),
            band: of.band(),
            scenes: &self.scenes,
            marks: &marks,
        };
        let Some(drawing) = plot.svg() else {
            return String::new();
        };
        let unit = match of.unit.as_str() {
            "" => String::new(),
            unit => format!(" <span>{}</span>", escaped(unit)),
        };
        let help = match of.help.as_str() {
            "" => String::new(),
            help => format!("<p class=\"help\">{}.</p>\n", escaped(help)),
        };
        format!(
            "<article id=\"{id}\">\n<h3>{}{unit}</h3>\n{help}{drawing}{}</article>\n",
            escaped(&of.title),
            of.gaps()
        )
    }

    /// The worst places of a metric, and the frames that are shown because of it.
    fn marks(&self, of: &MetricSeries) -> Vec<Mark> {
        let pairs = self.worst.iter().enumerate();
        let pairs = pairs.filter(|(_, pair)| pair.is_by(of) && pair.value.is_finite());
        let mut marks: Vec<Mark> = pairs
            .map(|(index, pair)| Mark {
                at: (pair.time, pair.value),
                to: Some((format!("frame-{}", index + 1), (index + 1).to_string())),
                below: of.higher_is_better == Some(true),
            })
            .collect();
        let is_new = |at: &(f64, f64)| marks.iter().all(|mark| (mark.at.0 - at.0).abs() > 1e-6);
        let others = of.worst.iter().filter(|at| at.1.is_finite());
        let others: Vec<Mark> = others
            .filter(|at| is_new(at))
            .map(|at| Mark {
                at: *at,
                to: None,
                below: false,
            })
            .collect();
        // A link is drawn over what has none.
        marks.splice(0..0, others);
        marks
    }

    /// The pictures of the worst frames.
    fn frames(&self) -> String {
        let mut out = String::new();
        for (index, pair) in self.worst.iter().enumerate() {
            let found = self.metrics.iter().position(|of| pair.is_by(of));
            let metric = found.map(|at| (at, &self.metrics[at]));
            let title = metric.map_or(&pair.metric, |(_, metric)| &metric.title);
            let worth = escaped(&format!("{title} {}", number(pair.value, pair.value)));
            let worth = match metric.filter(|(_, metric)| metric.is_drawn()) {
                Some((at, _)) => format!("<a href=\"#metric-{}\">{worth}</a>", at + 1),
                None => worth,
            };
            let of = format!("frame {}", pair.frame);
            let heading = format!(
                "<h3><span class=\"count\">{}</span> Frame {} <span>at {}, {worth}</span></h3>\n",
                index + 1,
                pair.frame,
                clock(pair.time)
            );
            let pictures = match &pair.before {
                Some(before) => swipe(&of, (before, "source"), (&pair.after, "this video")),
                None => figure(&pair.after, &of, "this video"),
            };
            out += &format!(
                "<article id=\"frame-{}\">\n{heading}{pictures}</article>\n",
                index + 1
            );
        }
        out
    }
}

impl FramePair {
    /// Whether it is shown because of the metric.
    fn is_by(&self, metric: &MetricSeries) -> bool {
        self.metric == metric.name || self.metric == metric.title
    }
}
