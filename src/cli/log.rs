//! The log of all layers: on the console as text or JSON, in a daily log file, and in a file for each long job.

use std::fmt::{self, Write as _};
use std::io;
use std::sync::Arc;

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::args::Messages;
use super::console::Console;
use super::job_log;
use crate::folders::state_folder;

/// How many daily log files are kept.
const DAYS: usize = 14;
/// The target of lines that the console shows by itself; they go only into log files.
const CONSOLE: &str = "console";

/// Sends the log and the messages of panics to the console; if `keeps` is set, to the daily log file as well.
pub fn install(console: &Arc<Console>, messages: &Messages, keeps: bool) {
    let file = keeps.then(file_of_the_day).flatten().map(|writer| {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(writer)
            .with_filter(file_filter(messages))
    });
    let jobs = keeps.then(|| {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(job_log::Lines)
            .with_filter(file_filter(messages))
    });
    let files = Targets::new()
        .with_target(job_log::TARGET, LevelFilter::INFO)
        .with_target("aquatint", LevelFilter::INFO);
    let layer = tracing_subscriber::fmt::layer()
        .event_format(Lines {
            json: console.speaks_json(),
        })
        .with_ansi(false)
        .with_writer(Output(console.clone()))
        .with_filter(filter(messages).with_target(CONSOLE, LevelFilter::OFF));
    let installed = tracing_subscriber::registry()
        .with(keeps.then(|| job_log::Files.with_filter(files)))
        .with(file)
        .with(jobs)
        .with(layer)
        .try_init();
    if installed.is_err() {
        // The process has a logger already; it gets our lines.
    }
    std::panic::set_hook(Box::new(
        |panic| tracing::error!(target: "panic", "{panic}"),
    ));
}

/// The log file of today; `None` where it cannot be written, which is no reason to fail.
fn file_of_the_day() -> Option<RollingFileAppender> {
    let folder = state_folder()?.join("log");
    std::fs::create_dir_all(&folder).ok()?;
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("aquatint")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder)
        .ok()
}

/// What goes into log files: what jobs do; more with --log-level.
fn file_filter(messages: &Messages) -> Targets {
    let (level, ffmpeg) = match messages.log_level.as_deref() {
        Some("off") => (LevelFilter::OFF, LevelFilter::OFF),
        Some("debug") => (LevelFilter::DEBUG, LevelFilter::DEBUG),
        Some("trace") => (LevelFilter::TRACE, LevelFilter::TRACE),
        _ => (LevelFilter::INFO, LevelFilter::WARN),
    };
    let quiet = LevelFilter::WARN;
    Targets::new()
        .with_target("aquatint", level)
        .with_target(CONSOLE, level)
        .with_target("panic", level)
        .with_target("ffmpeg", ffmpeg)
        .with_default(if level > quiet { quiet } else { level })
}

/// What goes to the console. FFmpeg warns about much that is handled, so its lines are off unless asked for.
fn filter(messages: &Messages) -> Targets {
    let (level, ffmpeg) = match (messages.log_level.as_deref(), messages.verbose) {
        (Some("off"), _) => (LevelFilter::OFF, LevelFilter::OFF),
        (Some("error"), _) => (LevelFilter::ERROR, LevelFilter::OFF),
        (Some("info"), _) => (LevelFilter::INFO, LevelFilter::WARN),
        (Some("debug"), _) => (LevelFilter::DEBUG, LevelFilter::DEBUG),
        (Some("trace"), _) => (LevelFilter::TRACE, LevelFilter::TRACE),
        (Some(_), _) => (LevelFilter::WARN, LevelFilter::ERROR),
        (None, 0) if messages.quiet => (LevelFilter::ERROR, LevelFilter::OFF),
        (None, 0) => (LevelFilter::WARN, LevelFilter::OFF),
        (None, 1) => (LevelFilter::INFO, LevelFilter::WARN),
        (None, 2) => (LevelFilter::DEBUG, LevelFilter::DEBUG),
        (None, _) => (LevelFilter::TRACE, LevelFilter::TRACE),
    };
    // What panics say is in the error that they lead to; where they were is for those who look for it.
    let panics = if level >= LevelFilter::INFO {
        level
    } else {
        LevelFilter::OFF
    };
    Targets::new()
        .with_default(level)
        .with_target("ffmpeg", ffmpeg)
        .with_target("panic", panics)
}

struct Lines {
    json: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut words = Words::default();
        event.record(&mut words);
        let (level, target) = (event.metadata().level(), event.metadata().target());
        let level = match *level {
            Level::ERROR => "error",
            Level::WARN => "warn",
            Level::INFO => "info",
            Level::DEBUG => "debug",
            Level::TRACE => "trace",
        };
        if self.json {
            let object =
                json!({"event": "log", "level": level, "target": target, "message": words.0});
            write!(writer, "{object}")
        } else {
            write!(writer, "{level}: {target}: {}", words.0)
        }
    }
}

/// Collects the message of an event, then its other fields.
#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let rest = std::mem::take(&mut self.0);
            self.0 = format!("{value:?}{rest}");
        } else {
            // Writing to a string does not fail.
            let _ = write!(self.0, " {}={value:?}", field.name());
        }
    }
}

struct Output(Arc<Console>);

impl<'a> MakeWriter<'a> for Output {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(&self.0)
    }
}

/// Writes one event as one line.
struct Line<'a>(&'a Console);

impl io::Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.line(String::from_utf8_lossy(bytes).trim_end());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
