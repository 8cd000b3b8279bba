//! How many things are done at a time, by what the machine has.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

/// How many at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parallelism {
    /// As many as the machine is likely to gain by.
    #[default]
    Auto,
    Count(NonZeroUsize),
}

/// Processors that a pipeline keeps busy by itself: its stages overlap, and graph and encoder spread over several.
const CORES_EACH: usize = 4;
/// Bytes that a job takes of which nothing is known yet: some times what 1080p was measured to take.
const JOB_BYTES: u64 = 1 << 30;

impl Parallelism {
    /// Workers for a job, each of which takes `bytes` of memory, where so many `jobs` are rendered at a time.
    pub(super) fn workers(self, jobs: usize, bytes: u64) -> usize {
        self.or(|| workers(Machine::this(), jobs, bytes))
    }

    /// Jobs to be rendered at a time, of `jobs`.
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

/// What is to be shared out.
#[derive(Clone, Copy)]
struct Machine {
    cores: usize,
    /// Bytes that are free, where the system tells.
    memory: Option<u64>,
}

impl Machine {
    fn this() -> Self {
        Self {
            cores: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            memory: memory_free(),
        }
    }

    /// How many have room who take `bytes` each. Half of it is left to others.
    fn room(self, bytes: u64) -> usize {
        let room = self.memory.map_or(u64::MAX, |free| free / 2 / bytes.max(1));
        usize::try_from(room).unwrap_or(usize::MAX)
    }
}

fn workers(machine: Machine, jobs: usize, bytes: u64) -> usize {
    let jobs = jobs.max(1);
    (machine.cores / jobs / CORES_EACH).min(machine.room(bytes) / jobs)
}

/// Two even on a small machine: what begins and ends a job keeps one processor busy.
fn at_a_time(machine: Machine) -> usize {
    let least = machine.cores.min(2);
    (machine.cores / CORES_EACH)
        .max(least)
        .min(machine.room(JOB_BYTES))
}

/// Bytes that programs can have before the system must swap, where it tells.
fn memory_free() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let mut lines = text.lines();
    let line = lines.find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
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
