//! Work that is no render: analyses, measures, comparisons, clips. One after the other, on a thread of its own; what they gave is
//! kept in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::events::Events;
use super::problem::Problem;
use crate::render::{Cancel, Event, Failure, RenderError, panic_message};

/// Ended tasks that are kept.
const KEPT: usize = 100;
/// How often the progress of a task is told.
const TELLS_EVERY: Duration = Duration::from_millis(300);

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaskKind {
    Analysis,
    Measure,
    Comparison,
    Clip,
}

/// The state of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TaskState {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// A task.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Task {
    /// Tells it from others, until the studio ends.
    pub id: String,
    pub kind: TaskKind,
    pub state: TaskState,
    /// The file that it is about, as `ROOT/relative/path`.
    pub file: Option<String>,
    /// The share that is done, 0 to 1, where it is known.
    pub progress: Option<f64>,
    /// What it does now, in words.
    pub words: String,
    pub error: Option<Problem>,
    /// What it gave; none in events.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// The address of a page with what it gave.
    pub page: Option<String>,
}

/// What a task gave.
#[derive(Debug, Default)]
pub struct Given {
    pub result: Value,
    /// An HTML page.
    pub page: Option<String>,
    /// A picture (PNG).
    pub sheet: Option<Vec<u8>>,
}

/// What a task can ask and tell while it works.
pub struct Work<'a> {
    tasks: &'a Shared,
    id: u64,
    pub cancel: Cancel,
    told: Option<Instant>,
}

type Act = Box<dyn FnOnce(&mut Work<'_>) -> Result<Given, RenderError> + Send>;

struct Entry {
    task: Task,
    act: Option<Act>,
    stop: Arc<AtomicUsize>,
    page: Option<String>,
    sheet: Option<Vec<u8>>,
}

#[derive(Default)]
struct State {
    last: u64,
    entries: BTreeMap<u64, Entry>,
    waiting: VecDeque<u64>,
    works: bool,
}

struct Shared {
    events: Arc<Events>,
    state: Mutex<State>,
}

/// The tasks of a studio.
pub struct Tasks(Arc<Shared>);

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a task, and tells it.
    fn change(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        let mut state = self.state();
        if let Some(entry) = state.entries.get_mut(&id) {
            change(entry);
            let told = Task {
                result: None,
                ..entry.task.clone()
            };
            drop(state);
            self.events.tell("task", &told);
        }
    }

    fn work(&self) {
        loop {
            let mut state = self.state();
            let Some(id) = state.waiting.pop_front() else {
                // The next task starts another thread.
                state.works = false;
                return;
            };
            let begun = state.entries.get_mut(&id).and_then(|entry| {
                entry.task.state = TaskState::Running;
                Some((entry.act.take()?, entry.stop.clone()))
            });
            drop(state);
            let Some((act, stop)) = begun else { continue };
            self.change(id, |_| ());
            let cancel = Cancel::new(stop);
            let mut work = Work {
                tasks: self,
                id,
                cancel: cancel.clone(),
                told: None,
            };
            let act = std::panic::AssertUnwindSafe(|| act(&mut work));
            let given = std::panic::catch_unwind(act).unwrap_or_else(|panic| {
                Err(RenderError::Panicked {
                    stage: "task",
                    message: panic_message(panic.as_ref()),
                })
            });
            self.change(id, |entry| entry.end(given));
            self.forget_old();
        }
    }

    fn forget_old(&self) {
        let mut state = self.state();
        let ended = state.entries.iter().filter(|(_, entry)| entry.is_ended());
        let ended: Vec<u64> = ended.map(|(id, _)| *id).collect();
        for id in ended.iter().take(ended.len().saturating_sub(KEPT)) {
            state.entries.remove(id);
        }
    }
}

impl Entry {
    fn is_ended(&self) -> bool {
        !matches!(self.task.state, TaskState::Queued | TaskState::Running)
    }

    fn end(&mut self, given: Result<Given, RenderError>) {
        let task = &mut self.task;
        match given {
            Ok(given) => {
                task.state = TaskState::Done;
                task.progress = Some(1.0);
                task.words = "done".to_owned();
                task.result = Some(given.result);
                task.page = given
                    .page
                    .as_ref()
                    .map(|_| format!("/api/v1/tasks/{}/page", task.id));
                (self.page, self.sheet) = (given.page, given.sheet);
            }
            Err(error) if error.failure() == Failure::Cancelled => {
                task.state = TaskState::Cancelled;
                task.words = "cancelled".to_owned();
            }
            Err(error) => {
                let problem = Problem::from(error);
                task.state = TaskState::Failed;
                task.words.clone_from(&problem.title);
                task.error = Some(problem);
            }
        }
    }
}

impl Work<'_> {
    /// Tells how far the work is.
    pub fn tell(&mut self, progress: Option<f64>, words: &str) {
        if self.told.is_some_and(|at| at.elapsed() < TELLS_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        self.tasks.change(self.id, |entry| {
            entry.task.progress = progress;
            words.clone_into(&mut entry.task.words);
        });
    }

    /// Tells what an event says of how far the work is.
    pub fn hear(&mut self, event: &Event) {
        let (Event::Analyse { frame, frames, .. } | Event::Progress { frame, frames, .. }) = event
        else {
            return;
        };
        let share = frames.filter(|frames| *frames > 0);
        let share = share.map(|frames| (*frame as f64 / frames as f64).min(1.0));
        let words = match frames {
            Some(frames) => format!("frame {frame} of {frames}"),
            None => format!("frame {frame}"),
        };
        self.tell(share, &words);
    }
}

