//! The built-in styles as a page runs them: `web/runtime.js` in a browser, with the description that `aquatint shader export`
//! writes, against a session of the CPU executor on the same frames. Histories, windows that look ahead, compute kernels,
//! scene cuts, measured noise, and parameters that change are all in it.

use aquatint::frame::{Color, OwnedPlanes, Picture, Rational, Span};
use aquatint::graph::browser::{
    BrowserStyle, Change, LivePlan, ShownParam, canvas_format, canvas_source,
};
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::plan::{OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal, plan};
use aquatint::graph::style::{Choice, Library, ParamKind, Rgb, Value};
use aquatint::graph::{Output, Session};
use serde_json::json;

use super::browser::Browser;
use super::start;
use crate::support::{Noise, rgb, scene};
use crate::temporal::own_files;

const WIDTH: u32 = 192;
const HEIGHT: u32 = 108;
const FRAMES: usize = 30;
/// The frame that a second scene begins with.
const CUT: usize = 17;
const SEED: u32 = 11;
const TIME_BASE: Rational = Rational { num: 1, den: 25 };
const RATE: Rational = Rational { num: 25, den: 1 };
/// Averages over time, as a render has them.
const USUAL: Temporal = Temporal::Adaptive {
    alpha: Temporal::ALPHA,
};

/// The least signal-to-noise ratio over all frames, in dB: less than a code of 8 bits.
const NEAR: f64 = 50.0;
/// Of styles that decide, where the last bit of a sum may turn a decision.
const DECIDING: f64 = 40.0;
/// How far below the least ratio pictures with other values are.
const APART: f64 = 5.0;

/// A style, its averages over time, values that are set, and the least ratio.
struct Case {
    style: &'static str,
    temporal: Temporal,
    set: &'static [(&'static str, &'static str)],
    least: f64,
    /// Whether there are parameters that can change and that change these pictures.
    changes: bool,
}

const fn case(style: &'static str) -> Case {
    Case {
        style,
        temporal: USUAL,
        set: &[],
        least: NEAR,
        changes: true,
    }
}

/// All styles without a model, a first pass or another rate.
const CASES: [Case; 21] = [
    case("ascii"),
    Case {
        // Clusters of colours are assigned by the nearest mean, and edges are kept or dropped along their whole length.
        least: DECIDING,
        ..case("cartoon")
    },
    case("cinematic"),
    Case {
        set: &[("vignette_strength", "ease,0:0.1,1s:0.9")],
        ..case("cinematic")
    },
    case("comic"),
    case("despeckle"),
    case("glitch"),
    Case {
        changes: false,
        ..case("identity")
    },
    case("ink"),
    Case {
        set: &[
            ("gain_r", "1.1"),
            ("gain_g", "1"),
            ("gain_b", "0.9"),
            ("offset_r", "0"),
            ("offset_g", "0.02"),
            ("offset_b", "0"),
            ("grain", "1.3"),
        ],
        ..case("consistency")
    },
    Case {
        set: &[("black", "0.05"), ("white", "0.9")],
        ..case("levels")
    },
    case("mosaic"),
    case("oil"),
    case("pencil"),
    Case {
        temporal: Temporal::Flow {
            alpha: Temporal::ALPHA,
        },
        ..case("pencil")
    },
    Case {
        temporal: Temporal::Ema {
            alpha: Temporal::ALPHA,
        },
        ..case("pencil")
    },
    Case {
        changes: false,
        ..case("resize")
    },
    // A filter is chosen by whole numbers that are rounded from luma.
    Case {
        least: DECIDING,
        ..case("upscale")
    },
    Case {
        set: &[("effort", "medium")],
        ..case("upscale")
    },
    Case {
        set: &[("kind", "lanczos")],
        ..case("upscale")
    },
    case("watercolor"),
];

fn source() -> Source {
    canvas_source((WIDTH, HEIGHT), TIME_BASE, RATE)
}

