//! The memory of the machine, and how much of it this program may use.

use std::path::{Path, PathBuf};

use serde::Serialize;

/// Bytes of memory. The limits of a container (cgroups) count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// All that this program could ever use.
    pub total: u64,
    /// What programs can use before the system swaps.
    pub available: u64,
    /// Swap space that is free.
    pub swap_free: u64,
}

impl Memory {
    /// That of this machine; `None` where the system does not say.
    pub fn this() -> Option<Self> {
        Self::read(Path::new("/proc"), Path::new("/sys/fs/cgroup"))
    }

    /// As the folders `proc` and `cgroups` say.
    fn read(proc: &Path, cgroups: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(proc.join("meminfo")).ok()?;
        let mut memory = Self {
            total: kilobytes(&text, "MemTotal:")?,
            available: kilobytes(&text, "MemAvailable:")?,
            swap_free: kilobytes(&text, "SwapFree:").unwrap_or(0),
        };
        let own = std::fs::read_to_string(proc.join("self/cgroup")).unwrap_or_default();
        for folder in groups(&own, cgroups) {
            folder.limit(&mut memory);
        }
        Some(memory)
    }
}

/// The bytes that `/proc/meminfo` tells under this name.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines();
    let line = lines.find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// A group of processes with limits of its own.
struct Group {
    folder: PathBuf,
    /// The names of its files: limit, use, the part of the use that can be given back at once, and of swap limit and use.
    files: [&'static str; 5],
}

const VERSION_2: [&str; 5] = [
    "memory.max",
    "memory.current",
    "inactive_file",
    "memory.swap.max",
    "memory.swap.current",
];
const VERSION_1: [&str; 5] = [
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    "total_inactive_file",
    "",
    "",
];

/// The groups that this process belongs to, from its own to the outermost. `own` is the text of `/proc/self/cgroup`. In a
/// container its own group may be seen as the outermost.
fn groups(own: &str, cgroups: &Path) -> Vec<Group> {
    let mut found = Vec::new();
    for line in own.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(kinds), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, files) = match kinds {
            "" => (cgroups.to_owned(), VERSION_2),
            kinds if kinds.split(',').any(|kind| kind == "memory") => {
                (cgroups.join("memory"), VERSION_1)
            }
            _ => continue,
        };
        let mut folder = root.join(path.trim_start_matches('/'));
        while folder.starts_with(&root) {
            found.push(Group {
                folder: folder.clone(),
                files,
            });
            if !folder.pop() {
                break;
            }
        }
    }
    found
}

impl Group {
    /// A number in one of its files; `None` for "max", and where there is no such file.
    fn number(&self, file: &str) -> Option<u64> {
        let text = std::fs::read_to_string(self.folder.join(file)).ok()?;
        text.trim().parse().ok()
    }

    /// Lowers `memory` to what this group may use.
    fn limit(&self, memory: &mut Memory) {
        let [most, used, cache, swap_most, swap_used] = self.files;
        if let Some(limit) = self.number(most).filter(|&limit| limit < memory.total) {
            memory.total = limit;
            let stat = std::fs::read_to_string(self.folder.join("memory.stat")).unwrap_or_default();
            let cache = stat.lines().find_map(|line| {
                let (name, value) = line.split_once(' ')?;
                (name == cache).then(|| value.trim().parse::<u64>().ok())?
            });
            // Pages of files that nobody uses are given back when they are needed.
            let used = self.number(used).unwrap_or(0);
            let used = used.saturating_sub(cache.unwrap_or(0));
            memory.available = memory.available.min(limit.saturating_sub(used));
        }
        if let Some(limit) = self.number(swap_most) {
            let left = limit.saturating_sub(self.number(swap_used).unwrap_or(0));
            memory.swap_free = memory.swap_free.min(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1 << 30;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn the_limit_of_a_container_counts() {
        let folder = tempfile::tempdir().unwrap();
        let (proc, cgroups) = (folder.path().join("proc"), folder.path().join("cgroup"));
        let read = || Memory::read(&proc, &cgroups);
        assert_eq!(read(), None);
        write(
            &proc,
            "meminfo",
            "MemTotal:  16777216 kB\nMemAvailable:  8388608 kB\nSwapFree:  1048576 kB\n",
        );
        let whole = read().unwrap();
        assert_eq!(
            (whole.total, whole.available, whole.swap_free),
            (16 * GB, 8 * GB, GB)
        );
        // The limit of an outer group holds for those inside it.
        write(&proc, "self/cgroup", "0::/outer/inner\n");
        write(&cgroups, "outer/inner/memory.max", "max\n");
        write(&cgroups, "outer/memory.max", &(4 * GB).to_string());
        write(&cgroups, "outer/memory.current", &(3 * GB).to_string());
        write(
            &cgroups,
            "outer/memory.stat",
            &format!("anon 1\ninactive_file {GB}\n"),
        );
        write(&cgroups, "outer/memory.swap.max", "0\n");
        let limited = read().unwrap();
        assert_eq!(
            (limited.total, limited.available, limited.swap_free),
            (4 * GB, 2 * GB, 0)
        );
    }

    #[test]
    fn the_older_kind_of_groups_is_read_too() {
        let folder = tempfile::tempdir().unwrap();
        let (proc, cgroups) = (folder.path().join("proc"), folder.path().join("cgroup"));
        write(
            &proc,
            "meminfo",
            "MemTotal:  16777216 kB\nMemAvailable:  8388608 kB\n",
        );
        write(&proc, "self/cgroup", "5:cpu:/x\n3:memory:/box\n");
        // "No limit" is a number near the largest there is.
        write(
            &cgroups,
            "memory/memory.limit_in_bytes",
            "9223372036854771712\n",
        );
        write(
            &cgroups,
            "memory/box/memory.limit_in_bytes",
            &GB.to_string(),
        );
        write(&cgroups, "memory/box/memory.usage_in_bytes", "1024\n");
        let memory = Memory::read(&proc, &cgroups).unwrap();
        assert_eq!((memory.total, memory.available), (GB, GB - 1024));
    }
}
