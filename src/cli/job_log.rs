//! The log of a job in its folder: the same lines as in the daily log file.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The target of spans whose field `file` names a file that gets their lines as well.
pub const TARGET: &str = "job_log";

thread_local! {
    /// The log files of the spans that this thread is in, innermost last.
    static OPEN: RefCell<Vec<Option<Arc<File>>>> = const { RefCell::new(Vec::new()) };
}

/// Opens the log files, and keeps track of the one that each thread writes to.
pub struct Files;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Files {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut named = Named(None);
        if attributes.metadata().target() == TARGET {
            attributes.record(&mut named);
        }
        let open = |path| File::options().create(true).append(true).open(path);
        // A render does not fail because it cannot be logged.
        if let (Some(span), Some(Ok(file))) = (context.span(id), named.0.map(open)) {
            span.extensions_mut().insert(Arc::new(file));
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        // A thread of the job enters only the innermost span, so the enclosing ones are searched.
        let file = context.span_scope(id).and_then(|mut scope| {
            scope.find_map(|span| span.extensions().get::<Arc<File>>().cloned())
        });
        OPEN.with_borrow_mut(|open| open.push(file));
    }

    fn on_exit(&self, _: &Id, _: Context<'_, S>) {
        OPEN.with_borrow_mut(|open| open.pop());
    }
}

/// The field `file`.
struct Named(Option<String>);

impl Visit for Named {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "file" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Writes to the log file of the innermost span that has one.
pub struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        let innermost = |open: &Vec<Option<Arc<File>>>| open.iter().flatten().next_back().cloned();
        Line(OPEN.with_borrow(innermost))
    }
}

/// Writes one line to a log file, or discards it.
pub struct Line(Option<Arc<File>>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = &self.0 {
            // A full disk does not end the render for its log.
            let _ = file.as_ref().write_all(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
