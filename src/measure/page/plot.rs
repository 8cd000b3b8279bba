//! Numbers over time as a drawing in the page.

use std::fmt::Write as _;

use super::axis::{TimeAxis, ValueAxis, ends};
use super::text::{clock, escaped, number};
use super::thin::{Curve, Point};

/// Height of the part with the lines, and where it begins, in pixels. Its width is that of the page.
const HEIGHT: f64 = 168.0;
const TOP: f64 = 10.0;
/// Room below it for the times.
const BELOW: f64 = 20.0;
/// Width of that part in units of its lines: they are stretched to the page's width.
const WIDE: f64 = 1000.0;

/// A line over time, with what it is held against.
pub(super) struct Plot<'a> {
    /// Begins the ids of its parts.
    pub id: &'a str,
    pub title: &'a str,
    /// One sentence about it, for those who do not see it.
    pub description: &'a str,
    /// What is drawn of time; values outside are left out.
    pub time: TimeAxis,
    pub own: Curve<'a>,
    /// The source's.
    pub reference: Option<Curve<'a>>,
    /// Two values between which most of the line lies.
    pub band: Option<(f64, f64)>,
    /// Seconds at which scenes begin.
    pub scenes: &'a [f64],
    pub marks: &'a [Mark],
}

/// A place on the line that is marked.
pub(super) struct Mark {
    /// Seconds and value.
    pub at: Point,
    /// What it leads to: the id of a part of the page, and a short name of it.
    pub to: Option<(String, String)>,
    /// Whether the name stands below the place.
    pub below: bool,
}

impl Plot<'_> {
    /// The drawing as SVG; `None` where there is no value. Text keeps its size whatever the width: places across are shares of
    /// the width, and only the lines are stretched.
    pub fn svg(&self) -> Option<String> {
        let reference = self.reference.iter();
        let all = || {
            let reference = reference.clone().flat_map(Curve::drawn);
            let all = self.own.drawn().chain(reference);
            all.filter(|point| self.time.share(point.0).is_some())
        };
        let (low, high) = ends(all().map(|point| point.1))?;
        let time = self.time;
        // A number beside a mark needs room.
        let room = |below: bool| {
            let mut marks = self.marks.iter();
            let is_there = marks.any(|mark| mark.to.is_some() && mark.below == below);
            if is_there { 0.15 } else { 0.06 }
        };
        let values = ValueAxis::new(low, high, (room(true), room(false)));
        let y = |value: f64| HEIGHT * (1.0 - values.share(value).clamp(0.0, 1.0));
        let (id, title) = (escaped(self.id), escaped(self.title));
        let role = match self.marks.iter().any(|mark| mark.to.is_some()) {
            true => "group",
            false => "img",
        };
        let mut out = format!(
            "<svg class=\"plot\" role=\"{role}\" aria-labelledby=\"{id}-title {id}-words\" height=\"{}\">\n\
             <title id=\"{id}-title\">{title} over time</title>\n<desc id=\"{id}-words\">{}</desc>\n",
            TOP + HEIGHT + BELOW,
            escaped(self.description)
        );
        // Writing to a string does not fail.
        if let Some((low, high)) = self.band.filter(|(low, high)| low < high) {
            let (top, bottom) = (y(high), y(low));
            let _ = writeln!(
                out,
                "<rect class=\"band\" x=\"0\" width=\"100%\" y=\"{:.1}\" height=\"{:.1}\"/>",
                TOP + top,
                bottom - top
            );
        }
        for (value, name) in values.marks() {
            let at = TOP + y(value);
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text x=\"-8\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
                at + 4.0
            );
        }
        for share in self.scenes.iter().filter_map(|scene| time.share(*scene)) {
            let _ = writeln!(
                out,
                "<line class=\"scene\" x1=\"{0:.2}%\" x2=\"{0:.2}%\" y1=\"{TOP}\" y2=\"{1}\"/>",
                100.0 * share,
                TOP + HEIGHT
            );
        }
        out += &time.svg(TOP + HEIGHT, true);
        let _ = writeln!(
            out,
            "<svg class=\"lines\" x=\"0\" y=\"{TOP}\" width=\"100%\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDE} {HEIGHT}\" preserveAspectRatio=\"none\">"
        );
        let curves = self.reference.iter().map(|curve| ("reference", curve));
        for (class, curve) in curves.chain([("own", &self.own)]) {
            let path = path(curve, time, y);
            let _ = writeln!(out, "<path class=\"{class}\" d=\"{path}\"/>");
        }
        out.push_str("</svg>\n");
        for mark in self.marks {
            if let Some(share) = time.share(mark.at.0) {
                out += &mark.svg(100.0 * share, TOP + y(mark.at.1));
            }
        }
        Some(out + "</svg>\n")
    }
}

