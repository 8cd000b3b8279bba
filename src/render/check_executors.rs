//! The first frames of a job, rendered on the CPU and on a GPU, and compared.

use std::collections::VecDeque;

use serde::Serialize;

use super::device::Choice;
use super::error::{RenderError, Result};
use super::event::Cancel;
use super::file_source::FileSource;
use super::job::{Job, open};
use super::pipeline::{FrameSource, StreamItem};
use crate::frame::{Picture, PixelFormat, Span};
use crate::graph::cpu::CpuExecutor;
use crate::graph::gpu::{GpuExecutor, SharedGpu, Wanted, adapters};
use crate::graph::{Device, ExecError, Output, Payload, Session};

/// How far the two executors are from each other.
#[derive(Clone, Debug, Serialize)]
pub struct ExecutorCheck {
    /// Frames compared, of every output.
    pub frames: u64,
    pub cpu: Device,
    pub gpu: Device,
    /// The largest difference of two samples, in code values of the output.
    pub largest: u32,
    /// Time of the first frame with it, in ticks of the source.
    pub at: Option<i64>,
    /// The largest difference that is allowed of every sample.
    pub limit: u32,
    /// Samples that differ by more than that, of all `samples` that were compared.
    pub beyond: u64,
    pub samples: u64,
    /// The least peak signal-to-noise ratio of a picture, in dB, of what differs by more than the limit; none where nothing does.
    pub psnr: Option<f64>,
    /// Where samples differ by more than the limit: the least that is allowed of `psnr`.
    pub least_psnr: f64,
    /// Whether passes of the graph make decisions, which a rounding can turn.
    pub decides: bool,
}

impl ExecutorCheck {
    /// The executors agree: in every sample, or but for a few.
    fn agrees(&self) -> bool {
        let few = self.beyond as f64 <= MOST_BEYOND * self.samples as f64;
        self.largest <= self.limit || few && self.psnr.is_none_or(|psnr| psnr >= self.least_psnr)
    }

    /// What was found, in words.
    pub fn found(&self) -> String {
        match (self.psnr, self.beyond) {
            (Some(psnr), 1..) => format!(
                "{:.3} % of the samples differ by more than {} code values, at most by {}, and the least alike pictures have {psnr:.1} dB of {} that are needed{}",
                100.0 * self.beyond as f64 / self.samples as f64,
                self.limit,
                self.largest,
                self.least_psnr,
                match self.decides {
                    true => ": passes of this style decide, and a rounding can turn a decision",
                    false => "",
                }
            ),
            _ => format!(
                "the largest difference is {} of {} code values allowed",
                self.largest, self.limit
            ),
        }
    }
}

/// The largest share of all samples that may differ by more than the limit.
const MOST_BEYOND: f64 = 0.01;
/// The least ratio of pictures in dB where some samples differ by more than a rounding: steep functions enlarge one.
const STEEP: f64 = 50.0;
/// The same where passes decide: a rounding makes another colour of a palette, another cell of a mosaic.
const DECIDING: f64 = 40.0;

