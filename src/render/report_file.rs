//! Where a report goes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::{RenderError, Result};
use crate::media::same_file;

const OTHER: &str = "name another file with --report";

/// Checks that a report of jobs with these `inputs` can be written to `report`.
///
/// # Errors
/// `Usage` where it is an input or, without `overwrite`, would replace a file that is no report; `CannotCreate` where it is a
/// folder or its folder does not exist.
pub(super) fn check<'i>(
    report: &Path,
    inputs: impl IntoIterator<Item = &'i Path>,
    overwrite: bool,
) -> Result<()> {
    if inputs.into_iter().any(|input| same_file(input, report)) {
        return Err(RenderError::usage(
            format!("the report is an input: {}", report.display()),
            OTHER,
        ));
    }
    let cannot_create = |why: String| RenderError::CannotCreate {
        path: report.into(),
        why,
    };
    if report.is_dir() {
        return Err(cannot_create(
            "it is a folder\n  name a file with --report".to_owned(),
        ));
    }
    if !overwrite && report.exists() && !is_json(report) {
        return Err(RenderError::usage(
            format!(
                "the report would replace a file that is not a report: {}",
                report.display()
            ),
            "use -y to replace it, or name another file with --report",
        ));
    }
    let folder = report.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(cannot_create(format!(
            "the folder {} does not exist\n  create the folder, or {OTHER}",
            folder.display()
        ))),
        _ => Ok(()),
    }
}

/// Whether a file starts as a report does.
fn is_json(path: &Path) -> bool {
    let mut first = [0];
    let read = File::open(path).and_then(|mut file| file.read(&mut first));
    read.is_ok_and(|length| length == 0 || b"{[".contains(&first[0]))
}