/// The pixels of a moving clip with a scene cut, a little noisy, with specks that one frame alone has: red, green, blue, and a byte without meaning.
fn clip() -> Vec<Vec<u8>> {
    let wide = WIDTH + 4 * FRAMES as u32;
    let scenery = [3, 8].map(|seed| scene(wide, HEIGHT, rgb(8), Color::SRGB, seed));
    let mut random = Noise(5);
    let frame = |number: usize| {
        let second = number >= CUT;
        let picture = &scenery[usize::from(second)];
        let mut bytes = Vec::with_capacity((4 * WIDTH * HEIGHT) as usize);
        for y in 0..HEIGHT as usize {
            for x in 0..WIDTH as usize {
                let speck = (x + 31 * number) % 64 < 3 && (y + 17 * number) % 36 < 3;
                for component in 0..3 {
                    let sample = picture.sample(component, x + 3 * number, y);
                    let sample = if second { 255 - sample } else { sample };
                    let sample = if speck { 255 } else { sample };
                    let noise = (random.unit() * 6.0) as u32;
                    bytes.push((sample + noise).saturating_sub(3).min(255) as u8);
                }
                bytes.push(number as u8);
            }
        }
        bytes
    };
    (0..FRAMES).map(frame).collect()
}

fn picture(bytes: &[u8]) -> Picture {
    let format = canvas_format();
    let mut planes = OwnedPlanes::new(WIDTH, HEIGHT, &format);
    planes.plane_mut(0).copy_from_slice(bytes);
    Picture::new(WIDTH, HEIGHT, format, Color::SRGB, planes)
}

/// What the CPU executor makes of the clip by a plan of the values themselves.
fn rendered(
    library: &Library,
    chain: &[StyleUse],
    temporal: Temporal,
    clip: &[Vec<u8>],
) -> Vec<Vec<u8>> {
    let request = OutputRequest {
        chain: chain.to_vec(),
        format: canvas_format(),
        color: Color::SRGB,
        temporal,
    };
    let plan: Plan = plan(library, &source(), &[request], PlanOptions::default()).unwrap();
    let files = own_files(library, &plan);
    let executor = CpuExecutor::new(plan, &files).unwrap();
    let mut session = Session::new(Box::new(executor), Some(0), SEED);
    let mut outputs = Vec::new();
    for (pts, bytes) in (0..).zip(clip) {
        let span = Span { pts, duration: 1 };
        outputs.extend(session.push(Some(picture(bytes)), span).unwrap());
    }
    outputs.extend(session.finish().unwrap());
    let pictures = outputs.into_iter().filter_map(Output::picture);
    let bytes = |picture: Picture| {
        let rows = 0..picture.height as usize;
        rows.flat_map(|y| picture.row(0, y).to_vec()).collect()
    };
    pictures.map(bytes).collect()
}

/// What a page makes of the clip.
fn played(
    browser: &mut Browser,
    style: &BrowserStyle,
    set: &serde_json::Value,
    clip: &[Vec<u8>],
) -> Result<Vec<Vec<u8>>, String> {
    let work = json!({ "style": style, "set": set, "frames": clip.len(), "options": {
        "timeBase": [TIME_BASE.num, TIME_BASE.den], "rate": [RATE.num, RATE.den], "seed": SEED,
    } });
    let made = browser.run(&work, &clip.concat())?;
    let (width, height) = style.plans[0].output;
    let frames = made.chunks_exact((4 * width * height) as usize);
    Ok(frames.map(<[u8]>::to_vec).collect())
}

/// The signal-to-noise ratio of the colours of all frames, in dB, of what a page made; alpha must be opaque there.
fn ratio(page: &[Vec<u8>], truth: &[Vec<u8>]) -> f64 {
    assert_eq!(page.len(), truth.len(), "as many frames come out");
    let (mut sum, mut count) = (0.0, 0.0);
    for (at, (a, b)) in page
        .iter()
        .flatten()
        .zip(truth.iter().flatten())
        .enumerate()
    {
        if at % 4 == 3 {
            assert_eq!(*a, 255, "alpha is opaque");
            continue;
        }
        sum += f64::from(a.abs_diff(*b)).powi(2);
        count += 1.0;
    }
    10.0 * (255.0 * 255.0 * count / f64::max(sum, 1e-9)).log10()
}

