//! Which parameters may change while a plan stays as it is.

use serde::Serialize;

use super::super::plan::{OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal, plan};
use super::super::style::{
    Choice, Interpolation, KeyTime, Library, Param, ParamKind, Rgb, STRENGTH, StyleError, Track,
    Value,
};
use super::canvas_format;
use crate::frame::Color;

/// Keys of the track that a parameter is tried with. All parameters have keys at the same times, so that many
/// combinations of their values are tried.
const KEYS: usize = 16;
/// Steps of the search for the part of a range that leads to one plan.
const HALVINGS: usize = 6;
/// The least share of its range that a parameter may change in; below it, it counts as fixed.
const LEAST_SHARE: f64 = 0.04;

/// How a parameter may change.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
pub enum Change {
    /// To any of its values.
    Free,
    /// To the numbers of a part of its range.
    Between { min: f64, max: f64 },
    /// It follows a track.
    Track,
    /// Not at all; and why.
    Fixed { why: String },
}

impl Change {
    /// Whether it may be set.
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Free | Self::Between { .. })
    }
}

/// A parameter, and how it may change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LiveParam {
    /// `STYLE.PARAM`.
    pub id: String,
    #[serde(flatten)]
    pub change: Change,
    /// The curves of its numbers, and their values as it is now.
    #[serde(skip)]
    pub(super) numbers: Vec<(String, f64)>,
}

/// A plan whose parameters may change, each as it is said.
#[derive(Clone, Debug, PartialEq)]
pub struct LivePlan {
    pub plan: Plan,
    pub params: Vec<LiveParam>,
}

/// A parameter that is tried.
struct Candidate {
    style: String,
    param: Param,
    value: Value,
    change: Change,
    /// The part of the range that is tried.
    range: (f64, f64),
}

impl Candidate {
    fn new(style: &str, param: Param, value: Value) -> Self {
        let change = match (&value, &param.kind) {
            (Value::Track(_), _) => Change::Track,
            (_, ParamKind::Path { .. }) => Change::Fixed {
                why: "a file is a part of what was written".to_owned(),
            },
            (_, ParamKind::Model { .. }) => Change::Fixed {
                why: "a model is a part of the plan".to_owned(),
            },
            _ => Change::Free,
        };
        Self {
            style: style.to_owned(),
            range: param.range().unwrap_or_default(),
            param,
            value,
            change,
        }
    }

    fn id(&self) -> String {
        format!("{}.{}", self.style, self.param.name)
    }

    /// The curves of its numbers, and their values.
    fn numbers(&self) -> Vec<(String, f64)> {
        let numbers = self.value.numbers(&self.param.name).into_iter();
        let named = numbers.map(|(name, value)| (format!("{}.{name}", self.style), value));
        named.collect()
    }

    /// Whether one of `curves`, as the planner names them, is a number of it.
    fn is_among(&self, curves: &str) -> bool {
        let numbers = self.numbers();
        let mut curves = curves.split(", ");
        curves.any(|curve| numbers.iter().any(|(name, _)| name == curve))
    }

