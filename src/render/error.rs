//! Errors of a job, with messages for the user.

use std::io;
use std::path::{Path, PathBuf};

use super::task_numbers::in_ranges;
use crate::graph::ExecError;
use crate::graph::style::{ModelFailure, StyleError};
use crate::media::{ErrorKind, MediaError, bytes_in_words};

pub type Result<T> = std::result::Result<T, RenderError>;

/// The kind of a [`RenderError`]. It decides the exit status of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The request is invalid, or would destroy something.
    Usage,
    /// The input has no pictures that can be rendered.
    BadInput,
    NoInput,
    /// An encoder, device, twin or format is not available.
    Unavailable,
    CannotCreate,
    /// Reading or writing failed.
    Io,
    /// Another attempt may succeed.
    TryAgain,
    /// The program itself is wrong.
    Fault,
    /// A comparison that was asked for found a difference.
    Differs,
    /// Somebody asked for an end.
    Cancelled,
}

/// A failure of a job. The first line of the message says what failed and why; [`Self::advice`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    #[error(transparent)]
    Media(MediaError),
    #[error(transparent)]
    Style(#[from] StyleError),
    #[error(transparent)]
    Exec(ExecError),
    #[error("{what}")]
    Usage { what: String, advice: String },
    #[error("the output already exists: {}", path.display())]
    Exists { path: PathBuf },
    #[error("the output is the input itself: {}", path.display())]
    OutputIsInput { path: PathBuf },
    #[error("cannot create {}: {why}", path.display())]
    CannotCreate { path: PathBuf, why: String },
    #[error("{look} of {} would change its pictures: {why}", path.display())]
    CannotBypass {
        look: String,
        path: PathBuf,
        why: String,
    },
    #[error("{} is damaged: {}", path.display(), words.join("; "))]
    Damaged { path: PathBuf, words: Vec<String> },
    #[error("{} differs from what was rendered: {why}", path.display())]
    Unfaithful { path: PathBuf, why: String },
    #[error("{cpu} and {gpu} differ, most at {seconds:.3} s: {found}")]
    ExecutorsDiffer {
        cpu: String,
        gpu: String,
        found: String,
        seconds: f64,
    },
    #[error("no picture was rendered from {}", path.display())]
    Nothing { path: PathBuf },
    #[error("at {seconds:.3} s (pts {pts}): {source}")]
    CurrentFrame {
        pts: i64,
        seconds: f64,
        source: Box<RenderError>,
    },
    /// The output of a device suggests that it failed without reporting an error.
    #[error("{device} may have failed: {found}")]
    Suspicious { device: String, found: String },
    #[error("the {stage} stage failed with an internal error: {message}")]
    Panicked {
        stage: &'static str,
        message: String,
    },
    /// A fault of the program ended the job.
    #[error("{failure}; {}", left(complete, kept.as_deref()))]
    Fault {
        failure: Box<RenderError>,
        /// Outputs that are complete.
        complete: Vec<PathBuf>,
        /// The folder with what is done of the others.
        kept: Option<PathBuf>,
    },
    /// All frames are written, but an output could not be checked, or differs from what was rendered.
    #[error("{failure}; {}", whole(complete, unchecked))]
    Unchecked {
        failure: Box<RenderError>,
        /// Outputs that passed their check.
        complete: Vec<PathBuf>,
        /// The others, by the names under which they are kept.
        unchecked: Vec<PathBuf>,
    },
    #[error("cannot start a thread: {0}")]
    NoThread(io::Error),
    #[error("interrupted: nothing was written")]
    Cancelled,
    #[error("interrupted: {done} of {chunks} chunks are done and kept")]
    Interrupted { done: usize, chunks: usize },
    #[error("{failure}")]
    Unfinished {
        failure: Box<RenderError>,
        done: usize,
        chunks: usize,
    },
    #[error("another process is rendering this job: {}", path.display())]
    Busy { path: PathBuf },
    #[error("the unfinished render of {} cannot be continued: {}", output.display(), differences.join("; "))]
    OtherJob {
        output: PathBuf,
        differences: Vec<String>,
    },
    /// The folder of a job that several processes render.
    #[error("{} is no job: {why}", path.display())]
    NoJob { path: PathBuf, why: String },
    /// The input is another one than that of the plan.
    #[error("{} is not the input of the plan: {}", path.display(), differences.join("; "))]
    OtherInput {
        path: PathBuf,
        differences: Vec<String>,
    },
    /// This machine would render something else than the plan says.
    #[error("the plan in {} cannot be rendered here: {}", place.display(), differences.join("; "))]
    OtherPlan {
        place: PathBuf,
        differences: Vec<String>,
    },
    /// Not all is rendered yet.
    #[error("{} of {tasks} tasks of {} are missing: {}", missing.len(), place.display(), in_ranges(missing))]
    Incomplete {
        place: PathBuf,
        missing: Vec<usize>,
        tasks: usize,
    },
    /// Some chunks must be rendered again, by decoding the input from its beginning.
    #[error("the input of {} is damaged at {seconds:.3} s, or decodes differently if decoding starts at a key frame before that: its tasks from there on are to be rendered again", place.display())]
    FromStart { place: PathBuf, seconds: f64 },
    /// The outputs are complete.
    #[error("the output is complete, but the report {} cannot be written: {error}{}", path.display(), in_numbers(*room))]
    Unreported {
        path: PathBuf,
        /// Free bytes and needed bytes.
        room: Option<(u64, u64)>,
        error: io::Error,
    },
    #[error("there is too little room in {}: {} are free, {} are needed", path.display(), bytes_in_words(*free), bytes_in_words(*need))]
    LowDisk { path: PathBuf, free: u64, need: u64 },
    /// Decoding from the middle of the file gives another result than decoding from the start. Internal: no job returns
    /// it.
    #[error("decoding from the middle differs at {pts}")]
    BoundaryMismatch { pts: i64 },
    /// A thread ended because its neighbour did. Internal: no job returns it.
    #[error("a neighbouring stage ended")]
    Stopped,
}

