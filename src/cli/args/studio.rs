//! The flags of `aquatint studio` and `aquatint serve`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::look::StyleArgs;
use super::{IO, RUN};
use crate::folders::{cache_folder, data_folder};
use crate::studio::StudioOptions;

/// Bytes of a gigabyte.
const GIGABYTE: u64 = 1_000_000_000;

/// What is served, and to whom.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// A folder whose files the pages may see, and where outputs may go. Repeatable
    #[arg(long, value_name = "DIR", help_heading = IO)]
    pub media: Vec<PathBuf>,
    /// The folder for the queue, uploads and reports
    #[arg(long, value_name = "DIR", help_heading = IO)]
    pub data: Option<PathBuf>,
    /// The most gigabytes of an upload
    #[arg(long, value_name = "GB", default_value_t = 100, help_heading = IO)]
    pub upload_limit: u64,
    /// The address that it listens on. On one that other machines reach, every request needs a token, which is printed once
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), help_heading = RUN)]
    pub listen: IpAddr,
    /// The port; 0 takes one that is free
    #[arg(long, value_name = "N", default_value_t = 8431, help_heading = RUN)]
    pub port: u16,
    /// A name by which it is reached, besides localhost: that of this machine, or of a proxy in front of it. Repeatable
    #[arg(long, value_name = "NAME", help_heading = RUN)]
    pub host: Vec<String>,
    /// Ask for a token on an address of this machine, too
    #[arg(long, help_heading = RUN)]
    pub require_token: bool,
    /// Make a new token; the one before counts no more
    #[arg(long, help_heading = RUN)]
    pub new_token: bool,
}

impl ServeArgs {
    /// What the flags ask for, with `folders` besides those that they name; `None` where the user has no folder for data.
    pub fn options(&self, folders: &[PathBuf]) -> Option<StudioOptions> {
        let mut all = folders.to_vec();
        all.extend(self.media.iter().cloned());
        if all.is_empty() {
            all.push(PathBuf::from("."));
        }
        let mut hosts = self.host.clone();
        if !self.listen.is_unspecified() && !self.listen.is_loopback() {
            // As it stands in an address.
            hosts.push(
                SocketAddr::new(self.listen, 0)
                    .to_string()
                    .trim_end_matches(":0")
                    .to_owned(),
            );
        }
        let own = |folder: Option<PathBuf>| Some(folder?.join("studio"));
        Some(StudioOptions {
            listen: SocketAddr::new(self.listen, self.port),
            hosts,
            folders: all,
            data: self.data.clone().or_else(|| own(data_folder()))?,
            cache: own(cache_folder()).or_else(|| self.data.clone())?,
            require_token: self.require_token,
            new_token: self.new_token,
            upload_limit: self.upload_limit.saturating_mul(GIGABYTE),
        })
    }
}

/// Open the studio in the browser: pages to render, compare and queue.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint studio ~/Videos\n  aquatint studio clip.mp4 -s ./glow\n  aquatint studio -s pencil",
    after_help = "With a folder, the page to begin with: choose files of that folder or drop some, choose a look, and queue them. The queue is kept: what was being rendered when the studio ended goes on at the next start. With a clip or a style, the Lab: a frame of the clip, in the style and as it is in the file, and a control for every parameter. When a file of the style is saved, the frame is rendered again; a mistake is shown at its line, and the last picture stays.\n\nThe pages are for this machine alone, unless --listen names another address. A second start opens the page of the first. Ctrl-C ends it."
)]
pub struct Studio {
    /// A folder with videos; or a video, picture or image sequence to look at a style. Without it, the current folder, or with
    /// a style a scene that the program generates
    #[arg(value_name = "FOLDER|CLIP", help_heading = IO)]
    pub place: Option<PathBuf>,
    /// Print the address of the page, and do not open it
    #[arg(long, help_heading = RUN)]
    pub no_browser: bool,
    #[command(flatten)]
    pub serve: ServeArgs,
    #[command(flatten)]
    pub look: StyleArgs,
}

/// Serve the studio's API and pages, without opening a browser.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  aquatint serve ~/Videos\n  aquatint serve --media /films --listen 192.168.1.5 --host films.example",
    after_help = "Programs talk to it by HTTP: /api/v1/openapi.json describes all requests, and docs/clients has a client for Python. The queue is that of `aquatint studio`. Traffic is not encrypted: for other machines, put a proxy with TLS in front of it."
)]
pub struct Serve {
    /// Folders whose files may be seen, and where outputs may go. Without one, the current folder
    #[arg(value_name = "FOLDER", help_heading = IO)]
    pub folders: Vec<PathBuf>,
    #[command(flatten)]
    pub serve: ServeArgs,
}
