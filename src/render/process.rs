//! What tells this process from others that use the same folder, on this machine or another.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

/// The most characters of a machine's name that are part of a file's.
const LONGEST: usize = 60;

/// A process.
#[derive(Debug)]
pub(super) struct Process {
    /// The machine, in letters, digits and hyphens: every file system takes them.
    pub host: String,
    pub pid: u32,
    /// Machine, process and a number by chance: containers may have the same name and the same process number.
    pub name: String,
}

/// This process.
pub(super) fn this_process() -> &'static Process {
    static THIS: OnceLock<Process> = OnceLock::new();
    THIS.get_or_init(|| {
        let host = host();
        let pid = std::process::id();
        let chance = RandomState::new().hash_one(pid) as u32;
        Process {
            name: format!("{host}.{pid}-{chance:08x}"),
            host,
            pid,
        }
    })
}

/// Whether the process `pid` of this machine is there; on systems that do not tell, it may be.
pub(super) fn is_alive(pid: u32) -> bool {
    #[cfg(unix)]
    {
        let Ok(pid) = libc::pid_t::try_from(pid) else {
            return false;
        };
        // SAFETY: signal 0 is sent to nobody; the call looks the process up.
        let found = unsafe { libc::kill(pid, 0) } == 0;
        found || std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
    }
    #[cfg(not(unix))]
    {
        let _ = pid;
        true
    }
}

fn host() -> String {
    let plain = |c: char| match c.is_ascii_alphanumeric() || c == '-' {
        true => c,
        false => '-',
    };
    let name = host_name().unwrap_or_default();
    match name.is_empty() {
        true => "host".to_owned(),
        false => name.chars().take(LONGEST).map(plain).collect(),
    }
}

#[cfg(unix)]
fn host_name() -> Option<String> {
    let mut name = [0u8; 256];
    // SAFETY: the call writes at most so many bytes; the last one stays zero.
    let told = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) } == 0;
    let end = name.iter().position(|byte| *byte == 0)?;
    told.then(|| String::from_utf8_lossy(&name[..end]).into_owned())
}

#[cfg(not(unix))]
fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_are_told_apart() {
        let this = this_process();
        assert!(
            this.name
                .starts_with(&format!("{}.{}-", this.host, this.pid))
        );
        assert!(!this.name.contains(['/', ' ', ':']));
        assert!(is_alive(this.pid));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert!(!is_alive(child.id()));
    }
}
