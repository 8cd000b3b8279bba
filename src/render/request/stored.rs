//! What is kept of a request in a job's folder, so that the job can be resumed from anywhere.

use std::io;
use std::path::{Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::naming::OutputLocation;
use super::RenderRequest;

/// One job of a request: everything that is needed to give it again. All paths are absolute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredJob {
    pub input: PathBuf,
    pub output: OutputLocation,
    pub request: RenderRequest,
    /// What was asked for, where something of the request was chosen for the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<RenderRequest>,
    /// Whether the numbers that styles offer are read: also where the report is one of several jobs, which the request of
    /// one does not name.
    #[serde(default)]
    pub measures: bool,
}

impl StoredJob {
    /// The job that renders `input` to `output` by `request`, which is [absolute](RenderRequest::absolute).
    ///
    /// # Errors
    /// When the current folder is not known.
    pub fn new(request: &RenderRequest, input: &Path, output: &OutputLocation) -> io::Result<Self> {
        Ok(Self {
            input: absolute(input)?,
            output: OutputLocation {
                out: output.out.as_ref().map(absolute).transpose()?,
                ..output.clone()
            },
            request: RenderRequest {
                // Resuming is what it is stored for.
                resume: None,
                ..request.clone()
            },
            asked: None,
            measures: request.report.is_some(),
        })
    }

    /// As JSON; `None` where a path is not UTF-8: such a job is resumed by the command alone.
    pub fn to_json(&self) -> Option<Value> {
        serde_json::to_value(self).ok()
    }
}
