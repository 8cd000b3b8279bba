//! Where the marks of an axis stand.

use std::fmt::Write as _;

use super::text::{clock, hours, minutes, with_places};

/// Lengths in seconds that lie between marks of time.
const TIME_STEPS: [f64; 18] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0,
    3600.0, 7200.0, 14400.0,
];

/// Time from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeAxis {
    /// Seconds. `end` is larger than `begin`.
    begin: f64,
    end: f64,
}

impl TimeAxis {
    /// From `begin` to `end` seconds, but a tenth of a second at least.
    pub fn new(begin: f64, end: f64) -> Self {
        let begin = if begin.is_finite() { begin } else { 0.0 };
        let end = if end.is_finite() { end } else { begin };
        Self {
            begin,
            end: end.max(begin + 0.1),
        }
    }

    /// From the first to the last of `times`; those that are no numbers do not count.
    pub fn of<'a>(times: impl IntoIterator<Item = &'a f64>) -> Self {
        let times = times.into_iter().copied().filter(|time| time.is_finite());
        let (begin, end) = ends(times).unwrap_or_default();
        Self::new(begin, end)
    }

    /// Its ends, in seconds.
    pub fn ends(self) -> (f64, f64) {
        (self.begin, self.end)
    }

    /// Where `time` is, 0 to 1; none outside.
    pub fn share(self, time: f64) -> Option<f64> {
        let share = (time - self.begin) / (self.end - self.begin);
        (0.0..=1.0).contains(&share).then_some(share)
    }

    /// Times of its marks with their names: six at most, so that they have room on a telephone.
    pub fn marks(self) -> Vec<(f64, String)> {
        let length = self.end - self.begin;
        let most = if self.end < 3600.0 { 5.0 } else { 4.0 };
        let step = TIME_STEPS.into_iter().find(|step| length / step <= most);
        let step = step.unwrap_or_else(|| nice(length / most));
        let name = match step {
            ..1.0 => clock,
            _ if self.end < 3600.0 => minutes,
            _ => hours,
        };
        multiples(step, self.begin, self.end)
            .into_iter()
            .map(|time| (time, name(time)))
            .collect()
    }

    /// How the names of its marks are to be read.
    pub fn unit(self) -> &'static str {
        match self.end {
            ..3600.0 => "min:s",
            _ => "h:m:s",
        }
    }

    /// The marks and their unit as parts of an SVG drawing. `top` is where they begin, in pixels; they need 20. The unit
    /// stands to the left of the drawing if there is a `gutter` of 60 pixels, else nowhere.
    pub fn svg(self, top: f64, gutter: bool) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        for (index, (time, name)) in self.marks().into_iter().enumerate() {
            let Some(share) = self.share(time) else {
                continue;
            };
            let anchor = match share {
                _ if index == 0 && !gutter => "start",
                0.96.. => "end",
                _ => "middle",
            };
            let _ = writeln!(
                out,
                "<line class=\"tick\" x1=\"{0:.2}%\" x2=\"{0:.2}%\" y1=\"{top}\" y2=\"{1}\"/><text x=\"{0:.2}%\" y=\"{2}\" text-anchor=\"{anchor}\">{name}</text>",
                100.0 * share,
                top + 4.0,
                top + 17.0
            );
        }
        if gutter {
            // Half of the first mark stands in it, too.
            let _ = writeln!(
                out,
                "<text x=\"-25\" y=\"{}\" text-anchor=\"end\">{}</text>",
                top + 17.0,
                self.unit()
            );
        }
        out
    }
}

/// Values from the bottom to the top.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValueAxis {
    low: f64,
    high: f64,
}

impl ValueAxis {
    /// With room for values from `low` to `high`, and more below and above, in shares of that. It goes below zero only if
    /// the values do.
    pub fn new(low: f64, high: f64, (below, above): (f64, f64)) -> Self {
        let least = (low.abs().max(high.abs()) * 1e-3).max(1e-9);
        let margin = |share: f64| (share * (high - low)).max(least);
        let bottom = low - margin(below);
        Self {
            low: if low >= 0.0 { bottom.max(0.0) } else { bottom },
            high: high + margin(above),
        }
    }

