//! VMAF, by an `ffmpeg` program that has libvmaf.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, bounded};
use serde::Deserialize;
use tempfile::TempDir;

use crate::metrics::{Metric, Plane};
use crate::render::{RenderError, Result};

/// The environment variable that names the program.
pub const PROGRAM: &str = "AQUATINT_FFMPEG";
/// Frames that wait for the program.
const AHEAD: usize = 2;
/// The deepest codes that libvmaf takes.
const DEEPEST: u8 = 12;

/// The program with libvmaf, if there is one: `AQUATINT_FFMPEG`, else `ffmpeg` in the PATH.
pub fn program() -> Option<OsString> {
    let program = std::env::var_os(PROGRAM).unwrap_or_else(|| "ffmpeg".into());
    let asked = Command::new(&program)
        .args(["-hide_banner", "-v", "error", "-filters"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let has = asked.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).contains(" libvmaf "));
    has.then_some(program)
}

/// A running program. It is given luma alone, which is all that its models look at.
pub struct Vmaf {
    folder: TempDir,
    child: Child,
    /// Frames of the output and of the reference.
    frames: [Sender<Vec<u8>>; 2],
    writers: [JoinHandle<()>; 2],
}

#[derive(Deserialize)]
struct Log {
    frames: Vec<LogFrame>,
}

#[derive(Deserialize)]
struct LogFrame {
    metrics: LogMetrics,
}

#[derive(Deserialize)]
struct LogMetrics {
    vmaf: f64,
    vmaf_neg: f64,
}

impl Vmaf {
    /// Starts `program` for pictures like `luma`.
    ///
    /// # Errors
    /// `Usage` where pipes with names cannot be made.
    pub fn start(program: &OsString, luma: &Plane) -> Result<Self> {
        let failed = |error: std::io::Error| failure(&format!("it cannot be started: {error}"));
        let folder = tempfile::tempdir().map_err(failed)?;
        let pipes = ["output", "reference"].map(|name| folder.path().join(name));
        for pipe in &pipes {
            make_pipe(pipe).map_err(failed)?;
        }
        let format = match luma.depth {
            8 => "yuv420p",
            9 | 10 => "yuv420p10le",
            _ => "yuv420p12le",
        };
        let size = format!("{}x{}", luma.width, luma.height);
        let mut command = Command::new(program);
        command.args(["-hide_banner", "-nostdin", "-v", "error"]);
        for pipe in &pipes {
            command.args(["-f", "rawvideo", "-pix_fmt", format, "-s", &size, "-i"]);
            command.arg(pipe);
        }
        // The program works in the folder, so that its log needs no path in the words of a filter.
        let filter = "libvmaf=model=version=vmaf_v0.6.1\\\\:name=vmaf|version=vmaf_v0.6.1neg\\\\:name=vmaf_neg:log_fmt=json:log_path=log.json";
        command.args(["-lavfi", filter, "-f", "null", "-"]);
        command.current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(Stdio::piped()).spawn().map_err(failed)?;
        let lanes = pipes.map(|pipe| {
            let (frames, received) = bounded::<Vec<u8>>(AHEAD);
            let writer = std::thread::spawn(move || {
                // Opening waits for the program; what it no longer reads is not sent.
                let Ok(mut file) = File::options().write(true).open(pipe) else {
                    return;
                };
                for frame in received {
                    if file.write_all(&frame).is_err() {
                        return;
                    }
                }
            });
            (frames, writer)
        });
        let [(a, writing_a), (b, writing_b)] = lanes;
        Ok(Self {
            folder,
            child,
            frames: [a, b],
            writers: [writing_a, writing_b],
        })
    }

    /// Measures the next frame; both planes have one size and depth.
    ///
    /// # Errors
    /// Where the program has ended.
    pub fn frame(&mut self, output: &Plane, reference: &Plane) -> Result<()> {
        for (lane, plane) in self.frames.iter().zip([output, reference]) {
            if lane.send(bytes(plane)).is_err() {
                return Err(failure("it ended before its time"));
            }
        }
        Ok(())
    }

    /// VMAF and VMAF NEG of all frames, in their order.
    ///
    /// # Errors
    /// What the program says where it fails.
    pub fn finish(self) -> Result<Vec<[(Metric, f64); 2]>> {
        let Self {
            folder,
            child,
            frames,
            writers,
        } = self;
        drop(frames);
        let told = child.wait_with_output();
        let told = told.map_err(|error| failure(&error.to_string()))?;
        for writer in writers {
            // A writer has nothing to say.
            let _ = writer.join();
        }
        let log = std::fs::read(folder.path().join("log.json"));
        let log = log
            .ok()
            .and_then(|log| serde_json::from_slice::<Log>(&log).ok());
        match log.filter(|_| told.status.success()) {
            Some(log) => {
                let frames = log.frames.into_iter().map(|frame| {
                    let LogMetrics { vmaf, vmaf_neg } = frame.metrics;
                    [(Metric::Vmaf, vmaf), (Metric::VmafNeg, vmaf_neg)]
                });
                Ok(frames.collect())
            }
            None => Err(failure(String::from_utf8_lossy(&told.stderr).trim())),
        }
    }
}

/// Luma as the program reads it, with colour differences of gray.
fn bytes(plane: &Plane) -> Vec<u8> {
    let deep = plane.depth > 8;
    let more = match plane.depth {
        9 => 1,
        11 => 1,
        _ => 0,
    };
    let less = plane.depth.saturating_sub(DEEPEST);
    let chroma = 2 * plane.width.div_ceil(2) * plane.height.div_ceil(2);
    if !deep {
        let mut bytes: Vec<u8> = plane.codes.iter().map(|code| *code as u8).collect();
        bytes.resize(bytes.len() + chroma, 128);
        return bytes;
    }
    let middle: u16 = if plane.depth <= 10 { 512 } else { 2048 };
    let codes = plane.codes.iter().map(|code| *code >> less << more);
    let codes = codes.chain(std::iter::repeat_n(middle, chroma));
    codes.flat_map(u16::to_le_bytes).collect()
}

#[cfg(unix)]
fn make_pipe(path: &Path) -> std::io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path is a string that ends with zero.
    match unsafe { libc::mkfifo(path.as_ptr(), 0o600) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

#[cfg(not(unix))]
fn make_pipe(_: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other(
        "VMAF needs pipes with names, which this system does not have",
    ))
}

fn failure(why: &str) -> RenderError {
    RenderError::usage(
        format!("the ffmpeg program cannot measure VMAF: {why}"),
        "leave vmaf and vmaf_neg out of --metrics, or name another program in AQUATINT_FFMPEG",
    )
}
