//! `aquatint verify`: compares an output with its source.

use std::fmt::Write;

use super::super::args::Verify;
use super::super::problem::{DIFFERS, Problem};
use super::{print, print_json};
use crate::frame::{Pace, Rational, Retiming};
use crate::media::{
    Check, Expected, FrameShape, OutputOptions, Pattern, Reading, Verdict, probe, probe_at, verify,
};
use crate::render::request::{FrameRate, sizing};
use crate::render::{Sized, even_sides};

pub fn run(args: &Verify) -> Result<u8, Problem> {
    let expected = Expected {
        options: OutputOptions {
            audio: args.audio.unwrap_or_default(),
            rotation: args.rotation.unwrap_or_default(),
            drop: args.drop.clone(),
            pix_fmt: args.pix_fmt.clone(),
            ..OutputOptions::default()
        },
        reading: reading(args),
        part: args.part.range()?,
        frames: frames(args)?,
        retimings: retimings(args)?,
    };
    let pair = verify(&args.source, &args.output, &expected)?;
    if args.json {
        print_json(&pair)?;
    } else {
        print(&table(&pair.checks))?;
    }
    Ok(if pair.holds { 0 } else { DIFFERS })
}

/// How the source is read.
fn reading(args: &Verify) -> Reading {
    args.stream.reading(input_rate(args))
}

/// The rate that a source that is an image sequence is read at.
fn input_rate(args: &Verify) -> Option<Rational> {
    let sequence = Pattern::meant_by(&args.source).is_some();
    let output = args.rate.fps.filter(|_| sequence);
    args.rate.input_fps.or(output).map(FrameRate::get)
}

/// How the times of frames follow from the source's by the rate that the flags ask for.
fn retimings(args: &Verify) -> Result<Vec<Retiming>, Problem> {
    let Some(rate) = args.rate.fps.map(FrameRate::get) else {
        return Ok(Vec::new());
    };
    if input_rate(args) == Some(rate) && args.rate.input_fps.is_none() {
        return Ok(Vec::new());
    }
    let source = probe_at(&args.source, reading(args))?;
    let made = Retiming::new(Pace::Rate(rate), source.video().time_base);
    Ok(made.into_iter().collect())
}

/// What the frames were to become by the size that the flags ask for; `None` where they ask for none.
fn frames(args: &Verify) -> Result<Option<FrameShape>, Problem> {
    let Some(sizing) = sizing(
        args.size.scale,
        args.size.size,
        args.size.fit,
        args.size.square_pixels,
    )?
    else {
        return Ok(None);
    };
    let source = probe_at(&args.source, reading(args))?;
    let output = probe(&args.output)?;
    let format = output.pictures().format;
    let mut frames = source.frame_shape();
    let placement = sizing.place(&Sized {
        size: (frames.width, frames.height),
        sample_aspect: frames.sample_aspect,
        even: format.as_ref().map_or((false, false), even_sides),
    })?;
    (frames.width, frames.height) = placement.size;
    frames.sample_aspect = placement.sample_aspect;
    Ok(Some(frames))
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
