//! What a person likes, learnt from ratings, as a goal.

use std::collections::BTreeMap;

use crate::measure::ratings::{
    NothingLearnt, Preference, Rating, ScoreModel, StoredOutput, comparisons, strengths,
};
use crate::metrics::Metric;

/// The numbers of an output that the stars are predicted from: those that need no source, and no order of frames.
pub fn features() -> [Metric; 5] {
    [
        Metric::Sharpness,
        Metric::EdgeCoherence,
        Metric::Noise,
        Metric::Colourfulness,
        Metric::Blockiness,
    ]
}

/// What a person likes.
#[derive(Clone, Debug)]
pub struct LikedModel {
    model: ScoreModel,
}

impl LikedModel {
    /// Learns from outputs with their numbers, and what was thought of them. An output's score is the mean of its stars; one that
    /// was only compared with others has `3 + ln p`, 1 to 5, where `p` is its strength by Bradley and Terry.
    ///
    /// # Errors
    /// Why there is nothing to learn: fewer than 8 outputs, or all liked as much.
    pub fn learn(
        outputs: &[StoredOutput],
        ratings: &[Rating],
        preferences: &[Preference],
    ) -> Result<Self, NothingLearnt> {
        let strengths = strengths(outputs.len(), &comparisons(outputs, ratings, preferences));
        let compared = |id: i64| {
            preferences
                .iter()
                .any(|one| one.winner == id || one.loser == id)
        };
        let mut samples = Vec::new();
        for (stored, strength) in outputs.iter().zip(strengths) {
            let stars: Vec<f64> = ratings
                .iter()
                .filter(|rating| rating.output == stored.id)
                .map(|rating| f64::from(rating.stars))
                .collect();
            let score = match stars.is_empty() {
                false => stars.iter().sum::<f64>() / stars.len() as f64,
                true if compared(stored.id) => (3.0 + strength.ln()).clamp(1.0, 5.0),
                true => continue,
            };
            let number =
                |metric: &Metric| stored.output.metrics.as_ref()?.get(metric.name())?.as_f64();
            let numbers: Option<Vec<f64>> = features().iter().map(number).collect();
            samples.extend(numbers.map(|numbers| (numbers, score)));
        }
        Ok(Self {
            model: ScoreModel::fit(&samples)?,
        })
    }

    /// How many stars an output with these numbers would be given, beyond 1 to 5 where it is unlike all that were rated. Not a
    /// number where one is missing.
    pub fn predict(&self, numbers: &BTreeMap<String, f64>) -> f64 {
        let numbers =
            features().map(|metric| numbers.get(metric.name()).copied().unwrap_or(f64::NAN));
        match numbers.iter().all(|number| number.is_finite()) {
            true => self.model.predict(&numbers),
            false => f64::NAN,
        }
    }

    /// What is said where the ratings teach little.
    pub fn warning(&self) -> Option<String> {
        self.model.trust().warning()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::ratings::Output;

    fn output(id: i64, sharpness: f64) -> StoredOutput {
        let metrics = serde_json::json!({
            "sharpness": sharpness, "edge_coherence": 0.5, "noise": 0.01, "colourfulness": 40.0, "blockiness": 1.0
        });
        StoredOutput {
            id,
            output: Output {
                metrics: Some(metrics),
                ..Output::of_file(std::path::Path::new("a.mp4"), &format!("{id:064x}"), 0)
            },
        }
    }

    #[test]
    fn the_sharp_is_liked_by_who_gave_it_stars() {
        let outputs: Vec<StoredOutput> = (1..=10).map(|id| output(id, id as f64)).collect();
        let rating = |id: i64| Rating {
            id,
            output: id,
            stars: (1 + id / 3).clamp(1, 5) as u8,
            note: None,
            rater: "a".to_owned(),
            at: 0,
        };
        let ratings: Vec<Rating> = (1..=10).map(rating).collect();
        let liked = LikedModel::learn(&outputs, &ratings, &[]).unwrap();
        let of = |sharpness: f64| {
            let numbers = output(1, sharpness).output.metrics.unwrap();
            let numbers = numbers.as_object().unwrap().iter();
            liked.predict(
                &numbers
                    .map(|(name, value)| (name.clone(), value.as_f64().unwrap()))
                    .collect(),
            )
        };
        assert!(of(9.0) > of(5.0) + 0.5 && of(5.0) > of(2.0) + 0.5);
        assert!(liked.predict(&BTreeMap::new()).is_nan());
        assert!(matches!(
            LikedModel::learn(&outputs[..5], &ratings, &[]),
            Err(NothingLearnt::TooFew { samples: 5 })
        ));
    }
}
