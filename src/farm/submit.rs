//! Writes the files of a scheduler into the folder of a job, and runs its client.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use super::request::{Engine, Request};
use super::{flamenco, kubernetes, openjd, shell, slurm};
use crate::render::RenderError;

/// The folder of the files, in that of the job.
const FOLDER: &str = "farm";
/// What was submitted.
const SUBMITTED: &str = "submitted.json";

/// What went wrong with a scheduler.
#[derive(Debug, thiserror::Error)]
pub enum FarmError {
    #[error("{what}")]
    Usage { what: String, advice: String },
    #[error("{} cannot be written: {error}", path.display())]
    Write { path: PathBuf, error: io::Error },
    #[error("{program} is not installed here; what it is given is written to {}", folder.display())]
    NoClient { program: String, folder: PathBuf },
    #[error("{command} failed: {why}")]
    Client { command: String, why: String },
    #[error(transparent)]
    Job(#[from] RenderError),
}

/// What a scheduler is given.
#[derive(Clone, Debug)]
pub struct Files {
    /// Names and contents, the one to edit first.
    files: Vec<(&'static str, String)>,
    /// The program that must be there to submit them.
    client: Option<&'static str>,
    /// The command that submits them, run in their folder; none where people do that.
    command: Option<Vec<String>>,
    /// What takes jobs back, before their names; none where the command itself renders.
    cancel: Option<Vec<String>>,
}

impl Files {
    pub(super) fn new((name, text): (&'static str, String)) -> Self {
        Self {
            files: vec![(name, text)],
            client: None,
            command: None,
            cancel: None,
        }
    }

    pub(super) fn with(mut self, name: &'static str, text: String) -> Self {
        self.files.push((name, text));
        self
    }

    pub(super) fn needs(self, client: &'static str) -> Self {
        Self {
            client: Some(client),
            ..self
        }
    }

    /// They are run by a command that ends when all is done.
    pub(super) fn run<const N: usize>(self, command: [&str; N]) -> Self {
        Self {
            command: Some(command.map(str::to_owned).to_vec()),
            ..self
        }
    }

    /// They are put into a queue by a command that prints the names of the jobs, one a line.
    pub(super) fn queued<const N: usize>(self, command: [&str; N], cancel: &[&str]) -> Self {
        let cancel = cancel.iter().map(|word| (*word).to_owned()).collect();
        Self {
            cancel: Some(cancel),
            ..self.run(command)
        }
    }

    /// The text of the one to edit.
    pub fn main(&self) -> &str {
        &self.files[0].1
    }

    /// All of them, and what is run, for people.
    pub fn text(&self, job: &Path) -> String {
        let mut text = String::new();
        for (name, content) in &self.files {
            let path = job.join(FOLDER).join(name);
            text.push_str(&format!("# {}\n{content}\n", path.display()));
        }
        if let Some(command) = &self.command {
            text.push_str(&format!("# then, in that folder: {}\n", command.join(" ")));
        }
        text
    }

    fn write(&self, job: &Path) -> Result<PathBuf, FarmError> {
        let folder = job.join(FOLDER);
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| FarmError::Write { path, error }
        };
        std::fs::create_dir_all(&folder).map_err(failed(&folder))?;
        for (name, content) in &self.files {
            let path = folder.join(name);
            std::fs::write(&path, content).map_err(failed(&path))?;
        }
        Ok(folder)
    }
}

/// What was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    pub scheduler: String,
    /// The scheduler's names of the jobs; none where the client itself rendered.
    pub ids: Vec<String>,
    /// What takes them back, before their names.
    cancel: Vec<String>,
}

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    pub scheduler: String,
    pub ids: Vec<String>,
}

/// The files for `engine`. `here` is the path of this program.
///
/// # Errors
/// `Usage` where the scheduler needs to know more.
pub fn prepare(engine: Engine, request: &Request, here: &str) -> Result<Files, FarmError> {
    Ok(match engine {
        Engine::Shell => shell::files(request, here),
        Engine::Slurm => slurm::files(request, here),
        Engine::OpenJd => openjd::files(request),
        Engine::Kubernetes => kubernetes::files(request)?,
        Engine::Flamenco => flamenco::files(request),
    })
}

/// Writes `files` of `engine` into the folder `job`, and runs its client. `None` where people submit them.
///
/// # Errors
/// `NoClient` where the client is not there, `Client` where it fails, `Write`.
pub fn submit(engine: Engine, files: &Files, job: &Path) -> Result<Option<Submitted>, FarmError> {
    let folder = files.write(job)?;
    let Some(command) = &files.command else {
        return Ok(None);
    };
    if let Some(client) = files.client
        && !is_there(client)
    {
        return Err(FarmError::NoClient {
            program: client.to_owned(),
            folder,
        });
    }
    let (program, arguments) = (&command[0], &command[1..]);
    let failed = |why: String| FarmError::Client {
        command: command.join(" "),
        why,
    };
    let mut run = Command::new(program);
    run.args(arguments)
        .current_dir(&folder)
        .stdin(Stdio::null());
    let Some(cancel) = &files.cancel else {
        // What it says is for people.
        let status = run.status().map_err(|error| failed(error.to_string()))?;
        return match status.success() {
            true => Ok(Some(Submitted {
                scheduler: engine.name().to_owned(),
                ids: Vec::new(),
                cancel: Vec::new(),
            })),
            false => Err(failed(status.to_string())),
        };
    };
    let output = run.output().map_err(|error| failed(error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let ids: Vec<String> = said.lines().map(|line| line.trim().to_owned()).collect();
    let submitted = Submitted {
        scheduler: engine.name().to_owned(),
        ids: ids.into_iter().filter(|id| !id.is_empty()).collect(),
        cancel: cancel.clone(),
    };
    // What is in a queue is noted also where the rest failed.
    if !submitted.ids.is_empty() {
        let mut all = earlier(job);
        all.push(submitted.clone());
        note(job, &all)?;
    }
    match output.status.success() {
        true => Ok(Some(submitted)),
        false => Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        )),
    }
}

/// Takes back what was submitted of the job in the folder `job`.
///
/// # Errors
/// `Client` where a scheduler's client fails; what it did not take back stays noted.
pub fn cancel(job: &Path) -> Result<Vec<Cancelled>, FarmError> {
    let mut cancelled = Vec::new();
    let mut left = earlier(job);
    while let Some(submitted) = left.last() {
        let mut command = submitted.cancel.iter();
        let Some(program) = command.next() else {
            left.pop();
            continue;
        };
        let failed = |why: String| FarmError::Client {
            command: [&submitted.cancel[..], &submitted.ids[..]]
                .concat()
                .join(" "),
            why,
        };
        let output = Command::new(program)
            .args(command)
            .args(&submitted.ids)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(failed(why));
        }
        cancelled.push(Cancelled {
            scheduler: submitted.scheduler.clone(),
            ids: submitted.ids.clone(),
        });
        left.pop();
        note(job, &left)?;
    }
    Ok(cancelled)
}

fn earlier(job: &Path) -> Vec<Submitted> {
    let text = std::fs::read(job.join(FOLDER).join(SUBMITTED)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn note(job: &Path, all: &[Submitted]) -> Result<(), FarmError> {
    let path = job.join(FOLDER).join(SUBMITTED);
    let text = serde_json::to_vec_pretty(all).unwrap_or_default();
    std::fs::write(&path, text).map_err(|error| FarmError::Write { path, error })
}

/// Whether `program` is found as the shell finds it.
fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
