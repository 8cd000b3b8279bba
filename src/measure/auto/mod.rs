//! What to render an input with, chosen by what is found in it, by the machine, and by the time that a person gives.

mod decide;
mod levels;
mod values;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::analyze::{Analysis, Analyze, mended};
use crate::frame::FieldOrder;
use crate::graph::style::NO_STYLE;
use crate::media::{SourceInfo, encoder_by_name, probe_at};
use crate::render::request::{ParamValues, RenderRequest, SettingValue, Time};
use crate::render::{
    AUTO, Cancel, Event, Excerpt, Result, Settings, is_picture, temporary_folder, tier,
};
use levels::{Level, levels};

pub use decide::{Decided, check, decide, is_open, queue_item, without_choices};

/// The style of an output whose pictures stay.
const UNCHANGED: &str = "identity";
/// The style that makes whole pictures of fields.
const DEINTERLACE: &str = "deinterlace";
/// The style that enlarges, and those that change the size.
const UPSCALE: &str = "upscale";
const SIZING: [&str; 2] = [UPSCALE, "resize"];
/// Pictures with fewer lines than this are enlarged.
const FEW_LINES: u32 = 720;
/// Seconds from the start on which the speed is measured.
const MEASURED: &str = "0.4";
/// The share of the time that is used: a film is not as fast everywhere as at its start.
const MARGIN: f64 = 0.9;

/// Encoders, and codecs that become them, with the presets of x264.
const X264_PRESETS: [&str; 5] = ["libx264", "libx264rgb", "h264", "libx265", "hevc"];

/// What can be left out, by the name under which it is turned off.
pub const PARTS: [&str; 3] = ["mend", UPSCALE, "encoder"];

/// What is to be chosen.
#[derive(Clone, Debug)]
pub struct Auto {
    pub input: PathBuf,
    /// Where the output goes: its name decides the encoder.
    pub output: PathBuf,
    /// What was asked for; it wins over all choices. Its preset is left out, if that is `auto`.
    pub request: RenderRequest,
    /// Whether the input is analysed, and mended by what is found.
    pub mends: bool,
    /// Whether size and encoder are chosen, too.
    pub chooses: bool,
    /// The time that the render may take.
    pub budget: Option<Duration>,
    /// Those of [`PARTS`], or styles, that are not to be chosen.
    pub without: Vec<String>,
}

/// What was chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The request with all choices: the preset is not in it any more.
    pub request: RenderRequest,
    /// What was chosen and why, and how to turn it off.
    pub reasons: Vec<String>,
}

