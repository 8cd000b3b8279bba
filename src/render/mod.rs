//! A job: decode → graph → encode. One input, one decode, one plan, and one output for each style.
//!
//! A [`RenderRequest`] says what is asked for, and becomes [`Settings`]. [`Job::prepare`] decides everything that can be
//! decided before a frame is rendered, and [`Job::run`] renders: under hidden temporary names, looked at again when finished, then renamed.
//! Nothing here prints: what happens is told as [`Event`]s, what went wrong as [`RenderError`], what was done as [`Report`].

mod analysis;
pub mod bench;
mod broken_styles;
mod catalogue;
mod check_executors;
mod chunks;
mod committed_outputs;
pub mod demo;
mod describe;
mod device;
mod device_fallback;
mod error;
mod event;
mod excerpt;
mod fields;
mod file_facts;
mod file_sink;
mod file_source;
mod files;
mod for_browsers;
mod gpu_lock;
mod hex;
mod input_hash;
mod inspect;
mod job;
mod job_progress;
mod jpeg;
pub mod live;
mod machine;
mod models;
mod naming;
mod new_folders;
mod newest;
mod output_meter;
mod output_styles;
mod parallel;
mod pending_output;
mod pipeline;
mod preset;
mod preview;
mod process;
mod queue;
mod recipe;
mod relief;
mod removal;
mod report;
mod report_file;
pub mod request;
mod run;
mod running;
mod settings;
pub mod shader;
mod single_pass;
mod sizing;
mod still;
mod style_measures;
mod task_numbers;
mod tasks;
mod track_files;
mod trial;
mod turning_sink;
mod under_way;
mod warm_up;
mod watchdog;
mod whole_outputs;
mod work_folder;

pub use crate::media::read_single_files_only;
pub use analysis::AnalysisProgress;
pub use broken_styles::broken_styles;
pub use catalogue::{
    ABOUT_AUTO, ABOUT_NO_STYLE, add_model, automatic, card_now, cards_now, devices, is_block,
    model_list, params_of, preset_list, style_facts, style_list, take_model_out,
};
pub use check_executors::ExecutorCheck;
pub use chunks::{ChunkMade, Unfinished, available, discard, unfinished};
pub use describe::Description;
pub use device::Choice;
pub use error::{Failure, RenderError, Result};
pub use event::{Cancel, Event};
pub use excerpt::Excerpt;
pub use file_facts::{FileFacts, StreamFacts, VideoFacts, file_facts, frame_jpeg};
pub use input_hash::InputHash;
pub use inspect::{Inspected, Inspection, PassFacts, ShownRange};
pub use job::{Job, upright};
pub use job_progress::{Change, JobProgress};
pub use jpeg::jpeg;
pub use machine::{card_of, machine, renders_on, tier};
pub use models::{before_and_after, model_words, with_models};
pub use naming::OutputLocation;
pub use newest::Newest;
pub use output_meter::{MetricsReport, OutputMetrics};
pub use output_styles::{FollowedTrack, OutputStyle, output_styles};
pub use parallel::Parallelism;
pub use pending_output::write_picture;
pub use pipeline::panic_message;
pub use preset::{AUTO, Preset, preset_names, preset_text};
pub use preview::{Preview, is_picture};
pub use queue::{JobOutcome, Queue, QueueItem, QueueListener, planned_outputs};
pub use recipe::{Recipe, RecipeFile};
pub use report::{Chunks, Fidelity, FileReport, Report, Seconds, write_report};
pub use request::{RenderRequest, StoredJob};
pub use running::{RunningJob, running_jobs};
pub use settings::{
    CHUNK, Existing, JobOptions, LowDisk, OpenParam, OutputRate, RateMode, Restore, Settings,
};
pub use sizing::{AskedSize, Fit, LONGEST_SIDE, Placement, Sized, Sizing, even_sides};
pub use still::Moment;
pub use style_measures::StyleMeasure;
pub use task_numbers::{in_ranges, task_numbers};
pub use tasks::{
    Attempt, AttemptState, PathMap, TaskFacts, TaskJob, TaskPlan, TasksMade, attempts, join_tasks,
    may_succeed_later, plan_tasks, render_tasks,
};
pub use trial::untried;
pub use under_way::under_way;
pub use watchdog::OutputAnomalies;
pub use work_folder::{job_folder, temporary_folder};

#[cfg(test)]
mod tests;
