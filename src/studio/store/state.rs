//! The states of a job, and which may follow which.

use serde::{Deserialize, Serialize};

/// What a job is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for its turn.
    Queued,
    /// It is rendered.
    Running,
    /// It is rendered up to the end of a chunk, and paused then.
    Pausing,
    /// It waits until it is resumed.
    Paused,
    /// It is being stopped, and what is not kept is thrown away.
    Cancelling,
    /// It ended well.
    Done,
    /// It ended with an error.
    Failed,
    /// It was stopped for good.
    Cancelled,
}

impl State {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Running,
        Self::Pausing,
        Self::Paused,
        Self::Cancelling,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Its name, as in the file and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Cancelling => "cancelling",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more happens to such a job, unless somebody asks for another attempt.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// Whether such a job has a place in the queue that can be changed.
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Queued | Self::Paused)
    }

    /// Whether a job of this state may go over to `to` ([`Store::set_state`](super::Store::set_state)). From an ended
    /// state only another attempt leads on ([`Store::retry`](super::Store::retry)), which this does not count.
    pub fn may_become(self, to: Self) -> bool {
        use State::{Cancelled, Cancelling, Done, Failed, Paused, Pausing, Queued, Running};
        let next: &[Self] = match self {
            Queued => &[Running, Paused, Cancelling, Cancelled],
            // Back to the queue: at the end of the program, or where a device is lost.
            Running => &[Queued, Pausing, Paused, Cancelling, Done, Failed, Cancelled],
            Pausing => &[Queued, Running, Paused, Cancelling, Done, Failed, Cancelled],
            Paused => &[Queued, Cancelling, Cancelled],
            // It may have ended before it was told.
            Cancelling => &[Done, Failed, Cancelled],
            Done | Failed | Cancelled => &[],
        };
        next.contains(&to)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
