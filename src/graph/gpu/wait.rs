//! Waits for the device, and notices when it has failed or does nothing any more.
//!
//! wgpu panics in `poll` when the device is lost, and a wait without a limit never ends when the device hangs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::executor::{ExecError, Stop};
use super::context::GpuContext;

/// A wait looks so often at whether somebody asked for an end.
const STEP: Duration = Duration::from_secs(1);
/// A device that finishes nothing for so long has failed.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Polls a device. Tests put one in its place that fails as wgpu does.
pub(super) type Poll = Arc<
    dyn Fn(&wgpu::Device, wgpu::PollType) -> Result<wgpu::PollStatus, wgpu::PollError>
        + Send
        + Sync,
>;

/// As wgpu polls.
pub(super) fn poll() -> Poll {
    Arc::new(|device, how| device.poll(how))
}

/// A stop that nobody asks for.
pub(super) fn never() -> Stop {
    Arc::new(|| false)
}

impl GpuContext {
    /// Waits until `submission` is done.
    ///
    /// # Errors
    /// `Lost` if the device fails or does nothing for long; `Stopped` if `stop` gives true.
    pub(super) fn wait(
        &self,
        submission: &wgpu::SubmissionIndex,
        stop: &Stop,
    ) -> Result<(), ExecError> {
        let mut since = Instant::now();
        let mut finished = self.finished();
        loop {
            let how = wgpu::PollType::Wait {
                submission_index: Some(submission.clone()),
                timeout: Some(STEP.min(self.patience)),
            };
            // A panic here is how wgpu reports that the device is lost; nothing of ours is left half done by it.
            let polled = catch_unwind(AssertUnwindSafe(|| (self.poll)(&self.device, how)));
            match polled {
                Ok(Ok(_)) => return self.check(),
                Ok(Err(wgpu::PollError::Timeout)) => self.check()?,
                Ok(Err(error)) => return Err(self.fail(error.to_string())),
                Err(panic) => return Err(self.fail(message_of(panic.as_ref()))),
            }
            if stop() {
                self.abandon("it was given up while it worked");
                return Err(ExecError::Stopped {
                    device: self.adapter.name.clone(),
                });
            }
            let now = self.finished();
            if now != finished {
                (since, finished) = (Instant::now(), now);
            }
            if since.elapsed() >= self.patience {
                let silent = self.patience.as_secs_f32();
                return Err(self.abandon(&format!("it finished nothing for {silent} s")));
            }
        }
    }

    /// Takes the result of a mapping that was asked for before a submission that is done.
    pub(super) fn mapped(
        &self,
        results: &std::sync::mpsc::Receiver<Result<(), wgpu::BufferAsyncError>>,
    ) -> Result<(), ExecError> {
        // Another session's thread may still be on its way to report it.
        match results.recv_timeout(self.patience) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                self.check()?;
                Err(self.fail(format!("its memory cannot be read: {error}")))
            }
            Err(_) => Err(self.fail("its memory did not become readable".to_owned())),
        }
    }

    /// Keeps the device and its queue for ever: to let go of them waits for all their work, which may never end.
    fn abandon(&self, why: &str) -> ExecError {
        std::mem::forget((self.device.clone(), self.queue.clone()));
        self.fail(why.to_owned())
    }
}

/// What a panic of wgpu says, in one line.
fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let words = text.unwrap_or("the driver reports a loss").lines();
    let words: Vec<&str> = words
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    words.join(" ")
}
