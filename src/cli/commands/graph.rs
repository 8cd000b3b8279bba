//! `aquatint graph`: the plan of passes for a style.

use super::super::args::{Graph, Values};
use super::super::problem::{Problem, USAGE};
use super::{named, print, print_json};
use crate::color::{Coding, Color};
use crate::frame::{Model, PixelFormat, Rational, Subsampling};
use crate::graph::plan::{OutputRequest, Plan, PlanOptions, Source, Temporal, dot, plan, text};
use crate::graph::style::Library;
use crate::render::{OutputStyle, output_styles, untried};

/// Frames of a track are counted at this rate, as there is no source.
const USUAL_RATE: Rational = Rational::new(25, 1);

pub fn run(args: &Graph) -> Result<u8, Problem> {
    let temporal = args.temporal.mode();
    let (_, plan) = planned(&args.style, args.size, &args.values, temporal)?;
    match args.format.as_str() {
        "json" => print_json(&plan)?,
        "dot" => print(&dot(&plan))?,
        _ => print(&text(&plan))?,
    }
    Ok(0)
}

/// The library, and the plan of a list of styles for pictures of this size in the format of most videos.
pub fn planned(
    list: &str,
    (width, height): (u32, u32),
    values: &Values,
    temporal: Temporal,
) -> Result<(Library, Plan), Problem> {
    let (library, styles) = named(&values.style_path, list)?;
    // The format of most videos.
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, false);
    let color = Color::default();
    let coding = Coding::resolve(&color, &format, width, height);
    let source = Source {
        width,
        height,
        coded: Some((format, coding)),
        time_base: Rational::new(1, 25),
        rate: Rational::new(25, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let mut looks = output_styles(&library, &styles, &values.set)?;
    for look in &mut looks {
        look.in_seconds(USUAL_RATE)?;
    }
    let requests: Vec<OutputRequest> = looks
        .into_iter()
        .filter_map(|look| match look {
            OutputStyle::Bypass => None,
            OutputStyle::Chain(chain) => Some(OutputRequest {
                chain,
                format,
                color,
                temporal,
            }),
        })
        .collect();
    if requests.is_empty() {
        return Err(Problem::new(
            USAGE,
            "none has no graph: frames bypass it",
            "name a style; `aquatint styles` lists them",
        ));
    }
    let mut plan = plan(&library, &source, &requests, PlanOptions::default())?;
    for request in &requests {
        plan.notes.extend(untried(&request.chain));
    }
    Ok((library, plan))
}
