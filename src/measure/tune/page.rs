//! A page with what a search has tried.

use super::Tuned;
use super::search::{Domain, Value};
use crate::measure::page::{Dot, DotPlot, TriedRow, TunedPage};

/// The page.
pub fn page(tuned: &Tuned) -> String {
    let name = tuned.input.file_name().unwrap_or_default();
    let best = &tuned.trials[tuned.best];
    let dots = |place: &dyn Fn(usize) -> Option<f64>| -> Vec<Dot> {
        let all = tuned.trials.iter().enumerate();
        let dots = all.filter_map(|(index, tried)| {
            Some(Dot {
                x: place(index)?,
                y: tried.score?,
                is_best: index == tuned.best,
                is_default: index == 0,
                name: format!("trial {}: score {:.4}", tried.trial.number, tried.score?),
            })
        });
        dots.collect()
    };
    let mut plots = vec![DotPlot {
        title: "Score by trial".to_owned(),
        unit: String::new(),
        names: Vec::new(),
        dots: dots(&|index| Some(index as f64)),
    }];
    for known in &tuned.space.parameters {
        let place = |index: usize| {
            let value = tuned.trials[index].trial.values.get(&known.name)?;
            Some(match (value, &known.domain) {
                (Value::Number(number), _) => *number,
                (Value::Switch(on), _) => f64::from(u8::from(*on)),
                (Value::Choice(name), Domain::Choice(names)) => {
                    names.iter().position(|known| known == name)? as f64
                }
                (Value::Choice(_), _) => return None,
            })
        };
        plots.push(DotPlot {
            title: known.name.clone(),
            unit: String::new(),
            names: match &known.domain {
                Domain::Number { .. } => Vec::new(),
                Domain::Choice(names) => names.clone(),
                Domain::Switch => vec!["false".to_owned(), "true".to_owned()],
            },
            dots: dots(&place),
        });
    }
    let row = |index: usize| {
        let tried = &tuned.trials[index];
        TriedRow {
            number: tried.trial.number,
            score: tried.score,
            values: tried
                .trial
                .values
                .iter()
                .map(|(name, value)| (name.clone(), value.to_string()))
                .collect(),
            metrics: tried
                .metrics
                .iter()
                .map(|(name, value)| (name.clone(), *value))
                .collect(),
        }
    };
    let mut shown: Vec<usize> = (0..tuned.trials.len()).collect();
    shown.sort_by(|a, b| {
        let score = |index: usize| tuned.trials[index].score.unwrap_or(f64::NEG_INFINITY);
        score(*b).total_cmp(&score(*a)).then(a.cmp(b))
    });
    let page = TunedPage {
        title: name.to_string_lossy().into_owned(),
        facts: vec![
            ("Style".to_owned(), tuned.style.clone()),
            ("Goal".to_owned(), tuned.goal.clone()),
            ("Trials".to_owned(), tuned.trials.len().to_string()),
            (
                "Best".to_owned(),
                format!(
                    "trial {}, score {:.4}",
                    best.trial.number,
                    best.score.unwrap_or(0.0)
                ),
            ),
            ("Seed".to_owned(), tuned.seed.to_string()),
        ],
        preset: tuned.preset.clone(),
        plots,
        rows: shown.into_iter().map(row).collect(),
        notes: tuned.warnings.clone(),
    };
    page.html()
}
