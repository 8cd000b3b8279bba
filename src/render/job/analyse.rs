//! The first passes of a job, whose styles measure all frames before they are rendered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::analysis::{Analysis, FirstPass, measured_look};
use super::super::device_fallback::DeviceFallback;
use super::super::error::{RenderError, Result};
use super::super::event::{Cancel, Event};
use super::chain::CONSISTENCY;
use super::{Job, open};

/// What was found of the consistency of an output, for people.
fn words_of(report: &Value) -> Option<String> {
    let number = |which: &str, name: &str| report.get(which)?.get(name)?.as_f64();
    let anchors = report.get("anchors")?.as_u64()?;
    if anchors < 3 {
        return Some(format!(
            "consistency: nothing to take back is found at {anchors} frames that were compared, which are too few to tell a drift"
        ));
    }
    Some(format!(
        "consistency: drift {:.2} % without, {:.2} % with what is taken back; score {:.0} and {:.0} of 100, by {anchors} frames that were compared",
        number("without", "drift_percent")?,
        number("with", "drift_percent")?,
        number("without", "score")?,
        number("with", "score")?
    ))
}

impl Job {
    /// Finds what is to be measured.
    ///
    /// # Errors
    /// `Usage` where the input cannot be read twice.
    pub(super) fn find_measured(&mut self) -> Result<()> {
        for output in &self.outputs {
            let chain = output.chain.as_deref().unwrap_or_default();
            let (look, words) = measured_look(&output.look.name(), chain);
            self.to_measure.extend(look);
            self.warnings.extend(words);
        }
        let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for param in &self.settings.open {
            open.entry(&param.style).or_default().insert(&param.param);
        }
        for (style, params) in open {
            let params: Vec<&str> = params.into_iter().collect();
            self.warnings.push(format!(
                "{style} has its defaults for {}: they are found only where a file is rendered, not in a preview or a pipe; set them with --set {style}.{}=VALUE",
                params.join(", "),
                params[0]
            ));
        }
        let info = &self.input.info;
        let twice = !self.input.generated && (info.path.is_file() || info.sequence.is_some());
        match self.to_measure.first() {
            Some(look) if !twice => Err(RenderError::usage(
                format!(
                    "{} can be read only once, but {} measures all its frames before it renders them",
                    info.path.display(),
                    look.name
                ),
                "save it to a file first, or set the values that are measured (`aquatint styles` lists them)",
            )),
            _ => Ok(()),
        }
    }

    /// Measures what is to be measured; `None` if that is nothing. A preview measures the whole input up to the end of
    /// its scene, so that it is as the whole render.
    ///
    /// # Errors
    /// Those of reading the input and of the device; `Cancelled`.
    pub(in super::super) fn analyse(
        &self,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Option<Analysis>> {
        let (Some((_, choice)), Some(pictures)) = (&self.plan, &self.pictures) else {
            return Ok(None);
        };
        if self.to_measure.is_empty() {
            return Ok(None);
        }
        let info = &self.input.info;
        let video = info.video();
        let mut settings = self.settings.clone();
        let last = |wanted: &std::ops::Range<i64>| {
            let part = info.part.as_ref();
            let end = wanted.end.min(part.map_or(i64::MAX, |part| part.range.end));
            end.saturating_sub(1)
        };
        let until = self.wanted.as_ref().map(last);
        if until.is_some() {
            settings.part = None;
        }
        let pass = FirstPass {
            library: &self.library,
            settings: &settings,
            input: &info.path,
            pictures,
            looks: &self.to_measure,
            start: video.start,
            frames: video.frames.filter(|_| until.is_none()),
            until,
            gpu: self.gpu(),
        };
        let frames = || {
            let mut source = open(&info.path, &settings)?;
            source.pictures_only();
            Ok(source)
        };
        let fallback = DeviceFallback::new(choice.clone());
        pass.run(fallback, &frames, tell, cancel).map(Some)
    }

    /// Plans again with what was measured.
    ///
    /// # Errors
    /// Those of planning.
    pub(in super::super) fn apply(&mut self, analysis: &Analysis) -> Result<()> {
        for look in &mut self.settings.styles {
            analysis.apply_to(look);
        }
        for output in &mut self.outputs {
            output.found_first = analysis.reports(&output.look.name());
            output.consistency = output.found_first.remove(CONSISTENCY);
            self.choices
                .extend(output.consistency.as_ref().and_then(words_of));
            if let Some(chain) = &mut output.chain {
                analysis.apply(&output.look.name(), chain);
            }
        }
        let Some(pictures) = self.pictures.clone() else {
            return Ok(());
        };
        if let (Some((planned, measures)), Some(before)) = (
            self.planned(&pictures)?,
            self.plan.as_ref().map(|(plan, _)| plan),
        ) {
            // The device, the memory and the chunks were chosen for the plan before.
            if (
                planned.latency,
                &planned.files,
                planned.nodes.len(),
                planned.timing(),
            ) != (
                before.latency,
                &before.files,
                before.nodes.len(),
                before.timing(),
            ) {
                return Err(RenderError::usage(
                    "what a style measured decides which of its passes run",
                    "have `when` and sizes in its manifest depend on other parameters than the measured ones",
                ));
            }
            self.measures = measures;
            if let Some((plan, _)) = &mut self.plan {
                *plan = planned;
            }
        }
        Ok(())
    }
}
