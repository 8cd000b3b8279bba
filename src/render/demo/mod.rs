//! The demo: a generated scene with sound, rendered in every style and checked. It tests the whole way from frames to
//! finished files, and needs no video.

mod chord;
mod frames;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

pub(super) use frames::{SceneFrames, scene_frames};

use super::error::{RenderError, Result};
use super::event::{Cancel, Event};
use super::job::{Job, JobInput};
use super::naming::{OutputLocation, folder_of};
use super::output_styles::{OutputStyle, output_styles};
use super::pipeline::{FrameSource, StreamItem};
use super::report::Report;
use super::settings::{Existing, Settings};

use crate::frame::{Color, Model, PixelFormat, Rational, Span, Subsampling};
use crate::graph::gpu::Wanted;
use crate::graph::plan::StyleUse;
use crate::graph::style::Library;
use crate::media::{
    self, AudioChoice, Generated, OutputOptions, Source, StreamKind, generated, inspect_output,
    pcm_packet,
};

/// The style that generates the scene.
const SCENE: &str = "demo";
const FRAMES_A_SECOND: u32 = 25;
const SOUND_RATE: u32 = 48_000;
/// The scene as a video.
const SOURCE_NAME: &str = "demo-source.mp4";

/// Options of the demo.
#[derive(Clone, Debug)]
pub struct Demo {
    pub folder: PathBuf,
    pub size: (u32, u32),
    pub seconds: u32,
    pub device: Wanted,
}

/// A file of the demo, and what it contains.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    pub path: PathBuf,
    /// The style it was rendered in; `None` is the scene itself.
    pub style: Option<String>,
    /// Frames that can be decoded from it.
    pub frames: u64,
    pub duration: f64,
    /// Packets of sound.
    pub sound_packets: u64,
    pub size: u64,
}

impl Demo {
    /// Generates the scene, renders it in every style, and checks every file.
    ///
    /// # Errors
    /// Those of a [`Job`], and `Unfaithful` for a file that is not what was rendered.
    pub fn run(
        &self,
        library: &Library,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Vec<Checked>> {
        let new = !self.folder.is_dir();
        self.create_folder()?;
        let files = self.files(library, tell, cancel);
        if new && files.is_err() {
            // Only when empty: finished files stay.
            let _ = std::fs::remove_dir(&self.folder);
        }
        files
    }

    fn files(
        &self,
        library: &Library,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Vec<Checked>> {
        let scene = self.scene(library, tell, cancel)?;
        let path = self.folder.join(SOURCE_NAME);
        let source = check(&path, None)?;
        if source.frames != scene.frames_out || source.sound_packets == 0 {
            return Err(RenderError::Unfaithful {
                path,
                why: format!(
                    "it holds {} frames of {} and {} packets of sound",
                    source.frames, scene.frames_out, source.sound_packets
                ),
            });
        }
        let settings = Settings {
            styles: output_styles(library, &looks(library)?.join(","), &[])?,
            ..self.settings(OutputOptions::default())
        };
        let target = OutputLocation {
            out: Some(self.folder.clone()),
            shared: true,
            ..OutputLocation::default()
        };
        let report = Job::prepare(library, &settings, &path, &target)?.run(tell, cancel)?;
        let mut files = vec![source];
        for file in &report.outputs {
            let checked = check(&file.path, Some(file.look.clone()))?;
            compare(&files[0], &checked, file.fidelity.times_equal)?;
            files.push(checked);
        }
        Ok(files)
    }

    fn create_folder(&self) -> Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        std::fs::create_dir(&self.folder).map_err(|error| RenderError::CannotCreate {
            path: self.folder.clone(),
            why: match error.kind() {
                std::io::ErrorKind::NotFound => format!(
                    "the folder {} does not exist",
                    folder_of(&self.folder).display()
                ),
                _ => error.to_string(),
            },
        })
    }

    fn settings(&self, output: OutputOptions) -> Settings {
        Settings {
            device: self.device.clone(),
            existing: Existing::Replace,
            output,
            ..Settings::default()
        }
    }

    /// Renders the scene to a video, like any job.
    fn scene(
        &self,
        library: &Library,
        tell: &mut dyn FnMut(Event),
        cancel: &Cancel,
    ) -> Result<Report> {
        let style = library.load(SCENE)?;
        let look = OutputStyle::Chain(vec![StyleUse::new(style)]);
        let settings = Settings {
            styles: vec![look],
            ..self.settings(OutputOptions {
                audio: AudioChoice::Aac,
                ..OutputOptions::default()
            })
        };
        let what = described(self.size, self.seconds);
        let (info, header) = generated(Path::new("the demo's scene"), &what)?;
        let input = JobInput {
            source: Some(Box::new(Scene {
                frames: i64::try_from(what.frames).unwrap_or(i64::MAX),
                next: 0,
                sound_is_next: true,
                spent: Duration::ZERO,
            })),
            info,
            header,
            generated: true,
        };
        let target = OutputLocation {
            out: Some(self.folder.join(SOURCE_NAME)),
            ..OutputLocation::default()
        };
        Job::of(library, &settings, input, &target)?.run(tell, cancel)
    }
}

/// The scene of this size and length as a source.
fn described((width, height): (u32, u32), seconds: u32) -> Generated {
    Generated {
        width,
        height,
        format: PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false),
        color: Color::BT709,
        frame_rate: Rational::new(FRAMES_A_SECOND.into(), 1),
        frames: u64::from(seconds) * u64::from(FRAMES_A_SECOND),
        sound_rate: SOUND_RATE,
    }
}