impl Auto {
    /// Chooses.
    ///
    /// # Errors
    /// Those of analysing, and of rendering the first seconds.
    pub fn run(&self, listen: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Chosen> {
        let mut request = self.request.clone();
        if request.preset.as_deref() == Some(AUTO) {
            request.preset = None;
        }
        (request.restore, request.time_budget, request.auto_without) = (None, None, None);
        let library = request.library()?;
        let settings = request.settings(&library)?;
        let info = probe_at(&self.input, settings.of_input_reading(&self.input))?;
        let mut reasons = Vec::new();
        if self.mends {
            let analysis = Analyze {
                input: self.input.clone(),
                reading: settings.of_input_reading(&self.input),
                fast: true,
                kinds: None,
            };
            let analysis = analysis.run(&library, listen, cancel)?;
            // The look of a preset is rendered after what mends.
            request.style = request.with_preset(&library)?.style;
            self.mend(&mut request, &info, &analysis, &mut reasons);
        }
        let open = request.settings(&library)?.open;
        if !open.is_empty() {
            let reading = settings.of_input_reading(&self.input);
            let input = (self.input.as_path(), reading, &library);
            values::set(
                &open,
                &mut request,
                input,
                &mut reasons,
                (&mut *listen, cancel),
            )?;
        }
        let enlarges = self.chooses && self.enlarges(&request, &info);
        if self.mends
            && request.style.is_none()
            && request.size.is_none()
            && request.scale.is_none()
            && request.fps.is_none()
        {
            request.style = Some(UNCHANGED.to_owned());
            if !enlarges {
                reasons.push("the pictures stay as they are".to_owned());
            }
        }
        let encodes = (self.chooses || self.budget.is_some())
            && !self.is_left_out("encoder")
            && self.encoder_is_open(&settings, &info);
        let tier = tier(&settings.device);
        let all = levels(enlarges, encodes);
        let usual = all
            .iter()
            .position(|level| level.tiers.contains(&tier))
            .unwrap_or(0);
        // One picture takes no time to speak of.
        let budget = self.budget.filter(|_| !is_picture(&self.output));
        let level = match budget {
            Some(budget) => self.fitting(&request, &all, &info, budget, &mut reasons, cancel)?,
            None => usual,
        };
        let level = &all[level];
        let why = match budget {
            Some(_) => "so that it fits into the time".to_owned(),
            None => format!("for a machine of the class {}", tier.name()),
        };
        if enlarges {
            let lines = info.pictures().height;
            reasons.push(match level.effort {
                Some(effort) => format!(
                    "upscale: the pictures have {lines} lines, so they become twice as large, with effort {effort}, {why} (--auto-without upscale)"
                ),
                None => "upscale: left out, so that it fits into the time".to_owned(),
            });
        }
        if encodes {
            reasons.push(format!(
                "encoder: preset {}, {why} (--auto-without encoder)",
                level.encoder.unwrap_or("medium")
            ));
        }
        Ok(Chosen {
            request: level.applied(&request),
            reasons,
        })
    }

    fn is_left_out(&self, part: &str) -> bool {
        self.without.iter().any(|name| name == part)
    }

    /// Puts the styles that mend what was found before the style that was asked for.
    fn mend(
        &self,
        request: &mut RenderRequest,
        info: &SourceInfo,
        analysis: &Analysis,
        reasons: &mut Vec<String>,
    ) {
        if self.is_left_out("mend") || request.style.as_deref() == Some(NO_STYLE) {
            return;
        }
        let asked = request.style.clone().unwrap_or_default();
        let named = |style: &str| asked.split([',', '+']).any(|name| name.trim() == style);
        let mut styles: Vec<&str> = Vec::new();
        for (style, words) in mended(&analysis.findings) {
            if self.is_left_out(style) || named(style) {
                continue;
            }
            if !styles.contains(&style) {
                styles.push(style);
            }
            reasons.push(format!("{style}: {words} (--auto-without {style})"));
        }
        if styles.is_empty() {
            reasons.push("analysis: nothing was found that a style mends".to_owned());
            return;
        }
        if styles.contains(&DEINTERLACE) {
            set_order(request, info, analysis, reasons);
        }
        let mends = styles.join("+");
        request.style = Some(match asked.as_str() {
            "" => mends,
            // Each output of the list.
            list => {
                let entries = list.split(',').map(|entry| match entry.trim() {
                    NO_STYLE => NO_STYLE.to_owned(),
                    entry => format!("{mends}+{entry}"),
                });
                entries.collect::<Vec<_>>().join(",")
            }
        });
    }

    /// Whether the pictures are to become larger: where they have few lines, nobody asked for a size, and one output comes of it.
    fn enlarges(&self, request: &RenderRequest, info: &SourceInfo) -> bool {
        let style = request.style.as_deref().unwrap_or_default();
        let sized = style.split('+').any(|name| SIZING.contains(&name.trim()));
        !self.is_left_out(UPSCALE)
            && !style.contains(',')
            && style != NO_STYLE
            && !sized
            && request.scale.is_none()
            && request.size.is_none()
            && info.pictures().height < FEW_LINES
    }

    /// The best level that fits into `budget`, by the speed of the first seconds; the last where none does.
    fn fitting(
        &self,
        request: &RenderRequest,
        all: &[Level],
        info: &SourceInfo,
        budget: Duration,
        reasons: &mut Vec<String>,
        cancel: &Cancel,
    ) -> Result<usize> {
        let last = all.len() - 1;
        let Some(frames) = request.frames(info) else {
            reasons.push(
                "time: the length of the input is not known, so the fastest way is taken"
                    .to_owned(),
            );
            return Ok(last);
        };
        let folder = temporary_folder()?;
        let begun = Instant::now();
        let mut excerpt = None;
        for (index, level) in all.iter().enumerate() {
            let request = RenderRequest {
                existing: None,
                ..level.applied(request)
            };
            let library = request.library()?;
            let settings = request.settings(&library)?;
            let excerpt = match &mut excerpt {
                Some(excerpt) => excerpt,
                none => none.insert(self.first_seconds(&settings, cancel)?),
            };
            let name = self
                .output
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            let output = folder.path().join(format!("{index}-{name}"));
            let report = excerpt.render(&library, &settings, &output, &mut |_| {}, cancel)?;
            let seconds = &report.seconds;
            let speed = excerpt.frames() as f64 / (seconds.total - seconds.compile).max(1e-3);
            let needed = frames as f64 / speed;
            let left = budget.saturating_sub(begun.elapsed()).as_secs_f64();
            let fits = needed <= MARGIN * left;
            if fits || index == last {
                let words = format!(
                    "about {} at {speed:.1} frames a second; {} of {} are left after measuring it",
                    spoken(needed),
                    spoken(left),
                    spoken(budget.as_secs_f64())
                );
                reasons.push(match fits {
                    true => format!("time: {words}"),
                    false => {
                        format!("time: it will not be enough, even in the fastest way: {words}")
                    }
                });
                return Ok(index);
            }
        }
        Ok(last)
    }

    /// Whether nobody asked for a speed of the encoder, and the one of the output has the presets of x264.
    fn encoder_is_open(&self, settings: &Settings, info: &SourceInfo) -> bool {
        let named = settings.output.codec.as_deref();
        let encoder = named.or_else(|| encoder_by_name(&self.output, info.pictures().format));
        encoder.is_some_and(|encoder| X264_PRESETS.contains(&encoder))
            && self.request.encoder_preset.is_none()
    }

    fn first_seconds(&self, settings: &Settings, cancel: &Cancel) -> Result<Excerpt> {
        let length = Time::parse(MEASURED).unwrap_or_default();
        Excerpt::decode(&self.input, settings, Time::default(), length, cancel)
    }
}

/// Where pictures are interlaced and not tagged so, the order of their fields is the one that was measured.
fn set_order(
    request: &mut RenderRequest,
    info: &SourceInfo,
    analysis: &Analysis,
    reasons: &mut Vec<String>,
) {
    let tagged = matches!(
        info.pictures().field_order,
        FieldOrder::TopFirst | FieldOrder::BottomFirst
    );
    let mut findings = analysis.findings.iter();
    let found = findings.find_map(|finding| finding.details.get("field_order")?.as_str());
    let param = format!("{DEINTERLACE}.field_order");
    let mut values = request.set.clone().unwrap_or_default().0;
    let is_set = values.iter().any(|value| value.starts_with(&param));
    if let (Some(order), false, false) = (found, tagged, is_set) {
        values.push(format!("{param}={order}"));
        request.set = ParamValues::of(&values);
        reasons.push(format!(
            "{DEINTERLACE}: the pictures are not tagged, so the {order} field is taken as the first, as measured"
        ));
    }
}

/// A time in words: `40 s`, `12 min`, `1 h 20 min`.
fn spoken(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    match seconds {
        _ if seconds < 99.5 => format!("{seconds:.0} s"),
        _ if minutes < 60 => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

/// The name of the output where none is given: `STEM.auto.EXT`.
pub fn output_beside(input: &Path, ending: &str) -> PathBuf {
    let stem = input.file_stem().unwrap_or_default().to_string_lossy();
    input.with_file_name(format!("{stem}.{AUTO}.{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spoken() {
        for (seconds, words) in [
            (40.2, "40 s"),
            (720.0, "12 min"),
            (4800.0, "1 h 20 min"),
            (3599.0, "1 h 0 min"),
        ] {
            assert_eq!(spoken(seconds), words);
        }
    }

    #[test]
    fn the_output_is_named_after_the_choice() {
        assert_eq!(
            output_beside(Path::new("a/film.vob"), "mkv"),
            Path::new("a/film.auto.mkv")
        );
    }
}
