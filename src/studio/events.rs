//! What happens in the studio, told to all pages and programs that listen.
//!
//! Each event has an id, so that a listener whose connection was lost gets what it missed. Events that only say how far
//! something is are not kept: the next one says more.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::response::sse::Event;
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

/// Events that are kept for listeners that come back.
const KEPT: usize = 1000;
/// Events that a listener may be behind.
const BEHIND: usize = 256;

/// One event.
#[derive(Debug)]
struct Told {
    number: u64,
    name: &'static str,
    /// JSON.
    data: String,
}

/// Tells listeners what happens.
#[derive(Debug)]
pub struct Events {
    /// Tells ids of this run from those of earlier ones.
    run: u64,
    sender: broadcast::Sender<Arc<Told>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Number of the last event.
    last: u64,
    /// Number of the last event that is no longer kept.
    gone: u64,
    kept: VecDeque<Arc<Told>>,
}

impl Default for Events {
    fn default() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            run: since.map_or(0, |since| since.as_millis() as u64),
            sender: broadcast::Sender::new(BEHIND),
            state: Mutex::default(),
        }
    }
}

impl Events {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what happened, and keeps it for those who come back.
    pub fn tell(&self, name: &'static str, what: &impl Serialize) {
        self.send(name, what, true);
    }

    /// Tells how far something is.
    pub fn tell_progress(&self, name: &'static str, what: &impl Serialize) {
        // Nobody listens: nothing need be written.
        if self.is_heard() {
            self.send(name, what, false);
        }
    }

    /// Whether anybody listens.
    pub fn is_heard(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    fn send(&self, name: &'static str, what: &impl Serialize, keep: bool) {
        let data = serde_json::to_string(what).unwrap_or_default();
        let mut state = self.state();
        state.last += 1;
        let told = Arc::new(Told {
            number: state.last,
            name,
            data,
        });
        if keep {
            state.kept.push_back(told.clone());
            if state.kept.len() > KEPT
                && let Some(gone) = state.kept.pop_front()
            {
                state.gone = gone.number;
            }
        }
        // Under the lock, so that listeners get them in order. Fails where nobody listens.
        let _ = self.sender.send(told);
    }

    fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.run)
    }

    fn event(&self, told: &Told) -> Event {
        Event::default()
            .id(self.id(told.number))
            .event(told.name)
            .data(&told.data)
    }

    /// The events after the one with the id `last`, and those to come; from now on where there is no `last`. Where some are no
    /// longer kept, `reset` says that everything has to be asked for again. Ends with `bye` when `ends` becomes true.
    pub fn listen(
        self: &Arc<Self>,
        last: Option<&str>,
        ends: watch::Receiver<bool>,
    ) -> impl Stream<Item = Result<Event, Infallible>> + use<> {
        let (receiver, missed) = {
            let state = self.state();
            (self.sender.subscribe(), self.missed(&state, last))
        };
        let first = stream::iter(missed.into_iter().map(Ok));
        let events = self.clone();
        let rest = stream::unfold(Some((receiver, ends)), move |state| {
            let events = events.clone();
            async move {
                let (mut receiver, mut ends) = state?;
                let told = tokio::select! {
                    _ = ends.wait_for(|ends| *ends) => None,
                    told = receiver.recv() => Some(told),
                };
                match told {
                    Some(Ok(told)) => Some((Ok(events.event(&told)), Some((receiver, ends)))),
                    Some(Err(RecvError::Lagged(_))) => {
                        Some((Ok(events.reset()), Some((receiver, ends))))
                    }
                    None | Some(Err(RecvError::Closed)) => {
                        Some((Ok(Event::default().event("bye").data("{}")), None))
                    }
                }
            }
        });
        stream::StreamExt::chain(first, rest)
    }

    fn reset(&self) -> Event {
        let last = self.state().last;
        Event::default().id(self.id(last)).event("reset").data("{}")
    }

    /// What a listener gets first that had the event `last`.
    fn missed(&self, state: &State, last: Option<&str>) -> Vec<Event> {
        let Some(last) = last else { return Vec::new() };
        let known = last
            .strip_prefix(&format!("{}-", self.run))
            .and_then(|number| number.parse::<u64>().ok())
            .filter(|number| (state.gone..=state.last).contains(number));
        match known {
            Some(known) => {
                let after = state.kept.iter().filter(|told| told.number > known);
                after.map(|told| self.event(told)).collect()
            }
            None => vec![
                Event::default()
                    .id(self.id(state.last))
                    .event("reset")
                    .data("{}"),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    /// What a listener gets that had the event `last`, until the end.
    fn heard(events: &Arc<Events>, last: Option<&str>, then: impl FnOnce()) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let ends = watch::Sender::new(false);
            let stream = events.listen(last, ends.subscribe());
            then();
            ends.send_replace(true);
            let all: Vec<_> = stream.map(|event| format!("{event:?}")).collect().await;
            all.join("\n")
        })
    }

    #[test]
    fn who_comes_back_gets_what_was_missed() {
        let events = Arc::new(Events::default());
        let id = |number: u64| events.id(number);
        events.tell("job", &1);
        events.tell("job", &"two");
        let missed = heard(&events, Some(&id(1)), || ());
        assert!(
            missed.contains("two") && !missed.contains("reset"),
            "{missed}"
        );
        assert_eq!(missed.matches("job").count(), 1);
        // Of another run, or of the future.
        for unknown in ["7-1", "x", &id(99)] {
            assert!(heard(&events, Some(unknown), || ()).contains("reset"));
        }
        for number in 0..2 * KEPT {
            events.tell("job", &number);
        }
        assert!(heard(&events, Some(&id(1)), || ()).contains("reset"));
        assert!(!heard(&events, Some(&id(2 * KEPT as u64)), || ()).contains("reset"));
    }

    #[test]
    fn how_far_something_is_is_told_but_not_kept() {
        let events = Arc::new(Events::default());
        events.tell("job", &1);
        events.tell_progress("progress", &"nobody listens");
        let last = events.id(1);
        let missed = heard(&events, Some(&last), || ());
        assert!(!missed.contains("progress"), "{missed}");
    }
}
