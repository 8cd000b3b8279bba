//! Errors of this layer.

use std::path::PathBuf;

/// A failure to read the hardware, or a recording of it.
#[derive(Debug, thiserror::Error)]
pub enum HardwareError {
    #[error("the recorded session {} cannot be used: {why}", path.display())]
    Recording { path: PathBuf, why: String },
    #[error("the graphics card {gpu} cannot be read: {why}")]
    Reading { gpu: String, why: String },
}
