//! File systems small enough to fill.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::*;

/// In the environment of a test that runs in namespaces of its own.
const IN_NAMESPACES: &str = "AQUATINT_TEST_IN_NAMESPACES";
/// The namespaces in which any user may mount: they are root there.
const NAMESPACES: [&str; 3] = ["--user", "--map-root-user", "--mount"];

/// A small file system of its own, unmounted at the end.
pub struct Small(pub PathBuf);

impl Small {
    /// Mounts one at `path`, of so many kilobytes (1024 bytes), for `test`, the function of the test that asks.
    ///
    /// Without the right to mount, the whole test runs as a process in user and mount namespaces of its own. `None` where
    /// it has run there, and where it is skipped, because that is impossible too: the caller returns.
    #[track_caller]
    pub fn mount<Test>(path: &Path, kilobytes: u64, _test: Test) -> Option<Self> {
        std::fs::create_dir(path).unwrap();
        let mount = ["mount", "-t", "tmpfs", "-o", &format!("size={kilobytes}k")];
        let mount = [&mount[..], &["none", text(path)]].concat();
        let done = run(Command::new(mount[0]).args(&mount[1..]));
        if done.as_ref().is_ok_and(|output| output.status.success()) {
            return Some(Self(path.into()));
        }
        assert!(
            std::env::var_os(IN_NAMESPACES).is_none(),
            "no mount in a namespace: {done:?}"
        );
        let possible = run(Command::new("unshare").args(NAMESPACES).args(mount));
        if possible.is_ok_and(|output| output.status.success()) {
            in_namespaces(std::any::type_name::<Test>());
        } else {
            skip(
                "no right to mount a small file system",
                "run the tests as root, or where users may create namespaces",
            );
        }
        None
    }

    /// Leaves so many bytes free.
    pub fn leave(&self, bytes: u64) {
        let filler = self.0.join("filler");
        let _ = std::fs::remove_file(&filler);
        let free = available(&self.0);
        let zeros = std::fs::write(&filler, vec![0; free.saturating_sub(bytes) as usize]);
        zeros.unwrap();
    }

    /// Makes room.
    pub fn clear(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn run(command: &mut Command) -> std::io::Result<Output> {
    command.stdin(std::process::Stdio::null()).output()
}

/// Runs one test of this program in namespaces of its own; it must pass. `path` is that of its function.
#[track_caller]
fn in_namespaces(path: &str) {
    let (_, test) = path.split_once("::").unwrap();
    let mut command = Command::new("unshare");
    command.args(NAMESPACES);
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", test]).env(IN_NAMESPACES, "1");
    let output = run(&mut command).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    // A name that is no test's would run none, and succeed.
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{test} in namespaces of its own: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Bytes that can still be written to the volume of `path`.
fn available(path: &Path) -> u64 {
    let free = Command::new("df")
        .args(["-B1", "--output=avail", text(path)])
        .output()
        .unwrap();
    let said = String::from_utf8(free.stdout).unwrap();
    said.lines().last().unwrap().trim().parse().unwrap()
}
