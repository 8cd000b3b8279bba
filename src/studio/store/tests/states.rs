//! Every change of state.

use serde_json::json;

use super::super::{Outcome, State, StoreError};
use super::{add, add_in, store};

#[test]
fn every_pair_of_states_is_allowed_or_refused_with_both_names() {
    let (_folder, store) = store();
    for from in State::ALL {
        for to in State::ALL {
            let id = add_in(&store, from);
            let lines = store.history(id).unwrap().len();
            let done = store.set_state(id, &State::ALL, to, "why");
            if from.may_become(to) {
                assert!(done.unwrap(), "{from} to {to}");
                let job = store.get(id).unwrap();
                assert_eq!(job.state, to);
                assert_eq!(job.ended.is_some(), to.is_ended());
                let history = store.history(id).unwrap();
                assert_eq!(history.len(), lines + 1);
                assert_eq!(history[lines].state, to);
                assert_eq!(history[lines].words, "why");
            } else if from == to {
                assert!(!done.unwrap());
                assert_eq!(store.history(id).unwrap().len(), lines);
            } else {
                let error = done.unwrap_err();
                assert!(
                    matches!(error, StoreError::Refused { from: a, to: b, .. } if (a, b) == (from, to))
                );
                let told = error.to_string();
                assert!(told.contains(from.name()) && told.contains(to.name()));
                assert!(!error.advice().is_empty());
                assert_eq!(store.get(id).unwrap().state, from);
                assert_eq!(store.history(id).unwrap().len(), lines);
            }
        }
    }
}

#[test]
fn who_comes_second_is_told_so() {
    let (_folder, store) = store();
    let id = add(&store);
    let from = [State::Queued];
    assert!(store.set_state(id, &from, State::Running, "").unwrap());
    // Running jobs may be paused, but this call was about a queued one.
    assert!(!store.set_state(id, &from, State::Paused, "").unwrap());
    assert_eq!(store.get(id).unwrap().state, State::Running);
    let unknown = store.set_state(999, &from, State::Running, "");
    assert!(matches!(unknown, Err(StoreError::UnknownJob { id: 999 })));
}

#[test]
fn names_of_states_are_those_of_json() {
    for state in State::ALL {
        assert_eq!(State::of_name(state.name()), Some(state));
        assert_eq!(serde_json::to_value(state).unwrap(), json!(state.name()));
    }
    assert_eq!(State::of_name("Done"), None);
}

#[test]
fn a_result_is_kept_until_another_attempt() {
    let (_folder, store) = store();
    let outcome = Outcome {
        report: Some(json!({"frames": 10})),
        error: Some(json!({"title": "it failed", "detail": "try again", "topic": null})),
        warnings: vec!["slow".to_owned()],
        fallbacks: vec!["cpu".to_owned()],
    };
    for from in State::ALL {
        let id = add_in(&store, from);
        let done = store.set_result(id, State::Failed, &outcome, "it failed");
        match from {
            State::Running | State::Pausing | State::Cancelling => assert!(done.unwrap()),
            State::Failed => {
                assert!(!done.unwrap());
                continue;
            }
            _ => {
                assert!(matches!(done, Err(StoreError::Refused { .. })), "{from}");
                continue;
            }
        }
        let job = store.get(id).unwrap();
        assert_eq!(job.error, outcome.error);
        assert_eq!(job.warnings, outcome.warnings);
        assert_eq!(job.fallbacks, outcome.fallbacks);
        assert_eq!(store.report(id).unwrap(), outcome.report);
        assert!(job.started <= job.ended && job.started.is_some());
        store
            .set_outputs(id, &["/videos/out.mp4".to_owned()])
            .unwrap();
        store.retry(id).unwrap();
        let job = store.get(id).unwrap();
        assert_eq!((job.state, job.attempts), (State::Queued, 2));
        assert_eq!((job.error, job.started, job.ended), (None, None, None));
        assert_eq!(store.report(id).unwrap(), None);
        assert_eq!(job.outputs, ["/videos/out.mp4"]);
    }
    let id = add_in(&store, State::Running);
    let open = store.set_result(id, State::Paused, &outcome, "");
    assert!(matches!(open, Err(StoreError::Invalid { .. })));
}

#[test]
fn only_ended_jobs_are_tried_again_or_removed() {
    let (_folder, store) = store();
    for state in State::ALL {
        let (again, gone) = (add_in(&store, state), add_in(&store, state));
        match state.is_ended() {
            true => {
                store.retry(again).unwrap();
                assert_eq!(store.get(again).unwrap().state, State::Queued);
                store.remove(gone).unwrap();
                let got = store.get(gone);
                assert!(matches!(got, Err(StoreError::UnknownJob { .. })));
                let lines = store.history(gone);
                assert!(matches!(lines, Err(StoreError::UnknownJob { .. })));
            }
            false => {
                for refused in [store.retry(again), store.remove(gone)] {
                    assert!(
                        matches!(refused, Err(StoreError::NotEnded { state: told, .. }) if told == state)
                    );
                }
            }
        }
    }
    for unknown in [
        store.retry(999),
        store.remove(999),
        store.set_outputs(999, &[]),
    ] {
        assert!(matches!(unknown, Err(StoreError::UnknownJob { id: 999 })));
    }
}

#[test]
fn failed_jobs_are_tried_again_in_order() {
    let (_folder, store) = store();
    let failed = [State::Failed; 3].map(|state| add_in(&store, state));
    let done = add_in(&store, State::Done);
    assert_eq!(store.retry_failed().unwrap(), failed);
    assert_eq!(store.queue().unwrap(), failed);
    assert_eq!(store.get(done).unwrap().state, State::Done);
    assert_eq!(store.retry_failed().unwrap(), Vec::<i64>::new());
}

#[test]
fn jobs_of_an_ended_program_are_recovered() {
    for stay_paused in [false, true] {
        let (folder, store) = store();
        let ids = State::ALL.map(|state| add_in(&store, state));
        drop(store);
        let store = super::open(&folder);
        let recovered = store.recover(stay_paused).unwrap();
        assert_eq!(recovered, [ids[1], ids[2], ids[4]]);
        let back = if stay_paused {
            State::Paused
        } else {
            State::Queued
        };
        for (id, before) in ids.into_iter().zip(State::ALL) {
            let expected = match before {
                State::Running | State::Pausing => back,
                State::Cancelling => State::Cancelled,
                other => other,
            };
            assert_eq!(store.get(id).unwrap().state, expected);
            let last = store.history(id).unwrap().pop().unwrap();
            assert_eq!(last.state, expected);
            assert_eq!(last.words.contains("had ended"), recovered.contains(&id));
        }
        assert_eq!(store.recover(stay_paused).unwrap(), Vec::<i64>::new());
    }
}

#[test]
fn all_states_are_counted() {
    let (_folder, store) = store();
    assert!(store.counts().unwrap().values().all(|count| *count == 0));
    for (number, state) in State::ALL.into_iter().enumerate() {
        for _ in 0..number {
            add_in(&store, state);
        }
    }
    let counts = store.counts().unwrap();
    assert_eq!(counts.len(), 8);
    for (number, state) in State::ALL.into_iter().enumerate() {
        assert_eq!(counts[&state] as usize, number);
    }
}