/// The styles that are looks: not those that change the size or the frame rate.
fn looks(library: &Library) -> Result<Vec<String>> {
    let mut names = library.style_names();
    for at in (0..names.len()).rev() {
        if library.load(&names[at])?.role.is_some() {
            names.remove(at);
        }
    }
    Ok(names)
}

/// Frames without pictures, which the graph generates, and their sound.
struct Scene {
    frames: i64,
    next: i64,
    sound_is_next: bool,
    spent: Duration,
}

impl FrameSource for Scene {
    fn next(&mut self) -> Result<StreamItem> {
        if self.next == self.frames {
            return Ok(StreamItem::End);
        }
        if std::mem::take(&mut self.sound_is_next) {
            let start = Instant::now();
            let length = i64::from(SOUND_RATE / FRAMES_A_SECOND);
            let first = self.next * length;
            let samples: Vec<[i16; 2]> = (first..first + length)
                .map(|index| chord::sample(index, SOUND_RATE))
                .collect();
            let packet = pcm_packet(&samples, first, SOUND_RATE)?;
            self.spent += start.elapsed();
            return Ok(StreamItem::Packet(Arc::new(packet)));
        }
        self.sound_is_next = true;
        self.next += 1;
        let span = Span {
            pts: self.next - 1,
            duration: 1,
        };
        Ok(StreamItem::Frame(None, span))
    }

    fn spent(&self) -> Duration {
        self.spent
    }
}

/// Decodes a finished file completely, and counts what is in it.
fn check(path: &Path, style: Option<String>) -> Result<Checked> {
    let mut source = Source::open(path)?;
    let mut frames = 0;
    while let Some(event) = source.next_event()? {
        frames += u64::from(matches!(event, media::SourceEvent::Frame(..)));
    }
    if source.damage().any() {
        return Err(RenderError::Unfaithful {
            path: path.into(),
            why: source.damage().words().join("; "),
        });
    }
    let written = inspect_output(path, None)?;
    let sound = source
        .info()
        .streams
        .iter()
        .filter(|stream| stream.kind == StreamKind::Audio)
        .filter_map(|stream| written.packets.get(stream.index))
        .sum();
    Ok(Checked {
        path: path.into(),
        style,
        frames,
        duration: written.duration,
        sound_packets: sound,
        size: written.size,
    })
}

/// Checks that a rendered file has the frames, the length and the sound of the scene.
fn compare(scene: &Checked, rendered: &Checked, times_equal: bool) -> Result<()> {
    let frame = 1.0 / f64::from(FRAMES_A_SECOND);
    let why = if rendered.frames != scene.frames {
        format!("it holds {} frames of {}", rendered.frames, scene.frames)
    } else if !times_equal {
        "its frames are not shown when the scene's are".to_owned()
    } else if (rendered.duration - scene.duration).abs() > frame {
        format!(
            "it lasts {:.3} s of {:.3} s",
            rendered.duration, scene.duration
        )
    } else if rendered.sound_packets != scene.sound_packets {
        format!(
            "it holds {} packets of sound of {}",
            rendered.sound_packets, scene.sound_packets
        )
    } else {
        return Ok(());
    };
    Err(RenderError::Unfaithful {
        path: rendered.path.clone(),
        why,
    })
}
