//! Decodes the frames, measures them, and hands the numbers to the reducers: once for each style of a chain that measures.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::device_fallback::{ATTEMPTS, DeviceFallback};
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::super::file_source::FileSource;
use super::super::files;
use super::super::pipeline::{FrameSource, StreamItem};
use super::super::relief::wait_while_hot;
use super::super::settings::Settings;
use super::looks::MeasuredPart;
use super::progress::AnalysisProgress;
use super::{Analysis, MeasuredLook};
use crate::frame::{Picture, Rational, Retiming, Span, border, in_ticks_of};
use crate::graph::plan::{MeasuringPlan, PlanOptions, Source, measuring_plan};
use crate::graph::reduce::{FrameMeasures, Reduce, Reduced};
use crate::graph::scene::Observer;
use crate::graph::style::Library;
use crate::graph::{Output, Payload, Session};
use crate::hardware::WatchedGpu;
use crate::media;

/// A first pass over the frames of an input.
pub(in super::super) struct FirstPass<'a> {
    pub library: &'a Library,
    pub settings: &'a Settings,
    pub input: &'a Path,
    /// The pictures that the graph is given.
    pub pictures: &'a Source,
    pub looks: &'a [MeasuredLook],
    /// Time of the stream's start, in ticks of the source.
    pub start: Option<i64>,
    /// Frames to come, if that is known.
    pub frames: Option<u64>,
    /// It ends with the scene that holds the frame at this time; `None` goes on to the end.
    pub until: Option<i64>,
    /// The card that measures, where it is watched.
    pub gpu: Option<WatchedGpu>,
}

