//! Joins the chunks of a job into its outputs.

use std::path::Path;

use super::super::chunks::{CHUNK_ENDING, EarlierReport, sync};
use super::super::committed_outputs;
use super::super::error::Result;
use super::super::event::{Cancel, Event};
use super::super::naming::folder_of;
use super::super::removal::{LOCK, PLAN};
use super::super::report::Report;
use super::attempt::{AttemptFile, AttemptState, attempts};
use super::lease::Lease;
use super::open::{ATTEMPTS, LOGS, Purpose, TaskJob};

/// The folder of the files that schedulers are given.
const FARM: &str = "farm";
/// Files of a job's folder, besides those of its chunks.
const OWN: [&str; 4] = [PLAN, committed_outputs::NAME, LOCK, "from-start"];

/// Joins the tasks of `job`, which are all done, into its outputs: checked, and renamed when they are complete. Then the folder
/// of the job is removed, unless it is `kept` or its request keeps it.
///
/// # Errors
/// `Incomplete` where tasks are missing, `FromStart` where some must be rendered again, `Busy` where another process joins it;
/// else those of the end of a render.
pub fn join_tasks(
    job: &TaskJob,
    kept: bool,
    tell: &mut dyn FnMut(Event),
    cancel: &Cancel,
) -> Result<Report> {
    let lease = Lease::take(job.place())?;
    let (mut prepared, chunking) = job.job(Purpose::Join)?;
    prepared.settings.job.keep_chunks |= kept;
    let kept = prepared.settings.job.keep_chunks;
    let log = AttemptFile::join_log(job.place());
    let said = (earlier(job.place()), log.as_path());
    let report = prepared.run_join(chunking, said, tell, cancel)?;
    drop(lease);
    if !kept {
        remove(job.place());
    }
    Ok(report)
}

/// What the processes said that rendered the tasks.
fn earlier(job: &Path) -> EarlierReport {
    let mut earlier = EarlierReport::default();
    let ended = attempts(job);
    let done = |attempt: &&super::attempt::Attempt| attempt.state == AttemptState::Done;
    for attempt in ended.iter().filter(done) {
        for (all, one) in [
            (&mut earlier.warnings, &attempt.warnings),
            (&mut earlier.retries, &attempt.retries),
            (&mut earlier.fallbacks, &attempt.fallbacks),
        ] {
            for words in one {
                if !all.contains(words) {
                    all.push(words.clone());
                }
            }
        }
    }
    earlier
}

/// Removes the folder of a job that is done. What is not the job's stays, and with it the folder.
fn remove(job: &Path) {
    let is_own = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let of_chunk = name.split('.').next().is_some_and(|number| {
            number.len() >= 6 && number.bytes().all(|digit| digit.is_ascii_digit())
        });
        let ending = [CHUNK_ENDING, ".nut", ".checkpoint", ".partial"]
            .iter()
            .any(|ending| name.ends_with(ending));
        (of_chunk && ending) || OWN.iter().any(|own| name == *own)
    };
    // The plan goes last: without it the folder is no job any more.
    let entries = std::fs::read_dir(job).into_iter().flatten().flatten();
    let own = entries
        .map(|entry| entry.path())
        .filter(|path| is_own(path));
    for path in own.filter(|path| !path.ends_with(PLAN)) {
        let _ = std::fs::remove_file(path);
    }
    for folder in [ATTEMPTS, LOGS, FARM] {
        let _ = std::fs::remove_dir_all(job.join(folder));
    }
    let _ = std::fs::remove_file(job.join(PLAN));
    let _ = std::fs::remove_dir(job);
    sync(folder_of(job));
}
