//! Random operations, compared with a plain list in memory.

use proptest::prelude::*;

use super::super::{Filter, JobRow, NewJob, Outcome, State, Store, StoreError};
use super::{job, open};

/// What is done. Numbers of jobs are taken modulo how many were ever added.
#[derive(Clone, Debug)]
enum Act {
    Add(i32, bool),
    State(usize, u8, State),
    Result(usize, State),
    Before(usize, usize),
    After(usize, usize),
    First(usize),
    Last(usize),
    Priority(usize, i32),
    Retry(usize),
    Remove(usize),
    Recover(bool),
    Open,
}

#[derive(Clone, Debug)]
struct Job {
    id: i64,
    state: State,
    priority: i32,
    attempts: u32,
}

/// The jobs that are there; those that have not ended in the order of their places.
#[derive(Default)]
struct Model {
    jobs: Vec<Job>,
}

impl Model {
    fn index(&self, id: i64) -> Option<usize> {
        self.jobs.iter().position(|job| job.id == id)
    }

    /// Puts the job at `from` before the job that is now at `to`.
    fn shift(&mut self, from: usize, to: usize) {
        let job = self.jobs.remove(from);
        self.jobs.insert(to - usize::from(from < to), job);
    }

    fn set(&mut self, id: i64, from: &[State], to: State) -> Result<bool, ()> {
        let index = self.index(id).ok_or(())?;
        let job = &mut self.jobs[index];
        if job.state == to {
            return Ok(false);
        }
        if !job.state.may_become(to) {
            return Err(());
        }
        let happens = from.contains(&job.state);
        if happens {
            job.state = to;
        }
        Ok(happens)
    }

    fn waiting(&self, id: i64) -> Result<usize, ()> {
        let index = self.index(id).ok_or(())?;
        self.jobs[index]
            .state
            .is_waiting()
            .then_some(index)
            .ok_or(())
    }

    fn beside(&mut self, id: i64, other: i64, before: bool) -> Result<(), ()> {
        let (from, to) = (self.waiting(id)?, self.waiting(other)?);
        if from != to {
            self.jobs[from].priority = self.jobs[to].priority;
            self.shift(from, to + usize::from(!before));
        }
        Ok(())
    }

    fn go_to_end(&mut self, id: i64, first: bool) -> Result<(), ()> {
        let from = self.waiting(id)?;
        let waiting = self.jobs.iter().filter(|job| job.state.is_waiting());
        let priorities = waiting.map(|job| job.priority);
        let priority = if first {
            priorities.max()
        } else {
            priorities.min()
        };
        self.jobs[from].priority = priority.ok_or(())?;
        self.shift(from, if first { 0 } else { self.jobs.len() });
        Ok(())
    }

