//! A queue of jobs: prepared in their order, rendered several at a time, at most one of them on a GPU.

use std::path::{Path, PathBuf, absolute};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::{RenderError, Result};
use super::event::{Cancel, Event};
use super::job::Job;
use super::naming::OutputLocation;
use super::output_styles::OutputStyle;
use super::preview::{Preview, is_picture};
use super::report::Report;
use super::report_file;
use super::run::unless_it_panics;
use super::settings::Settings;
use super::still::Moment;
use crate::graph::gpu::GpuPool;
use crate::graph::style::Library;
use crate::media::same_file;

/// One input of a queue.
#[derive(Clone, Debug)]
pub struct QueueItem {
    pub input: PathBuf,
    pub output: OutputLocation,
    pub settings: Settings,
}

/// How a job of a queue ended.
#[derive(Debug)]
pub enum JobOutcome {
    Rendered(Box<Report>),
    /// All of its outputs exist, and existing outputs are skipped.
    Skipped,
    Failed(RenderError),
    /// A stop was requested before its turn.
    NotBegun,
}

/// Receives what happens in a queue. Jobs run on several threads, so calls may come at the same time.
pub trait QueueListener: Sync {
    /// Everything about the job is decided, and nothing is written yet. Comes in the order of the items.
    fn prepared(&self, job: &Job);

    /// Something happened in a job; the event says which.
    fn event(&self, event: Event);

    /// The item at `index` ended. Not called for items whose turn never came.
    fn ended(&self, index: usize, outcome: &JobOutcome);
}

/// Jobs that are rendered together. No output replaces another output, an input, or the report.
pub struct Queue<'a> {
    library: &'a Library,
    items: &'a [QueueItem],
    /// The report of all jobs.
    report: Option<&'a Path>,
    at_a_time: usize,
    state: Mutex<State>,
    /// Held by the job that renders on a GPU: there is one at a time.
    gpu: Mutex<()>,
    /// The GPUs that its jobs have opened.
    gpus: GpuPool,
}

#[derive(Default)]
struct State {
    /// Index of the next item.
    next: usize,
    /// Outputs of the items before it.
    outputs: Vec<PathBuf>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Queue<'a> {
    /// A queue of `items`, whose styles are in `library`. `at_a_time` jobs run at the same time; 0 is taken as 1. `report`
    /// is the file that will hold the report of all of them.
    pub fn new(
        library: &'a Library,
        items: &'a [QueueItem],
        report: Option<&'a Path>,
        at_a_time: usize,
    ) -> Self {
        Self {
            library,
            items,
            report,
            at_a_time: at_a_time.max(1),
            state: Mutex::default(),
            gpu: Mutex::default(),
            gpus: GpuPool::default(),
        }
    }

    /// Renders all items; one that fails does not stop the others. Gives the outcomes in the order of the items.
    pub fn run(&self, listener: &dyn QueueListener, cancel: &Cancel) -> Vec<JobOutcome> {
        let ended: Vec<Mutex<Option<JobOutcome>>> =
            self.items.iter().map(|_| Mutex::default()).collect();
        let work = || {
            while let Some((index, job)) = self.next(cancel, &|job| listener.prepared(job)) {
                let outcome = self.render(job, listener, cancel);
                listener.ended(index, &outcome);
                *lock(&ended[index]) = Some(outcome);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.at_a_time {
                // If the system has no more threads, fewer jobs run at the same time.
                let _ = std::thread::Builder::new()
                    .name("job".to_owned())
                    .spawn_scoped(scope, work);
            }
            work();
        });
        let outcome = |ended: Mutex<Option<JobOutcome>>| {
            let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
            ended.unwrap_or(JobOutcome::NotBegun)
        };
        ended.into_iter().map(outcome).collect()
    }

    /// That the report can be written: its folder exists, it is no input, and it replaces no other kind of file unless
    /// `overwrite`.
    ///
    /// # Errors
    /// `Usage` and `CannotCreate`.
    pub fn check_report(&self, overwrite: bool) -> Result<()> {
        let inputs = self.items.iter().map(|item| item.input.as_path());
        self.report.map_or(Ok(()), |report| {
            report_file::check(report, inputs, overwrite)
        })
    }

    /// Prepares all items in their order, and renders none: `each` gets the index of an item and its job.
    pub fn prepare(&self, cancel: &Cancel, each: &mut dyn FnMut(usize, Result<Job>)) {
        while let Some((index, job)) = self.next(cancel, &|_| ()) {
            each(index, job);
        }
    }

