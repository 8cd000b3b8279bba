//! Makes clips with the `ffmpeg` tool, and inspects files with it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::frame::Frame;
use crate::media::{
    Counts, OutputOptions, OutputPlan, Sink, Source, SourceEvent, SourceInfo, relayout,
};
pub use crate::skip::media;

/// A folder that is deleted at the end of the test.
pub struct Clips(pub tempfile::TempDir);

impl Clips {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes a clip. `arguments` are those of ffmpeg, before the output's name.
    pub fn make(&self, name: &str, arguments: &str) -> PathBuf {
        let path = self.at(name);
        ffmpeg(arguments, &path);
        path
    }
}

/// Runs the tool. Panics with its output if it fails.
pub fn ffmpeg(arguments: &str, output: &Path) {
    let run = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments.split_whitespace())
        .arg(output)
        .output()
        .expect("the ffmpeg tool");
    assert!(
        run.status.success(),
        "ffmpeg {arguments}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
}

fn output_of(program: &str, arguments: &[&str], path: &Path, after: &[&str]) -> String {
    let run = Command::new(program)
        .args(arguments)
        .arg(path)
        .args(after)
        .output()
        .expect("the ffmpeg tools");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// MD5 hashes of all decoded frames of the first video, converted to `format` if given; without rotation and times.
pub fn frame_hashes(path: &Path, format: Option<&str>) -> Vec<String> {
    let mut after = vec![
        "-map",
        "0:V:0",
        "-fps_mode",
        "passthrough",
        "-sws_flags",
        "neighbor+bitexact+accurate_rnd",
    ];
    if let Some(format) = format {
        after.extend(["-pix_fmt", format]);
    }
    after.extend(["-f", "framemd5", "-"]);
    let text = output_of(
        "ffmpeg",
        &["-nostdin", "-v", "quiet", "-noautorotate", "-i"],
        path,
        &after,
    );
    text.lines()
        .filter(|l| !l.starts_with('#'))
        .filter_map(|l| l.rsplit(", ").next().map(str::to_owned))
        .collect()
}

/// MD5 hashes of all packets of the streams selected by `map`.
pub fn packet_hashes(path: &Path, map: &str) -> Vec<String> {
    let after = ["-map", map, "-c", "copy", "-f", "framemd5", "-"];
    output_of("ffmpeg", &["-nostdin", "-v", "quiet", "-i"], path, &after)
        .lines()
        .filter(|l| !l.starts_with('#'))
        // The rest of the line is about side data.
        .filter_map(|l| l.split(',').nth(5).map(|h| h.trim().to_owned()))
        .collect()
}

/// The values of `entries` that ffprobe prints for the streams `select`, one per line.
pub fn ffprobe(path: &Path, select: &str, entries: &str) -> Vec<String> {
    let arguments = [
        "-v",
        "quiet",
        "-select_streams",
        select,
        "-show_entries",
        entries,
        "-of",
        "default=nk=1:nw=1",
    ];
    output_of("ffprobe", &arguments, path, &[])
        .lines()
        .map(|l| l.trim().to_owned())
        .collect()
}

/// Times of the decoded frames, in seconds.
pub fn frame_times(path: &Path) -> Vec<f64> {
    ffprobe(path, "V:0", "frame=best_effort_timestamp_time")
        .iter()
        .filter_map(|l| l.parse().ok())
        .collect()
}

pub struct Passed {
    pub info: SourceInfo,
    pub plan: OutputPlan,
    pub frames: Vec<Frame>,
    pub counts: Counts,
}

/// The frame in the sample layout of the encoder.
fn laid_out(frame: &Frame, plan: &OutputPlan) -> Frame {
    let picture = relayout(&frame.picture, &plan.video.format)
        .unwrap_or_else(|| panic!("{} is not {}", frame.picture.format, plan.video.format));
    Frame {
        picture,
        span: frame.span,
    }
}

/// Reads `input` and writes its pictures and packets unchanged to `output`.
pub fn pass(input: &Path, output: &Path, options: &OutputOptions) -> Passed {
    let mut source = Source::open(input).unwrap();
    let info = source.info().clone();
    let plan = OutputPlan::decide(&info, &info.frame_shape(), output, options).unwrap();
    let header = source.header();
    let (mut sink, mut waiting, mut frames) = (None::<Sink>, Vec::new(), Vec::new());
    while let Some(event) = source.next_event().unwrap() {
        match event {
            SourceEvent::Frame(frame, facts) => {
                let sink = sink.get_or_insert_with(|| {
                    let mut sink =
                        Sink::create(output, &plan, &header, &laid_out(&frame, &plan).picture)
                            .unwrap();
                    for packet in waiting.drain(..) {
                        sink.packet(&packet).unwrap();
                    }
                    sink
                });
                sink.frame(&laid_out(&frame, &plan), facts.attached.as_deref())
                    .unwrap();
                frames.push(frame);
            }
            SourceEvent::Packet(packet) => match &mut sink {
                Some(sink) => sink.packet(&packet).unwrap(),
                None => waiting.push(packet),
            },
        }
    }
    let counts = sink.unwrap().finish().unwrap();
    Passed {
        info,
        plan,
        frames,
        counts,
    }
}

pub fn codec(name: &str) -> OutputOptions {
    OutputOptions {
        codec: Some(name.into()),
        ..OutputOptions::default()
    }
}

/// The plan of a file, without rendering.
pub fn planned(
    input: &Path,
    output: &Path,
    options: &OutputOptions,
) -> crate::media::Result<OutputPlan> {
    let info = crate::media::probe(input)?;
    OutputPlan::decide(&info, &info.frame_shape(), output, options)
}
