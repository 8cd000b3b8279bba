//! Evaluates a fragment's expressions for one instance of it.

use super::numbers::{Number, TrackTable, Unfit};
use super::{Kernel, LONGEST_SIDE, Names, Phase, Style, StyleError};
use crate::graph::plan::Reach;
use crate::graph::style::{Expression, Param, PhaseOf, TileOf};
use crate::nearest::{did_you_mean, nearest};

/// Upper limit for the size of a buffer, in 32-bit words. It is far more than a kernel needs and catches mistakes.
const MOST_WORDS: f64 = (1u32 << 30) as f64;
/// Upper limit for the places that a phase runs over, for the same reason.
const MOST_PLACES: f64 = (1u32 << 30) as f64;

/// An instance of a fragment that is being expanded. Names it in messages and labels.
pub(super) struct Instance<'a> {
    pub style: &'a Style,
    pub label: String,
    pub level: usize,
}

impl Instance<'_> {
    pub fn error(&self, message: String) -> StyleError {
        StyleError::Manifest {
            manifest: format!("{} (as {})", self.style.name, self.label),
            message,
        }
    }

    /// The error for an expression that has no value; `why` is as [`Expression::eval`] says it.
    pub fn misused(&self, expression: &Expression, why: String) -> StyleError {
        self.error(if why == expression.text() {
            format!("{why:?} is not a finite number with these parameters")
        } else {
            let params = self.style.params.iter().flat_map(Param::names);
            let lets = self.style.lets.iter().map(|(name, _)| name.clone());
            let known: Vec<String> = params.chain(lets).collect();
            format!(
                "{:?} uses {why:?}, which is neither a parameter, a [let], nor a fact{}",
                expression.text(),
                did_you_mean(nearest(&why, known.iter().map(String::as_str)))
            )
        })
    }

    /// The number that a kernel or a fragment is given; it may follow tracks.
    pub fn number(
        &self,
        tracks: &mut TrackTable,
        expression: &Expression,
        names: &Names,
    ) -> Result<Number, StyleError> {
        let number = tracks.number(expression, names);
        number.map_err(|why| self.misused(expression, why))
    }

    /// A number that shapes the plan, rounded: it must be the same for all frames.
    pub fn fixed(
        &self,
        tracks: &TrackTable,
        expression: &Expression,
        names: &Names,
    ) -> Result<f64, StyleError> {
        let value = tracks.fixed(expression, names, f64::round);
        let what = "the size or the number of its images";
        value.map_err(|unfit| self.unfit(expression, what, unfit))
    }

    /// A number that shapes the plan, as it is: it must be the same for all frames.
    pub fn constant(
        &self,
        tracks: &TrackTable,
        expression: &Expression,
        names: &Names,
    ) -> Result<f64, StyleError> {
        let value = tracks.fixed(expression, names, std::convert::identity);
        value.map_err(|unfit| self.unfit(expression, "when its frames are shown", unfit))
    }

    /// Whether a pass runs: so it must be for all frames.
    pub fn decided(
        &self,
        tracks: &TrackTable,
        when: &Expression,
        names: &Names,
    ) -> Result<bool, StyleError> {
        let decided = tracks.decided(when, names);
        decided.map_err(|unfit| self.unfit(when, "which of its passes run", unfit))
    }

    fn unfit(&self, expression: &Expression, what: &str, unfit: Unfit) -> StyleError {
        match unfit {
            Unfit::Expression(why) => self.misused(expression, why),
            Unfit::Moves(params) => StyleError::Fixed {
                param: params.join(", "),
                why: format!(
                    "it decides about {} ({what}: {:?})",
                    self.label,
                    expression.text()
                ),
            },
        }
    }

    /// The extent of a buffer.
    pub fn words(
        &self,
        tracks: &TrackTable,
        count: &Expression,
        names: &Names,
    ) -> Result<(u32, u32), StyleError> {
        let words = self.fixed(tracks, count, names)?.round();
        if !(1.0..=MOST_WORDS).contains(&words) {
            return Err(self.error(format!(
                "a buffer has {words} words; it must have 1 to {MOST_WORDS}"
            )));
        }
        Ok((words as u32, 1))
    }

    pub fn phase(
        &self,
        tracks: &TrackTable,
        phase: &PhaseOf,
        names: &Names,
    ) -> Result<Phase, StyleError> {
        let side = |expression| {
            let value = self.fixed(tracks, expression, names)?.round().max(1.0);
            Ok::<_, StyleError>(value)
        };
        let (columns, rows) = (side(&phase.over[0])?, side(&phase.over[1])?);
        if columns * rows > MOST_PLACES {
            return Err(self.error(format!(
                "phase {} runs over {columns} x {rows} places; it must be {MOST_PLACES} or fewer",
                phase.run
            )));
        }
        if let Some(group) = phase.group
            && columns % f64::from(group) != 0.0
        {
            return Err(self.error(format!(
                "phase {} runs over {columns} columns in groups of {group}: the columns must be a multiple of the group",
                phase.run
            )));
        }
        Ok(Phase {
            run: phase.run.clone(),
            over: (columns as u32, rows as u32),
            group: phase.group,
        })
    }

    /// How far from its own pixel a kernel reads an input: whole pixels, rounded up. `None` where that follows a track.
    pub fn tile(
        &self,
        tracks: &TrackTable,
        tile: &TileOf,
        names: &Names,
    ) -> Result<Option<Reach>, StyleError> {
        let mut reach = [0; 2];
        for (side, expression) in reach.iter_mut().zip(&tile.reach) {
            match tracks.fixed(expression, names, f64::ceil) {
                Ok(value) => *side = value.ceil().clamp(0.0, LONGEST_SIDE) as u32,
                Err(Unfit::Moves(_)) => return Ok(None),
                Err(Unfit::Expression(why)) => return Err(self.misused(expression, why)),
            }
        }
        Ok(Some((tile.input.clone(), reach.into())))
    }

    /// Evaluates `[let]` in the order of its dependencies.
    pub fn evaluate_lets(
        &self,
        tracks: &mut TrackTable,
        names: &mut Names,
    ) -> Result<(), StyleError> {
        let mut waiting: Vec<_> = self.style.lets.iter().collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut failed = None;
            let mut later = Vec::new();
            for binding in waiting {
                let (name, expression) = binding;
                match self.number(tracks, expression, names) {
                    Ok(value) => {
                        names.insert(name.clone(), value);
                    }
                    Err(error) => {
                        failed = Some(error);
                        later.push(binding);
                    }
                }
            }
            waiting = later;
            if waiting.len() == before {
                return Err(failed.unwrap_or_else(|| {
                    self.error("the values in [let] depend on each other in a circle".to_owned())
                }));
            }
        }
        Ok(())
    }

    /// Values of the parameters that a kernel names: those set by the pass first, then the fragment's; three of a colour.
    /// With them, which of them follow tracks, by index, and their formulas.
    pub fn kernel_params(
        &self,
        kernel: &Kernel,
        set: &Names,
        names: &Names,
    ) -> Result<KernelParams, StyleError> {
        let mut params = Vec::new();
        let mut follows = Vec::new();
        for name in &kernel.params {
            let parts = ["r", "g", "b"].map(|part| format!("{name}_{part}"));
            let known = |name: &String| set.contains_key(name) || names.contains_key(name);
            if self.style.is_color(name) && !known(name) {
                for part in parts {
                    let number = names.get(&part).copied().unwrap_or(0.0.into());
                    follows.extend(number.follows.map(|formula| (params.len(), formula)));
                    params.push((part, number.value as f32));
                }
                continue;
            }
            let number = set.get(name).or_else(|| names.get(name)).ok_or_else(|| {
                self.error(format!(
                    "kernel {} uses params.{name}, which is neither set by the pass nor a parameter",
                    kernel.path
                ))
            })?;
            follows.extend(number.follows.map(|formula| (params.len(), formula)));
            params.push((name.clone(), number.value as f32));
        }
        Ok((params, follows))
    }
}

/// Values of parameters; and the indices and formulas of those that follow tracks.
type KernelParams = (Vec<(String, f32)>, Vec<(usize, usize)>);