    /// Where `value` is: 0 at the bottom, 1 at the top. It may be outside.
    pub fn share(self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// Values of its marks with their names.
    pub fn marks(self) -> Vec<(f64, String)> {
        // The largest step that makes three marks.
        let mut step = nice(self.high - self.low);
        for _ in 0..8 {
            if multiples(step, self.low, self.high).len() < 3 {
                step = nice(step * 0.5);
            }
        }
        let places = (0..9).find(|places| {
            let whole = step * 10.0f64.powi(*places);
            (whole - whole.round()).abs() < 1e-6 * whole
        });
        let places = places.unwrap_or(9) as usize;
        multiples(step, self.low, self.high)
            .into_iter()
            .map(|value| (value, with_places(value, places)))
            .collect()
    }
}

/// The least and the largest of `values`; `None` where there is none.
pub(super) fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |ends, value| match ends {
        Some((low, high)) => Some((value.min(low), value.max(high))),
        None => Some((value, value)),
    })
}

/// The next number that is 1, 2, 2.5 or 5 times a power of ten.
fn nice(step: f64) -> f64 {
    let step = step.max(1e-12);
    let power = 10.0f64.powf(step.log10().floor());
    let digits = [1.0, 2.0, 2.5, 5.0, 10.0];
    let digit = digits
        .into_iter()
        .find(|digit| digit * power >= step * 0.999);
    digit.unwrap_or(10.0) * power
}

/// The multiples of `step` from `low` to `high`, a hundred at most.
fn multiples(step: f64, low: f64, high: f64) -> Vec<f64> {
    let first = (low / step - 1e-6).ceil();
    (0..100)
        .map(|n| (first + f64::from(n)) * step)
        .take_while(|value| *value <= high + 1e-6 * step)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(marks: Vec<(f64, String)>) -> Vec<String> {
        marks.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn marks_of_time_are_whole() {
        let marks = names(TimeAxis::new(0.0, 62.0).marks());
        assert_eq!(marks, ["0:00", "0:15", "0:30", "0:45", "1:00"]);
        let marks = names(TimeAxis::new(0.0, 1.9).marks());
        assert_eq!(marks, ["0:00.0", "0:00.5", "0:01.0", "0:01.5"]);
        let marks = names(TimeAxis::new(0.0, 7000.0).marks());
        assert_eq!(marks, ["0:00:00", "0:30:00", "1:00:00", "1:30:00"]);
        for length in [0.0, 0.04, 3.0, 1e3, 1e5, 1e9] {
            assert!(
                TimeAxis::new(5.0, 5.0 + length).marks().len() <= 6,
                "{length}"
            );
        }
    }

    #[test]
    fn marks_of_values_have_the_places_that_they_need() {
        let margins = (0.06, 0.06);
        let marks = names(ValueAxis::new(0.9071, 0.9588, margins).marks());
        assert_eq!(marks, ["0.92", "0.94", "0.96"]);
        let marks = names(ValueAxis::new(-4.0, 12.0, margins).marks());
        assert_eq!(marks, ["0", "5", "10"]);
        let marks = names(ValueAxis::new(0.07, 0.9, margins).marks());
        assert_eq!(marks, ["0.25", "0.50", "0.75"]);
        for (low, high) in [
            (0.0, 0.0),
            (35.0, 35.0),
            (-1e-5, 1e9),
            (1e-7, 2e-7),
            (-1e99, 1e99),
        ] {
            let axis = ValueAxis::new(low, high, margins);
            let marks = axis.marks();
            assert!((3..=6).contains(&marks.len()), "{low} to {high}: {marks:?}");
            assert!(axis.share(low) >= 0.0 && axis.share(high) < 1.0);
        }
    }
}
