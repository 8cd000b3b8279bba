//! Runs a job: in one piece, or in chunks.

use sha2::{Digest, Sha256};
use tracing::{error, info_span};

use super::check_executors::check_executors;
use super::chunks::{self, Chunking};
use super::error::Result;
use super::event::{Cancel, Event};
use super::hex::hex;
use super::job::Job;
use super::new_folders::NewFolders;
use super::report::Report;
use super::single_pass;

impl Job {
    /// Renders. On any failure nothing is left under the outputs' names. What a long job has done by then is kept in a
    /// hidden folder beside them, and the same job goes on from there; of a short one nothing is left.
    ///
    /// # Errors
    /// The first failure of any stage, naming the frame where it is about one.
    pub fn run(self, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
        let _job = info_span!("job", id = self.id()).entered();
        let report = self.render(tell, cancel);
        if let Err(error) = &report {
            error!(target: "console", "{error}");
        }
        report
    }

    /// Tells this job from others, in the log: the same for the same input and outputs.
    fn id(&self) -> String {
        let mut digest = Sha256::new();
        for path in self.outputs().chain([self.input()]) {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update([0]);
        }
        hex(&digest.finalize()[..4])
    }

    fn render(mut self, tell: &mut dyn FnMut(Event), cancel: &Cancel) -> Result<Report> {
        if let Some(frames) = self.settings.job.check_executors
            && !self.outputs.is_empty()
        {
            self.executor_check = Some(check_executors(&self, frames, cancel)?);
        }
        let _folders = match &self.folder {
            Some(folder) if !self.outputs.is_empty() => NewFolders::create(folder)?,
            _ => NewFolders::default(),
        };
        match Chunking::of(&mut self, cancel)? {
            Some(chunking) => chunks::render(self, chunking, tell, cancel),
            None => single_pass::render(self, tell, cancel),
        }
    }
}