/// Renders the first `frames` frames of `job` with both executors and compares them.
///
/// # Errors
/// `ExecutorsDiffer` beyond the limit; `Usage` where there is no graph; `NoDevice` without any GPU, `NoTwin` for kernels
/// that the CPU cannot run; those of reading the input and of the devices.
pub(super) fn check_executors(job: &Job, frames: u32, cancel: &Cancel) -> Result<ExecutorCheck> {
    let Some((plan, choice)) = &job.plan else {
        return Err(RenderError::usage(
            "there is nothing to compare executors by: frames bypass the graph",
            "name a style, or leave --check-executors out",
        ));
    };
    if job.input.generated || !job.input().is_file() && job.input.info.sequence.is_none() {
        return Err(RenderError::usage(
            format!("{} cannot be read twice", job.input().display()),
            "leave --check-executors out, or render a file",
        ));
    }
    let gpu = match choice {
        Choice::Gpu(gpu) => gpu.clone(),
        _ => any_gpu()?,
    };
    let cpu = CpuExecutor::new(plan.clone(), &job.files)?;
    let gpu = GpuExecutor::new(&job.library, plan.clone(), &job.files, &gpu.context()?)?;
    let video = job.input.info.video();
    let seed = job.settings.seed;
    let mut cpu = Session::new(Box::new(cpu), video.start, seed);
    let mut gpu = Session::new(Box::new(gpu), video.start, seed);
    let mut found = Comparison {
        waiting: [VecDeque::new(), VecDeque::new()],
        limit: limit(plan.packs().map(|pack| pack.format)),
        ..Comparison::default()
    };
    let source = open(job.input(), &job.settings)?;
    let mut source = FileSource::new(source, job.settings.strict);
    let mut left = frames;
    while left > 0 {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        match source.next()? {
            StreamItem::SceneBreak => {
                cpu.begin_scene();
                gpu.begin_scene();
            }
            StreamItem::Frame(picture, span) => {
                found.take(0, cpu.push(picture.clone(), span)?);
                found.take(1, gpu.push(picture, span)?);
                left -= 1;
            }
            StreamItem::End => break,
            StreamItem::Attached(..) | StreamItem::Packet(_) | StreamItem::ChunkEnd(_) => {}
        }
    }
    found.take(0, cpu.finish()?);
    found.take(1, gpu.finish()?);
    let decides = plan.nodes.iter().any(|node| node.decides);
    let check = ExecutorCheck {
        frames: found.pictures / plan.packs().count().max(1) as u64,
        cpu: cpu.device(),
        gpu: gpu.device(),
        largest: found.largest,
        at: found.at,
        limit: found.limit,
        beyond: found.beyond,
        samples: found.samples,
        psnr: found.psnr,
        least_psnr: if decides { DECIDING } else { STEEP },
        decides,
    };
    if !check.agrees() {
        let start = video.start.unwrap_or(0);
        return Err(RenderError::ExecutorsDiffer {
            found: check.found(),
            seconds: video.time_base.seconds(found.at.unwrap_or(start) - start),
            cpu: check.cpu.name,
            gpu: check.gpu.name,
        });
    }
    Ok(check)
}

/// The executors work in floats; a rounding apart is one code value, which is less of a step in deeper pictures.
fn limit(formats: impl Iterator<Item = PixelFormat>) -> u32 {
    match formats.map(|format| format.depth).max() {
        Some(10..) => 2,
        _ => 1,
    }
}

/// A real GPU, or software Vulkan where there is none.
fn any_gpu() -> Result<SharedGpu> {
    let first = adapters().into_iter().next();
    let adapter = first.ok_or_else(|| ExecError::NoDevice {
        wanted: Wanted::Gpu.to_string(),
        available: "executors cannot be compared without a GPU or software Vulkan (llvmpipe); `aquatint doctor` says what to install".to_owned(),
    })?;
    Ok(SharedGpu::new(adapter))
}

/// Outputs of the two sessions that wait for those of the other, and what was found: see [`ExecutorCheck`].
#[derive(Default)]
struct Comparison {
    waiting: [VecDeque<(usize, Span, Picture)>; 2],
    /// Pairs compared.
    pictures: u64,
    limit: u32,
    largest: u32,
    at: Option<i64>,
    beyond: u64,
    samples: u64,
    psnr: Option<f64>,
}

impl Comparison {
    /// Takes outputs of one of the sessions.
    fn take(&mut self, from: usize, outputs: Vec<Output>) {
        for output in outputs {
            if let Payload::Picture(picture) = output.payload {
                self.waiting[from].push_back((output.port, output.span, picture));
            }
        }
        let [a, b] = &mut self.waiting;
        while let (Some((port, span, first)), Some((other, _, second))) = (a.front(), b.front()) {
            debug_assert_eq!(port, other);
            let apart = Apart::of(first, second, self.limit);
            if apart.largest > self.largest {
                (self.largest, self.at) = (apart.largest, Some(span.pts));
            }
            self.beyond += apart.beyond;
            self.samples += apart.samples;
            if apart.squares > 0 {
                let psnr = apart.psnr(first.format.max_value());
                self.psnr = Some(self.psnr.map_or(psnr, |least| least.min(psnr)));
            }
            self.pictures += 1;
            a.pop_front();
            b.pop_front();
        }
    }
}

