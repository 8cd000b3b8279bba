//! `aquatint verify`: compares an output with its source.

use std::fmt::Write;

use super::super::args::Verify;
use super::super::problem::{DIFFERS, Problem};
use super::{print, print_json};
use crate::media::{Check, Expected, OutputOptions, Verdict, verify};
use crate::render::request::FrameRate;

pub fn run(args: &Verify) -> Result<u8, Problem> {
    let expected = Expected {
        options: OutputOptions {
            audio: args.audio.unwrap_or_default(),
            rotation: args.rotation.unwrap_or_default(),
            drop: args.drop.clone(),
            pix_fmt: args.pix_fmt.clone(),
            ..OutputOptions::default()
        },
        fps: args.rate.input_fps.map(FrameRate::get),
        part: args.part.range()?,
    };
    let pair = verify(&args.source, &args.output, &expected)?;
    if args.json {
        print_json(&pair)?;
    } else {
        print(&table(&pair.checks))?;
    }
    Ok(if pair.holds { 0 } else { DIFFERS })
}

/// A line for each check, in columns.
fn table(checks: &[Check]) -> String {
    let width = |column: fn(&Check) -> &str| {
        let longest = checks
            .iter()
            .map(|check| column(check).chars().count())
            .max();
        longest.unwrap_or(0).min(48)
    };
    let (what, source) = (width(|check| &check.what), width(|check| &check.source));
    let mut out = String::new();
    for check in checks {
        let verdict = match check.verdict {
            Verdict::Same => "same   ",
            Verdict::Allowed => "allowed",
            Verdict::Differs => "DIFFERS",
        };
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "{verdict}  {:what$}  {:source$}  {}",
            check.what, check.source, check.output
        );
        let _ = match check.why.is_empty() {
            true => writeln!(out),
            false => writeln!(out, "  ({})", check.why),
        };
    }
    let differ = checks
        .iter()
        .filter(|check| check.verdict == Verdict::Differs)
        .count();
    let _ = match differ {
        0 => writeln!(out, "nothing differs that need not"),
        1 => writeln!(out, "1 difference"),
        n => writeln!(out, "{n} differences"),
    };
    out
}
