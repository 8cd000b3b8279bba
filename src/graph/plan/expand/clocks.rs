//! Passes that make more or fewer frames than they read, and images of one clock read by passes of another.

use std::sync::Arc;

use super::super::clock::{Clock, ClockId, Derived};
use super::super::{ImageDesc, Node, NodeId, NodeKind, Operand, Storage, StyleError};
use super::{Expander, Instance, Names};
use crate::frame::{CYCLE, Pace, Rational, Retiming, Stretch};
use crate::graph::style::{ParamKind, Pass, PassRate};

/// Usual rates, in frames per second.
const USUAL: [Rational; 8] = [
    Rational::new(24000, 1001),
    Rational::new(24, 1),
    Rational::new(25, 1),
    Rational::new(30000, 1001),
    Rational::new(30, 1),
    Rational::new(50, 1),
    Rational::new(60000, 1001),
    Rational::new(60, 1),
];
/// The kernel that copies an image. Frames are repeated or left out by it, too.
const COPY: &str = "common/rate/hold";
/// The most frames that a pass makes of one frame.
const MOST_FRAMES: f64 = 16.0;

/// The rate that `fps` frames a second are meant as: a whole number of them, or that by 1000/1001; where neither is near, to a
/// thousandth.
fn usual_rate(fps: f64) -> Rational {
    let whole = Rational::new(fps.round() as i64, 1);
    let slower = Rational::new((fps * 1.001).round() as i64 * 1000, 1001);
    let off = |rate: Rational| (rate.num as f64 / rate.den as f64 - fps).abs();
    let nearer = if off(slower) < off(whole) {
        slower
    } else {
        whole
    };
    match off(nearer) <= 5e-4 * fps {
        true => nearer,
        false => Rational::new((fps * 1000.0).round() as i64, 1000),
    }
}