/// Another value of each parameter that may change.
fn other_values(live: &LivePlan, shown: &[ShownParam]) -> Vec<(String, Value)> {
    let mut values = Vec::new();
    for (known, shown) in live.params.iter().zip(shown) {
        let range = match known.change {
            Change::Between { min, max } => Some((min, max)),
            Change::Free => shown.param.range(),
            Change::Track | Change::Fixed { .. } => continue,
        };
        let (min, max) = range.unwrap_or_default();
        let between = min + 0.7 * (max - min);
        let value = match &shown.param.kind {
            ParamKind::Number { .. } => Value::Number(between),
            ParamKind::Integer { .. } => Value::Integer(between.round() as i64),
            ParamKind::Flag { default } => Value::Flag(!default),
            ParamKind::Color { .. } => Value::Color(Rgb([140, 60, 220])),
            ParamKind::Choice { choices, .. } => {
                Value::Choice(Choice::find(choices, &choices[choices.len() - 1]).unwrap())
            }
            ParamKind::Path { .. } | ParamKind::Model { .. } => continue,
        };
        values.push((shown.param.name.clone(), value));
    }
    values
}

/// The style at these values.
fn with(chain: &[StyleUse], values: &[(String, Value)]) -> Vec<StyleUse> {
    let mut chain = chain.to_vec();
    for (name, value) in values {
        match (name.as_str(), value) {
            ("strength", Value::Number(strength)) => chain[0].strength = *strength,
            _ => {
                let mut known = chain[0].values.0.iter_mut();
                known.find(|(known, _)| known == name).unwrap().1 = value.clone();
            }
        }
    }
    chain
}

#[test]
#[ignore = "needs Chromium, and takes minutes: make conformance"]
fn styles_in_a_browser_are_those_of_the_renderer() {
    let library = Library::built_in();
    let covered = |name: &String| CASES.iter().any(|case| case.style == name);
    let refused = ["neural", "rate"];
    let missing = library.style_names().into_iter();
    let missing: Vec<_> = missing
        .filter(|name| !covered(name) && !refused.contains(&name.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let mut browser = start();
    let clip = clip();
    let mut faults = Vec::new();
    for case in &CASES {
        let name = format!("{} {:?} {:?}", case.style, case.temporal, case.set);
        let chain = vec![crate::support::styled(&library, case.style, case.set, 1.0)];
        let live = LivePlan::new(&library, &source(), &chain, case.temporal).unwrap();
        let mut style = BrowserStyle::new(&chain);
        let files = own_files(&library, &live.plan);
        style.add(&library, &live, &files).unwrap();
        let mut played =
            |set: &serde_json::Value, clip: &[Vec<u8>]| played(&mut browser, &style, set, clip);
        let usual = rendered(&library, &chain, case.temporal, &clip);
        let others = other_values(&live, &style.params);
        let set = others.iter();
        let set: serde_json::Map<String, serde_json::Value> = set
            .map(|(param, value)| (param.clone(), json!(value)))
            .collect();
        let few = &clip[CUT - 5..CUT + 5];
        let changed = rendered(&library, &with(&chain, &others), case.temporal, few);
        let told = played(&json!({}), &clip).and_then(|same| {
            let same = ratio(&same, &usual);
            let set = played(&json!(set), few)?;
            let short = rendered(&library, &chain, case.temporal, few);
            Ok((same, ratio(&set, &changed), ratio(&set, &short)))
        });
        match told {
            Ok((same, set, control)) => {
                println!(
                    "{name}: {same:.1} dB, {set:.1} dB with {} other values, at least {}; {control:.1} dB between them",
                    others.len(),
                    case.least
                );
                if same.min(set) < case.least {
                    faults.push(format!("{name}: {same:.1} and {set:.1} dB"));
                }
                // The negative control: other values must not pass.
                if case.changes && control > case.least - APART {
                    faults.push(format!("{name} tells no values apart: {control:.1} dB"));
                }
            }
            Err(error) => faults.push(format!("{name}: {error}")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
