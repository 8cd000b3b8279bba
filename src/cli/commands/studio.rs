//! `aquatint studio`: a page on which a style is seen while its author works on it.

use super::super::args;
use super::super::console::Console;
use super::super::problem::{FAULT, Problem, UNAVAILABLE};
use super::super::signals::Signals;
use super::print;
use crate::render::live::Live;
use crate::render::request::{DEFAULT_STYLE, RenderRequest};
use crate::studio::{Studio, StudioError};

pub fn run(args: &args::Studio, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let mut request = args.look.request();
    if request.style.is_none() && request.preset.is_none() {
        request.style = Some(DEFAULT_STYLE.to_owned());
    }
    let live = opened(request, args)?;
    if let Some(fault) = live.style().fault {
        console.warning(&fault.text);
    }
    let studio = Studio::new(live, args.port)?;
    let url = studio.url();
    print(&format!("{url}\n"))?;
    console.remark("the studio is open; Ctrl-C ends it");
    if !args.no_browser
        && has_screen()
        && let Err(error) = open::that_detached(&url)
    {
        console.warning(&format!(
            "no browser could be opened ({error}): open {url} yourself"
        ));
    }
    studio.run(&signals.cancel())?;
    Ok(0)
}

fn opened(request: RenderRequest, args: &args::Studio) -> Result<Live, Problem> {
    Ok(Live::open(request, args.input.as_deref())?)
}

/// Whether there is a screen that a browser could be opened on.
fn has_screen() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

impl From<StudioError> for Problem {
    fn from(error: StudioError) -> Self {
        let code = match error {
            StudioError::Port { .. } => UNAVAILABLE,
            StudioError::Server(_) => FAULT,
        };
        Self::new(code, error.to_string(), error.advice())
    }
}
