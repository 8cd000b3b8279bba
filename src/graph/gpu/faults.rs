//! Devices that fail as wgpu and drivers do, for tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::context::{GpuContext, SharedGpu};
use super::wait::{PATIENCE, Poll};
use super::{AdapterFacts, wait};

/// How a device fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `poll` panics, as wgpu does where the driver reports a loss.
    PanicsInPoll,
    /// No wait ever succeeds, as where the device hangs.
    Hangs,
    /// wgpu calls back with an error: the device was used wrongly.
    Misused,
}

/// `adapter`, which fails from the `waits`-th wait on, each of the first `times` times that it is opened.
pub(crate) fn failing(
    adapter: AdapterFacts,
    fault: Fault,
    waits: usize,
    times: usize,
) -> SharedGpu {
    let left = AtomicUsize::new(times);
    SharedGpu::opened_by(
        adapter,
        Arc::new(move |adapter| {
            let due = |left: usize| left.checked_sub(1);
            let (store, load) = (Ordering::Relaxed, Ordering::Relaxed);
            if left.fetch_update(store, load, due).is_err() {
                return GpuContext::open(adapter);
            }
            let patience = match fault {
                Fault::Hangs => Duration::from_millis(300),
                _ => PATIENCE,
            };
            GpuContext::open_with(adapter, polled(fault, waits), patience)
        }),
    )
}

fn polled(fault: Fault, waits: usize) -> Poll {
    let seen = AtomicUsize::new(0);
    let sound = wait::poll();
    Arc::new(move |device, how| {
        if seen.fetch_add(1, Ordering::Relaxed) + 1 < waits {
            return sound(device, how);
        }
        match fault {
            Fault::PanicsInPoll => panic!(
                "Error in Device::poll: Validation Error\n\nCaused by:\n  Parent device is lost\n"
            ),
            Fault::Hangs => {
                std::thread::sleep(Duration::from_millis(100));
                Err(wgpu::PollError::Timeout)
            }
            Fault::Misused => {
                // More than any device has.
                let _ = device.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("more than there is"),
                    size: 1 << 60,
                    usage: wgpu::BufferUsages::STORAGE,
                    mapped_at_creation: false,
                });
                sound(device, how)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::adapters;
    use super::*;
    use crate::graph::{ExecError, Stop};

    /// What comes of a wait for a device that fails.
    fn waited(fault: Fault, stop: Stop) -> Option<(Result<(), ExecError>, Arc<GpuContext>)> {
        let Some(adapter) = adapters().into_iter().next_back() else {
            crate::skip::skip(
                "no graphics adapter",
                "install mesa-vulkan-drivers for software Vulkan",
            );
            return None;
        };
        let context = failing(adapter, fault, 1, 1).context().unwrap();
        let encoder = context.device.create_command_encoder(&Default::default());
        let submission = context.submit(encoder);
        Some((context.wait(&submission, &stop), context))
    }

    #[test]
    fn a_loss_is_an_error_and_no_panic() {
        let Some((result, context)) = waited(Fault::PanicsInPoll, wait::never()) else {
            return;
        };
        let error = result.unwrap_err();
        assert!(matches!(error, ExecError::Lost { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("Parent device is lost"), "{text}");
        assert_eq!(
            text.lines().count(),
            2,
            "what failed, and what to do: {text}"
        );
        assert!(matches!(context.check(), Err(ExecError::Lost { .. })));
    }

    #[test]
    fn a_device_that_hangs_is_given_up() {
        let Some((result, _)) = waited(Fault::Hangs, wait::never()) else {
            return;
        };
        let text = result.unwrap_err().to_string();
        assert!(text.contains("it finished nothing for 0.3 s"), "{text}");
    }

    #[test]
    fn a_wait_ends_when_somebody_asks_for_an_end() {
        let Some((result, context)) = waited(Fault::Hangs, Arc::new(|| true)) else {
            return;
        };
        assert!(matches!(result, Err(ExecError::Stopped { .. })));
        // Nobody else should wait for it.
        assert!(context.check().is_err());
    }

    #[test]
    fn a_wrong_use_of_the_device_is_told_as_such() {
        let Some((result, _)) = waited(Fault::Misused, wait::never()) else {
            return;
        };
        let error = result.unwrap_err();
        assert!(matches!(error, ExecError::Misused { .. }), "{error}");
        assert!(error.to_string().contains("please report it"), "{error}");
    }
}