impl FirstPass<'_> {
    /// Measures, on the device that `fallback` is at; if it fails, on another. `open` gives the frames from the first on. What a
    /// style of a chain measures is what those before it make, with what was measured for them.
    ///
    /// # Errors
    /// Those of reading the input and of the devices; `Cancelled`.
    pub fn run(
        &self,
        mut fallback: DeviceFallback,
        open: &dyn Fn() -> Result<media::Source>,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Analysis> {
        let mut analysis = Analysis::default();
        let passes = self.looks.iter().map(MeasuredLook::passes).max();
        for nth in 0..passes.unwrap_or_default() {
            let looks = self.looks.iter();
            let parts: Vec<MeasuredPart> =
                looks.filter_map(|look| look.part(nth, &analysis)).collect();
            let reduced = self.pass(&parts, &mut fallback, open, tell, cancel)?;
            for (measured, reduced) in parts.iter().zip(reduced) {
                if let Some(part) = measured.style() {
                    analysis.add(measured, part, reduced);
                }
            }
        }
        Ok(analysis)
    }

    /// What the reducers make of one pass, for each of `parts`.
    fn pass(
        &self,
        parts: &[MeasuredPart],
        fallback: &mut DeviceFallback,
        open: &dyn Fn() -> Result<media::Source>,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Vec<Reduced>> {
        let mut attempt = 1;
        loop {
            let plans = self.plans(parts)?;
            let error = match self.once(parts, &plans, fallback, open()?, tell, cancel) {
                Err(error) if error.is_of_device() => error,
                done => return done,
            };
            let device = fallback.step_down(&error, &plans[0].plan);
            // Each device is tried, however many there are.
            if attempt >= ATTEMPTS && device.is_none() {
                return Err(error);
            }
            attempt += 1;
            let device = device.map_or(String::new(), |device| format!("; now on {device}"));
            tell(Event::Warning {
                message: format!("the first pass is tried again: {}{device}", error.summary()),
                input: self.input.to_owned(),
            });
        }
    }

    fn plans(&self, parts: &[MeasuredPart]) -> Result<Vec<MeasuringPlan>> {
        let plan = |measured: &MeasuredPart| {
            let mut chain = measured.chain.clone();
            let analyse = measured
                .style()
                .and_then(|part| part.style.analyse.as_ref());
            if analyse.is_some_and(|analyse| analyse.of_source) {
                // Frames of the source, before any other style.
                chain.drain(..chain.len().saturating_sub(1));
            }
            if let Some(part) = chain.last_mut() {
                // What it measures is its input: how much of the style is seen does not matter.
                part.strength = 1.0;
            }
            let (temporal, options) = (self.settings.temporal, PlanOptions::default());
            let plan = measuring_plan(self.library, self.pictures, &chain, temporal, options);
            Ok(plan?)
        };
        parts.iter().map(plan).collect()
    }

    fn once(
        &self,
        parts: &[MeasuredPart],
        plans: &[MeasuringPlan],
        fallback: &DeviceFallback,
        source: media::Source,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Vec<Reduced>> {
        let meters = parts.iter().zip(plans);
        let meters = meters.map(|(part, plan)| Meter::new(self, part, plan, fallback));
        let mut meters = meters.collect::<Result<Vec<_>>>()?;
        let mut source = FileSource::new(source, self.settings.strict);
        let mut observer = Observer::default();
        let mut progress = AnalysisProgress::new(self.input.to_owned(), self.frames);
        loop {
            if cancel.requested() {
                return Err(RenderError::Cancelled);
            }
            match source.next()? {
                StreamItem::SceneBreak => {
                    observer.begin_scene();
                    meters
                        .iter_mut()
                        .for_each(|meter| meter.session.begin_scene());
                }
                StreamItem::Frame(Some(picture), span) => {
                    let cut = observer.observe(&picture).cut;
                    if cut && self.until.is_some_and(|until| span.pts > until) {
                        break;
                    }
                    let on_gpu = |meter: &Meter| meter.session.device().executor == "gpu";
                    if let Some(gpu) = self.gpu.as_ref().filter(|_| meters.iter().any(on_gpu)) {
                        let input = self.input;
                        wait_while_hot(gpu, cancel, |message| {
                            let input = input.to_owned();
                            tell(Event::Warning { message, input });
                        })?;
                    }
                    for meter in &mut meters {
                        meter.frames.insert(meter.begin_of(span), cut);
                        meter.render_alone(&picture, span, cut)?;
                        let outputs = meter.session.push(Some(picture.clone()), span)?;
                        meter.take(outputs);
                    }
                    if let Some(event) = progress.frame() {
                        tell(event);
                    }
                }
                StreamItem::End => break,
                StreamItem::Frame(None, _)
                | StreamItem::Attached(..)
                | StreamItem::Packet(_)
                | StreamItem::ChunkEnd(_) => {}
            }
        }
        tell(progress.event());
        let end = |mut meter: Meter| {
            let outputs = meter.session.finish()?;
            meter.take(outputs);
            Ok(meter.reduce.finish())
        };
        meters.into_iter().map(end).collect()
    }
}

/// A measuring plan at work, and the reducer of what it measures.
struct Meter {
    session: Session,
    reduce: Box<dyn Reduce>,
    /// The ports that the reducer reads, in its order.
    ports: Vec<usize>,
    unit: Rational,
    start: i64,
    /// How the times of what is measured follow from the source's.
    stages: Vec<Retiming>,
    /// Frames of the source whose numbers have not come yet, by the time of what is made of them; whether a scene begins
    /// with them.
    frames: BTreeMap<i64, bool>,
    alone: Option<Alone>,
}

/// What renders some frames alone.
struct Alone {
    session: Session,
    /// Ticks of the source between them.
    every: i64,
    /// When the last one was shown.
    last: Option<i64>,
    /// What was measured of them, by the time of what is made of them.
    measures: BTreeMap<i64, Vec<Vec<u32>>>,
}

impl Meter {
    fn new(
        pass: &FirstPass<'_>,
        measured: &MeasuredPart,
        plan: &MeasuringPlan,
        fallback: &DeviceFallback,
    ) -> Result<Self> {
        let unfit = || {
            RenderError::usage(
                format!("{} measures nothing with these parameters", measured.look),
                "leave out the values that switch off what it measures",
            )
        };
        let part = measured.style().ok_or_else(unfit)?;
        let analyse = part.style.analyse.as_ref().ok_or_else(unfit)?;
        // A style may be in a chain twice; the last one is measured.
        let port = |measure: &String| {
            let name = format!("{}/{measure}", part.style.name);
            let port = plan.names.iter().rposition(|known| *known == name);
            port.ok_or_else(unfit)
        };
        let files = plan.plan.files.iter();
        let files = files.map(|file| files::read(pass.library, &plan.plan, file));
        let files = files.collect::<Result<Vec<_>>>()?;
        let ports: Vec<usize> = analyse.measures.iter().map(port).collect::<Result<_>>()?;
        let clocks: Vec<usize> = ports
            .iter()
            .map(|port| plan.plan.clock_of_port(*port))
            .collect();
        let clock = clocks.first().copied().unwrap_or_default();
        if clocks.iter().any(|other| *other != clock) {
            return Err(RenderError::usage(
                format!("{} measures frames of different rates", measured.look),
                "have its measures be of passes with the same rate",
            ));
        }
        let (stages, clock) = (plan.plan.retimings(clock), &plan.plan.clocks[clock]);
        let start = pass.start.unwrap_or_default();
        let session = || -> Result<Session> {
            let executor = fallback.executor(pass.library, &plan.plan, &files)?;
            Ok(Session::new(executor, pass.start, pass.settings.seed))
        };
        let alone = analyse.reducer.alone_every.map(|seconds| -> Result<Alone> {
            let unit = pass.pictures.time_base;
            Ok(Alone {
                session: session()?,
                every: (seconds / unit.to_f64()).ceil() as i64,
                last: None,
                measures: BTreeMap::new(),
            })
        });
        Ok(Self {
            session: session()?,
            alone: alone.transpose()?,
            reduce: (analyse.reducer.start)(&part.values),
            ports,
            unit: clock.time_base,
            start: in_ticks_of(&stages, start),
            stages,
            frames: BTreeMap::new(),
        })
    }

    /// When what is made of a frame of the source begins.
    fn begin_of(&self, span: Span) -> i64 {
        border(&self.stages, span.pts)
    }

    /// Renders a frame alone, where the reducer asks for it.
    fn render_alone(&mut self, picture: &Picture, span: Span, cut: bool) -> Result<()> {
        let begin = self.begin_of(span);
        let Some(alone) = &mut self.alone else {
            return Ok(());
        };
        let due = alone
            .last
            .is_none_or(|last| span.pts.saturating_sub(last) >= alone.every);
        if !(due || cut) {
            return Ok(());
        }
        alone.last = Some(span.pts);
        let ports = alone.session.plan().outputs.len();
        let mut words: Vec<Vec<u32>> = vec![Vec::new(); ports];
        let mut first = None;
        for output in alone.session.alone(picture.clone(), span)? {
            // Of several frames that are made of it, the first.
            if *first.get_or_insert(output.span.pts) == output.span.pts
                && let Payload::Image(_, values) = output.payload
            {
                words[output.port] = values;
            }
        }
        let measures = self.ports.iter().map(|port| words[*port].clone());
        alone.measures.insert(begin, measures.collect());
        Ok(())
    }

    /// Hands the numbers of frames to the reducer. All ports of a frame come together.
    fn take(&mut self, outputs: Vec<Output>) {
        let ports = self.session.plan().outputs.len();
        let read = |output: &Output| self.ports.contains(&output.port);
        let outputs: Vec<Output> = outputs.into_iter().filter(read).collect();
        let mut outputs = outputs.into_iter().peekable();
        while let Some(first) = outputs.peek() {
            let pts = first.span.pts;
            let mut words: Vec<Vec<u32>> = vec![Vec::new(); ports];
            while let Some(output) = outputs.next_if(|output| output.span.pts == pts) {
                if let Payload::Image(_, values) = output.payload {
                    words[output.port] = values;
                }
            }
            let measures = self.ports.iter().map(|port| words[*port].clone());
            let measures: Vec<Vec<u32>> = measures.collect();
            let later = self.frames.split_off(&pts.saturating_add(1));
            let begun = std::mem::replace(&mut self.frames, later);
            let alone = self.alone.as_mut().and_then(|alone| {
                let later = alone.measures.split_off(&pts.saturating_add(1));
                let until = std::mem::replace(&mut alone.measures, later);
                until.into_values().next_back()
            });
            self.reduce.frame(&FrameMeasures {
                seconds: self.unit.nearest_seconds(pts.saturating_sub(self.start)),
                cut: begun.values().any(|cut| *cut),
                measures: &measures,
                alone: alone.as_deref(),
            });
        }
    }
}
