//! Watches the card of a job: a thread reads it once a second until the job ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::strain::{Response, Strain};
use super::summary::GpuSummary;
use super::{GpuFacts, GpuMonitor, GpuNow, GpuReading};

/// A card that is being watched. Clones share it.
#[derive(Clone)]
pub struct WatchedGpu(Arc<Shared>);

struct Shared {
    facts: GpuFacts,
    paused: AtomicBool,
    frames: AtomicUsize,
    spare: AtomicBool,
    state: Mutex<State>,
    ended: Mutex<bool>,
    end: Condvar,
}

struct State {
    strain: Strain,
    latest: Option<GpuReading>,
    summary: GpuSummary,
    /// What nobody has been told yet.
    say: Vec<String>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the card once.
    fn look(&self, monitor: &dyn GpuMonitor, index: usize) {
        let Ok(reading) = monitor.read(index) else {
            // A card that cannot be read may be lost: then rendering fails by itself. It must not wait for ever here.
            self.paused.store(false, Ordering::Relaxed);
            return;
        };
        let mut state = self.state();
        let Response {
            pause,
            frames,
            spare,
            say,
        } = state.strain.after(&reading);
        state.say.extend(say);
        state.summary.add(&reading);
        state.summary.frames_in_flight = frames;
        state.latest = Some(reading);
        self.paused.store(pause, Ordering::Relaxed);
        self.frames.store(frames, Ordering::Relaxed);
        self.spare.store(spare, Ordering::Relaxed);
    }

    /// Waits for `time`, or until the watch ends; whether it has ended.
    fn wait(&self, time: Duration) -> bool {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .end
            .wait_timeout_while(ended, time, |ended| !*ended)
            .unwrap_or_else(PoisonError::into_inner);
        *waited.0
    }
}

impl WatchedGpu {
    /// How it fares now: the newest reading.
    pub fn now(&self) -> Option<GpuNow> {
        Some(GpuNow {
            memory: self.0.facts.memory,
            reading: self.0.state().latest.clone()?,
        })
    }

    /// Whether no frame may begin, because the card is too hot.
    pub fn is_paused(&self) -> bool {
        self.0.paused.load(Ordering::Relaxed)
    }

    /// Frames that may be in flight on the card.
    pub fn frames_in_flight(&self) -> usize {
        self.0.frames.load(Ordering::Relaxed)
    }

    /// Whether work that can be done elsewhere is to leave the card, because its memory is low.
    pub fn is_to_be_spared(&self) -> bool {
        self.0.spare.load(Ordering::Relaxed)
    }

    /// What a person should be told since the last call.
    pub fn take_words(&self) -> Vec<String> {
        std::mem::take(&mut self.0.state().say)
    }

    /// Notes that the job has waited for so long.
    pub fn waited(&self, time: Duration) {
        self.0.state().summary.paused_s += time.as_secs_f64();
    }

    /// What was read so far.
    pub fn summary(&self) -> GpuSummary {
        self.0.state().summary.clone()
    }
}

/// Reads a card once a second, until it is dropped.
pub struct Watch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches the card with this index of `monitor`; `None` where there is no such card. It has been read once when this
    /// returns.
    pub fn start(monitor: Arc<dyn GpuMonitor>, index: usize) -> Option<Self> {
        let facts = monitor.gpus().into_iter().nth(index)?;
        let shared = Arc::new(Shared {
            paused: AtomicBool::new(false),
            frames: AtomicUsize::new(super::FRAMES_IN_FLIGHT),
            spare: AtomicBool::new(false),
            state: Mutex::new(State {
                strain: Strain::new(facts.clone()),
                latest: None,
                summary: GpuSummary::new(facts.clone()),
                say: Vec::new(),
            }),
            facts,
            ended: Mutex::new(false),
            end: Condvar::new(),
        });
        shared.look(&*monitor, index);
        let theirs = shared.clone();
        let work = move || {
            while !theirs.wait(monitor.interval()) {
                theirs.look(&*monitor, index);
            }
        };
        // Without a thread there is this one reading, and a render all the same.
        let thread = Builder::new().name("hardware".to_owned()).spawn(work).ok();
        Some(Self { shared, thread })
    }

    /// The card.
    pub fn gpu(&self) -> WatchedGpu {
        WatchedGpu(self.shared.clone())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *self
            .shared
            .ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.end.notify_all();
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::recording::tests::session;
    use super::super::{Recording, Replay};
    use super::*;

    #[test]
    fn a_watched_card_pauses_and_goes_on_and_the_thread_ends_with_the_watch() {
        let recording = Recording {
            interval_ms: 2,
            ..session()
        };
        let count = recording.gpus[0].readings.len() as u64;
        let watch = Watch::start(Arc::new(Replay::new(recording)), 0).unwrap();
        let gpu = watch.gpu();
        assert!(gpu.summary().readings >= 1 && gpu.now().is_some());
        let begun = Instant::now();
        while gpu.summary().readings < count {
            assert!(begun.elapsed() < Duration::from_secs(20), "it reads on");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(!gpu.is_paused() && gpu.is_to_be_spared());
        assert_eq!(gpu.frames_in_flight(), 1);
        assert_eq!(gpu.take_words().len(), 6);
        assert!(gpu.take_words().is_empty(), "each is said once");
        drop(watch);
        let after = gpu.summary().readings;
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(gpu.summary().readings, after);
    }

    #[test]
    fn a_second_between_readings_does_not_hold_up_the_end_of_a_job() {
        let begun = Instant::now();
        let monitor = Arc::new(Replay::new(session()));
        assert!(Watch::start(monitor.clone(), 7).is_none());
        drop(Watch::start(monitor, 0));
        assert!(begun.elapsed() < Duration::from_millis(900));
    }
}