    /// The next item and its job. Jobs are prepared one after the other: which of two items with the same output is
    /// refused does not depend on how many run at the same time. `None` after the last item, and once a stop is requested.
    fn next(&self, cancel: &Cancel, prepared: &dyn Fn(&Job)) -> Option<(usize, Result<Job>)> {
        let mut state = lock(&self.state);
        if cancel.requested() {
            return None;
        }
        let index = state.next;
        let item = self.items.get(index)?;
        state.next += 1;
        let job = unless_it_panics("main", || self.job(item, &state.outputs, cancel));
        if let Ok(job) = &job {
            prepared(job);
            state.outputs.extend(job.outputs().map(Path::to_owned));
        }
        Some((index, job))
    }

    /// Decides all that can be decided before rendering.
    fn job(&self, item: &QueueItem, outputs: &[PathBuf], cancel: &Cancel) -> Result<Job> {
        check_names(item, outputs)?;
        let mut settings = item.settings.clone();
        settings.job.jobs = self.at_a_time;
        settings.job.gpus = self.gpus.clone();
        let job = match still(item)? {
            Some((still, path)) => {
                still.prepare(self.library, &settings, &item.input, path, cancel)?
            }
            None => Job::prepare(self.library, &settings, &item.input, &item.output)?,
        };
        for output in job.outputs() {
            self.check_output(&item.input, output, outputs)?;
        }
        Ok(job)
    }

    fn render(
        &self,
        job: Result<Job>,
        listener: &dyn QueueListener,
        cancel: &Cancel,
    ) -> JobOutcome {
        let job = match job {
            Ok(job) if job.outputs().next().is_some() => job,
            Ok(job) => {
                job.remove_leftovers();
                return JobOutcome::Skipped;
            }
            Err(error) => return JobOutcome::Failed(error),
        };
        let _one_at_a_time = job.on_gpu().then(|| lock(&self.gpu));
        if cancel.requested() {
            return JobOutcome::NotBegun;
        }
        match job.run(&mut |event| listener.event(event), cancel) {
            Ok(report) => JobOutcome::Rendered(Box::new(report)),
            Err(error) => JobOutcome::Failed(error),
        }
    }

    /// No output may be that of an earlier item, an input, or the report.
    fn check_output(&self, input: &Path, output: &Path, outputs: &[PathBuf]) -> Result<()> {
        if outputs.iter().any(|known| is_same_output(known, output)) {
            return Err(same_output(output, input));
        }
        if let Some(report) = self.report
            && (report == output || same_file(report, output))
        {
            return Err(RenderError::usage(
                format!("the report is an output: {}", report.display()),
                "name another file with --report",
            ));
        }
        if self.items.iter().any(|item| same_file(&item.input, output)) {
            return Err(RenderError::usage(
                format!(
                    "the output of {} is another input: {}",
                    input.display(),
                    output.display()
                ),
                ONE_BY_ONE,
            ));
        }
        Ok(())
    }
}

/// What is rendered where the output is one picture of a longer input, and its path.
fn still(item: &QueueItem) -> Result<Option<(Preview, &Path)>> {
    let Some(moment) = item.settings.still else {
        return Ok(None);
    };
    let output = item.output.out.as_deref();
    let picture = output.filter(|path| !item.output.shared && is_picture(path) && !path.is_dir());
    match (picture, moment) {
        // Part of a picture is all of it.
        (_, Moment::Time(_)) if is_picture(&item.input) => Ok(None),
        (Some(path), moment) => Ok(Some((Preview::still(moment), path))),
        (None, Moment::Time(_)) => Ok(None),
        (None, Moment::Frame(number)) => Err(RenderError::usage(
            format!("--frame {number} renders one picture of one input, but -o names none"),
            "name a picture with -o, for example -o frame.png; several inputs are rendered one by one",
        )),
    }
}

/// An output that an earlier item will write is refused before it can be taken for one that existed before.
fn check_names(item: &QueueItem, outputs: &[PathBuf]) -> Result<()> {
    let known = |path: &PathBuf| outputs.iter().any(|known| is_same_output(known, path));
    match names_of(item)?.into_iter().find(known) {
        Some(output) => Err(same_output(&output, &item.input)),
        None => Ok(()),
    }
}

/// The outputs of an item by their names alone: its input is not opened.
fn names_of(item: &QueueItem) -> Result<Vec<PathBuf>> {
    let settings = item.settings.of_input(&item.input);
    let names: Vec<String> = settings.styles.iter().map(OutputStyle::name).collect();
    let codec = settings.codec_asked();
    item.output.paths(&item.input, &names, codec)
}

/// The outputs that `items` will have, by their names alone. Of files that were found in a folder, these are no inputs but
/// outputs of an earlier run.
pub fn planned_outputs(items: &[QueueItem]) -> Vec<PathBuf> {
    items
        .iter()
        .filter_map(|item| names_of(item).ok())
        .flatten()
        .collect()
}

/// Whether two paths lead to the same output, which need not exist yet.
fn is_same_output(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| {
        let path = absolute(path).unwrap_or_else(|_| path.into());
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        match (folder, path.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => path,
        }
    };
    a == b || place(a) == place(b) || same_file(a, b)
}