    /// Its number; `None` of what is none.
    fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(value) => Some(value),
            Value::Integer(value) => Some(value as f64),
            _ => None,
        }
    }

    /// The value that is this number.
    fn of_number(&self, number: f64) -> Value {
        match self.param.kind {
            ParamKind::Integer { .. } => Value::Integer(number.round() as i64),
            _ => Value::Number(number),
        }
    }

    /// A track of many of its values; the first is the one that it has. `turn` is another one for each parameter.
    fn track(&self, turn: usize) -> Track {
        let values = (0..KEYS).map(|key| match key {
            0 => self.value.clone(),
            _ => self.value_at(share(key, turn), key),
        });
        self.through(values)
    }

    /// Some value of it: the two ends first, then at `share` between them.
    fn value_at(&self, share: f64, key: usize) -> Value {
        let share = match key {
            1 => 0.0,
            2 => 1.0,
            _ => share,
        };
        let (least, most) = self.range;
        let among = |count: usize| ((share * count as f64) as usize).min(count.saturating_sub(1));
        match &self.param.kind {
            ParamKind::Number { .. } | ParamKind::Integer { .. } => {
                self.of_number(least + (most - least) * share)
            }
            ParamKind::Flag { .. } => Value::Flag(among(2) == 1),
            ParamKind::Choice { choices, .. } => {
                let name = &choices[among(choices.len())];
                Choice::find(choices, name).map_or_else(|| self.value.clone(), Value::Choice)
            }
            ParamKind::Color { .. } => {
                let code = |turn: f64| (255.0 * (share * turn).fract().abs()) as u8;
                match key {
                    1 => Value::Color(Rgb([0; 3])),
                    2 => Value::Color(Rgb([255; 3])),
                    _ => Value::Color(Rgb([code(1.0), code(3.0), code(7.0)])),
                }
            }
            ParamKind::Path { .. } | ParamKind::Model { .. } => self.value.clone(),
        }
    }

    /// The track through these values, a second apart.
    fn through(&self, values: impl Iterator<Item = Value>) -> Track {
        let steps = matches!(
            self.param.kind,
            ParamKind::Flag { .. } | ParamKind::Choice { .. }
        );
        let keys = (0u32..).zip(values);
        Track {
            interpolation: match steps {
                true => Interpolation::Hold,
                false => Interpolation::Linear,
            },
            keys: keys
                .map(|(second, value)| (KeyTime::Seconds(second.into()), value))
                .collect(),
            file: None,
        }
    }

    /// `number` on a grid that reads well, moved towards the value.
    fn readable(&self, number: f64, value: f64) -> f64 {
        let (least, most) = self.param.range().unwrap_or_default();
        let step = 10f64.powf(((most - least) / 100.0).log10().floor());
        let step = match self.param.kind {
            ParamKind::Integer { .. } => 1.0,
            _ if step.is_finite() && step > 0.0 => step,
            _ => return number,
        };
        let steps = number / step;
        let inward = match number < value {
            true => (steps - 1e-9).ceil(),
            false => (steps + 1e-9).floor(),
        };
        // By the inverse, which is a whole number below 1, so that 0.3 is the number that people write.
        let rounded = match step < 1.0 {
            true => inward / (1.0 / step).round(),
            false => inward * step,
        };
        match number < value {
            true => rounded.clamp(number, value),
            false => rounded.clamp(value, number),
        }
    }
}

/// A number of a sequence that fills 0..1 evenly, in another order for each `turn`.
fn share(key: usize, turn: usize) -> f64 {
    // Weyl's sequence of the golden ratio, which is the worst to approximate, begun at another place.
    const GOLDEN: f64 = 0.618_033_988_749_895;
    (GOLDEN * (key * (2 * turn + 1)) as f64 + 0.37 * turn as f64).fract()
}

/// What plans are made of.
struct Planner<'a> {
    library: &'a Library,
    source: &'a Source,
    chain: &'a [StyleUse],
    temporal: Temporal,
}

