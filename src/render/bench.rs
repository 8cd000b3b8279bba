//! Measures the passes of styles, as [`graph::bench`](crate::graph::bench) does, on the pictures of a file or on the demo's
//! scene.

use std::path::PathBuf;

use super::device::Choice;
use super::error::{RenderError, Result};
use super::files;
use super::output_styles::OutputStyle;
use crate::frame::{Model, Picture, PixelFormat, Rational, Subsampling};
use crate::graph::bench::{self, BenchError, FRAMES_A_SECOND, Measured, PICTURES};
use crate::graph::gpu::{GpuOptions, GpuPool, Wanted};
use crate::graph::plan::{self, OutputRequest, PlanOptions, Temporal};
use crate::graph::style::Library;
use crate::media;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Bench {
    pub styles: Vec<OutputStyle>,
    /// A video whose first pictures are used; `None` uses the scene of the demo.
    pub input: Option<PathBuf>,
    /// Width and height of the demo's scene.
    pub size: (u32, u32),
    /// How styles are averaged over time.
    pub temporal: Temporal,
    /// Frames measured, at least one.
    pub frames: usize,
    pub device: Wanted,
}

impl Bench {
    /// Runs the plan of the styles frame by frame.
    ///
    /// # Errors
    /// Errors of a [`Job`](super::Job) that occur before encoding; `Usage` if no look uses the graph.
    pub fn run(&self, library: &Library) -> Result<Measured> {
        let pictures = match &self.input {
            Some(path) => first_pictures(path)?,
            None => {
                let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
                bench::scene(library, self.size, format)?
            }
        };
        let first = &pictures[0];
        let bench = bench::Bench {
            styles: self.styles.iter().map(OutputStyle::name).collect(),
            pictures: &pictures,
            frames: self.frames,
        };
        let requests: Vec<OutputRequest> = self
            .styles
            .iter()
            .map(|look| {
                let mut look = look.clone();
                look.in_seconds(Rational::new(FRAMES_A_SECOND, 1))?;
                Ok(look)
            })
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .filter_map(|look| match look {
                OutputStyle::Bypass => None,
                OutputStyle::Chain(chain) => Some(OutputRequest {
                    chain,
                    format: first.format,
                    color: first.color,
                    temporal: self.temporal,
                }),
            })
            .collect();
        if requests.is_empty() {
            return Err(RenderError::usage(
                "none has no graph: there is nothing to measure",
                "name a style; `aquatint styles` lists them",
            ));
        }
        let plan = plan::plan(library, &bench.source(), &requests, PlanOptions::default())?;
        let files = plan
            .files
            .iter()
            .map(|file| files::read(library, &plan, file))
            .collect::<Result<Vec<_>>>()?;
        let (choice, _) = Choice::of(&self.device, &plan, &GpuPool::default())?;
        let options = GpuOptions {
            timed: true,
            ..GpuOptions::default()
        };
        bench.run(plan, |plan| {
            choice.executor_with(library, plan, &files, options)
        })
    }
}

impl From<BenchError> for RenderError {
    fn from(error: BenchError) -> Self {
        match error {
            BenchError::Style(error) => error.into(),
            BenchError::Exec(error) => error.into(),
            BenchError::File { .. } | BenchError::Picture { .. } => {
                Self::usage(error.to_string(), "")
            }
        }
    }
}

/// The first pictures of a file.
fn first_pictures(path: &std::path::Path) -> Result<Vec<Picture>> {
    let mut source = media::Source::open(path)?;
    let mut pictures = Vec::new();
    while pictures.len() < PICTURES {
        match source.next_event()? {
            Some(media::SourceEvent::Frame(frame, _)) => pictures.push(frame.picture),
            Some(_) => {}
            None => break,
        }
    }
    if pictures.is_empty() {
        return Err(RenderError::Nothing { path: path.into() });
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::output_styles;

    #[test]
    fn every_pass_is_timed_and_weighed() {
        let library = Library::built_in();
        let bench = Bench {
            temporal: Temporal::default(),
            styles: output_styles(&library, "pencil,identity", &[]).unwrap(),
            input: None,
            size: (64, 48),
            frames: 3,
            device: Wanted::Cpu,
        };
        let measured = bench.run(&library).unwrap();
        assert_eq!(
            (measured.width, measured.height, measured.frames),
            (64, 48, 3)
        );
        let times: Vec<f64> = measured
            .steps
            .iter()
            .filter_map(|s| s.milliseconds)
            .collect();
        assert_eq!(times.len(), measured.steps.len());
        assert!(measured.milliseconds > 0.0 && times.iter().sum::<f64>() > 0.0);
        // Both outputs are written: 64 × 48 luma samples and half as many of chroma.
        let outputs = measured
            .steps
            .iter()
            .filter(|s| s.label.starts_with("output"));
        assert!(
            outputs.clone().count() == 2 && outputs.clone().all(|s| s.written == 64 * 48 * 3 / 2)
        );
        assert!(
            measured
                .steps
                .iter()
                .all(|s| s.read > 0 && !s.kernels.is_empty())
        );
    }
}