    fn queue(&self) -> Vec<i64> {
        let mut queued: Vec<&Job> = self
            .jobs
            .iter()
            .filter(|job| job.state == State::Queued)
            .collect();
        queued.sort_by_key(|job| -i64::from(job.priority));
        queued.into_iter().map(|job| job.id).collect()
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let state = || prop::sample::select(State::ALL.to_vec());
    let some = || 0..1000_usize;
    let act = prop_oneof![
        4 => (-2..3_i32, any::<bool>()).prop_map(|(priority, paused)| Act::Add(priority, paused)),
        8 => (some(), any::<u8>(), state()).prop_map(|(id, from, to)| Act::State(id, from, to)),
        4 => (some(), state()).prop_map(|(id, to)| Act::State(id, 255, to)),
        2 => (some(), state()).prop_map(|(id, to)| Act::Result(id, to)),
        2 => (some(), some()).prop_map(|(id, other)| Act::Before(id, other)),
        2 => (some(), some()).prop_map(|(id, other)| Act::After(id, other)),
        1 => some().prop_map(Act::First),
        1 => some().prop_map(Act::Last),
        1 => (some(), -2..3_i32).prop_map(|(id, priority)| Act::Priority(id, priority)),
        2 => some().prop_map(Act::Retry),
        1 => some().prop_map(Act::Remove),
        1 => any::<bool>().prop_map(Act::Recover),
        1 => Just(Act::Open),
    ];
    prop::collection::vec(act, 1..80)
}

/// Does `act` on both, and compares what they gave.
fn act(store: &Store, model: &mut Model, ids: &mut Vec<i64>, act: &Act) {
    let id = |number: usize| ids.get(number % ids.len().max(1)).copied().unwrap_or(1);
    fn same<T: PartialEq + std::fmt::Debug>(got: Result<T, StoreError>, expected: Result<T, ()>) {
        assert_eq!(got.map_err(|_| ()), expected);
    }
    match *act {
        Act::Add(priority, paused) => {
            let new = NewJob {
                priority,
                paused,
                ..job("a.mp4")
            };
            let id = store.add_jobs(&[new], None).unwrap().ids[0];
            ids.push(id);
            let state = if paused { State::Paused } else { State::Queued };
            model.jobs.push(Job {
                id,
                state,
                priority,
                attempts: 1,
            });
        }
        Act::State(number, from, to) => {
            let bits = State::ALL.into_iter().enumerate();
            let from: Vec<State> = bits
                .filter(|(bit, _)| from >> bit & 1 == 1)
                .map(|(_, state)| state)
                .collect();
            let id = id(number);
            same(store.set_state(id, &from, to, ""), model.set(id, &from, to));
        }
        Act::Result(number, to) => {
            let (id, from) = (
                id(number),
                [State::Running, State::Pausing, State::Cancelling],
            );
            let expected = if to.is_ended() {
                model.set(id, &from, to)
            } else {
                Err(())
            };
            same(store.set_result(id, to, &Outcome::default(), ""), expected);
        }
        Act::Before(a, b) => same(
            store.move_before(id(a), id(b)),
            model.beside(id(a), id(b), true),
        ),
        Act::After(a, b) => same(
            store.move_after(id(a), id(b)),
            model.beside(id(a), id(b), false),
        ),
        Act::First(number) => same(
            store.move_first(id(number)),
            model.go_to_end(id(number), true),
        ),
        Act::Last(number) => same(
            store.move_last(id(number)),
            model.go_to_end(id(number), false),
        ),
        Act::Priority(number, priority) => {
            let job = model.index(id(number)).map(|index| &mut model.jobs[index]);
            let job = job.filter(|job| !job.state.is_ended());
            same(
                store.set_priority(id(number), priority),
                job.map(|job| job.priority = priority).ok_or(()),
            );
        }
        Act::Retry(number) => {
            let index = model
                .index(id(number))
                .filter(|index| model.jobs[*index].state.is_ended());
            same(store.retry(id(number)), index.map(|_| ()).ok_or(()));
            if let Some(index) = index {
                let job = model.jobs.remove(index);
                model.jobs.push(Job {
                    state: State::Queued,
                    attempts: job.attempts + 1,
                    ..job
                });
            }
        }
        Act::Remove(number) => {
            let index = model
                .index(id(number))
                .filter(|index| model.jobs[*index].state.is_ended());
            same(store.remove(id(number)), index.map(|_| ()).ok_or(()));
            if let Some(index) = index {
                model.jobs.remove(index);
            }
        }
        Act::Recover(stay_paused) => {
            let back = if stay_paused {
                State::Paused
            } else {
                State::Queued
            };
            let mut expected = Vec::new();
            for job in &mut model.jobs {
                job.state = match job.state {
                    State::Running | State::Pausing => back,
                    State::Cancelling => State::Cancelled,
                    _ => continue,
                };
                expected.push(job.id);
            }
            expected.sort_unstable();
            same(store.recover(stay_paused), Ok(expected));
        }
        Act::Open => (),
    }
}

fn compare(store: &Store, model: &Model) {
    assert_eq!(store.queue().unwrap(), model.queue());
    let facts = |job: &JobRow| (job.id, job.state, job.priority, job.attempts);
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(&Filter::default(), after.as_deref(), 7).unwrap();
        listed.extend(page.jobs.iter().map(facts));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    listed.sort_unstable();
    let mut expected: Vec<_> = model
        .jobs
        .iter()
        .map(|job| (job.id, job.state, job.priority, job.attempts))
        .collect();
    expected.sort_unstable();
    assert_eq!(listed, expected);
    for (state, count) in store.counts().unwrap() {
        let there = model.jobs.iter().filter(|job| job.state == state).count();
        assert_eq!(count as usize, there);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_does_what_a_list_does(acts in acts()) {
        let folder = tempfile::tempdir().unwrap();
        let quick = || {
            let store = open(&folder);
            store.connection().pragma_update(None, "synchronous", "off").unwrap();
            store
        };
        let mut store = quick();
        let (mut model, mut ids) = (Model::default(), Vec::new());
        for one in &acts {
            if matches!(one, Act::Open) {
                drop(store);
                store = quick();
            }
            act(&store, &mut model, &mut ids, one);
            compare(&store, &model);
        }
    }
}
