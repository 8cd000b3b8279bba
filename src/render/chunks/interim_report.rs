//! Saves the interim report and the last error in the job folder, for `resume --list`.

use std::cell::RefCell;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use tracing::debug;

use super::super::error::RenderError;
use super::super::report::Report;
use super::job_dir::JobDir;

const NAME: &str = "report.json";
/// The report's key for the error that ended a job.
const FAILURE: &str = "failure";

/// The report in a job's folder; none where other processes use the folder, too.
pub(super) struct InterimReport<'a> {
    folder: &'a JobDir,
    report: RefCell<Value>,
}

/// The messages of earlier runs of the job.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(in super::super) struct EarlierReport {
    pub warnings: Vec<String>,
    pub retries: Vec<String>,
    pub fallbacks: Vec<String>,
    /// The error that ended the last run; `None` if it was killed.
    pub failure: Option<String>,
}

impl EarlierReport {
    /// Reads it from the report in `folder`, if there is one.
    pub fn read(folder: &Path) -> Self {
        let bytes = std::fs::read(folder.join(NAME)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Puts these messages before those of `report`, without duplicates.
    pub fn add_to(self, report: &mut Report) {
        let pairs = [
            (self.warnings, &mut report.warnings),
            (self.retries, &mut report.retries),
            (self.fallbacks, &mut report.fallbacks),
        ];
        for (earlier, now) in pairs {
            let here = std::mem::replace(now, earlier);
            for message in here {
                if !now.contains(&message) {
                    now.push(message);
                }
            }
        }
    }
}

impl<'a> InterimReport<'a> {
    pub fn new(folder: &'a JobDir) -> Self {
        Self {
            folder,
            report: RefCell::new(Value::Null),
        }
    }

    /// Saves `report` in its current state.
    pub fn save(&self, report: &Report) {
        *self.report.borrow_mut() = json!(report);
        self.write();
    }

    /// Saves the error that ended the job.
    pub fn ended(&self, failure: &RenderError) {
        if let Value::Object(report) = &mut *self.report.borrow_mut() {
            report.insert(FAILURE.to_owned(), json!(failure.summary()));
        }
        self.write();
    }

    /// It is not an error if the report cannot be saved, for example on a full disk.
    fn write(&self) {
        let report = &*self.report.borrow();
        if report.is_null() || self.folder.is_shared() {
            return;
        }
        let written = serde_json::to_vec_pretty(report)
            .map_err(|error| error.to_string())
            .and_then(|text| {
                let written = self.folder.write(NAME, &text);
                written.map_err(|error| error.to_string())
            });
        if let Err(why) = written {
            debug!("the interim report is not saved: {why}");
        }
    }
}
