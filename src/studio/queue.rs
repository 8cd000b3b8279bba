//! Renders the queue: one job on each graphics card, and one on the processor beside them.

mod add;
mod job;
mod running;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use tracing::error;

use super::app::App;
use super::settings;
use super::store::{JobRow, State};
use crate::render::request::RenderRequest;
use crate::render::{renders_on, running_jobs};

pub use add::{JobsBody, OutputNames, add, request};
pub use job::{location, throw_away};
pub use running::{Intent, Running, RunningNow};
pub use view::{Job, job, jobs, others};

/// How long the scheduler waits for something to do.
const WAIT: Duration = Duration::from_millis(500);
/// How often jobs of other processes are looked for.
const LOOKS_FOR_OTHERS: Duration = Duration::from_secs(2);

/// Starts the thread that renders the queue. It ends when the studio does, after its jobs.
pub fn start(app: &Arc<App>) -> Option<JoinHandle<()>> {
    let app = app.clone();
    let thread = Builder::new().name("queue".to_owned());
    let started = thread.spawn(move || {
        Scheduler {
            app,
            devices: BTreeMap::new(),
            threads: Vec::new(),
        }
        .run();
    });
    started
        .inspect_err(|error| error!("the queue cannot be rendered: {error}"))
        .ok()
}

struct Scheduler {
    app: Arc<App>,
    /// What renders, by the device that a request asks for.
    devices: BTreeMap<Option<String>, String>,
    threads: Vec<JoinHandle<()>>,
}

impl Scheduler {
    fn run(mut self) {
        let mut looked = None;
        while !self.app.is_ending() {
            self.threads.retain(|thread| !thread.is_finished());
            if !self.app.running.is_paused() {
                self.begin_all();
            }
            if looked.is_none_or(|at: Instant| at.elapsed() >= LOOKS_FOR_OTHERS) {
                self.look_for_others();
                looked = Some(Instant::now());
            }
            self.app.running.wait(WAIT);
        }
        for thread in self.threads {
            let _ = thread.join();
        }
    }

    /// Begins jobs until everything that renders is busy.
    fn begin_all(&mut self) {
        while !self.app.is_ending() {
            match self.next() {
                Ok(Some((job, device))) => self.begin(job, device),
                Ok(None) => return,
                Err(error) => {
                    error!("the queue cannot be read: {error}");
                    return;
                }
            }
        }
    }

    /// Takes the next job whose device is free, with that device.
    fn next(&mut self) -> super::store::Result<Option<(JobRow, String)>> {
        let busy = self.app.running.devices();
        let usual = settings::read(&self.app.store)?.device;
        let devices = &mut self.devices;
        let mut device_of = |job: &JobRow| {
            let asked = job.request.get("device").and_then(|device| device.as_str());
            let asked = asked.or(usual.as_deref()).map(str::to_owned);
            let known = devices.entry(asked.clone());
            known
                .or_insert_with(|| renders_on(asked.as_deref()))
                .clone()
        };
        let is_free = |job: &JobRow| !busy.contains(&device_of(job));
        let job = self.app.store.take_next("rendering", is_free)?;
        Ok(job.map(|job| {
            let device = device_of(&job);
            (job, device)
        }))
    }

    fn begin(&mut self, job: JobRow, device: String) {
        let now = Arc::new(RunningNow::new(job.id, device));
        self.app.running.begin(now.clone());
        let app = self.app.clone();
        let id = job.id;
        let thread = Builder::new().name(format!("job {id}"));
        let work = move || {
            // Its device is free again, however it ends.
            let _ends = Ends { app: &app, id };
            job::run(&app, id, &now);
        };
        match thread.spawn(work) {
            Ok(thread) => self.threads.push(thread),
            Err(error) => {
                error!("no thread for job {id}: {error}");
                self.app.running.ended(id);
                let back = [State::Running];
                let _ = self
                    .app
                    .store
                    .set_state(id, &back, State::Queued, "no thread was free");
            }
        }
    }

    /// Sees what other processes of this user render.
    fn look_for_others(&self) {
        let own = std::process::id();
        let found = running_jobs().into_iter().filter(|job| job.pid != own);
        if self.app.running.set_others(found.collect()) {
            let told = others(&self.app);
            self.app.events.tell_progress("others", &told);
        }
    }
}

/// A job that runs, until this is dropped.
struct Ends<'a> {
    app: &'a App,
    id: i64,
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.app.running.ended(self.id);
    }
}

/// The request of a job, with paths in place of the names of files.
pub(super) fn request_of(app: &App, job: &JobRow) -> crate::render::Result<RenderRequest> {
    let asked: RenderRequest = serde_json::from_value(job.request.clone()).map_err(|error| {
        crate::render::RenderError::Usage {
            what: format!("the request of job {} cannot be read: {error}", job.id),
            advice: "duplicate the job with other settings".to_owned(),
        }
    })?;
    add::confined(app, &asked)
}
