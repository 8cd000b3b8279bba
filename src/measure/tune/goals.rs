//! What a search may be for: the metrics, with the difference of each that a person calls clear.

use std::collections::BTreeMap;

use super::search::{Better, Metric as Goal};
use crate::metrics::{self, METRICS, Metric, Metrics};
use crate::render::MetricsReport;

/// The goal of being liked, which is learnt from ratings.
pub const LIKED: &str = "liked";
/// Short names of goals.
const SHORT: [(&str, &str); 2] = [("edges", "edges_kept"), ("coherence", "edge_coherence")];

/// All goals: the metrics that are measured while rendering, by name and by a short name, and, where `learnt`, being liked.
pub fn goals(learnt: bool) -> Vec<Goal> {
    let measured = METRICS.iter().filter(|about| !about.metric.needs_files());
    let mut goals: Vec<Goal> = measured
        .map(|about| Goal {
            name: about.name.to_owned(),
            better: match about.better {
                metrics::Better::Lower => Better::Less,
                metrics::Better::Higher | metrics::Better::Neither => Better::More,
            },
            scale: clear_difference(about.metric),
        })
        .collect();
    for (short, name) in SHORT {
        let known = goals.iter().find(|goal| goal.name == name).cloned();
        goals.extend(known.map(|goal| Goal {
            name: short.to_owned(),
            ..goal
        }));
    }
    if learnt {
        goals.push(Goal {
            name: LIKED.to_owned(),
            better: Better::More,
            // A star.
            scale: 1.0,
        });
    }
    goals
}

/// The metrics that must be measured for goals of these names.
pub fn wanted<'a>(names: impl Iterator<Item = &'a str>) -> Metrics {
    let of = |name: &str| {
        let short = SHORT.iter().find(|short| short.0 == name);
        let name = short.map_or(name, |short| short.1);
        METRICS
            .iter()
            .find(|about| about.name == name)
            .map(|about| about.metric)
    };
    Metrics(names.filter_map(of).collect())
}

/// The means of what was measured, by the names of metrics.
pub fn means(reports: &[MetricsReport]) -> BTreeMap<String, f64> {
    let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for report in reports {
        let frames = report.frames as f64;
        for (metric, found) in &report.metrics {
            let sum = sums.entry(metric.name().to_owned()).or_default();
            // A lossless output has no finite PSNR: it is as good as 100 dB.
            let mean = if found.mean == f64::INFINITY {
                100.0
            } else {
                found.mean
            };
            *sum = (sum.0 + frames * mean, sum.1 + frames);
        }
    }
    let means = sums.into_iter().map(|(name, sum)| (name, sum.0 / sum.1));
    means.collect()
}

/// `means` with the short names of goals, too.
pub fn with_short_names(means: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let short = SHORT
        .iter()
        .filter_map(|(short, name)| Some(((*short).to_owned(), *means.get(*name)?)));
    means.clone().into_iter().chain(short).collect()
}

/// A difference that a person calls clear, in the unit of the metric.
fn clear_difference(metric: Metric) -> f64 {
    match metric {
        Metric::Psnr | Metric::PsnrCb | Metric::PsnrCr | Metric::PsnrYuv | Metric::Xpsnr => 3.0,
        Metric::Mse => 20.0,
        Metric::Ssim => 0.05,
        Metric::MsSsim => 0.03,
        Metric::Gmsd => 0.03,
        Metric::Ssimulacra2 => 10.0,
        Metric::Butteraugli | Metric::ButteraugliMax => 1.0,
        Metric::Vmaf | Metric::VmafNeg => 6.0,
        Metric::Lpips => 0.1,
        Metric::EdgesKept | Metric::Cpbd | Metric::EdgeCoherence => 0.1,
        Metric::Sharpness => 2.0,
        Metric::Noise => 0.003,
        Metric::Blockiness => 0.2,
        Metric::Banding => 2.0,
        Metric::Colourfulness => 10.0,
        Metric::Flicker => 0.2,
        Metric::WarpedError => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_a_goal_but_those_of_another_program() {
        let names: Vec<String> = goals(false).into_iter().map(|goal| goal.name).collect();
        assert!(names.contains(&"edges".to_owned()) && names.contains(&"ssim".to_owned()));
        assert!(!names.contains(&"vmaf".to_owned()) && !names.contains(&LIKED.to_owned()));
        assert!(goals(true).iter().any(|goal| goal.name == LIKED));
        assert_eq!(wanted(["edges", "flicker", LIKED].into_iter()).0.len(), 2);
    }

    #[test]
    fn goals_go_the_way_in_which_metrics_are_better() {
        let goals = goals(false);
        for (name, better) in [
            ("ssim", Better::More),
            ("sharpness", Better::More),
            ("flicker", Better::Less),
            ("noise", Better::Less),
            ("gmsd", Better::Less),
        ] {
            let goal = goals.iter().find(|goal| goal.name == name).unwrap();
            assert_eq!(goal.better, better, "{name}");
        }
    }
}