impl Expander<'_> {
    /// The clock of the image that a pass makes of `inputs`: theirs, unless the pass has a rate of its own. Inputs of
    /// several clocks are brought to the one that follows from all of them.
    pub(super) fn clock_of_pass(
        &mut self,
        instance: &Instance<'_>,
        pass: &Pass,
        inputs: &mut [(String, Operand)],
        names: &Names,
    ) -> Result<ClockId, StyleError> {
        let read = inputs.iter().filter_map(|(_, operand)| match operand {
            Operand::Image(id) | Operand::Window(id, _) => Some(self.nodes[*id].image.clock),
            Operand::Planes(_) | Operand::File(_) | Operand::History(_) => None,
        });
        let clock = read.max().unwrap_or(0);
        for (_, operand) in inputs.iter_mut() {
            match operand {
                Operand::Image(id) => *id = self.at_clock(*id, clock)?,
                Operand::Window(id, _) => *id = self.at_clock(*id, clock)?,
                Operand::Planes(_) if clock != 0 || pass.rate.is_some() => {
                    return Err(instance.error(
                        "the planes of the source are read at another rate than theirs: read the image of a pass"
                            .to_owned(),
                    ));
                }
                Operand::Planes(_) | Operand::File(_) | Operand::History(_) => {}
            }
            if let Operand::Window(..) = operand
                && self.is_constant(clock)
            {
                return Err(instance.error(
                    "a pass with a window comes after the pass that gives frames the output's rate: put it before"
                        .to_owned(),
                ));
            }
        }
        let Some(pace) = self.pace(instance, pass, names)? else {
            return Ok(clock);
        };
        match &self.clocks[clock].derived {
            Some(Derived { retiming, .. }) if retiming.pace == pace && self.is_constant(clock) => Ok(clock),
            _ if self.is_constant(clock) => Err(instance.error(
                "the frames have the output's rate already: only one pass may give it, as the last one that changes the rate"
                    .to_owned(),
            )),
            _ => self.clock(instance, clock, pace),
        }
    }

    /// The frames that a pass makes, compared with those it reads; `None` if they are as many.
    fn pace(
        &self,
        instance: &Instance<'_>,
        pass: &Pass,
        names: &Names,
    ) -> Result<Option<Pace>, StyleError> {
        let times = match &pass.rate {
            None => return Ok(None),
            Some(PassRate::Output) => return Ok(self.rate.map(Pace::Rate)),
            Some(PassRate::Film { cadence, fps }) => {
                let fps = instance.constant(&self.tracks, fps, names)?;
                return self.film(instance, cadence, fps, names);
            }
            Some(PassRate::Times(times)) => instance.fixed(&self.tracks, times, names)?,
        };
        if !(1.0..=MOST_FRAMES).contains(&times) {
            return Err(instance.error(format!(
                "a pass makes {times} frames of one; it must be 1 to {MOST_FRAMES}"
            )));
        }
        Ok((times > 1.0).then_some(Pace::Times(times as u32)))
    }

    /// Whether a clock has the output's constant rate.
    fn is_constant(&self, clock: ClockId) -> bool {
        let derived = self.clocks[clock].derived.as_ref();
        derived.is_some_and(|derived| matches!(derived.retiming.pace, Pace::Rate(_)))
    }

    /// What the values of the choice `param` make of the source's frames, of which there are `fps` a second: its last five are
    /// those of a cycle of pulldown.
    fn film(
        &self,
        instance: &Instance<'_>,
        param: &str,
        fps: f64,
        names: &Names,
    ) -> Result<Option<Pace>, StyleError> {
        let choices = instance
            .style
            .params
            .iter()
            .find_map(|known| match &known.kind {
                ParamKind::Choice { choices, .. } if known.name == param => Some(choices.len()),
                _ => None,
            });
        let first = choices.and_then(|choices| choices.checked_sub(CYCLE));
        let (Some(first), Some(number)) = (first, names.get(param)) else {
            return Err(instance.error(format!(
                "rate: film = {param:?} is no choice whose last {CYCLE} are the frames of a cycle of pulldown"
            )));
        };
        let keys = match number.follows {
            None => vec![(0.0, number.value)],
            Some(formula) => self.tracks.keys(formula).ok_or_else(|| {
                instance.error(format!(
                    "{param} is to follow keys that do not change between them"
                ))
            })?,
        };
        let source = &self.clocks[0];
        let ticks = |seconds: f64| {
            let ticks = seconds * source.time_base.den as f64 / source.time_base.num as f64;
            (ticks.round() as i64).saturating_add(self.source.start)
        };
        let mut stretches = Vec::new();
        for (index, (at, value)) in keys.iter().enumerate() {
            let place = value.round() as i64 - first as i64;
            // Before its first key, the value of it holds, too; nobody knows which frame of a cycle would be shown there.
            let from = ticks(*at);
            let to = keys
                .get(index + 1)
                .map_or(i64::MAX, |(next, _)| ticks(*next));
            if (0..CYCLE as i64).contains(&place) && from < to {
                stretches.push(Stretch {
                    from,
                    to,
                    first: place,
                });
            }
        }
        if stretches.is_empty() {
            return Ok(None);
        }
        let rate = match fps > 0.0 {
            true => usual_rate(fps),
            false => source.rate,
        };
        if rate.num <= 0 {
            return Err(instance.error(
                "the frames of the source have no rate by which film could be told from video"
                    .to_owned(),
            ));
        }
        Ok(Some(Pace::Film {
            rate,
            stretches: stretches.into(),
        }))
    }

    /// The clock that follows from `of` by `pace`.
    fn clock(
        &mut self,
        instance: &Instance<'_>,
        of: ClockId,
        pace: Pace,
    ) -> Result<ClockId, StyleError> {
        let from = self.clocks[of].time_base;
        if matches!(pace, Pace::Film { .. }) && of != 0 {
            return Err(instance.error("film is taken out of the frames of the source: put it before what changes the rate".to_owned()));
        }
        let retiming = Retiming::new(pace.clone(), from).ok_or_else(|| match &pace {
            _ if from.num == 0 => instance.error("a picture has no frame rate: only a video's can be changed".to_owned()),
            Pace::Rate(rate) => {
                let fits = |rate: &&Rational| Retiming::new(Pace::Rate(**rate), from).is_some();
                let rates: Vec<String> = USUAL
                    .iter()
                    .filter(fits)
                    .map(|rate| rate.to_string().trim_end_matches("/1").to_owned())
                    .collect();
                instance.error(format!(
                    "times at {rate} frames a second cannot be stated exactly beside the source's, which are in {from} of a second: give one of {}",
                    rates.join(", ")
                ))
            }
            Pace::Times(times) => instance.error(format!(
                "{times} frames for each cannot be told apart by times in {from} of a second"
            )),
            Pace::Film { rate, .. } => instance.error(format!(
                "times of film in video of {rate} frames a second cannot be stated exactly beside the source's, which are in {from} of a second"
            )),
        })?;
        let known = self.clocks.iter().position(|clock| {
            let derived = clock.derived.as_ref();
            derived.is_some_and(|derived| derived.of == of && derived.retiming == retiming)
        });
        Ok(known.unwrap_or_else(|| {
            let made = Clock::source(retiming.to, retiming.pace.rate(self.clocks[of].rate));
            let derived = Derived {
                of,
                retiming,
                wait: 1,
            };
            self.clocks.push(Clock {
                derived: Some(derived),
                ..made
            });
            self.clocks.len() - 1
        }))
    }

    /// The image `id` on `clock`: each frame of `clock` shows the frame that it is made of.
    pub(super) fn at_clock(&mut self, id: NodeId, clock: ClockId) -> Result<NodeId, StyleError> {
        let image = self.nodes[id].image;
        if image.clock == clock {
            return Ok(id);
        }
        let Some(Derived { of, .. }) = self.clocks[clock].derived else {
            return Err(StyleError::Manifest {
                manifest: self.nodes[id].label.clone(),
                message: "passes whose frames have different rates meet: give one pass both rates, or leave one out"
                    .to_owned(),
            });
        };
        if image.storage == Storage::Words {
            return Err(StyleError::Manifest {
                manifest: self.nodes[id].label.clone(),
                message: "a buffer of words is read at another rate than it is made at: make it of the frames that the reader makes"
                    .to_owned(),
            });
        }
        let shown = self.at_clock(id, of)?;
        let label = format!("{}/hold", self.nodes[id].label);
        Ok(self.copy_of(Operand::Image(shown), ImageDesc { clock, ..image }, label))
    }

    /// A node whose image, described by `image`, has the values of `input`.
    pub(super) fn copy_of(&mut self, input: Operand, image: ImageDesc, label: String) -> NodeId {
        self.node(Node {
            label,
            kind: NodeKind::Pixel,
            kernel: Arc::new(self.library.kernel(COPY)),
            params: Vec::new(),
            inputs: vec![("image".to_owned(), input)],
            image,
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        })
    }
}

#[test]
fn rates_are_those_that_were_meant() {
    for (fps, (num, den)) in [
        (29.9701, (30000, 1001)),
        (30.001, (30, 1)),
        (2.997, (3000, 1001)),
        (59.94, (60000, 1001)),
        (12.5, (12500, 1000)),
    ] {
        assert_eq!(usual_rate(fps), Rational::new(num, den), "{fps}");
    }
}
