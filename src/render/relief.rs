//! Waits while the graphics card that renders is too hot.

use std::time::{Duration, Instant};

use super::error::{RenderError, Result};
use super::event::Cancel;
use crate::hardware::WatchedGpu;

/// While it waits, it looks this often whether the card is cool enough and whether it is to stop.
const LOOK: Duration = Duration::from_millis(20);

/// Passes on to `say` what a person should know of `gpu`, and waits while it is too hot for another frame.
///
/// # Errors
/// `Cancelled`.
pub(super) fn wait_while_hot(
    gpu: &WatchedGpu,
    cancel: &Cancel,
    mut say: impl FnMut(String),
) -> Result<()> {
    let mut tell = || gpu.take_words().into_iter().for_each(&mut say);
    tell();
    if !gpu.is_paused() {
        return Ok(());
    }
    let begun = Instant::now();
    while gpu.is_paused() {
        if cancel.requested() {
            return Err(RenderError::Cancelled);
        }
        std::thread::sleep(LOOK);
        tell();
    }
    gpu.waited(begun.elapsed());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::graph::gpu::GpuOptions;
    use crate::hardware::FRAMES_IN_FLIGHT;

    /// The layers do not know each other, so each has the number.
    #[test]
    fn a_card_begins_with_as_many_frames_in_flight_as_the_executor() {
        assert_eq!(FRAMES_IN_FLIGHT, GpuOptions::default().frames_in_flight);
    }
}