impl Tasks {
    pub fn new(events: Arc<Events>) -> Self {
        Self(Arc::new(Shared {
            events,
            state: Mutex::default(),
        }))
    }

    /// Adds a task about `file`, which does `act` when its turn comes.
    pub fn add(
        &self,
        kind: TaskKind,
        file: Option<String>,
        act: impl FnOnce(&mut Work<'_>) -> Result<Given, RenderError> + Send + 'static,
    ) -> Task {
        let mut state = self.0.state();
        state.last += 1;
        let number = state.last;
        let task = Task {
            id: format!("t{number}"),
            kind,
            state: TaskState::Queued,
            file,
            progress: None,
            words: "waits for its turn".to_owned(),
            error: None,
            result: None,
            page: None,
        };
        let entry = Entry {
            task: task.clone(),
            act: Some(Box::new(act)),
            stop: Arc::default(),
            page: None,
            sheet: None,
        };
        state.entries.insert(number, entry);
        state.waiting.push_back(number);
        let works = std::mem::replace(&mut state.works, true);
        drop(state);
        self.0.events.tell("task", &task);
        if !works {
            let shared = self.0.clone();
            let thread = Builder::new().name("tasks".to_owned());
            if let Err(error) = thread.spawn(move || shared.work()) {
                self.0.state().works = false;
                self.0.change(number, |entry| {
                    entry.end(Err(RenderError::NoThread(error)));
                });
            }
        }
        task
    }

    fn number(id: &str) -> Option<u64> {
        id.strip_prefix('t')?.parse().ok()
    }

    /// The task `id`.
    pub fn get(&self, id: &str) -> Option<Task> {
        let state = self.0.state();
        Some(state.entries.get(&Self::number(id)?)?.task.clone())
    }

    /// All tasks, the newest first, without what they gave.
    pub fn list(&self) -> Vec<Task> {
        let state = self.0.state();
        let tasks = state.entries.values().rev();
        tasks
            .map(|entry| Task {
                result: None,
                ..entry.task.clone()
            })
            .collect()
    }

    /// The page that the task `id` made.
    pub fn page(&self, id: &str) -> Option<String> {
        self.0.state().entries.get(&Self::number(id)?)?.page.clone()
    }

    /// The picture that the task `id` made.
    pub fn sheet(&self, id: &str) -> Option<Vec<u8>> {
        self.0
            .state()
            .entries
            .get(&Self::number(id)?)?
            .sheet
            .clone()
    }

    /// Cancels the task `id`, or forgets it where it has ended. Whether there was one.
    pub fn cancel(&self, id: &str) -> bool {
        let Some(number) = Self::number(id) else {
            return false;
        };
        let mut state = self.0.state();
        let Some(entry) = state.entries.get_mut(&number) else {
            return false;
        };
        entry.stop.store(1, Ordering::Relaxed);
        if entry.is_ended() {
            state.entries.remove(&number);
        } else if entry.act.take().is_some() {
            state.waiting.retain(|waiting| *waiting != number);
            drop(state);
            self.0
                .change(number, |entry| entry.end(Err(RenderError::Cancelled)));
        }
        true
    }

    /// Stops everything: the studio ends.
    pub fn end(&self) {
        let mut state = self.0.state();
        state.waiting.clear();
        for entry in state.entries.values() {
            entry.stop.store(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ended(tasks: &Tasks, id: &str) -> Task {
        loop {
            let task = tasks.get(id).unwrap();
            if !matches!(task.state, TaskState::Queued | TaskState::Running) {
                return task;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn tasks_run_in_their_order_and_say_how_they_ended() {
        let tasks = Tasks::new(Arc::default());
        let order = Arc::new(Mutex::new(Vec::new()));
        let act = |number: i32| {
            let order = order.clone();
            move |work: &mut Work<'_>| {
                work.tell(Some(0.5), "half");
                order.lock().unwrap().push(number);
                match number {
                    1 => Err(RenderError::usage("one is wrong", "give another")),
                    2 => panic!("two fails"),
                    number => Ok(Given {
                        result: json!(number),
                        page: Some("<p>".to_owned()),
                        ..Given::default()
                    }),
                }
            }
        };
        let ids: Vec<String> = (0..4)
            .map(|number| tasks.add(TaskKind::Clip, None, act(number)).id)
            .collect();
        let all: Vec<Task> = ids.iter().map(|id| ended(&tasks, id)).collect();
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
        assert_eq!(all[0].result, Some(json!(0)));
        assert_eq!(all[0].page.as_deref(), Some("/api/v1/tasks/t1/page"));
        let error = all[1].error.clone().unwrap();
        assert_eq!(
            (error.title.as_str(), error.detail.as_str()),
            ("one is wrong", "give another")
        );
        assert_eq!(all[2].state, TaskState::Failed);
        assert_eq!(tasks.page("t4").as_deref(), Some("<p>"));
        assert_eq!(tasks.list().len(), 4);
    }

    #[test]
    fn a_task_is_cancelled_before_and_while_it_works() {
        let tasks = Tasks::new(Arc::default());
        let waits = |work: &mut Work<'_>| {
            while !work.cancel.requested() {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(RenderError::Cancelled)
        };
        let first = tasks.add(TaskKind::Clip, None, waits).id;
        let second = tasks
            .add(TaskKind::Clip, None, |_| panic!("its turn never comes"))
            .id;
        assert!(tasks.cancel(&second) && tasks.cancel(&first));
        assert_eq!(ended(&tasks, &first).state, TaskState::Cancelled);
        assert_eq!(ended(&tasks, &second).state, TaskState::Cancelled);
        assert!(tasks.cancel(&first), "forgotten");
        assert!(tasks.get(&first).is_none() && !tasks.cancel(&first));
    }
}
