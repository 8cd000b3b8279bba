//! Clips to render, a way to run the program, and FFmpeg's programs as judges.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

pub use crate::skip::{media, skip};

/// A run of the program that has ended.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Asserts the exit status, and that each of `words` was said on stderr.
    #[track_caller]
    pub fn says(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        for words in words {
            assert!(
                self.stderr.contains(words),
                "no {words:?} in:\n{}",
                self.stderr
            );
        }
        self
    }

    #[track_caller]
    pub fn succeeds(&self) -> &Self {
        self.says(0, &[])
    }

    /// The lines of stderr, each of which must be a JSON object as docs/events.md has it.
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        let parse = |line: &str| match serde_json::from_str(line) {
            Ok(Value::Object(object)) => Value::Object(object),
            _ => panic!("not a JSON object: {line}"),
        };
        let events: Vec<Value> = self.stderr.lines().map(parse).collect();
        events.iter().for_each(assert_documented);
        events
    }
}

/// An event and its fields stand in a row of the page.
#[track_caller]
fn assert_documented(event: &Value) {
    let name = event["event"].as_str().unwrap_or_default();
    let mut rows = include_str!("../../../docs/events.md").lines();
    let row = rows.find(|row| row.starts_with(&format!("| `{name}` |")));
    let row = row.unwrap_or_else(|| panic!("docs/events.md has no {name}"));
    let fields = event.as_object().into_iter().flatten();
    for (field, _) in fields.filter(|(field, _)| *field != "event") {
        assert!(row.contains(&format!("`{field}`")), "{row} has no {field}");
    }
}

/// An empty folder that the program runs in.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Everything in it, hidden files included.
    pub fn names(&self) -> Vec<String> {
        names(self.0.path())
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aquatint"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("XDG_STATE_HOME", kept().join("state"))
            .env("XDG_DATA_HOME", self.0.path().join("data"))
            .env("XDG_CONFIG_HOME", self.0.path().join("config"))
            .env_remove("AQUATINT_STYLE_PATH")
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// Starts the program.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Whether llvmpipe can be used as a Vulkan device; where not, what needs it is skipped.
#[track_caller]
pub fn software_vulkan(folder: &Folder) -> bool {
    let devices = folder.run(&["devices", "--json"]);
    let devices: Value = serde_json::from_str(&devices.succeeds().stdout).unwrap();
    let mut devices = devices.as_array().unwrap().iter();
    let found = devices.any(|device| {
        let name = device["name"].as_str().unwrap();
        name.contains("llvmpipe") && device["backend"] == "vulkan"
    });
    if !found {
        skip(
            "no software Vulkan (llvmpipe)",
            "install mesa-vulkan-drivers",
        );
    }
    found
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs one of FFmpeg's programs, which must succeed; gives its stdout.
#[track_caller]
pub fn tool(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(["-v", "error"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} is needed for these tests: {error}"));
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Sends a signal, named as `kill` takes it (`-INT`), to a process. The shell has a `kill` of its own, everywhere; the
/// program is missing on a minimal system.
#[track_caller]
pub fn send_signal(child: &Child, name: &str) {
    let sent = Command::new("sh")
        .args(["-c", "kill \"$0\" \"$1\"", name, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success(), "{name}");
}

fn kept() -> &'static Path {
    static KEPT: OnceLock<TempDir> = OnceLock::new();
    KEPT.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

/// A clip made once by FFmpeg: its name, and the arguments that make it.
pub fn made(name: &str, arguments: &[&str]) -> PathBuf {
    static MAKING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = MAKING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    // Two tests may choose one name for different files.
    let folder = kept().join(format!("{:x}", hash(arguments)));
    let path = folder.join(name);
    if !path.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let mut all = vec!["-y"];
        all.extend(arguments);
        all.push(text(&path));
        tool("ffmpeg", &all);
    }
    path
}

fn hash(arguments: &[&str]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(arguments, &mut hasher);
    std::hash::Hasher::finish(&hasher)
}

/// A second of 160 × 90 at 25 frames with sound, as MP4.
pub fn clip() -> PathBuf {
    made(
        "clip.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x90:rate=25:duration=1",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=1",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-c:a",
            "aac",
            "-movflags",
            "+faststart",
        ],
    )
}

/// A clip that takes a while.
pub fn long_clip() -> PathBuf {
    made(
        "long.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=960x540:rate=25:duration=30",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
        ],
    )
}

/// Bytes of a file, up to a share of its length.
pub fn beginning(path: &Path, share: f64) -> Vec<u8> {
    let mut bytes = std::fs::read(path).unwrap();
    bytes.truncate((bytes.len() as f64 * share) as usize);
    bytes
}

/// Decoded frames: time, and a hash of the samples in `pix_fmt`.
pub fn frames(path: &Path, pix_fmt: &str) -> Vec<String> {
    let all = tool(
        "ffmpeg",
        &[
            "-i",
            text(path),
            "-map",
            "0:v:0",
            "-fps_mode",
            "passthrough",
            "-pix_fmt",
            pix_fmt,
            "-f",
            "framemd5",
            "-",
        ],
    );
    let hash = |line: &str| line.rsplit(',').next().unwrap().trim().to_owned();
    all.lines()
        .filter(|line| !line.starts_with('#'))
        .map(hash)
        .collect()
}

/// Times of the video's frames, in seconds as FFmpeg prints them, in order.
pub fn times(path: &Path) -> Vec<String> {
    let all = tool(
        "ffprobe",
        &[
            "-select_streams",
            "v:0",
            "-show_entries",
            "frame=pts_time",
            "-of",
            "csv=p=0",
            text(path),
        ],
    );
    // Side data of a frame makes an empty line after it.
    all.lines()
        .map(|line| line.trim_end_matches(',').to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Packets of the sound: times, sizes and hashes.
pub fn sound(path: &Path) -> Vec<String> {
    let all = tool(
        "ffmpeg",
        &[
            "-i",
            text(path),
            "-map",
            "0:a",
            "-c",
            "copy",
            "-f",
            "framemd5",
            "-",
        ],
    );
    all.lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// Peak signal-to-noise ratio between two videos, in dB.
pub fn psnr(a: &Path, b: &Path) -> f64 {
    let output = Command::new("ffmpeg")
        .args([
            "-nostats",
            "-i",
            text(a),
            "-i",
            text(b),
            "-lavfi",
            "psnr",
            "-f",
            "null",
            "-",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let average = said
        .split("average:")
        .nth(1)
        .unwrap_or_else(|| panic!("{said}"));
    match average.split_whitespace().next().unwrap() {
        "inf" => f64::INFINITY,
        number => number.parse().unwrap(),
    }
}