impl Planner<'_> {
    /// The plan where these parameters follow tracks.
    fn plan(&self, tracks: &[(&Candidate, Track)]) -> Result<Plan, StyleError> {
        let mut chain = self.chain.to_vec();
        for (candidate, track) in tracks {
            let parts = chain.iter_mut();
            for part in parts.filter(|part| part.style.name == candidate.style) {
                let name = &candidate.param.name;
                let value = Value::Track(Box::new(track.clone()));
                let mut values = part.values.0.iter_mut();
                match values.find(|(known, _)| known == name) {
                    Some((_, known)) => *known = value,
                    None => part.values.0.push((name.clone(), value)),
                }
                if name == STRENGTH {
                    part.strength = 1.0;
                }
            }
        }
        let request = OutputRequest {
            chain,
            format: canvas_format(),
            color: Color::SRGB,
            temporal: self.temporal,
        };
        plan(
            self.library,
            self.source,
            &[request],
            PlanOptions::default(),
        )
    }

    /// The plan where all parameters that may change do so.
    fn together(&self, candidates: &[Candidate]) -> Result<Plan, StyleError> {
        let tracks = candidates.iter().enumerate();
        let tracks = tracks.filter(|(_, candidate)| candidate.change.is_live());
        let tracks = tracks.map(|(turn, candidate)| (candidate, candidate.track(turn)));
        self.plan(&tracks.collect::<Vec<_>>())
    }

    /// Whether the plan stays the same while this parameter alone changes.
    fn alone(&self, candidate: &Candidate) -> Result<(), StyleError> {
        self.plan(&[(candidate, candidate.track(0))]).map(|_| ())
    }

    /// The plan, and marks the parameters that may not change in it.
    fn settle(&self, candidates: &mut [Candidate]) -> Result<Plan, StyleError> {
        loop {
            let error = match self.together(candidates) {
                Ok(plan) => return Ok(plan),
                Err(error) => error,
            };
            let live = |candidate: &Candidate| candidate.change.is_live();
            let suspects: Vec<usize> = match &error {
                StyleError::Fixed { param, .. } => {
                    let named =
                        |at: &usize| live(&candidates[*at]) && candidates[*at].is_among(param);
                    (0..candidates.len()).filter(named).collect()
                }
                _ => Vec::new(),
            };
            let suspects = match suspects.is_empty() {
                true => (0..candidates.len())
                    .filter(|at| live(&candidates[*at]))
                    .collect(),
                false => suspects,
            };
            let Some(last) = suspects.last().copied() else {
                // Nothing changes, so that is not the reason.
                return Err(error);
            };
            let mut found = false;
            for at in suspects {
                if let Err(own) = self.alone(&candidates[at]) {
                    candidates[at].change = fixed(&own);
                    found = true;
                }
            }
            if !found {
                candidates[last].change = fixed(&error);
            }
        }
    }

    /// The numbers around its value, within its range, at which the plan is the one of its value; `None` where there are
    /// hardly any.
    fn range_around(&self, candidate: &Candidate) -> Option<(f64, f64)> {
        let value = candidate.number()?;
        let (least, most) = candidate.param.range()?;
        let end = |far: f64| {
            let (mut good, mut bad) = (value, far);
            for _ in 0..HALVINGS {
                let middle = (good + bad) / 2.0;
                let ends = [value, middle].map(|number| candidate.of_number(number));
                let track = candidate.through(ends.into_iter());
                match self.plan(&[(candidate, track)]) {
                    Ok(_) => good = middle,
                    Err(_) => bad = middle,
                }
            }
            candidate.readable(good, value)
        };
        let whole = |far: f64| {
            let ends = [value, far].map(|number| candidate.of_number(number));
            let track = candidate.through(ends.into_iter());
            self.plan(&[(candidate, track)]).is_ok()
        };
        let [low, high] = [least, most].map(|far| if whole(far) { far } else { end(far) });
        (high - low >= LEAST_SHARE * (most - least)).then_some((low, high))
    }
}

/// That a parameter is fixed because of `error`.
fn fixed(error: &StyleError) -> Change {
    Change::Fixed {
        why: match error {
            StyleError::Fixed { why, .. } => why.clone(),
            other => {
                let text = other.to_string();
                text.lines().next().unwrap_or_default().to_owned()
            }
        },
    }
}

impl LivePlan {
    /// Plans `chain` for the pictures of `source`. Every parameter that can change without another plan does; what shapes the
    /// plan keeps the value that it has, or a part of its range.
    ///
    /// # Errors
    /// Those of planning the style with the values that it has.
    pub fn new(
        library: &Library,
        source: &Source,
        chain: &[StyleUse],
        temporal: Temporal,
    ) -> Result<Self, StyleError> {
        let planner = Planner {
            library,
            source,
            chain,
            temporal,
        };
        planner.plan(&[])?;
        let mut candidates = candidates(chain);
        let mut plan = planner.settle(&mut candidates)?;
        let mut narrowed = Vec::new();
        for (at, candidate) in candidates.iter_mut().enumerate() {
            if matches!(candidate.change, Change::Fixed { .. })
                && let Some(range) = planner.range_around(candidate)
            {
                candidate.range = range;
                candidate.change = Change::Between {
                    min: range.0,
                    max: range.1,
                };
                narrowed.push(at);
            }
        }
        if !narrowed.is_empty() {
            plan = planner.settle(&mut candidates)?;
        }
        let params = candidates.into_iter().map(|candidate| LiveParam {
            id: candidate.id(),
            numbers: candidate.numbers(),
            change: candidate.change,
        });
        let params: Vec<LiveParam> = params.collect();
        let mut live = Self { plan, params };
        live.plan.follow_values(|curve| {
            let mut numbers = live
                .params
                .iter()
                .filter(|param| param.change.is_live())
                .flat_map(|param| &param.numbers);
            let set = numbers.find(|(name, _)| *name == curve.param);
            set.map_or_else(|| curve.at(0.0), |(_, value)| *value)
        });
        Ok(live)
    }
}

/// All parameters of the styles of `chain`.
fn candidates(chain: &[StyleUse]) -> Vec<Candidate> {
    let shown = super::shown_params(chain).into_iter();
    let made = shown.map(|shown| Candidate::new(&shown.style, shown.param, shown.value));
    made.collect()
}
