//! Tests which encoders work on this machine, by encoding a frame with each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::av::{
    AvError, AvFrame, Encoder, OpenError, PixFmt, Received, VideoSetup, check, ffi, find_encoder,
    pixel_formats,
};
use super::error::MediaError;
use super::log;
use crate::frame::{Color, Rational};

/// The result of testing one encoder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EncoderStatus {
    /// FFmpeg's name, `libx264`.
    pub name: String,
    pub works: bool,
    /// Why it does not work; `None` if it works.
    pub reason: Option<String>,
}

const TRIED: [&str; 12] = [
    "libx264",
    "libx264rgb",
    "libx265",
    "ffv1",
    "prores_ks",
    "libvpx-vp9",
    "libsvtav1",
    "png",
    "mjpeg",
    "h264_nvenc",
    "hevc_nvenc",
    "aac",
];

/// Encoders that may hang when they are opened: SVT-AV1 has done so, and NVENC depends on the driver.
const RISKY: [&str; 3] = ["libsvtav1", "h264_nvenc", "hevc_nvenc"];
/// An encoder that needs longer than this for one frame is treated as hanging.
const TIMEOUT: Duration = Duration::from_secs(30);

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Sets the program that tests the encoders in `RISKY`. It is run as `program try-encoder NAME` and prints the result
/// of [`try_encoder`] as JSON. If no program is set, they are tested in this process.
pub fn try_encoders_in(program: PathBuf) {
    // The first call wins.
    let _ = PROGRAM.set(program);
}

/// What a video encoder is tried with: a frame of the size and format that it is to encode, and its options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// FFmpeg's name of the encoder.
    pub encoder: String,
    pub width: u32,
    pub height: u32,
    /// FFmpeg's name of the pixel format.
    pub pix_fmt: String,
    pub options: Vec<(String, String)>,
}

/// A hardware encoder that needs longer than this for one frame is not used.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(10);

impl Trial {
    /// Opens the encoder in this process and encodes one frame.
    pub fn run(&self) -> EncoderStatus {
        log::init();
        let mark = log::mark();
        let format = PixFmt::by_name(&self.pix_fmt).ok_or(OpenError::Missing);
        let outcome = format.and_then(|format| {
            frame(
                &self.encoder,
                format,
                (self.width, self.height),
                &self.options,
            )
        });
        status(&self.encoder, outcome, mark)
    }

    /// As [`Self::run`], in a child process that is ended if it hangs, where a program for that is set. A trial is made once;
    /// the next time its result is known.
    pub(crate) fn made(&self) -> EncoderStatus {
        static KNOWN: Mutex<Vec<(Trial, EncoderStatus)>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, status)) = known.iter().find(|(trial, _)| trial == self) {
            return status.clone();
        }
        let status = match (PROGRAM.get(), serde_json::to_string(self)) {
            (Some(program), Ok(text)) => {
                in_child(program, &self.encoder, &["--trial", &text], TRIAL_TIMEOUT)
            }
            _ => self.run(),
        };
        known.push((self.clone(), status.clone()));
        status
    }
}

/// Opens the encoder `name` in this process and encodes one frame.
pub fn try_encoder(name: &str) -> EncoderStatus {
    log::init();
    let mark = log::mark();
    let outcome = if name == "aac" {
        sound(name)
    } else {
        video(name)
    };
    status(name, outcome, mark)
}

fn status(name: &str, outcome: Result<(), OpenError>, mark: log::Mark) -> EncoderStatus {
    let reason = outcome.err().map(|error| match error {
        OpenError::Missing => "this build of FFmpeg does not have it".into(),
        OpenError::Refused(error) => log::since(mark).unwrap_or_else(|| error.to_string()),
        OpenError::UnknownOptions(keys) => format!("unknown options: {}", keys.join(", ")),
    });
    EncoderStatus {
        name: name.into(),
        works: reason.is_none(),
        reason,
    }
}

/// Tests an encoder in a child process if it may hang and a program for the test is set.
pub(crate) fn try_in_child(name: &str, path: &Path) -> Result<(), MediaError> {
    let program = PROGRAM.get().filter(|_| RISKY.contains(&name));
    let status = program.map(|program| in_child(program, name, &[], TIMEOUT));
    match status {
        Some(EncoderStatus {
            works: false,
            reason,
            ..
        }) => Err(MediaError::Encoder {
            path: path.into(),
            encoder: name.into(),
            why: reason.unwrap_or_default(),
            advice: "name another with --codec; `aquatint doctor` lists what works".into(),
        }),
        _ => Ok(()),
    }
}

/// Runs the test in a child process, which is killed after `timeout`.
fn in_child(program: &Path, name: &str, more: &[&str], timeout: Duration) -> EncoderStatus {
    let failed = |reason: String| EncoderStatus {
        name: name.into(),
        works: false,
        reason: Some(reason),
    };
    let child = Command::new(program)
        .args(["try-encoder", name])
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return failed(format!("it cannot be tested: {error}")),
    };
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if started.elapsed() < timeout => {
                std::thread::sleep(Duration::from_millis(10))
            }
            _ => {
                // The child may have ended already.
                let _ = child.kill();
                let _ = child.wait();
                return failed(format!(
                    "it hangs when it is opened ({} s)",
                    timeout.as_secs()
                ));
            }
        }
    }
    match child.wait_with_output() {
        Ok(output) => serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
            failed(format!("it crashed when it was opened ({})", output.status))
        }),
        Err(error) => failed(error.to_string()),
    }
}

