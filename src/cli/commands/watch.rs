//! `aquatint preview --watch`: one frame in the terminal, rendered again whenever the style changes.

use std::io::{IsTerminal, Write, stdout};
use std::thread::sleep;
use std::time::Duration;

use super::super::args;
use super::super::console::Console;
use super::super::problem::{CANNOT_CREATE, Problem, USAGE};
use super::super::signals::Signals;
use super::super::terminal_picture::Protocol;
use crate::render::live::{FrameAsk, FrameShown, Live, Shown};
use crate::render::{Existing, is_picture, write_picture};

/// How often files of the style are looked at.
const LOOKS_EVERY: Duration = Duration::from_millis(120);
/// The most lines of a picture in a terminal.
const LINES: u32 = 540;

pub fn run(args: &args::Preview, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let protocol = match args.terminal.as_deref() {
        Some(name) => Protocol::named(name),
        None if stdout().is_terminal() => Protocol::of_terminal(|name| std::env::var(name).ok()),
        None => None,
    };
    if protocol.is_none() && args.output.is_none() {
        return Err(Problem::new(
            USAGE,
            "this terminal shows no pictures, as far as is known",
            "name a picture with -o, which a viewer can show; or say how, with --terminal kitty, iterm or sixel; \
             or use aquatint studio, which shows it in the browser",
        ));
    }
    if let Some(path) = args.output.as_ref().filter(|path| !is_picture(path)) {
        return Err(Problem::new(
            USAGE,
            format!(
                "--watch renders one frame, and {} is no picture",
                path.display()
            ),
            "name a .png, .jpg or .exr file with -o",
        ));
    }
    let mut live = Live::open(args.look.request(), Some(&args.input))?;
    let ask = FrameAsk {
        frame: live.number_at(args.moment.moment())?,
        lines: args.output.is_none().then_some(LINES),
        values: Vec::new(),
        shown: Shown::Result,
        draft: false,
    };
    let cancel = signals.cancel();
    let mut overwrite = args.overwrite;
    loop {
        match live.style().fault {
            Some(fault) => console.warning(&fault.text),
            None => match live.frame(&ask) {
                Ok(shown) => {
                    show(&shown, protocol, console)?;
                    write(&shown, args, overwrite)?;
                    // The picture of the time before is its own.
                    overwrite = true;
                }
                Err(error) => {
                    console.warning(&format!("{}\n  {}", error.summary(), error.advice()))
                }
            },
        }
        while !live.reload() {
            if cancel.requested() {
                return Ok(0);
            }
            sleep(LOOKS_EVERY);
        }
    }
}

/// Shows the picture, and what it is.
fn show(shown: &FrameShown, protocol: Option<Protocol>, console: &Console) -> Result<(), Problem> {
    if let (Some(protocol), Some(view)) = (protocol, shown.view()) {
        let drawn = protocol.drawn(&view.picture, &view.png()?).map_err(|why| {
            Problem::new(
                USAGE,
                format!("the picture cannot be shown in the terminal: {why}"),
                "name a picture with -o",
            )
        })?;
        let mut out = stdout().lock();
        // A terminal that has gone away sees nothing; the signal that it sends ends the program.
        let _ = write!(out, "\x1b[H\x1b[2J{drawn}").and_then(|()| out.flush());
    }
    let mut said = format!(
        "frame {}, {:.0} ms, {}",
        shown.run.frame,
        1000.0 * shown.run.took.as_secs_f64(),
        shown.run.device.name
    );
    if let Some(before) = shown.run.inexact {
        said.push_str(&format!(
            "; only {before} frames before it were rendered, so it may differ a little from the whole render"
        ));
    }
    console.remark(&said);
    Ok(())
}

fn write(shown: &FrameShown, args: &args::Preview, overwrite: bool) -> Result<(), Problem> {
    let (Some(path), Some(view)) = (&args.output, shown.view()) else {
        return Ok(());
    };
    if path.exists() && !overwrite {
        return Err(Problem::new(
            CANNOT_CREATE,
            format!("the output already exists: {}", path.display()),
            "-y replaces it; or name another one with -o",
        ));
    }
    Ok(write_picture(path, &view.picture, Existing::Replace)?)
}
