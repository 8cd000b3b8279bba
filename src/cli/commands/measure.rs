//! `aquatint measure`: numbers of the frames of a video, and how alike it is to another.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::json;
use tempfile::NamedTempFile;

use super::super::args;
use super::super::console::Console;
use super::super::problem::{CANNOT_CREATE, IO, Problem};
use super::super::signals::Signals;
use crate::graph::style::Library;
use crate::media::{Reading, same_file};
use crate::render::RenderError;
use crate::render::measure::{Compared, Measure, Summary};
use crate::render::request::{FrameRate, part, wanted};

pub fn run(args: &args::Measure, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let rate = args.rate.input_fps.map(FrameRate::get);
    let measure = Measure {
        input: args.input.clone(),
        reference: args.reference.clone(),
        part: part(args.part.start, args.part.duration, args.part.to)?,
        reading: args.stream.reading(rate),
        reference_reading: Reading {
            video: args.reference_video.map(|index| index as usize),
            ..args.stream.reading(rate)
        },
        device: wanted(args.device.as_deref()),
    };
    let mut out = Out::open(args)?;
    let mut failure = None;
    let measured = measure.run(
        &Library::built_in(),
        &mut |numbers| {
            if !args.json {
                return Ok(());
            }
            let written = out.json(numbers);
            written.map_err(|error| {
                failure = Some(error);
                RenderError::Cancelled
            })
        },
        &signals.cancel(),
    );
    let summary = match (measured, failure) {
        (_, Some(error)) => return out.failed(&error),
        (Ok(summary), None) => summary,
        (Err(error), None) => return Err(signals.problem_of(&error)),
    };
    for words in remarks(&summary) {
        console.warning(&words);
    }
    let written = if args.json {
        out.json(&json!({ "summary": summary }))
    } else {
        out.text(&table(&summary))
    };
    match written {
        Ok(()) => out.finish(),
        Err(error) => out.failed(&error),
    }
}

/// Where the numbers go. A file gets its name when it is complete.
enum Out<'a> {
    Stdout,
    File(NamedTempFile, &'a Path),
}

impl<'a> Out<'a> {
    fn open(args: &'a args::Measure) -> Result<Self, Problem> {
        let Some(path) = &args.output else {
            return Ok(Self::Stdout);
        };
        let inputs = [Some(&args.input), args.reference.as_ref()];
        if inputs
            .into_iter()
            .flatten()
            .any(|input| same_file(input, path))
        {
            return Err(RenderError::OutputIsInput { path: path.clone() }.into());
        }
        if path.exists() && !args.overwrite {
            return Err(RenderError::Exists { path: path.clone() }.into());
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|error| cannot_create(path, &error))?;
        Ok(Self::File(file, path))
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(text.as_bytes())?;
                stdout.flush()
            }
            Self::File(file, _) => file.write_all(text.as_bytes()),
        }
    }

    /// A line with a JSON object.
    fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.text(&(serde_json::to_string(value)? + "\n"))
    }

    fn finish(self) -> Result<u8, Problem> {
        if let Self::File(file, path) = self {
            file.persist(path)
                .map_err(|error| cannot_create(path, &error.error))?;
        }
        Ok(0)
    }

    /// The end where nothing more can be written. A reader that closes the pipe early is no failure.
    fn failed(&self, error: &io::Error) -> Result<u8, Problem> {
        let place = match self {
            Self::Stdout if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
            Self::Stdout => "stdout".to_owned(),
            Self::File(_, path) => path.display().to_string(),
        };
        Err(Problem::new(
            IO,
            format!("cannot write to {place}: {error}"),
            "",
        ))
    }
}

fn cannot_create(path: &Path, error: &io::Error) -> Problem {
    Problem::new(
        CANNOT_CREATE,
        format!("cannot create {}: {error}", path.display()),
        "check that the folder exists and may be written to, or name another with -o",
    )
}

/// What a person should know of what was measured.
fn remarks(summary: &Summary) -> Vec<String> {
    let mut remarks = summary.warnings.clone();
    if let Some(compared) = &summary.reference
        && compared.reference_frames != summary.frames
    {
        remarks.push(format!(
            "{} has {} frames, but {} has {}: only the first {} were compared; if one was rendered from a part of the other, name that part with --start and --duration",
            summary.input.display(),
            summary.frames,
            compared.path.display(),
            compared.reference_frames,
            compared.compared_frames
        ));
    }
    remarks
}

fn table(summary: &Summary) -> String {
    let mut out = format!(
        "{}: {} frame{}, {}x{}, {} bits, measured on {} ({})\n",
        summary.input.display(),
        summary.frames,
        if summary.frames == 1 { "" } else { "s" },
        summary.width,
        summary.height,
        summary.depth,
        summary.device.name,
        summary.device.executor
    );
    let largest = (1u32 << summary.depth) - 1;
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "  luma   mean {:.3}, least {}, largest {}, of 0 to {largest}",
        summary.mean, summary.min, summary.max
    );
    let _ = writeln!(
        out,
        "  noise  {:.5} of the range, which is {:.3} codes",
        summary.noise,
        summary.noise * f64::from(largest)
    );
    if let Some(compared) = &summary.reference {
        out.push_str(&alike(compared));
    }
    out
}

fn alike(compared: &Compared) -> String {
    let mut out = format!(
        "against {}: {} frames compared\n",
        compared.path.display(),
        compared.compared_frames
    );
    let likeness = &compared.likeness;
    let _ = match (likeness.psnr, compared.psnr_min) {
        (Some(psnr), Some(least)) => {
            writeln!(out, "  PSNR   {psnr:.3} dB, the worst frame {least:.3} dB")
        }
        _ => writeln!(out, "  PSNR   infinite: no luma sample differs"),
    };
    let _ = match (likeness.ssim, compared.ssim_min) {
        (Some(ssim), Some(least)) => {
            writeln!(out, "  SSIM   {ssim:.5}, the worst frame {least:.5}")
        }
        _ => writeln!(out, "  SSIM   none: it needs 11 columns and 11 rows"),
    };
    out
}
