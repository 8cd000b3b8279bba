//! Pictures and frames of clips, read as a render reads them and brought to RGB by the graph.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{Result, TrainError};
use super::rgb::Rgb;
use crate::frame::{Color, Picture, PixelFormat, Span};
use crate::graph::cpu::CpuExecutor;
use crate::graph::plan::{OutputRequest, PlanOptions, Source, StyleUse, Temporal, plan};
use crate::graph::style::Library;
use crate::graph::{Output, Session};
use crate::media::{self, SourceEvent, extensions};
use crate::render::RenderError;

/// Frames of a clip lie so far apart, in seconds.
const APART: f64 = 0.5;
/// At most so many frames of a clip are used.
const MOST_FRAMES: usize = 120;

/// A picture as it is kept: 8 bits a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Stored {
    fn new(picture: &Rgb) -> Self {
        let byte = |value: &f32| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        Self {
            width: picture.width,
            height: picture.height,
            bytes: picture.values.iter().map(byte).collect(),
        }
    }

    /// The picture.
    pub fn rgb(&self) -> Rgb {
        Rgb {
            width: self.width,
            height: self.height,
            values: self
                .bytes
                .iter()
                .map(|byte| f32::from(*byte) / 255.0)
                .collect(),
        }
    }
}

/// The files that `paths` name: those themselves, and of folders all pictures and clips in them, by name.
///
/// # Errors
/// `Read`; `Usage` where a folder holds none.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in paths {
        if !path.is_dir() {
            fs::metadata(path).map_err(TrainError::read(path))?;
            out.push(path.clone());
            continue;
        }
        let known = |file: &PathBuf| {
            let ending = file.extension().unwrap_or_default().to_string_lossy();
            let mut all = extensions(true).chain(extensions(false));
            file.is_file() && all.any(|known| known.eq_ignore_ascii_case(&ending))
        };
        let entries = fs::read_dir(path).map_err(TrainError::read(path))?;
        let mut found: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(known)
            .collect();
        if found.is_empty() {
            return Err(TrainError::usage(
                format!("{} holds no pictures and no clips", path.display()),
                "name a folder with files such as .png, .jpg or .mp4, or the files themselves",
            ));
        }
        found.sort();
        out.append(&mut found);
    }
    Ok(out)
}

/// Frames of `path`, two for each second of a clip; each at least `least` pixels high and wide, and reduced to a shorter side
/// of at most `most`.
///
/// # Errors
/// `Usage` where the pictures are smaller than `least`; those of reading.
pub fn frames(path: &Path, least: usize, most: usize) -> Result<Vec<Stored>> {
    let mut out = Vec::new();
    read(path, Some(APART), &mut |picture| {
        if picture.width.min(picture.height) < least {
            return Err(too_small(path, &picture, least));
        }
        out.push(Stored::new(&limited(picture, most)));
        Ok(out.len() < MOST_FRAMES)
    })?;
    Ok(out)
}

fn too_small(path: &Path, picture: &Rgb, least: usize) -> TrainError {
    TrainError::usage(
        format!(
            "{} is {}x{}, smaller than the training's squares of {least} pixels",
            path.display(),
            picture.width,
            picture.height
        ),
        "use larger pictures, or a smaller --size",
    )
}

/// The picture, or the first frame, of `path`.
///
/// # Errors
/// Those of reading.
pub fn picture(path: &Path) -> Result<Rgb> {
    let mut out = None;
    read(path, None, &mut |picture| {
        out = Some(picture);
        Ok(false)
    })?;
    out.ok_or_else(|| RenderError::Nothing { path: path.into() }.into())
}

/// With a shorter side of at most `most`.
pub fn limited(picture: Rgb, most: usize) -> Rgb {
    let shorter = picture.width.min(picture.height);
    if shorter <= most {
        return picture;
    }
    let scaled = |length: usize| (length * most / shorter).max(1);
    picture.resized(scaled(picture.width), scaled(picture.height))
}

