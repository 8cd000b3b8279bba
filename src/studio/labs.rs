//! The sessions of the Lab: a clip and a style each, whose pipelines are kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::events::Events;
use crate::render::live::Live;

/// Sessions that are kept: each holds decoded pictures and what is compiled.
const MOST: usize = 4;

/// A session.
pub struct Lab {
    pub id: String,
    /// The clip, as `ROOT/relative/path`; none for the generated scene, or a clip outside of all folders.
    pub file: Option<String>,
    live: Mutex<Live>,
    /// When it was last used, by a counter.
    used: AtomicU64,
}

impl Lab {
    pub fn live(&self) -> MutexGuard<'_, Live> {
        // A request that panicked has told so; the style is rendered anew for each.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sessions of a studio.
#[derive(Default)]
pub struct Labs {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: u64,
    uses: u64,
    labs: BTreeMap<u64, Arc<Lab>>,
}

impl Labs {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a session; its id. The one that was not used for longest makes place.
    pub fn add(&self, live: Live, file: Option<String>) -> String {
        let mut state = self.state();
        state.last += 1;
        state.uses += 1;
        let number = state.last;
        let lab = Lab {
            id: format!("s{number}"),
            file,
            live: Mutex::new(live),
            used: AtomicU64::new(state.uses),
        };
        let id = lab.id.clone();
        state.labs.insert(number, Arc::new(lab));
        if state.labs.len() > MOST {
            let used = |(_, lab): &(&u64, &Arc<Lab>)| lab.used.load(Ordering::Relaxed);
            let oldest = state
                .labs
                .iter()
                .min_by_key(used)
                .map(|(number, _)| *number);
            oldest.and_then(|oldest| state.labs.remove(&oldest));
        }
        id
    }

    /// The session `id`.
    pub fn get(&self, id: &str) -> Option<Arc<Lab>> {
        let mut state = self.state();
        state.uses += 1;
        let number: u64 = id.strip_prefix('s')?.parse().ok()?;
        let lab = state.labs.get(&number)?.clone();
        lab.used.store(state.uses, Ordering::Relaxed);
        Some(lab)
    }

    /// All sessions.
    pub fn list(&self) -> Vec<Arc<Lab>> {
        self.state().labs.values().cloned().collect()
    }

    /// Forgets the session `id`; whether there was one.
    pub fn remove(&self, id: &str) -> bool {
        let number = id.strip_prefix('s').and_then(|number| number.parse().ok());
        number.is_some_and(|number: u64| self.state().labs.remove(&number).is_some())
    }

    /// Loads styles again whose files have changed, and tells it.
    pub fn reload(&self, events: &Events) {
        for lab in self.list() {
            // One that is rendering looks at its files afterwards.
            let Ok(mut live) = lab.live.try_lock() else {
                continue;
            };
            if live.reload() {
                let version = live.version();
                drop(live);
                events.tell("style", &json!({"session": lab.id, "version": version}));
            }
        }
    }
}