impl Mark {
    /// A dot at `x` percent and `y` pixels.
    fn svg(&self, x: f64, y: f64) -> String {
        let (time, value) = self.at;
        let value = number(value, value);
        let words = escaped(&format!("{value} at {}", clock(time)));
        let Some((id, name)) = &self.to else {
            return format!(
                "<circle class=\"mark\" cx=\"{x:.2}%\" cy=\"{y:.1}\" r=\"3\"><title>{words}</title></circle>\n"
            );
        };
        let (id, name) = (escaped(id), escaped(name));
        // There is no room below the drawing.
        let below = self.below && y + 20.0 < TOP + HEIGHT;
        let name_at = y + if below { 12.0 } else { -12.0 };
        format!(
            "<a href=\"#{id}\" aria-label=\"Worst frame {name}: {words}\"><title>{words}</title>\
             <circle class=\"mark\" cx=\"{x:.2}%\" cy=\"{y:.1}\" r=\"3\"/>\
             <circle class=\"place\" cx=\"{x:.2}%\" cy=\"{:.1}\" r=\"8\"/>\
             <text class=\"name\" x=\"{x:.2}%\" y=\"{:.1}\" text-anchor=\"middle\">{name}</text></a>\n",
            name_at,
            name_at + 4.0
        )
    }
}

/// The line as the commands of an SVG path.
fn path(curve: &Curve, time: TimeAxis, y: impl Fn(f64) -> f64) -> String {
    let (begin, end) = time.ends();
    let mut out = String::new();
    for run in curve.thinned(begin, end) {
        for (index, (at, value)) in run.iter().enumerate() {
            let letter = if index == 0 { 'M' } else { 'L' };
            let x = WIDE * (at - begin) / (end - begin);
            let _ = write!(out, "{letter}{x:.1} {:.1}", y(*value));
        }
        // A point by itself is a dot: the line has round ends.
        if run.len() == 1 {
            out.push_str("h0");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot<'a>(own: Curve<'a>, marks: &'a [Mark]) -> Plot<'a> {
        Plot {
            id: "p",
            title: "SSIM",
            description: "About SSIM.",
            time: TimeAxis::of(own.times),
            own,
            reference: None,
            band: None,
            scenes: &[],
            marks,
        }
    }

    #[test]
    fn a_plot_of_nothing_is_nothing() {
        let none = Curve {
            times: &[0.0, 1.0],
            values: &[None, Some(f64::INFINITY)],
        };
        assert_eq!(plot(none, &[]).svg(), None);
    }

    #[test]
    fn one_value_is_a_dot() {
        let one = Curve {
            times: &[3.0],
            values: &[Some(0.5)],
        };
        let svg = plot(one, &[]).svg().unwrap();
        assert!(svg.contains("h0\""), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn a_spike_is_drawn_at_its_height() {
        let times: Vec<f64> = (0..20_000).map(|n| f64::from(n) / 24.0).collect();
        let mut values = vec![Some(0.5); 20_000];
        values[12_345] = Some(0.0);
        let curve = Curve {
            times: &times,
            values: &values,
        };
        let svg = plot(curve, &[]).svg().unwrap();
        let path = svg.split(" d=\"").nth(1).unwrap();
        let points: Vec<&str> = path.split('"').next().unwrap().split('L').collect();
        assert!(points.len() <= 1200, "{}", points.len());
        // 0 is the least value, so it is at the bottom.
        let lowest = points.iter().filter(|point| point.ends_with(" 168.0"));
        assert_eq!(lowest.copied().collect::<Vec<_>>(), ["617.3 168.0"]);
    }

    #[test]
    fn marks_lead_to_their_parts() {
        let curve = Curve {
            times: &[0.0, 1.0, 2.0],
            values: &[Some(1.0), Some(2.0), Some(3.0)],
        };
        let to = Some(("frame-1".to_owned(), "1".to_owned()));
        let marks = [
            Mark {
                at: (1.0, 2.0),
                to,
                below: true,
            },
            Mark {
                at: (9.0, 2.0),
                to: None,
                below: true,
            },
        ];
        let svg = plot(curve, &marks).svg().unwrap();
        assert!(svg.contains("href=\"#frame-1\"") && svg.contains("cx=\"50.00%\""));
        // A place outside the plot is not drawn.
        assert_eq!(svg.matches("class=\"mark\"").count(), 1);
    }
}
