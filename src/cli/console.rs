//! Writes to stderr: a progress bar, a plain line every few seconds, or one JSON object per line.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::args::Messages;
use super::problem::Problem;
use super::quiet::write_line;
use super::terminal::draw_target;
use crate::media::bytes_in_words;
use crate::neural::Progress;
use crate::render::Event;

/// Time between two plain lines about progress.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressMode {
    /// A bar on a terminal, else lines.
    Auto,
    Bar,
    /// A line every few seconds.
    Lines,
    Json,
    /// Lines that schedulers of Open Job Description read.
    OpenJd,
    None,
}

impl ProgressMode {
    /// The mode called `name` on the command line.
    pub fn named(name: &str) -> Self {
        match name {
            "bar" => Self::Bar,
            "json" => Self::Json,
            "openjd" => Self::OpenJd,
            "none" => Self::None,
            _ => Self::Auto,
        }
    }

    /// The mode that is named in arguments which cannot be read as a whole.
    pub fn of(arguments: &[OsString]) -> Option<Self> {
        let words: Vec<_> = arguments
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        let joined = words
            .iter()
            .find_map(|word| word.strip_prefix("--progress="));
        let apart = words
            .windows(2)
            .find(|pair| pair[0] == "--progress")
            .map(|pair| pair[1].as_ref());
        joined.or(apart).map(Self::named)
    }
}

/// Progress of a job.
struct Shown {
    bar: Option<ProgressBar>,
    /// Frames encoded, by output; the bar shows the smallest number.
    frames: BTreeMap<PathBuf, u64>,
    last_line: Instant,
}

struct State {
    /// One bar per job, one below the other.
    bars: MultiProgress,
    /// The running jobs, by input.
    jobs: BTreeMap<PathBuf, Shown>,
}

impl State {
    /// Puts the name of the input before each bar when several jobs run.
    fn name_bars(&self) {
        for (input, job) in &self.jobs {
            if let (Some(bar), true) = (&job.bar, self.jobs.len() > 1) {
                let name = input.file_name().unwrap_or_default().to_string_lossy();
                bar.set_prefix(format!("{name} "));
            }
        }
    }
}

thread_local! {
    /// Whether this thread holds the state of the console.
    static HOLDS: Cell<bool> = const { Cell::new(false) };
}

/// The locked state of the console.
struct Held<'a>(MutexGuard<'a, State>);

impl Deref for Held<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.0
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        HOLDS.set(false);
    }
}

/// Everything that is written to stderr goes through here.
pub struct Console {
    mode: ProgressMode,
    quiet: bool,
    colour: bool,
    state: Mutex<State>,
}

impl Console {
    pub fn new(messages: &Messages) -> Self {
        let terminal = io::stderr().is_terminal();
        let mode = match messages.progress {
            ProgressMode::Auto if terminal => ProgressMode::Bar,
            ProgressMode::Auto => ProgressMode::Lines,
            asked => asked,
        };
        Self {
            mode,
            quiet: messages.quiet,
            colour: terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            state: Mutex::new(State {
                bars: MultiProgress::with_draw_target(match terminal {
                    true => draw_target(),
                    false => ProgressDrawTarget::hidden(),
                }),
                jobs: BTreeMap::new(),
            }),
        }
    }

    /// Whether every line is a JSON object.
    pub fn speaks_json(&self) -> bool {
        self.mode == ProgressMode::Json
    }

    /// Whether escape sequences for colours are used.
    pub fn has_colour(&self) -> bool {
        self.colour && !self.speaks_json()
    }

