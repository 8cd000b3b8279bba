//! A metric over time.

use super::text::number;
use super::thin::Curve;

/// A metric over time, and what it comes to. Numbers may be infinite.
#[derive(Clone, Debug, Default)]
pub struct MetricSeries {
    /// Its key: `ssim`.
    pub name: String,
    /// Its name for people: `SSIM`.
    pub title: String,
    /// `dB`; empty for a number without a unit.
    pub unit: String,
    /// A sentence without its point.
    pub help: String,
    /// `None` where neither is better.
    pub higher_is_better: Option<bool>,
    /// Over all frames.
    pub mean: f64,
    pub harmonic_mean: Option<f64>,
    /// 1 % and 5 % of the frames are worse; where neither is better: lower.
    pub p1: f64,
    pub p5: f64,
    pub min: f64,
    pub max: f64,
    /// Seconds, growing.
    pub times: Vec<f64>,
    /// One for each time; none where it was not measured or is infinite.
    pub values: Vec<Option<f64>>,
    /// The source's own values at the same times.
    pub reference: Option<Vec<Option<f64>>>,
    /// Seconds and values of its worst places.
    pub worst: Vec<(f64, f64)>,
}

impl MetricSeries {
    pub(super) fn own(&self) -> Curve<'_> {
        Curve {
            times: &self.times,
            values: &self.values,
        }
    }

    /// Whether there is anything to draw.
    pub(super) fn is_drawn(&self) -> bool {
        self.own().drawn().next().is_some()
    }

    pub(super) fn title_and_unit(&self) -> String {
        match self.unit.as_str() {
            "" => self.title.clone(),
            unit => format!("{}, {unit}", self.title),
        }
    }

    /// How large its numbers are, so that they have the same places.
    pub(super) fn scale(&self) -> f64 {
        let finite = [self.mean, self.p5, self.max, self.min]
            .into_iter()
            .filter(|value| value.is_finite() && *value != 0.0);
        finite.map(f64::abs).next().unwrap_or(1.0) * 0.3
    }

    pub(super) fn reference_mean(&self) -> Option<f64> {
        let values = self.reference.iter().flatten().flatten();
        let finite = values.filter(|value| value.is_finite());
        let (sum, count) =
            finite.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        (count > 0.0).then(|| sum / count)
    }

    /// The word for what is better.
    pub(super) fn better(&self) -> &'static str {
        match self.higher_is_better {
            Some(true) => "higher",
            Some(false) => "lower",
            None => "",
        }
    }

    /// Where all but the worst twentieth of the frames are, from the worse to the better end.
    pub(super) fn band(&self) -> Option<(f64, f64)> {
        let band = match self.higher_is_better? {
            true => (self.p5, self.max),
            false => (self.min, self.p5),
        };
        (band.0.is_finite() && band.1.is_finite()).then_some(band)
    }

    pub(super) fn description(&self) -> String {
        let shown = |value: f64| number(value, self.scale());
        format!(
            "Mean {}, from {} to {}; one frame in twenty is worse than {}.",
            shown(self.mean),
            shown(self.min),
            shown(self.max),
            shown(self.p5)
        )
    }

    /// A sentence about frames without a value; nothing where all have one.
    pub(super) fn gaps(&self) -> String {
        let missing = |value: &&Option<f64>| !value.is_some_and(f64::is_finite);
        let count = self.values.iter().filter(missing).count();
        match count {
            0 => String::new(),
            _ => format!(
                "<p class=\"help\">{count} of {} frames have no value: it was not measured there, or is infinite.</p>\n",
                self.values.len()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(higher_is_better: Option<bool>) -> MetricSeries {
        MetricSeries {
            higher_is_better,
            min: 1.0,
            p5: 2.0,
            max: 9.0,
            ..MetricSeries::default()
        }
    }

    #[test]
    fn the_band_ends_at_the_better_side() {
        assert_eq!(series(Some(true)).band(), Some((2.0, 9.0)));
        assert_eq!(series(Some(false)).band(), Some((1.0, 2.0)));
        assert_eq!(series(None).band(), None);
        let words = [Some(true), Some(false), None].map(|better| series(better).better());
        assert_eq!(words, ["higher", "lower", ""]);
    }

    #[test]
    fn the_mean_of_the_source_leaves_gaps_out() {
        let reference = vec![Some(1.0), None, Some(f64::INFINITY), Some(4.0)];
        let series = MetricSeries {
            reference: Some(reference),
            ..MetricSeries::default()
        };
        assert_eq!(series.reference_mean(), Some(2.5));
        assert_eq!(MetricSeries::default().reference_mean(), None);
    }
}
