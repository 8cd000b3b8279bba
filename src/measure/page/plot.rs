//! Numbers over time as a drawing in the page.

use std::fmt::Write as _;

use super::document::{clock, escaped};

/// Size of the drawing, in units of its own.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 190.0;
/// Room for the numbers of the axes.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 26.0;
/// A line has at most two points for each of so many columns: the least and the largest value there, so that no peak is lost.
const COLUMNS: usize = 600;

/// A value at a time, in seconds.
pub type Point = (f64, f64);

/// What is drawn.
pub struct Plot<'a> {
    pub title: &'a str,
    /// The times that are shown, in seconds.
    pub range: (f64, f64),
    /// Values over time; what is not finite is left out.
    pub own: &'a [Point],
    /// The reference's.
    pub other: &'a [Point],
    /// Seconds at which scenes begin.
    pub scenes: &'a [f64],
    /// The worst places.
    pub worst: &'a [Point],
}

impl Plot<'_> {
    /// The drawing as SVG; nothing where there is no value.
    pub fn svg(&self) -> String {
        let all = || {
            self.own
                .iter()
                .chain(self.other)
                .filter(|point| point.1.is_finite())
        };
        let (mut low, mut high) = all()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| {
                (low.min(point.1), high.max(point.1))
            });
        if low > high {
            return String::new();
        }
        let least = (low.abs().max(high.abs()) * 1e-3).max(1e-9);
        if high - low < least {
            (low, high) = (low - least, high + least);
        }
        let margin = 0.05 * (high - low);
        // What is never below zero is not drawn so.
        let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        (low, high) = ((low - margin).max(floor), high + margin);
        let (begin, end) = (self.range.0, self.range.1.max(self.range.0 + 1e-3));
        let x = |time: f64| LEFT + (WIDTH - LEFT - RIGHT) * (time - begin) / (end - begin);
        let y = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low);
        let title = escaped(self.title);
        let mut out = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title} over time\" xmlns=\"http://www.w3.org/2000/svg\">\n\
             <title>{title} over time</title>\n"
        );
        // Writing to a string does not fail.
        for step in 0..=2 {
            let value = low + (high - low) * f64::from(step) / 2.0;
            let at = y(value);
            let _ = writeln!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                at + 4.0,
                number(value, high - low)
            );
        }
        for (step, anchor) in ["start", "middle", "middle", "middle", "end"]
            .into_iter()
            .enumerate()
        {
            let time = begin + (end - begin) * step as f64 / 4.0;
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
                x(time),
                HEIGHT - 8.0,
                clock(time)
            );
        }
        for scene in self
            .scenes
            .iter()
            .filter(|scene| (begin..=end).contains(*scene))
        {
            let at = x(*scene);
            let _ = writeln!(
                out,
                "<line class=\"scene\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{:.1}\"/>",
                HEIGHT - BOTTOM
            );
        }
        for (class, points) in [("other", self.other), ("own", self.own)] {
            let points = thinned(points);
            if points.is_empty() {
                continue;
            }
            let places = points
                .iter()
                .map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1)));
            let places: Vec<String> = places.collect();
            let _ = writeln!(
                out,
                "<polyline class=\"{class}\" points=\"{}\"/>",
                places.join(" ")
            );
        }
        for point in self.worst.iter().filter(|point| point.1.is_finite()) {
            let _ = writeln!(
                out,
                "<circle class=\"worst\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\"><title>{} at {}</title></circle>",
                x(point.0),
                y(point.1),
                number(point.1, high - low),
                clock(point.0)
            );
        }
        out + "</svg>\n"
    }
}

/// A number with as many places as tell it from others over `range`.
pub fn number(value: f64, range: f64) -> String {
    let places = (2.0 - range.max(1e-12).log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.places$}")
}

/// The points that are drawn.
fn thinned(points: &[Point]) -> Vec<Point> {
    let finite: Vec<Point> = points
        .iter()
        .copied()
        .filter(|point| point.1.is_finite())
        .collect();
    if finite.len() <= 2 * COLUMNS {
        return finite;
    }
    let mut kept = Vec::with_capacity(2 * COLUMNS);
    for column in finite.chunks(finite.len().div_ceil(COLUMNS)) {
        let least = column.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = column.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut both: Vec<Point> = [least, most].into_iter().flatten().collect();
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        both.dedup();
        kept.extend(both);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_peak_is_lost() {
        let mut points: Vec<Point> = (0..50_000).map(|n| (f64::from(n) / 25.0, 1.0)).collect();
        points[31_234].1 = 9.0;
        points[7].1 = f64::INFINITY;
        let kept = thinned(&points);
        assert!(kept.len() <= 2 * COLUMNS);
        assert!(kept.contains(&(31_234.0 / 25.0, 9.0)));
        assert!(kept.is_sorted_by(|a, b| a.0 <= b.0));
    }

    #[test]
    fn numbers_have_the_places_that_they_need() {
        assert_eq!(number(35.123_45, 10.0), "35.1");
        assert_eq!(number(0.987_654, 0.01), "0.9877");
        assert_eq!(number(1234.5, 2000.0), "1234");
    }

    #[test]
    fn a_plot_of_nothing_is_nothing() {
        let plot = Plot {
            title: "SSIM",
            range: (0.0, 1.0),
            own: &[],
            other: &[],
            scenes: &[1.0],
            worst: &[],
        };
        assert_eq!(plot.svg(), "");
    }
}