    fn state(&self) -> Held<'_> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        HOLDS.set(true);
        Held(state)
    }

    /// Writes a line, above the bars if there are any.
    pub fn line(&self, text: &str) {
        match HOLDS.get() {
            // A panic while something is shown: its message must not wait for this very thread.
            true => write_line(text),
            false => self.state().bars.suspend(|| write_line(text)),
        }
    }

    /// Writes a line for people, unless progress is off.
    pub fn remark(&self, text: &str) {
        if !self.quiet && self.mode != ProgressMode::None && !self.speaks_json() {
            self.line(text);
        }
    }

    fn painted(&self, word: &str, colour: u8) -> String {
        if self.has_colour() {
            format!("\x1b[1;{colour}m{word}\x1b[0m")
        } else {
            word.to_owned()
        }
    }

    /// Writes what failed, and what to do.
    pub fn problem(&self, problem: &Problem) {
        if self.speaks_json() {
            return self.line(&problem.json());
        }
        if self.mode == ProgressMode::OpenJd {
            self.line(&format!("openjd_fail: {}", problem.what));
        }
        let mut text = format!("{}: {}", self.painted("error", 31), problem.what);
        for line in problem.advice.lines() {
            text.push_str("\n  ");
            text.push_str(line);
        }
        if let Some(topic) = problem.topic {
            text.push_str(&format!("\n  more: aquatint help {topic}"));
        }
        self.line(&text);
    }

    /// Writes a warning.
    pub fn warning(&self, message: &str) {
        if self.speaks_json() {
            self.line(&json!({"event": "warning", "message": message}).to_string());
        } else if !self.quiet {
            self.line(&format!("{}: {message}", self.painted("warning", 33)));
        }
    }

    /// Shows an event of a job.
    pub fn event(&self, event: &Event) {
        if self.speaks_json() {
            if let Ok(line) = serde_json::to_string(event) {
                self.line(&line);
            }
            return;
        }
        match event {
            Event::Start { input, frames, .. } => {
                // The bar of a first pass.
                self.ended(input);
                self.start(input, *frames);
            }
            Event::Analyse {
                input,
                frame,
                frames,
                fps,
                eta_s,
            } => self.analyse(input, (*frame, *frames), *fps, *eta_s),
            Event::Compile { .. } | Event::Chunk { .. } => {}
            Event::Encoder {
                output, message, ..
            } => self.remark(&format!("{}: {message}", output.display())),
            Event::Choice { message, .. } | Event::Engine { message, .. } => self.remark(message),
            Event::Executors { check, .. } => self.remark(&format!(
                "{} and {} agree in {} frames: {}",
                check.cpu.name,
                check.gpu.name,
                check.frames,
                check.found()
            )),
            Event::Resume { done, chunks, .. } => {
                self.remark(&format!("going on: {done} of {chunks} chunks are done"));
            }
            Event::Metrics {
                metrics, output, ..
            } => self.remark(&format!("{}: {}", output.display(), metrics.words())),
            Event::Progress { .. } => self.progress(event),
            Event::Stitch {
                done,
                chunks,
                output,
                input,
            } => self.stage(input, output, &format!("joining {done} of {chunks} chunks")),
            Event::Verify { output, input } => self.stage(input, output, "checking"),
            Event::Warning { message, .. } => self.warning(message),
            Event::Done {
                input,
                outputs,
                frames,
                seconds,
                device,
            } => {
                self.ended(input);
                if self.quiet || self.mode == ProgressMode::None {
                    return;
                }
                let on = device
                    .as_ref()
                    .map_or(String::new(), |device| format!(" on {}", device.name));
                for output in outputs {
                    self.line(&format!(
                        "{}: {frames} frame{} in {}{on}",
                        output.display(),
                        if *frames == 1 { "" } else { "s" },
                        clock(*seconds)
                    ));
                }
            }
        }
    }

    fn start(&self, input: &Path, frames: Option<u64>) {
        let mut state = self.state();
        let bar = (!self.quiet && self.mode == ProgressMode::Bar).then(|| {
            let bar = match frames {
                Some(frames) => ProgressBar::new(frames),
                None => ProgressBar::no_length(),
            };
            let template = if frames.is_some() {
                "{prefix}{wide_bar} {pos}/{len} frames  {msg}"
            } else {
                "{prefix}{spinner} {pos} frames  {msg}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━╸ "));
            }
            state.bars.add(bar)
        });
        let shown = Shown {
            bar,
            frames: BTreeMap::new(),
            last_line: Instant::now(),
        };
        state.jobs.insert(input.to_owned(), shown);
        state.name_bars();
    }

    /// Shows how far the download of `name` is; `ended` removes its bar.
    pub fn download(&self, name: &Path, progress: &Progress) {
        if self.speaks_json() {
            let line = json!({
                "event": "download", "input": name, "bytes": progress.done, "total": progress.total,
                "rate": progress.rate, "eta_s": progress.left,
            });
            return self.line(&line.to_string());
        }
        if !self.state().jobs.contains_key(name) {
            self.start(name, progress.total);
        }
        let mut state = self.state();
        let Some(job) = state.jobs.get_mut(name) else {
            return;
        };
        let of = progress.total.map_or(String::new(), |total| {
            format!(" of {}", bytes_in_words(total))
        });
        let left = progress
            .left
            .map_or(String::new(), |left| format!(", {} left", clock(left)));
        let rate = bytes_in_words(progress.rate as u64);
        let words = format!("{}{of}, {rate}/s{left}", bytes_in_words(progress.done));
        if let Some(bar) = &job.bar {
            let template = match progress.total {
                Some(_) => "{wide_bar}  {msg}",
                None => "{spinner}  {msg}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━╸ "));
            }
            bar.set_position(progress.done);
            bar.set_message(words);
            return;
        }
        let due = self.due(job);
        drop(state);
        if due {
            self.line(&format!("{}: {words}", name.display()));
        }
    }

    fn analyse(
        &self,
        input: &Path,
        (frame, frames): (u64, Option<u64>),
        fps: f64,
        eta: Option<f64>,
    ) {
        if !self.state().jobs.contains_key(input) {
            self.start(input, frames);
        }
        let mut state = self.state();
        let Some(job) = state.jobs.get_mut(input) else {
            return;
        };
        let left = eta.map_or(String::new(), |eta| format!(", {} left", clock(eta)));
        if let Some(bar) = &job.bar {
            bar.set_position(frame);
            bar.set_message(format!("analysing, {fps:.1} fps{left}"));
            return;
        }
        let due = self.due(job);
        drop(state);
        if due {
            let of = frames.map_or(String::new(), |frames| format!(" of {frames}"));
            self.line(&format!(
                "{}: analysing frame {frame}{of}, {fps:.1} fps{left}",
                input.display()
            ));
        }
    }

    fn progress(&self, event: &Event) {
        let Event::Progress {
            frame,
            frames,
            fps,
            eta_s,
            output,
            input,
            gpu,
        } = event
        else {
            return;
        };
        let mut state = self.state();
        let Some(job) = state.jobs.get_mut(input) else {
            return;
        };
        job.frames.insert(output.clone(), *frame);
        let least = job.frames.values().copied().min().unwrap_or(*frame);
        let mut left = eta_s.map_or(String::new(), |eta| format!(", {} left", clock(eta)));
        if let Some(gpu) = gpu {
            left.push_str(&format!(", GPU {}", gpu.words()));
        }
        if let Some(bar) = &job.bar {
            bar.set_position(least);
            bar.set_message(format!("{fps:.1} fps{left}"));
            return;
        }
        let of = frames.map_or(String::new(), |frames| format!(" of {frames}"));
        let due = self.due(job);
        drop(state);
        if due {
            let share = frames.map(|frames| 100.0 * least as f64 / frames.max(1) as f64);
            if let (ProgressMode::OpenJd, Some(share)) = (self.mode, share) {
                self.line(&format!("openjd_progress: {:.1}", share.min(100.0)));
            }
            let before = match self.mode {
                ProgressMode::OpenJd => "openjd_status: ",
                _ => "",
            };
            self.line(&format!(
                "{before}{}: frame {frame}{of}, {fps:.1} fps{left}",
                output.display()
            ));
        }
    }

    /// Shows what is done with an output after its frames are encoded.
    fn stage(&self, input: &Path, output: &Path, what: &str) {
        let mut state = self.state();
        let Some(job) = state.jobs.get_mut(input) else {
            return;
        };
        if let Some(bar) = &job.bar {
            bar.set_message(what.to_owned());
            return;
        }
        let due = self.due(job);
        drop(state);
        if due {
            self.line(&format!("{}: {what}", output.display()));
        }
    }

    /// Whether it is time for a plain line about `job`.
    fn due(&self, job: &mut Shown) -> bool {
        let due = !self.quiet
            && matches!(self.mode, ProgressMode::Lines | ProgressMode::OpenJd)
            && job.last_line.elapsed() >= BETWEEN_LINES;
        if due {
            job.last_line = Instant::now();
        }
        due
    }

    /// Removes the bar of the job of `input`, which has ended.
    pub fn ended(&self, input: &Path) {
        let mut state = self.state();
        if let Some(bar) = state.jobs.remove(input).and_then(|job| job.bar) {
            bar.finish_and_clear();
            state.bars.remove(&bar);
        }
    }

    /// Removes all bars.
    pub fn all_ended(&self) {
        let inputs: Vec<PathBuf> = self.state().jobs.keys().cloned().collect();
        inputs.iter().for_each(|input| self.ended(input));
    }
}

/// Seconds for people: `4.2 s`, `3:25`, `1:02:03`.
fn clock(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_for_people() {
        assert_eq!(
            [4.24, 205.0, 3723.4].map(clock),
            ["4.2 s", "3:25", "1:02:03"]
        );
    }

    #[test]
    fn a_panic_while_something_is_shown_is_still_logged() {
        let console = Console::new(&Messages {
            progress: ProgressMode::Auto,
            verbose: 0,
            quiet: false,
            log_level: None,
        });
        let state = console.state();
        console.line("written while the console is locked");
        drop(state);
        console.line("written afterwards");
        assert!(!HOLDS.get());
    }

    #[test]
    fn the_progress_mode_is_found_in_bad_arguments() {
        let of = |words: &[&str]| {
            ProgressMode::of(&words.iter().map(Into::into).collect::<Vec<OsString>>())
        };
        assert_eq!(
            of(&["a", "--progress", "json", "--nope"]),
            Some(ProgressMode::Json)
        );
        assert_eq!(
            of(&["a", "--nope", "--progress=json"]),
            Some(ProgressMode::Json)
        );
        assert_eq!(of(&["a", "--nope"]), None);
    }
}
