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
    /// So many where a number was asked for; else as many as there are processors for, of which each of `others` has as
    /// many, and memory, of which one takes `bytes`.
    pub(super) fn count(self, others: usize, bytes: u64) -> usize {
        match self {
            Self::Count(count) => count.get(),
            Self::Auto => {
                let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
                by_machine(cores, memory_free(), others.max(1), bytes)
            }
        }
    }

    /// Jobs to be rendered at a time, of `jobs`.
    pub fn jobs(self, jobs: usize) -> usize {
        self.count(1, JOB_BYTES).min(jobs).max(1)
    }
}

fn by_machine(cores: usize, memory: Option<u64>, others: usize, bytes: u64) -> usize {
    // Half of it is left to the others on this machine.
    let room = memory.map_or(u64::MAX, |free| free / 2 / others as u64 / bytes.max(1));
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    (cores / others / CORES_EACH).min(room).max(1)
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
        assert_eq!(by_machine(2, Some(64 * GB), 1, GB), 1);
        assert_eq!(by_machine(16, None, 1, GB), 4);
        assert_eq!(by_machine(16, Some(64 * GB), 2, GB), 2);
        assert_eq!(by_machine(16, Some(64 * GB), 16, GB), 1);
        assert_eq!(by_machine(64, Some(8 * GB), 1, GB), 4);
        assert_eq!(by_machine(64, Some(0), 1, GB), 1);
        let three = Parallelism::Count(3.try_into().unwrap());
        assert_eq!((three.count(9, u64::MAX), three.jobs(2)), (3, 2));
    }
}
