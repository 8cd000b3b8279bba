//! The values of one metric over all frames, and what they come to.

use serde::Serialize;

use super::{Better, Metric, xpsnr_of_video};

/// How many frames are named as the worst ones.
pub const WORST: usize = 5;
/// Two of the worst frames lie at least this many seconds apart, so that one bad moment does not take all places.
pub const APART: f64 = 0.5;

/// A frame with its value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Place {
    pub frame: u64,
    /// Seconds.
    pub time: f64,
    pub value: f64,
}

/// Values of a metric over frames. An infinite value is the ratio of a frame that differs nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub metric: Metric,
    /// Number and time of each frame, with its value where it was measured.
    pub frames: Vec<(u64, f64, Option<f64>)>,
}

/// What the values of a metric come to. Infinite numbers are null in JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    pub title: &'static str,
    pub unit: &'static str,
    pub better: Better,
    /// Frames with a value.
    pub frames: u64,
    /// Of PSNR that of the mean of all squares, of XPSNR that of the mean of their roots; else the mean.
    pub mean: f64,
    /// None where a value is not above zero.
    pub harmonic_mean: Option<f64>,
    /// 1 % and 5 % of the frames are worse. Of a metric that is neither better nor worse: lower.
    pub p1: f64,
    pub p5: f64,
    pub min: f64,
    pub max: f64,
    /// The worst frames, the worst first, half a second apart at least; none of a metric that is neither better nor worse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub worst: Vec<Place>,
}

impl Statistics {
    /// The mean with its unit, for people.
    pub fn mean_in_words(&self) -> String {
        let mean = match self.mean {
            mean if mean.is_infinite() => "infinite".to_owned(),
            mean if mean.abs() >= 100.0 => format!("{mean:.1}"),
            mean if mean.abs() >= 1.0 => format!("{mean:.2}"),
            mean => format!("{mean:.4}"),
        };
        match self.unit {
            "" => mean,
            unit => format!("{mean} {unit}"),
        }
    }
}

impl Series {
    /// `None` where no frame has a value.
    pub fn statistics(&self) -> Option<Statistics> {
        let about = self.metric.about();
        let mut values: Vec<f64> = self.frames.iter().filter_map(|frame| frame.2).collect();
        if values.is_empty() {
            return None;
        }
        let mean = pooled(self.metric, &values);
        let count = values.len() as f64;
        let harmonic = values.iter().all(|value| *value > 0.0);
        let harmonic =
            harmonic.then(|| count / values.iter().map(|value| 1.0 / value).sum::<f64>());
        // The worst first.
        match about.better {
            Better::Lower => values.sort_unstable_by(|a, b| b.total_cmp(a)),
            _ => values.sort_unstable_by(f64::total_cmp),
        }
        let at = |share: f64| values[((share * (count - 1.0)).round()) as usize];
        Some(Statistics {
            title: about.title,
            unit: about.unit,
            better: about.better,
            frames: values.len() as u64,
            mean,
            harmonic_mean: harmonic,
            p1: at(0.01),
            p5: at(0.05),
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            worst: self.worst(about.better),
        })
    }

    fn worst(&self, better: Better) -> Vec<Place> {
        let sign = match better {
            Better::Higher => 1.0,
            Better::Lower => -1.0,
            Better::Neither => return Vec::new(),
        };
        let mut places: Vec<Place> = self
            .frames
            .iter()
            .filter_map(|&(frame, time, value)| {
                let value = value.filter(|value| value.is_finite())?;
                Some(Place { frame, time, value })
            })
            .collect();
        places.sort_by(|a, b| (sign * a.value).total_cmp(&(sign * b.value)));
        let mut kept: Vec<Place> = Vec::with_capacity(WORST);
        for place in places {
            if kept.len() == WORST {
                break;
            }
            if kept
                .iter()
                .all(|other| (other.time - place.time).abs() >= APART)
            {
                kept.push(place);
            }
        }
        kept
    }
}

/// What the values of all frames come to.
fn pooled(metric: Metric, values: &[f64]) -> f64 {
    let count = values.len() as f64;
    match metric {
        Metric::Psnr | Metric::PsnrCb | Metric::PsnrCr | Metric::PsnrYuv => {
            let squares = values.iter().map(|value| 10f64.powf(-value / 10.0));
            -10.0 * (squares.sum::<f64>() / count).log10()
        }
        Metric::Xpsnr => xpsnr_of_video(values),
        _ => values.iter().sum::<f64>() / count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(metric: Metric, values: &[f64]) -> Series {
        let frames = (0..)
            .zip(values)
            .map(|(n, value)| (n, n as f64, Some(*value)));
        Series {
            metric,
            frames: frames.collect(),
        }
    }

    #[test]
    fn ratios_are_of_the_mean_square() {
        // Squares of 100 and 300 codes at a peak of 255.
        let ratio = |square: f64| 10.0 * (255.0 * 255.0 / square).log10();
        let found = series(Metric::Psnr, &[ratio(100.0), ratio(300.0)])
            .statistics()
            .unwrap();
        assert!((found.mean - ratio(200.0)).abs() < 1e-9);
        let found = series(Metric::Psnr, &[f64::INFINITY, ratio(100.0)])
            .statistics()
            .unwrap();
        assert!((found.mean - ratio(50.0)).abs() < 1e-9);
        assert_eq!(found.worst.len(), 1);
        let same = series(Metric::Psnr, &[f64::INFINITY; 3])
            .statistics()
            .unwrap();
        assert_eq!((same.mean, same.worst.len()), (f64::INFINITY, 0));
    }

    #[test]
    fn percentiles_are_of_the_worse_side() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let ssim = series(Metric::Ssim, &values).statistics().unwrap();
        assert_eq!((ssim.p1, ssim.p5, ssim.harmonic_mean), (1.0, 5.0, None));
        let noise = series(Metric::Noise, &values).statistics().unwrap();
        assert_eq!((noise.p1, noise.p5, noise.min), (99.0, 95.0, 0.0));
        assert_eq!(noise.worst[0].frame, 100);
        let harmonic = series(Metric::Ssim, &[1.0, 0.5])
            .statistics()
            .unwrap()
            .harmonic_mean;
        assert!((harmonic.unwrap() - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn the_worst_frames_lie_apart() {
        let frames = (0..50).map(|n| (n, n as f64 / 25.0, Some(n as f64)));
        let ssim = Series {
            metric: Metric::Ssim,
            frames: frames.collect(),
        };
        let worst: Vec<u64> = ssim
            .statistics()
            .unwrap()
            .worst
            .iter()
            .map(|p| p.frame)
            .collect();
        assert_eq!(worst, [0, 13, 26, 39]);
    }
}
