//! The log of all layers, on the console: a line for people, or a JSON object.

use std::fmt::{self, Write as _};
use std::io;
use std::sync::Arc;

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::args::Messages;
use super::console::Console;

/// Sends the log, and the words of panics, to the console.
pub fn install(console: &Arc<Console>, messages: &Messages) {
    let layer = tracing_subscriber::fmt::layer()
        .event_format(Lines {
            json: console.speaks_json(),
        })
        .with_ansi(false)
        .with_writer(Output(console.clone()));
    let installed = tracing_subscriber::registry()
        .with(filter(messages))
        .with(layer)
        .try_init();
    if installed.is_err() {
        // Somebody else logs already; our lines go there.
    }
    std::panic::set_hook(Box::new(
        |panic| tracing::error!(target: "panic", "{panic}"),
    ));
}

/// FFmpeg complains of much that is handled: it is heard on request only.
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
    Targets::new()
        .with_default(level)
        .with_target("ffmpeg", ffmpeg)
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

/// The message of an event, then its other fields.
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

/// One event, written as a whole.
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
