//! `aquatint inspect`: what one pass makes of a frame.

use std::fmt::Write;

use super::super::args::Inspect;
use super::super::console::Console;
use super::super::problem::{Problem, USAGE};
use super::super::signals::Signals;
use super::{print, print_json, tell_of_models};
use crate::render::{Existing, Inspected, Inspection, PassFacts, ShownRange};

/// The name of no pass: it asks for the list.
const LIST: &str = "list";

pub fn run(args: &Inspect, console: &Console, signals: &Signals) -> Result<u8, Problem> {
    let request = args.look.request();
    let library = request.library()?;
    let settings = request.settings(&library)?;
    let inspection = Inspection::new(&library, &settings, &args.input)?;
    let Some(pass) = args.pass.as_deref().filter(|pass| *pass != LIST) else {
        let passes = inspection.passes()?;
        match args.json {
            true => print_json(&passes)?,
            false => print(&table(&passes))?,
        }
        return Ok(0);
    };
    let image = inspection.image(pass, args.moment.moment(), &signals.cancel());
    tell_of_models(&library, console);
    let image = image.map_err(|error| signals.problem_of(&error))?;
    let Some(path) = &args.output else {
        if !image.is_words() {
            return Err(Problem::new(
                USAGE,
                format!(
                    "the pass {} makes an image, which is not printed",
                    image.pass
                ),
                "name a .png file with -o",
            ));
        }
        print(&if args.json {
            image.json()
        } else {
            image.table()
        })?;
        return Ok(0);
    };
    let existing = match args.overwrite {
        true => Existing::Replace,
        false => Existing::Refuse,
    };
    let range = image.write(path, &args.input, existing)?;
    console.remark(&format!("{}: {}", path.display(), words(&image, range)));
    Ok(0)
}

/// A line for each pass.
fn table(passes: &[PassFacts]) -> String {
    let width = passes.iter().map(|pass| pass.name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut out = String::new();
    for pass in passes {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{:<width$}  {pass}", pass.name);
    }
    out
}

/// What was written.
fn words(image: &Inspected, range: Option<ShownRange>) -> String {
    let (width, height) = image.image.extent;
    let mut out = format!(
        "{} of frame {} at {:.3} s, on {}, ",
        image.pass, image.frame, image.seconds, image.device.name
    );
    let Some(range) = range else {
        // Writing to a string does not fail.
        let _ = write!(out, "{width} words");
        return out;
    };
    let _ = write!(out, "{width}x{height}");
    if range.least < 0.0 || range.most > 1.0 {
        let _ = write!(out, "; values go from {} to {}, ", range.least, range.most);
        out.push_str(match (range.black, range.white) {
            (0.0, 1.0) => "and are limited to 0 to 1",
            _ => "and are shown from black to white",
        });
    }
    if range.not_numbers > 0 {
        let _ = write!(out, "; {} values are no numbers (NaN)", range.not_numbers);
    }
    out
}
