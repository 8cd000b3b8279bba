//! `aquatint studio` and `aquatint serve`: the pages and the API.

use std::path::Path;

use super::super::args;
use super::super::console::Console;
use super::super::problem::{CANNOT_CREATE, FAULT, Problem, TRY_AGAIN, UNAVAILABLE};
use super::super::signals::Signals;
use super::print;
use crate::render::live::Live;
use crate::render::request::{DEFAULT_STYLE, RenderRequest};
use crate::studio::{Studio, StudioError, StudioOptions};

pub fn run(args: &args::Studio, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let folder = args.place.as_deref().filter(|place| place.is_dir());
    let clip = args.place.as_deref().filter(|place| !place.is_dir());
    let request = args.look.request();
    let live = match clip.is_some() || request != RenderRequest::default() {
        true => Some(opened(request, clip, console)?),
        false => None,
    };
    // The clip can be rendered from its page, too.
    let beside = clip
        .and_then(Path::parent)
        .map(|folder| match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        });
    let folders: Vec<_> = folder.or(beside).map(Path::to_owned).into_iter().collect();
    let options = args.serve.options(&folders).ok_or_else(no_folder)?;
    let studio = match Studio::new(&options) {
        Err(StudioError::Running { url: Some(url) }) if live.is_none() => {
            console.remark("the studio is running already, with this page");
            print(&format!("{url}\n"))?;
            show(args, &url, console);
            return Ok(0);
        }
        studio => studio?,
    };
    let page = match live {
        Some(live) => studio.open_lab(live, clip),
        None => studio.url(),
    };
    let page = announce(&studio, &options, &page, console)?;
    show(args, &page, console);
    studio.run(&signals.cancel())?;
    Ok(0)
}

pub fn serve(args: &args::Serve, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let options = args.serve.options(&args.folders).ok_or_else(no_folder)?;
    let studio = Studio::new(&options)?;
    announce(&studio, &options, &studio.url(), console)?;
    studio.run(&signals.cancel())?;
    Ok(0)
}

/// Says where the studio is; the address of its page, with the token where one was made.
fn announce(
    studio: &Studio,
    options: &StudioOptions,
    page: &str,
    console: &Console,
) -> Result<String, Problem> {
    for words in studio.warnings() {
        console.warning(words);
    }
    let page = match studio.token() {
        Some(token) => {
            console.remark(&format!(
                "the token is {token}: it is told this once; --new-token makes another"
            ));
            format!("{}?token={token}", studio.url())
        }
        None => page.to_owned(),
    };
    print(&format!("{page}\n"))?;
    let folders: Vec<_> = options
        .folders
        .iter()
        .map(|folder| folder.to_string_lossy())
        .collect();
    console.remark(&format!(
        "the studio is open, with the files of {}; Ctrl-C ends it",
        folders.join(", ")
    ));
    Ok(page)
}

/// Opens the page at `url` in a browser, where there is a screen.
fn show(args: &args::Studio, url: &str, console: &Console) {
    if !args.no_browser
        && has_screen()
        && let Err(error) = open::that_detached(url)
    {
        console.warning(&format!(
            "no browser could be opened ({error}): open {url} yourself"
        ));
    }
}

fn opened(
    mut request: RenderRequest,
    clip: Option<&Path>,
    console: &Console,
) -> Result<Live, Problem> {
    if request.style.is_none() && request.preset.is_none() {
        request.style = Some(DEFAULT_STYLE.to_owned());
    }
    let live = Live::open(request, clip)?;
    if let Some(fault) = live.style().fault {
        console.warning(&fault.text);
    }
    Ok(live)
}

/// Whether there is a screen that a browser could be opened on.
fn has_screen() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn no_folder() -> Problem {
    Problem::new(
        CANNOT_CREATE,
        "there is no folder for the queue: the variable HOME is not set",
        "set HOME, or name a folder with --data",
    )
}

impl From<StudioError> for Problem {
    fn from(error: StudioError) -> Self {
        let code = match error {
            StudioError::Port { .. } => UNAVAILABLE,
            StudioError::Running { .. } => TRY_AGAIN,
            StudioError::Server(_) => FAULT,
            StudioError::Folder { .. } | StudioError::Roots(_) | StudioError::Store(_) => {
                CANNOT_CREATE
            }
        };
        let advice = error.advice();
        Self::new(code, error.to_string(), advice)
    }
}
