//! `aquatint graph`: the plan of passes for a style.

use super::super::args::Graph;
use super::super::problem::{Problem, USAGE};
use super::{named, print, print_json};
use crate::color::{Coding, Color};
use crate::frame::{Model, PixelFormat, Rational, Subsampling};
use crate::graph::plan::{OutputRequest, PlanOptions, Source, dot, plan, text};
use crate::render::{OutputStyle, output_styles};

/// Frames of a track are counted at this rate, as there is no source.
const USUAL_RATE: Rational = Rational::new(25, 1);

pub fn run(args: &Graph) -> Result<u8, Problem> {
    let (library, styles) = named(&args.values.style_path, &args.style)?;
    let (width, height) = args.size;
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
    };
    let mut looks = output_styles(&library, &styles, &args.values.set)?;
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
                temporal: args.temporal.mode(),
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
    let plan = plan(&library, &source, &requests, PlanOptions::default())?;
    match args.format.as_str() {
        "json" => print_json(&plan)?,
        "dot" => print(&dot(&plan))?,
        _ => print(&text(&plan))?,
    }
    Ok(0)
}
