//! The flags of the commands that render one job by several processes, on one machine or many.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{EXAMPLES_OF_RENDER_FLAGS, FARM, Render};
use crate::farm::Engine;

/// Plan a job that several processes render.
#[derive(Clone, Debug, Args)]
#[command(
    before_help = "\
Examples:
  aquatint plan film.mp4 --job /mnt/farm/film                 a plan for machines that all mount /mnt/farm
  aquatint plan film.mp4 -s pencil -o drawn.mkv --job film.job
  seq 0 11 | xargs -P 4 -n 1 aquatint chunk film.job          renders tasks 0 to 11, four at a time
  aquatint stitch film.job                                    joins them into drawn.mkv",
    after_help = EXAMPLES_OF_RENDER_FLAGS,
    override_usage = "aquatint plan INPUT --job JOB [-o OUTPUT] [FLAGS OF RENDER]"
)]
pub struct Plan {
    /// The folder of the job, on a volume that all machines mount. It is made, and removed by `stitch`. Inputs, outputs and
    /// other files are found from there on, wherever the volume is mounted
    #[arg(long, value_name = "JOB", help_heading = FARM)]
    pub job: PathBuf,
    /// Print the plan as JSON, in place of the number of tasks
    #[arg(long, help_heading = FARM)]
    pub json: bool,
    /// Files below FROM on this machine are below TO on machines that do not have FROM; repeatable
    #[arg(long, value_name = "FROM=TO", help_heading = FARM)]
    pub map: Vec<String>,
    #[command(flatten)]
    pub render: Render,
}

/// Render tasks of a planned job.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint chunk film.job 7\n  aquatint chunk film.job 1-4,9\n  parallel -j2 aquatint chunk film.job ::: $(seq 0 11)",
    after_help = "\
A task that is done and whole takes a moment, so that any task may be run again, on any machine, at the same time, too. \
Exit codes: 0 done; 65 the input is another one, or damaged; 66 there is no such job or input; 69 this machine would \
render something else than the plan says: another version, another device; 75 try again: the device was lost, the process \
was told to end, the volume is full or not mounted. What is done by then is kept.
--progress openjd writes progress as schedulers of Open Job Description read it."
)]
pub struct Chunk {
    /// The folder of the job
    pub job: PathBuf,
    /// Numbers of tasks, from 0: 7, 7-9, or 1-4,9
    pub tasks: String,
    /// TASKS are places in this list of tasks, from 0, and no numbers: for schedulers that count from 0 what they are given
    #[arg(long, value_name = "LIST")]
    pub among: Option<String>,
}

/// Join the tasks of a planned job into its outputs.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint stitch film.job",
    after_help = "\
The outputs are checked, and get their names when they are complete; then the folder of the job is removed. Nothing is \
rendered, so no graphics processor is needed. Exit code 75: tasks are missing; the message says which."
)]
pub struct Stitch {
    /// The folder of the job
    pub job: PathBuf,
    /// Leave the folder of the job
    #[arg(long)]
    pub keep_chunks: bool,
}

/// Say how far a planned job is.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  aquatint status film.job\n  aquatint status film.job --json")]
pub struct Status {
    /// The folder of the job
    pub job: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Give a planned job to a scheduler.
#[derive(Debug, Args)]
#[command(
    before_help = "\
Examples:
  aquatint submit film.job --scheduler slurm
  aquatint submit film.job --scheduler slurm --dry-run        prints what would be submitted
  aquatint submit film.job --scheduler shell --parallel 4     renders on this machine, four tasks at a time
  aquatint submit film.job --scheduler kubernetes --image registry/aquatint@sha256:… --volume films:/mnt/films",
    after_help = "\
What the scheduler is given is written into JOB/farm: files to read, to edit, and to submit again by hand. Only tasks that \
are missing are submitted, and not those that run. `aquatint help farm` has a section for each scheduler."
)]
pub struct Submit {
    /// The folder of the job
    pub job: PathBuf,
    /// What runs the tasks
    #[arg(long, value_enum, value_name = "NAME")]
    pub scheduler: SchedulerName,
    /// Print what would be written and run, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write what the scheduler is given to FILE, to edit and submit it by hand, and do nothing else
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub out: Option<PathBuf>,
    /// Tasks that run at the same time; without it, as many as the scheduler runs, of shell one for a graphics processor and 2
    /// otherwise
    #[arg(long, value_name = "N")]
    pub parallel: Option<NonZeroUsize>,
    /// The program on the machines that render; without it, slurm and shell use this one, the others `aquatint`
    #[arg(long, value_name = "PATH")]
    pub program: Option<String>,
    /// The longest time of a task, as Slurm takes it, for example 2:00:00
    #[arg(long, value_name = "TIME")]
    pub time_limit: Option<String>,
    /// Processor cores of a task
    #[arg(long, value_name = "N")]
    pub cpus: Option<NonZeroUsize>,
    /// Kubernetes: the image with aquatint, by digest so that all machines have the same
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Kubernetes: the volume claim that holds the job, and where it is mounted, here and in the pods
    #[arg(long, value_name = "CLAIM:PATH")]
    pub volume: Option<String>,
}

/// Schedulers, by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchedulerName {
    /// This machine: a script with `xargs`
    Shell,
    /// A job array, and a job that joins
    Slurm,
    /// A template of Open Job Description (2023-09)
    Openjd,
    /// An indexed Job, and a Job that joins
    #[value(alias = "k8s")]
    Kubernetes,
    /// A job type, and its settings
    Flamenco,
}

impl From<SchedulerName> for Engine {
    fn from(name: SchedulerName) -> Self {
        match name {
            SchedulerName::Shell => Self::Shell,
            SchedulerName::Slurm => Self::Slurm,
            SchedulerName::Openjd => Self::OpenJd,
            SchedulerName::Kubernetes => Self::Kubernetes,
            SchedulerName::Flamenco => Self::Flamenco,
        }
    }
}

/// Take back what was submitted.
#[derive(Debug, Args)]
#[command(
    before_help = "Example:\n  aquatint cancel film.job",
    after_help = "What is rendered stays: `aquatint submit` submits the rest again."
)]
pub struct CancelJob {
    /// The folder of the job
    pub job: PathBuf,
}

/// Print the logs of a task.
#[derive(Debug, Args)]
#[command(before_help = "Example:\n  aquatint logs film.job 7")]
pub struct Logs {
    /// The folder of the job
    pub job: PathBuf,
    /// The number of the task, from 0
    pub task: usize,
}
