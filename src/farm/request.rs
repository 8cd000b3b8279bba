//! What is asked of a scheduler.

use std::path::{Path, PathBuf};

use crate::render::TaskJob;

/// What runs the tasks of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Shell,
    Slurm,
    OpenJd,
    Kubernetes,
    Flamenco,
}

impl Engine {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Slurm => "slurm",
            Self::OpenJd => "openjd",
            Self::Kubernetes => "kubernetes",
            Self::Flamenco => "flamenco",
        }
    }
}

/// A volume claim of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    pub claim: String,
    /// Where it is mounted.
    pub path: PathBuf,
}

/// Tasks for a scheduler.
#[derive(Clone, Debug)]
pub struct Request {
    /// The folder of the job: a whole path.
    pub job: PathBuf,
    /// A name for people, and for schedulers: lower-case letters, digits and hyphens, at most 36.
    pub name: String,
    /// The tasks to run, in order.
    pub missing: Vec<usize>,
    /// Whether a graphics processor renders them.
    pub gpu: bool,
    /// Tasks that run at the same time.
    pub parallel: Option<usize>,
    /// The program on the machines that render.
    pub program: Option<String>,
    /// The longest time of a task, in the scheduler's words.
    pub time_limit: Option<String>,
    /// Processor cores of a task.
    pub cpus: Option<usize>,
    pub image: Option<String>,
    pub volume: Option<Volume>,
}

impl Request {
    /// For the tasks `missing` of `job`; nothing else is asked for yet.
    pub fn new(job: &TaskJob, missing: Vec<usize>) -> Self {
        let output = job.outputs().into_iter().next().unwrap_or_default();
        Self {
            job: job.place().to_owned(),
            name: plain_name(&output),
            missing,
            gpu: job.is_on_gpu(),
            parallel: None,
            program: None,
            time_limit: None,
            cpus: None,
            image: None,
            volume: None,
        }
    }

    /// The folder of the job, as text.
    pub fn job_text(&self) -> String {
        self.job.to_string_lossy().into_owned()
    }

    /// The program; `usual` where none was named.
    pub fn program(&self, usual: &str) -> String {
        self.program.clone().unwrap_or_else(|| usual.to_owned())
    }
}

/// The most characters of a name: Kubernetes allows 63 for what it is made longer to.
pub(super) const LONGEST: usize = 36;

/// A name after that of `output`, as DNS labels are: `aquatint-film-pencil`.
fn plain_name(output: &Path) -> String {
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let plain = stem.chars().map(|c| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '-',
    });
    let parts: String = plain.collect();
    let parts = parts.split('-').filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("-");
    let name: String = format!("aquatint-{name}").chars().take(LONGEST).collect();
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_dns() {
        for (path, name) in [
            ("/a/Film_1.pencil.mkv", "aquatint-film-1-pencil"),
            ("ä.mkv", "aquatint"),
            ("", "aquatint"),
            ("-x-.mp4", "aquatint-x"),
        ] {
            assert_eq!(plain_name(Path::new(path)), name);
        }
        let long = plain_name(Path::new(&"ab-".repeat(40)));
        assert!(long.len() <= LONGEST && !long.ends_with('-'), "{long}");
    }
}