/// Tests the encoders that users ask for, each with a frame of 640 × 360. Takes about a second.
pub fn encoders() -> Vec<EncoderStatus> {
    let tried = TRIED.iter().map(|&name| match PROGRAM.get() {
        Some(program) if RISKY.contains(&name) => in_child(program, name, &[], TIMEOUT),
        _ => try_encoder(name),
    });
    tried.collect()
}

fn video(name: &str) -> Result<(), OpenError> {
    let codec = find_encoder(name).ok_or(OpenError::Missing)?;
    let format = pixel_formats(codec)
        .into_iter()
        .find(|f| f.layout().is_some())
        .or_else(|| PixFmt::by_name("yuv420p"))
        .ok_or(OpenError::Missing)?;
    let quiet = [("x265-params".to_string(), "log-level=none".to_string())];
    let options: &[_] = if name == "libx265" { &quiet } else { &[] };
    frame(name, format, (640, 360), options)
}

/// Encodes one frame.
fn frame(
    name: &str,
    format: PixFmt,
    (width, height): (u32, u32),
    options: &[(String, String)],
) -> Result<(), OpenError> {
    let mut encoder = Encoder::video(&VideoSetup {
        encoder: name,
        width,
        height,
        format,
        color: Color::default(),
        time_base: Rational::new(1, 25),
        frame_rate: Rational::new(25, 1),
        sample_aspect: Rational::new(1, 1),
        options,
        global_header: false,
        tag: 0,
    })?;
    let frame = AvFrame::picture(format, width, height)?;
    // SAFETY: the frame is ours.
    unsafe { (*frame.0).pts = 0 };
    one_packet(&mut encoder, &frame)
}

fn sound(name: &str) -> Result<(), OpenError> {
    // SAFETY: an all-zero layout is valid and is then set to stereo; the frame is ours and gets the buffers that the
    // encoder needs.
    unsafe {
        let mut layout: ffi::AVChannelLayout = std::mem::zeroed();
        ffi::av_channel_layout_default(&mut layout, 2);
        let mut encoder = Encoder::audio(name, 48_000, &layout, 192_000, false)?;
        let frame = AvFrame::new()?;
        let e = encoder.raw();
        (*frame.0).format = (*e).sample_fmt as i32;
        (*frame.0).nb_samples = (*e).frame_size.max(1024);
        (*frame.0).sample_rate = (*e).sample_rate;
        check(ffi::av_channel_layout_copy(
            std::ptr::addr_of_mut!((*frame.0).ch_layout),
            &layout,
        ))?;
        check(ffi::av_frame_get_buffer(frame.0, 0))?;
        check(ffi::av_samples_set_silence(
            (*frame.0).extended_data,
            0,
            (*frame.0).nb_samples,
            2,
            (*e).sample_fmt,
        ))?;
        one_packet(&mut encoder, &frame)
    }
}

fn one_packet(encoder: &mut Encoder, frame: &AvFrame) -> Result<(), OpenError> {
    encoder.send(Some(frame))?;
    encoder.send(None)?;
    let mut packets = 0;
    while let Received::One(_) = encoder.receive()? {
        packets += 1;
    }
    if packets == 0 {
        return Err(OpenError::Refused(AvError(ffi::AVERROR_UNKNOWN)));
    }
    Ok(())
}

/// Names and versions of the loaded FFmpeg libraries.
pub fn versions() -> Vec<(String, String)> {
    let word = |v: u32| format!("{}.{}.{}", v >> 16, v >> 8 & 0xff, v & 0xff);
    // SAFETY: these functions return numbers and a static string.
    unsafe {
        vec![
            ("FFmpeg".into(), super::av::text(ffi::av_version_info())),
            ("libavformat".into(), word(ffi::avformat_version())),
            ("libavcodec".into(), word(ffi::avcodec_version())),
            ("libavutil".into(), word(ffi::avutil_version())),
            ("libswresample".into(), word(ffi::swresample_version())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_test_that_hangs_or_crashes_is_ended() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let script = |name: &str, body: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let ask = |program: &Path| in_child(program, "libsvtav1", &[], Duration::from_millis(300));
        let hangs = ask(&script("hangs", "exec sleep 60"));
        assert!(!hangs.works && hangs.reason.unwrap().contains("hangs"));
        let dies = ask(&script("dies", "kill -SEGV $$"));
        assert!(!dies.works && dies.reason.unwrap().contains("crashed"));
        let works = ask(&script(
            "works",
            "echo '{\"name\":\"libsvtav1\",\"works\":true,\"reason\":null}'",
        ));
        assert!(works.works, "{works:?}");
        assert!(!ask(Path::new("/nowhere")).works);
    }
}