/// Gives `take` frames that are `apart` seconds from each other (all, where that is `None`) until it returns false.
fn read(path: &Path, apart: Option<f64>, take: &mut dyn FnMut(Rgb) -> Result<bool>) -> Result<()> {
    let mut source = media::Source::open(path).map_err(RenderError::from)?;
    source.pictures_only();
    let mut graph: Option<Session> = None;
    let mut next = f64::NEG_INFINITY;
    let mut count = 0;
    while let Some(event) = source.next_event().map_err(RenderError::from)? {
        let SourceEvent::Frame(frame, _) = event else {
            continue;
        };
        let time = source.time_base().seconds(frame.span.pts);
        if apart.is_some() && time < next {
            continue;
        }
        next = time + apart.unwrap_or(0.0) - 1e-6;
        if graph.is_none() {
            graph = Some(to_rgb(&frame.picture)?);
        }
        let Some(graph) = &mut graph else {
            continue;
        };
        let span = Span {
            pts: count,
            ..frame.span
        };
        count += 1;
        for output in graph
            .push(Some(frame.picture), span)
            .map_err(RenderError::from)?
        {
            if !take(rgb(output)?)? {
                return Ok(());
            }
        }
    }
    if let Some(graph) = &mut graph {
        for output in graph.finish().map_err(RenderError::from)? {
            if !take(rgb(output)?)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A graph that gives pictures like `picture` as 8-bit RGB.
fn to_rgb(picture: &Picture) -> Result<Session> {
    let library = Library::built_in();
    let style = library.load("identity").map_err(RenderError::from)?;
    let request = OutputRequest {
        chain: vec![StyleUse::new(style)],
        format: PixelFormat::packed_rgb(8, 3, &[0, 1, 2]),
        color: Color::default(),
        temporal: Temporal::Off,
    };
    let plan = plan(
        &library,
        &Source::of(picture),
        &[request],
        PlanOptions::default(),
    );
    let plan = plan.map_err(RenderError::from)?;
    let executor = CpuExecutor::new(plan, &[]).map_err(RenderError::from)?;
    Ok(Session::new(Box::new(executor), Some(0), 0))
}

fn rgb(output: Output) -> Result<Rgb> {
    let picture = output
        .picture()
        .expect("the plan has one port, of a picture");
    let (width, height) = (picture.width as usize, picture.height as usize);
    let rows: Vec<&[u8]> = (0..height).map(|y| picture.row(0, y)).collect();
    Ok(Rgb::from_fn(width, height, |channel, x, y| {
        f32::from(rows[y][3 * x + channel]) / 255.0
    }))
}

/// A picture and what is wanted of it.
#[derive(Clone, Debug)]
pub struct Pair {
    pub input: Stored,
    pub target: Stored,
}

/// The pairs of pictures of one name in `folder`/input and `folder`/target, at least `least` pixels high and wide.
///
/// # Errors
/// `Usage` where a folder or a partner is missing, or sizes differ; those of reading.
pub fn pairs(folder: &Path, least: usize, most: usize) -> Result<Vec<Pair>> {
    let side = |name: &str| {
        let path = folder.join(name);
        if path.is_dir() {
            return files(&[path]);
        }
        Err(TrainError::usage(
            format!("{} has no folder {name}", folder.display()),
            "put the pictures to start from into DIR/input, and what is wanted of them into DIR/target, under the same names",
        ))
    };
    let (inputs, targets) = (side("input")?, side("target")?);
    let mut out = Vec::new();
    for input in &inputs {
        let stem = input.file_stem();
        let partner = targets.iter().find(|target| target.file_stem() == stem);
        let Some(target) = partner else {
            return Err(TrainError::usage(
                format!(
                    "{} has no picture of the same name in target",
                    input.display()
                ),
                "add it, or remove this one",
            ));
        };
        let (a, b) = (picture(input)?, picture(target)?);
        if (a.width, a.height) != (b.width, b.height) {
            return Err(TrainError::usage(
                format!(
                    "{} is {}x{}, but {} is {}x{}",
                    input.display(),
                    a.width,
                    a.height,
                    target.display(),
                    b.width,
                    b.height
                ),
                "both pictures of a pair must have the same size",
            ));
        }
        if a.width.min(a.height) < least {
            return Err(too_small(input, &a, least));
        }
        out.push(Pair {
            input: Stored::new(&limited(a, most)),
            target: Stored::new(&limited(b, most)),
        });
    }
    Ok(out)
}
