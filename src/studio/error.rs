//! What can go wrong with the studio itself.

use std::io;

/// A failure of the studio.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    #[error("port {port} of this machine cannot be had: {source}")]
    Port { port: u16, source: io::Error },
    #[error("the studio's server failed: {0}")]
    Server(io::Error),
}

impl StudioError {
    /// What to do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Port { .. } => "choose another one with --port; --port 0 takes one that is free",
            Self::Server(_) => "start it again",
        }
    }
}