/// How far two pictures are from each other, in code values.
#[derive(Default)]
struct Apart {
    largest: u32,
    /// Samples that differ by more than the limit.
    beyond: u64,
    samples: u64,
    /// The sum of their differences squared.
    squares: u64,
}

impl Apart {
    fn of(a: &Picture, b: &Picture, limit: u32) -> Self {
        let mut apart = Self::default();
        for component in 0..a.format.component_count() {
            let (_, rows) = a.format.component_extent(component, a.width, a.height);
            for y in 0..rows as usize {
                let (a, b) = (a.component_row(component, y), b.component_row(component, y));
                for difference in a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(b)) {
                    let difference = u32::from(difference);
                    apart.largest = apart.largest.max(difference);
                    apart.beyond += u64::from(difference > limit);
                    if difference > limit {
                        apart.squares += u64::from(difference).pow(2);
                    }
                }
                apart.samples += a.len() as u64;
            }
        }
        apart
    }

    /// The peak signal-to-noise ratio in dB, of samples up to `peak`.
    fn psnr(&self, peak: u32) -> f64 {
        let mean = self.squares as f64 / self.samples as f64;
        10.0 * (f64::from(peak).powi(2) / mean).log10()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;
    use crate::frame::{Model, OwnedPlanes, Subsampling};

    #[test]
    fn outputs_are_compared_in_pairs() {
        let picture = |last: u8| {
            let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
            let mut planes = OwnedPlanes::new(4, 2, &format);
            planes.plane_mut(2)[1] = last;
            Picture::new(4, 2, format, Color::default(), planes)
        };
        let output = |pts, last| Output {
            port: 0,
            span: Span { pts, duration: 1 },
            payload: Payload::Picture(picture(last)),
        };
        let mut found = Comparison {
            limit: 1,
            ..Comparison::default()
        };
        found.take(0, vec![output(0, 9), output(1, 9)]);
        assert_eq!((found.pictures, found.largest), (0, 0));
        found.take(1, vec![output(0, 9), output(1, 12)]);
        assert_eq!((found.pictures, found.largest, found.at), (2, 3, Some(1)));
        // One of 12 samples is 3 apart.
        assert_eq!((found.beyond, found.samples), (1, 24));
        let psnr = 10.0 * (255.0f64 * 255.0 / (9.0 / 12.0)).log10();
        assert!((found.psnr.unwrap() - psnr).abs() < 1e-9);
    }

    #[test]
    fn a_few_samples_may_be_far_apart_and_a_picture_may_not() {
        let device = || Device {
            name: "a".to_owned(),
            executor: "cpu",
        };
        let check = |largest, psnr, decides| ExecutorCheck {
            frames: 1,
            cpu: device(),
            gpu: device(),
            largest,
            at: None,
            limit: 1,
            beyond: u64::from(largest > 1),
            samples: 100,
            psnr,
            least_psnr: if decides { DECIDING } else { STEEP },
            decides,
        };
        assert!(check(0, None, false).agrees());
        assert!(check(1, None, false).agrees());
        assert!(check(2, Some(60.0), false).agrees());
        assert!(!check(164, Some(43.0), false).agrees());
        assert!(check(164, Some(43.0), true).agrees());
        assert!(!check(164, Some(38.0), true).agrees());
        let said = check(164, Some(43.0), true).found();
        assert!(
            said.contains("1.000 % of the samples") && said.contains("43.0 dB"),
            "{said}"
        );
        assert!(!check(1, None, false).found().contains("dB"));
        // Another picture is one by each of its samples, whatever their ratio.
        let everywhere = ExecutorCheck {
            beyond: 2,
            ..check(2, Some(60.0), true)
        };
        assert!(!everywhere.agrees());
    }
}
