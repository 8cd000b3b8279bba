//! Timestamps before and after each step, where they are asked for.

use super::super::executor::ExecError;
use super::context::GpuContext;

/// Timestamps of one frame in flight.
pub(super) struct Timestamps {
    pub queries: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    staging: wgpu::Buffer,
    /// The steps whose timestamps can be read, in the order of their queries. Those that were not written must not be
    /// resolved.
    pub steps: Vec<usize>,
}

impl Timestamps {
    /// For a plan of so many steps; `None` where there are too many for a query set.
    pub fn new(device: &wgpu::Device, steps: usize) -> Option<Self> {
        let count = 2 * steps as u32;
        let buffer = |usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: 8 * u64::from(count),
                usage,
                mapped_at_creation: false,
            })
        };
        use wgpu::BufferUsages as Usage;
        (count > 0 && count <= wgpu::QUERY_SET_MAX_QUERIES).then(|| Self {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: None,
                ty: wgpu::QueryType::Timestamp,
                count,
            }),
            resolved: buffer(Usage::QUERY_RESOLVE | Usage::COPY_SRC),
            staging: buffer(Usage::MAP_READ | Usage::COPY_DST),
            steps: Vec::new(),
        })
    }

    /// Begins a frame that runs these steps.
    pub fn begin(&mut self, steps: impl Iterator<Item = usize>) {
        self.steps.clear();
        self.steps.extend(steps);
    }

    /// What a pass of a step writes: `first` and `last` say whether it is the first and the last pass of the step.
    pub fn of_pass(
        &self,
        step: usize,
        first: bool,
        last: bool,
    ) -> Option<wgpu::ComputePassTimestampWrites<'_>> {
        let at = 2 * self.steps.iter().position(|known| *known == step)? as u32;
        (first || last).then_some(wgpu::ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: first.then_some(at),
            end_of_pass_write_index: last.then_some(at + 1),
        })
    }

    /// Has them copied to where they can be read; the buffer to map, if there is something in it.
    pub fn resolve(&self, encoder: &mut wgpu::CommandEncoder) -> Option<&wgpu::Buffer> {
        let count = 2 * self.steps.len() as u32;
        if count == 0 {
            return None;
        }
        encoder.resolve_query_set(&self.queries, 0..count, &self.resolved, 0);
        let bytes = 8 * u64::from(count);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.staging, 0, bytes);
        Some(&self.staging)
    }

    /// Adds the seconds of each step to `spent`, once the buffer is mapped.
    ///
    /// # Errors
    /// `Lost` if it cannot be read.
    pub fn add_to(&self, spent: &mut [f64], context: &GpuContext) -> Result<(), ExecError> {
        if self.steps.is_empty() {
            return Ok(());
        }
        let period = f64::from(context.queue.get_timestamp_period()) * 1e-9;
        let bytes = self.staging.get_mapped_range(..);
        let bytes = bytes.map_err(|error| context.fail(error.to_string()))?;
        let ticks = bytes.as_chunks::<8>().0.iter();
        let ticks: Vec<u64> = ticks.map(|tick| u64::from_le_bytes(*tick)).collect();
        for (step, pair) in self.steps.iter().zip(ticks.chunks_exact(2)) {
            spent[*step] += pair[1].saturating_sub(pair[0]) as f64 * period;
        }
        drop(bytes);
        self.staging.unmap();
        Ok(())
    }
}