impl From<MediaError> for RenderError {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Ended { .. } => Self::Cancelled,
            error => Self::Media(error),
        }
    }
}

impl From<ExecError> for RenderError {
    fn from(error: ExecError) -> Self {
        match error {
            ExecError::Stopped { .. } => Self::Cancelled,
            error => Self::Exec(error),
        }
    }
}

impl RenderError {
    /// The kind of this failure.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Media(error) => match error.kind() {
                ErrorKind::NoInput => Failure::NoInput,
                ErrorKind::NotMedia => Failure::BadInput,
                ErrorKind::Unavailable => Failure::Unavailable,
                ErrorKind::CannotCreate => Failure::CannotCreate,
                ErrorKind::Io => Failure::Io,
                ErrorKind::Usage => Failure::Usage,
            },
            Self::Exec(ExecError::Lost { .. } | ExecError::OutOfMemory { .. }) => Failure::TryAgain,
            Self::Exec(ExecError::Misused { .. }) => Failure::Fault,
            Self::Exec(ExecError::Shader { .. }) => Failure::Usage,
            Self::Exec(ExecError::WrongPicture { .. }) => Failure::BadInput,
            Self::Exec(_) => Failure::Unavailable,
            Self::Style(StyleError::LutFile { .. } | StyleError::TrackFile { .. }) => {
                Failure::NoInput
            }
            Self::Style(StyleError::Model(error)) => match error.failure {
                ModelFailure::Missing | ModelFailure::Bad => Failure::BadInput,
                ModelFailure::Unavailable => Failure::Unavailable,
                ModelFailure::Usage => Failure::Usage,
            },
            Self::Style(
                StyleError::Lut { .. } | StyleError::HaldClut { .. } | StyleError::Table { .. },
            ) => Failure::BadInput,
            Self::Style(_)
            | Self::Usage { .. }
            | Self::Exists { .. }
            | Self::OutputIsInput { .. }
            | Self::CannotBypass { .. } => Failure::Usage,
            Self::CannotCreate { .. } => Failure::CannotCreate,
            Self::Damaged { .. } | Self::Nothing { .. } => Failure::BadInput,
            Self::Unfaithful { .. } => Failure::Io,
            Self::ExecutorsDiffer { .. } => Failure::Differs,
            Self::CurrentFrame { source, .. } => source.failure(),
            Self::Panicked { .. } | Self::Fault { .. } => Failure::Fault,
            Self::NoThread(_) | Self::Busy { .. } | Self::Suspicious { .. } => Failure::TryAgain,
            Self::OtherJob { .. } => Failure::Usage,
            Self::NoJob { .. } => Failure::NoInput,
            Self::OtherInput { .. } => Failure::BadInput,
            Self::OtherPlan { .. } => Failure::Unavailable,
            Self::Incomplete { .. } | Self::FromStart { .. } => Failure::TryAgain,
            Self::Unreported { error, .. } => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Failure::CannotCreate,
                _ => Failure::Io,
            },
            Self::LowDisk { .. } | Self::BoundaryMismatch { .. } => Failure::Io,
            Self::Unfinished { failure, .. } | Self::Unchecked { failure, .. } => failure.failure(),
            Self::Cancelled | Self::Interrupted { .. } | Self::Stopped => Failure::Cancelled,
        }
    }

    /// Whether another attempt may succeed: after a device failure or a panic in a stage.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::CurrentFrame { source, .. } => source.may_pass(),
            Self::Panicked { .. } | Self::Media(MediaError::Encode { .. }) => true,
            _ => self.is_of_device(),
        }
    }

    /// Whether a device failed, ran out of memory or was misused, so that another device may succeed.
    pub(super) fn is_of_device(&self) -> bool {
        match self {
            Self::CurrentFrame { source, .. } => source.is_of_device(),
            Self::Exec(
                ExecError::Lost { .. }
                | ExecError::TooLarge { .. }
                | ExecError::OutOfMemory { .. }
                | ExecError::Misused { .. },
            )
            | Self::Suspicious { .. } => true,
            _ => false,
        }
    }

    /// Whether a hardware decoder failed, so that the processor may succeed.
    pub(super) fn is_of_decoder(&self) -> bool {
        matches!(self, Self::Media(MediaError::HardwareDecoder { .. }))
    }

    /// Whether the same device may succeed with fewer frames in flight: not where it was misused, or where a limit of
    /// it is too low.
    pub(super) fn may_pass_with_one_frame(&self) -> bool {
        match self {
            Self::CurrentFrame { source, .. } => source.may_pass_with_one_frame(),
            Self::Exec(
                ExecError::Lost { .. } | ExecError::OutOfMemory { .. } | ExecError::TooLarge { .. },
            ) => true,
            _ => false,
        }
    }

    /// Whether its message says where the outputs of the job are.
    pub(super) fn names_its_outputs(&self) -> bool {
        match self {
            Self::Unfinished { failure, .. } => failure.names_its_outputs(),
            Self::Unchecked { .. } => true,
            _ => false,
        }
    }

    /// What failed and why, in one line.
    pub fn summary(&self) -> String {
        first_line(&self.to_string())
    }

    /// What the user can do about it; may be empty.
    pub fn advice(&self) -> String {
        match self {
            Self::Media(error) => error.advice(),
            Self::Style(error) => rest(&error.to_string()),
            Self::Exec(error) => rest(&error.to_string()),
            Self::Usage { advice, .. } => advice.clone(),
            Self::Exists { .. } => "use -y to replace it, or -o to name another file".into(),
            Self::OutputIsInput { .. } => "name another file with -o".into(),
            Self::CannotCreate { .. } => {
                "check that the folder exists and may be written to, or name another with -o".into()
            }
            Self::CannotBypass { .. } => {
                "use --style identity, which converts, or choose a --codec that keeps the pixel format"
                    .into()
            }
            Self::Damaged { .. } => "leave --strict out to render what can be decoded".into(),
            Self::Unfaithful { .. } => {
                "try again, or another container (.mkv)".into()
            }
            Self::ExecutorsDiffer { .. } => {
                "nothing was rendered. A kernel and its twin, or a driver, may be at fault: try another --device, or leave --check-executors out".into()
            }
            Self::Nothing { .. } => "check the input with `aquatint probe`".into(),
            Self::CurrentFrame { source, .. } => source.advice(),
            Self::Fault { failure, .. } => failure.advice(),
            Self::Unchecked {
                failure, unchecked, ..
            } => match unchecked.is_empty() {
                true => failure.advice(),
                false => format!(
                    "look at what is kept before you use it\n{}",
                    failure.advice()
                ),
            },
            Self::Panicked { .. } => {
                "this is a fault of aquatint: please report it with the input and the command".into()
            }
            Self::Suspicious { .. } => "try again, or with --device cpu".into(),
            Self::NoThread(_) => "try again when the machine is less busy".into(),
            Self::Interrupted { .. } => "the same command continues from there".into(),
            Self::Unfinished {
                failure,
                done,
                chunks,
            } => {
                let kept = format!("{done} of {chunks} chunks are done and kept: the same command continues from there");
                match failure.advice() {
                    advice if advice.is_empty() => kept,
                    advice => format!("{advice}\n{kept}"),
                }
            }
            Self::Busy { .. } => "wait until it ends, or stop it".into(),
            Self::OtherJob { .. } => {
                "undo these changes, or give --no-resume to start over and discard the finished chunks".into()
            }
            Self::NoJob { .. } => {
                "`aquatint plan INPUT --job JOB` makes one; when its output is complete, it is removed".into()
            }
            Self::OtherInput { .. } => {
                "every machine must see the file that was planned: bring it back, or make a new plan".into()
            }
            Self::OtherPlan { .. } => {
                "render on machines like the one that made the plan, with the same version of aquatint, or make a new plan".into()
            }
            Self::Incomplete { place, missing, .. } => {
                let place = place.display();
                format!(
                    "`aquatint chunk {place} {}` renders them, `aquatint status {place}` says how far they are",
                    in_ranges(missing)
                )
            }
            Self::FromStart { place, .. } => {
                let place = place.display();
                format!("`aquatint status {place}` says which: render them, and try again")
            }
            Self::Unreported { .. } => {
                "check that its folder exists and has room, or name another file with --report".into()
            }
            Self::LowDisk { .. } => {
                "make room, or name another place with -o or --work-dir".into()
            }
            Self::Cancelled | Self::BoundaryMismatch { .. } | Self::Stopped => String::new(),
        }
    }

    pub(crate) fn usage(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Usage {
            what: what.into(),
            advice: advice.into(),
        }
    }
}

