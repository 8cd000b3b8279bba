//! The jobs that run now: how far they are, and what was asked of them meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::render::{Cancel, Change, Event, JobProgress, Newest, RunningJob};

/// What was asked of a job that runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intent {
    #[default]
    GoOn,
    /// At the end of the chunk.
    Pause,
    PauseNow,
    /// Whether finished chunks are kept.
    Cancel {
        keep: bool,
    },
}

/// A job that runs.
#[derive(Debug)]
pub struct RunningNow {
    pub id: i64,
    /// What renders it.
    pub device: String,
    pub newest: Newest,
    stop: Arc<AtomicUsize>,
    state: Mutex<Now>,
    /// Held while the job's state in the queue is changed together with what is asked of it; whether it is over.
    over: Mutex<bool>,
}

#[derive(Debug, Default)]
struct Now {
    progress: JobProgress,
    /// How the card that renders fares.
    gpu: Option<Value>,
    intent: Intent,
    warnings: Vec<String>,
    /// When its progress was last told.
    told: Option<Instant>,
}

/// How often the progress of a job is told.
const TELLS_EVERY: Duration = Duration::from_millis(500);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RunningNow {
    pub fn new(id: i64, device: String) -> Self {
        let now = Now {
            progress: JobProgress::begin(),
            ..Now::default()
        };
        Self {
            id,
            device,
            newest: Newest::default(),
            stop: Arc::default(),
            state: Mutex::new(now),
            over: Mutex::new(false),
        }
    }

    /// Does `change` to the job's state in the queue, and asks for `intent`, where the job is not over; none where it is.
    pub fn change<T, E>(
        &self,
        intent: Intent,
        change: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let over = lock(&self.over);
        if *over {
            return Ok(None);
        }
        let changed = change()?;
        self.ask(intent);
        Ok(Some(changed))
    }

    /// Notes how the job ended by `note`, which is given what was asked last; from then on nothing more is asked of it.
    pub fn end<T>(&self, note: impl FnOnce(Intent) -> T) -> T {
        let mut over = lock(&self.over);
        *over = true;
        note(self.intent())
    }

    /// What stops it.
    pub fn cancel(&self) -> Cancel {
        Cancel::new(self.stop.clone())
    }

    pub fn stop(&self) {
        self.stop.store(1, Ordering::Relaxed);
    }

    /// How far it is, and how the card that renders fares, where that is known.
    pub fn progress(&self) -> (JobProgress, Option<Value>) {
        let now = lock(&self.state);
        (now.progress.clone(), now.gpu.clone())
    }

    pub fn warnings(&self) -> Vec<String> {
        lock(&self.state).warnings.clone()
    }

    pub fn intent(&self) -> Intent {
        lock(&self.state).intent
    }

    /// Asks for something. A pause waits for the end of the chunk; a short clip is one chunk, and is rendered to its end. Before
    /// the first frame there is nothing to lose.
    pub fn ask(&self, intent: Intent) {
        let waits = {
            let mut now = lock(&self.state);
            now.intent = intent;
            intent == Intent::GoOn || (intent == Intent::Pause && now.progress.frame > 0)
        };
        if !waits {
            self.stop();
        }
    }

    /// Takes in what happened. Gives what is to be told of it.
    pub fn hear(&self, event: &Event) -> Heard {
        let mut now = lock(&self.state);
        if let Event::Warning { message, .. } | Event::Choice { message, .. } = event {
            now.warnings.push(message.clone());
            return Heard::Facts;
        }
        if let Event::Progress { gpu, .. } = event {
            now.gpu = gpu.as_ref().and_then(|gpu| serde_json::to_value(gpu).ok());
        }
        let due = match now.progress.hear(event) {
            Change::Nothing => return Heard::Nothing,
            Change::Little => now.told.is_none_or(|at| at.elapsed() >= TELLS_EVERY),
            Change::Much => true,
        };
        if matches!(event, Event::Chunk { .. }) && now.intent == Intent::Pause {
            self.stop();
        }
        if !due {
            return Heard::Nothing;
        }
        now.told = Some(Instant::now());
        Heard::Progress
    }
}

/// What is to be told of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    Nothing,
    /// How far it is.
    Progress,
    /// Everything of the job.
    Facts,
}

/// What runs, and whether more may begin.
#[derive(Debug)]
pub struct Running {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug)]
struct State {
    paused: bool,
    /// Whether the studio ends: what begins now is stopped at once.
    ends: bool,
    jobs: BTreeMap<i64, Arc<RunningNow>>,
    /// Jobs of other processes of this user.
    others: Vec<RunningJob>,
}

