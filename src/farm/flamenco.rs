//! Flamenco 3: a job type for its manager, and the job.

use serde_json::json;

use super::request::Request;
use super::submit::Files;
use crate::render::in_ranges;

const JOB_TYPE: &str = include_str!("flamenco.js");

/// The job as the manager's API takes it, and the job type. There is no client of Flamenco's on the command line.
pub(super) fn files(request: &Request) -> Files {
    let job = json!({
        "name": request.name,
        "type": "aquatint",
        "priority": 50,
        "submitter_platform": std::env::consts::OS,
        "settings": {
            "job_dir": request.job_text(),
            "tasks": in_ranges(&request.missing),
            "tasks_each": 1,
        },
    });
    let text = serde_json::to_string_pretty(&job).unwrap_or_default() + "\n";
    Files::new(("flamenco.json", text)).with("aquatint.js", JOB_TYPE.to_owned())
}