/// What there is of outputs whose frames are all written.
fn whole(complete: &[PathBuf], unchecked: &[PathBuf]) -> String {
    let complete = complete
        .iter()
        .map(|path| format!("{} is complete", path.display()));
    let unchecked = unchecked
        .iter()
        .map(|path| format!("all that was rendered is kept in {}", path.display()));
    unchecked.chain(complete).collect::<Vec<_>>().join(", ")
}

/// What a job left, in words.
fn left(complete: &[PathBuf], kept: Option<&Path>) -> String {
    let complete: Vec<String> = complete
        .iter()
        .map(|path| format!("{} is complete", path.display()))
        .collect();
    let kept = kept.map(|folder| format!("what is done is kept in {}", folder.display()));
    let words: Vec<String> = complete.into_iter().chain(kept).collect();
    match words.is_empty() {
        true => "nothing was written".to_owned(),
        false => words.join(", "),
    }
}

fn in_numbers(room: Option<(u64, u64)>) -> String {
    room.map_or(String::new(), |(free, need)| {
        let (free, need) = (bytes_in_words(free), bytes_in_words(need));
        format!(" ({free} are free, {need} are needed)")
    })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn rest(text: &str) -> String {
    let lines: Vec<&str> = text.lines().skip(1).map(str::trim_start).collect();
    lines.join("\n")
}
