//! What can go wrong with the studio itself.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::roots::RootsError;
use super::store::StoreError;

/// A failure of the studio.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    #[error("{address} cannot be had: {source}")]
    Port {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("the studio's server failed: {0}")]
    Server(io::Error),
    #[error("{} cannot be used as the folder of the studio: {source}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    /// A studio of this user runs already.
    #[error("a studio is running already{}", place(url.as_deref()))]
    Running {
        /// Its address, where it is known.
        url: Option<String>,
    },
    #[error(transparent)]
    Roots(#[from] RootsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn place(url: Option<&str>) -> String {
    url.map_or(String::new(), |url| format!(": {url}"))
}

impl StudioError {
    /// What to do.
    pub fn advice(&self) -> String {
        match self {
            Self::Port { .. } => {
                "choose another one with --port; --port 0 takes one that is free".to_owned()
            }
            Self::Server(_) => "start it again".to_owned(),
            Self::Folder { .. } => {
                "check that you may write there, or name another one with --data".to_owned()
            }
            Self::Running { .. } => {
                "open its page, or end it first; --data names another folder for another queue"
                    .to_owned()
            }
            Self::Roots(error) => error.advice().to_owned(),
            Self::Store(error) => error.advice().to_owned(),
        }
    }
}
