//! How many jobs and chunks run at the same time, by CPU cores and free memory.

use std::fmt;
use std::num::NonZeroUsize;

use super::request::{SettingValue, plain_serde};
use crate::hardware::Memory;

/// How many run at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parallelism {
    /// Chosen by CPU cores and memory.
    #[default]
    Auto,
    Count(NonZeroUsize),
}

impl SettingValue for Parallelism {
    fn accepts() -> String {
        "a number from 1 on, or auto".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            text => text.parse().ok().map(Self::Count),
        }
    }
}

impl fmt::Display for Parallelism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Count(count) => count.fmt(f),
        }
    }
}

plain_serde!(Parallelism);

/// Cores that one pipeline keeps busy: its stages run at the same time, and the graph and the encoder use several threads.
const CORES_EACH: usize = 4;
/// Memory in bytes that is assumed for a job before its size is known: several times what 1080p was measured to need.
const JOB_BYTES: u64 = 1 << 30;

impl Parallelism {
    /// Workers for one job, when `jobs` run at the same time and each worker needs `bytes` of memory.
    pub(super) fn workers(self, jobs: usize, bytes: u64) -> usize {
        self.or(|| workers(Machine::this(), jobs, bytes))
    }

    /// How many of `jobs` run at the same time.
    pub fn jobs(self, jobs: usize) -> usize {
        self.or(|| at_a_time(Machine::this())).min(jobs).max(1)
    }

    fn or(self, by_machine: impl FnOnce() -> usize) -> usize {
        match self {
            Self::Count(count) => count.get(),
            Self::Auto => by_machine().max(1),
        }
    }
}

/// What the machine has.
#[derive(Clone, Copy)]
struct Machine {
    cores: usize,
    /// Free bytes; `None` where the system does not say.
    memory: Option<u64>,
}

impl Machine {
    fn this() -> Self {
        Self {
            cores: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            memory: Memory::this().map(|memory| memory.available),
        }
    }

    /// How many users of `bytes` each fit into half of the free memory.
    fn room(self, bytes: u64) -> usize {
        let room = self.memory.map_or(u64::MAX, |free| free / 2 / bytes.max(1));
        usize::try_from(room).unwrap_or(usize::MAX)
    }
}

fn workers(machine: Machine, jobs: usize, bytes: u64) -> usize {
    let jobs = jobs.max(1);
    (machine.cores / jobs / CORES_EACH).min(machine.room(bytes) / jobs)
}

/// At least two where there are two cores: the start and the end of a job keep only one core busy.
fn at_a_time(machine: Machine) -> usize {
    let least = machine.cores.min(2);
    (machine.cores / CORES_EACH)
        .max(least)
        .min(machine.room(JOB_BYTES))
}

/// Bytes that programs can use at all; `None` where the system does not say.
pub(super) fn memory_in_all() -> Option<u64> {
    let memory = Memory::this()?;
    Some(memory.available.saturating_add(memory.swap_free))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_shared_out() {
        const GB: u64 = 1 << 30;
        let of = |cores, memory| Machine { cores, memory };
        assert_eq!(workers(of(2, Some(64 * GB)), 1, GB), 0);
        assert_eq!(workers(of(16, None), 1, GB), 4);
        assert_eq!(workers(of(16, Some(64 * GB)), 2, GB), 2);
        assert_eq!(workers(of(64, Some(8 * GB)), 1, GB), 4);
        assert_eq!(workers(of(64, Some(8 * GB)), 2, GB), 2);
        assert_eq!(at_a_time(of(1, None)), 1);
        assert_eq!(at_a_time(of(2, Some(64 * GB))), 2);
        assert_eq!(at_a_time(of(16, Some(64 * GB))), 4);
        assert_eq!(at_a_time(of(16, Some(2 * GB))), 1);
        let three = Parallelism::Count(3.try_into().unwrap());
        assert_eq!((three.workers(9, u64::MAX), three.jobs(2)), (3, 2));
        let auto = Parallelism::Auto;
        assert_eq!((auto.workers(1, u64::MAX), auto.jobs(1)), (1, 1));
    }
}