const ONE_BY_ONE: &str = "render them one at a time, with an -o of its own each";

fn same_output(output: &Path, input: &Path) -> RenderError {
    let (output, input) = (output.display(), input.display());
    RenderError::usage(
        format!("two inputs have the same output, {output}: the second is {input}"),
        ONE_BY_ONE,
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::render::{Failure, RenderRequest};

    /// Notes the items that ended.
    #[derive(Default)]
    struct Noted(Mutex<Vec<usize>>);

    impl QueueListener for Noted {
        fn prepared(&self, job: &Job) {
            panic!("{} is not there", job.input().display());
        }

        fn event(&self, event: Event) {
            panic!("nothing runs: {event:?}");
        }

        fn ended(&self, index: usize, outcome: &JobOutcome) {
            assert!(matches!(outcome, JobOutcome::Failed(RenderError::Media(_))));
            lock(&self.0).push(index);
        }
    }

    #[test]
    fn a_failure_does_not_stop_the_others_and_a_request_to_stop_does() {
        let library = Library::built_in();
        let settings = RenderRequest::default().settings(&library).unwrap();
        let item = |input: &str| QueueItem {
            input: input.into(),
            output: OutputLocation::default(),
            settings: settings.clone(),
        };
        let items = ["no/a.mp4", "no/b.mp4", "no/c.mp4"].map(item);
        assert_eq!(
            planned_outputs(&items)[2],
            Path::new("no/c.pencil.mp4"),
            "by name alone"
        );
        let noted = Noted::default();
        let queue = Queue::new(&library, &items, None, 2);
        let outcomes = queue.run(&noted, &Cancel::default());
        assert_eq!(outcomes.len(), 3);
        let mut ended = lock(&noted.0).clone();
        ended.sort_unstable();
        assert_eq!(ended, [0, 1, 2]);

        let stop = Cancel::new(Arc::new(AtomicUsize::new(1)));
        let noted = Noted::default();
        let outcomes = Queue::new(&library, &items, None, 0).run(&noted, &stop);
        assert!(
            outcomes
                .iter()
                .all(|outcome| matches!(outcome, JobOutcome::NotBegun))
        );
        assert!(lock(&noted.0).is_empty());
    }

    #[test]
    fn outputs_are_the_same_however_they_are_written() {
        let dir = tempfile::tempdir().unwrap();
        let plain = dir.path().join("out.mp4");
        assert!(is_same_output(&plain, &dir.path().join("./out.mp4")));
        std::fs::create_dir(dir.path().join("sub")).unwrap();
        assert!(is_same_output(&plain, &dir.path().join("sub/../out.mp4")));
        assert!(!is_same_output(&plain, &dir.path().join("sub/out.mp4")));
    }

    /// Panics when a job begins, or when it is done.
    struct Faulty {
        at_the_end: bool,
    }

    impl QueueListener for Faulty {
        fn prepared(&self, _: &Job) {}

        fn event(&self, event: Event) {
            match (self.at_the_end, event) {
                (false, Event::Start { .. }) | (true, Event::Done { .. }) => {
                    panic!("as the test\n wants it")
                }
                _ => {}
            }
        }

        fn ended(&self, _: usize, _: &JobOutcome) {}
    }

    #[test]
    fn a_fault_ends_its_job_and_says_what_there_is_of_the_output() {
        let dir = tempfile::tempdir().unwrap();
        let clip = dir.path().join("clip.mkv");
        let made = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i"])
            .arg("testsrc2=size=64x48:rate=5:duration=1")
            .args(["-c:v", "ffv1"])
            .arg(&clip)
            .status();
        assert!(made.unwrap().success());
        let library = Library::built_in();
        let request = RenderRequest {
            style: Some("none".into()),
            codec: Some("ffv1".into()),
            ..RenderRequest::default()
        };
        let output = dir.path().join("out.mkv");
        let items = [QueueItem {
            input: clip,
            output: OutputLocation {
                out: Some(output.clone()),
                ..OutputLocation::default()
            },
            settings: request.settings(&library).unwrap(),
        }];
        for at_the_end in [false, true] {
            let queue = Queue::new(&library, &items, None, 1);
            let outcomes = queue.run(&Faulty { at_the_end }, &Cancel::default());
            let [JobOutcome::Failed(error)] = &outcomes[..] else {
                panic!("{outcomes:?}");
            };
            assert_eq!(error.failure(), Failure::Fault);
            let said = "the main stage failed with an internal error: as the test; wants it; ";
            let left = match at_the_end {
                false => "nothing was written".to_owned(),
                true => format!("{} is complete", output.display()),
            };
            assert_eq!(error.summary(), format!("{said}{left}"));
            assert_eq!(output.exists(), at_the_end);
        }
    }
}