impl Running {
    pub fn new(paused: bool) -> Self {
        Self {
            state: Mutex::new(State {
                paused,
                ends: false,
                jobs: BTreeMap::new(),
                others: Vec::new(),
            }),
            wake: Condvar::new(),
        }
    }

    pub fn is_paused(&self) -> bool {
        lock(&self.state).paused
    }

    /// Whether jobs may begin. Those that run go on.
    pub fn pause(&self, paused: bool) {
        lock(&self.state).paused = paused;
        self.wake.notify_all();
    }

    /// There may be something to do.
    pub fn wake(&self) {
        self.wake.notify_all();
    }

    /// Waits until there may be something to do, at most this long.
    pub fn wait(&self, most: Duration) {
        let state = lock(&self.state);
        // A wake that comes in between is one wait late at most.
        let _ = self.wake.wait_timeout(state, most);
    }

    pub fn begin(&self, job: Arc<RunningNow>) {
        let mut state = lock(&self.state);
        if state.ends {
            job.stop();
        }
        state.jobs.insert(job.id, job);
    }

    pub fn ended(&self, id: i64) {
        lock(&self.state).jobs.remove(&id);
        self.wake.notify_all();
    }

    pub fn get(&self, id: i64) -> Option<Arc<RunningNow>> {
        lock(&self.state).jobs.get(&id).cloned()
    }

    /// What is busy.
    pub fn devices(&self) -> BTreeSet<String> {
        let state = lock(&self.state);
        state.jobs.values().map(|job| job.device.clone()).collect()
    }

    /// The jobs of other processes are these; whether that changes anything.
    pub fn set_others(&self, others: Vec<RunningJob>) -> bool {
        let mut state = lock(&self.state);
        let changed = state.others != others;
        state.others = others;
        changed
    }

    pub fn others(&self) -> Vec<RunningJob> {
        lock(&self.state).others.clone()
    }

    /// Stops everything: the studio ends.
    pub fn end(&self) {
        let mut state = lock(&self.state);
        state.ends = true;
        state.jobs.values().for_each(|job| job.stop());
        self.wake.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(done: usize) -> Event {
        Event::Chunk {
            done,
            chunks: 4,
            input: "a.mp4".into(),
        }
    }

    fn frame(frame: u64) -> Event {
        Event::Progress {
            frame,
            frames: Some(10),
            fps: 1.0,
            eta_s: None,
            output: "b.mp4".into(),
            input: "a.mp4".into(),
            gpu: None,
        }
    }

    #[test]
    fn a_pause_waits_for_the_end_of_the_chunk() {
        let job = RunningNow::new(1, "cpu".to_owned());
        job.hear(&chunk(1));
        job.hear(&frame(4));
        job.ask(Intent::Pause);
        assert!(!job.cancel().requested());
        job.hear(&frame(5));
        assert!(!job.cancel().requested());
        job.hear(&chunk(2));
        assert!(job.cancel().requested());
        assert_eq!(job.progress().0.chunks, Some((2, 4)));
    }

    #[test]
    fn nothing_is_asked_of_a_job_that_is_over() {
        let job = RunningNow::new(1, "cpu".to_owned());
        let noted = |_| Ok::<_, ()>(());
        assert_eq!(job.change(Intent::Pause, || noted(())), Ok(Some(())));
        assert_eq!(job.change(Intent::GoOn, || Err(7)), Err::<Option<()>, _>(7));
        assert_eq!(job.intent(), Intent::Pause);
        assert_eq!(job.end(|intent| intent), Intent::Pause);
        let changed = job.change(Intent::GoOn, || -> Result<(), ()> { panic!("it is over") });
        assert_eq!(changed, Ok(None));
    }

    #[test]
    fn what_begins_while_the_studio_ends_is_stopped() {
        let running = Running::new(false);
        running.end();
        let job = Arc::new(RunningNow::new(1, "cpu".to_owned()));
        running.begin(job.clone());
        assert!(job.cancel().requested());
    }

    #[test]
    fn a_pause_that_is_taken_back_stops_nothing() {
        let job = RunningNow::new(1, "cpu".to_owned());
        job.hear(&chunk(0));
        job.hear(&frame(1));
        job.ask(Intent::Pause);
        job.ask(Intent::GoOn);
        job.hear(&chunk(1));
        assert!(!job.cancel().requested());
    }

    #[test]
    fn before_the_first_frame_or_now_a_pause_stops_at_once() {
        let job = RunningNow::new(1, "cpu".to_owned());
        job.ask(Intent::Pause);
        assert!(job.cancel().requested());
        let job = RunningNow::new(1, "cpu".to_owned());
        job.hear(&frame(3));
        job.ask(Intent::Pause);
        assert!(!job.cancel().requested(), "it is one chunk");
        job.ask(Intent::PauseNow);
        assert!(job.cancel().requested());
    }
}
