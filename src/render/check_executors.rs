//! The first frames of a job, rendered on the CPU and on a GPU, and compared.

use std::collections::VecDeque;

use serde::Serialize;

use super::device::Choice;
use super::error::{RenderError, Result};
use super::event::Cancel;
use super::file_source::FileSource;
use super::job::{Job, open};
use super::pipeline::{FrameSource, StreamItem};
use crate::frame::{Picture, Span};
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
    /// The largest difference that is allowed.
    pub limit: u32,
}

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
        pictures: 0,
        largest: 0,
        at: None,
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
    // The executors work in floats; a rounding apart is one code value, which is less of a step in deeper pictures.
    let depth = plan.packs().map(|pack| pack.format.depth).max();
    let check = ExecutorCheck {
        frames: found.pictures / plan.packs().count().max(1) as u64,
        cpu: cpu.device(),
        gpu: gpu.device(),
        largest: found.largest,
        at: found.at,
        limit: if depth.unwrap_or(8) >= 10 { 2 } else { 1 },
    };
    if check.largest > check.limit {
        let start = video.start.unwrap_or(0);
        return Err(RenderError::ExecutorsDiffer {
            cpu: check.cpu.name,
            gpu: check.gpu.name,
            largest: check.largest,
            limit: check.limit,
            seconds: video.time_base.seconds(found.at.unwrap_or(start) - start),
        });
    }
    Ok(check)
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

/// Outputs of the two sessions that wait for those of the other, and what was found.
struct Comparison {
    waiting: [VecDeque<(usize, Span, Picture)>; 2],
    /// Pairs compared.
    pictures: u64,
    largest: u32,
    at: Option<i64>,
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
            let largest = largest_difference(first, second);
            if largest > self.largest {
                (self.largest, self.at) = (largest, Some(span.pts));
            }
            self.pictures += 1;
            a.pop_front();
            b.pop_front();
        }
    }
}

/// The largest difference of two samples at the same place.
fn largest_difference(a: &Picture, b: &Picture) -> u32 {
    let mut largest = 0;
    for component in 0..a.format.component_count() {
        let (_, rows) = a.format.component_extent(component, a.width, a.height);
        for y in 0..rows as usize {
            let (a, b) = (a.component_row(component, y), b.component_row(component, y));
            let differences = a.iter().zip(b.iter()).map(|(a, b)| a.abs_diff(b));
            largest = largest.max(differences.max().unwrap_or(0));
        }
    }
    largest.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;
    use crate::frame::{Model, OwnedPlanes, PixelFormat, Subsampling};

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
            waiting: [VecDeque::new(), VecDeque::new()],
            pictures: 0,
            largest: 0,
            at: None,
        };
        found.take(0, vec![output(0, 9), output(1, 9)]);
        assert_eq!((found.pictures, found.largest), (0, 0));
        found.take(1, vec![output(0, 9), output(1, 12)]);
        assert_eq!((found.pictures, found.largest, found.at), (2, 3, Some(1)));
    }
}
