//! Whole graphs and their steps, in milliseconds a frame, on the CPU and on every adapter, in one run.
//!
//!     cargo bench --bench graphs [-- WIDTHxHEIGHT [FRAMES [ADAPTER]]]

use std::time::Instant;

use aquatint::color::Color;
use aquatint::frame::{Model, OwnedPlanes, Picture, PixelFormat, Span, Subsampling};
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::gpu::{GpuContext, GpuExecutor, GpuOptions, adapters};
use aquatint::graph::plan::{OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal, plan};
use aquatint::graph::style::{Library, Values};
use aquatint::graph::{Executor, Session};

/// A name, the bits of the source, and styles with their strengths.
type Case = (&'static str, u8, &'static [(&'static str, f64)]);

/// A picture with something to draw: waves, and noise from a hash.
fn picture(width: u32, height: u32, depth: u8) -> Picture {
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, depth, false);
    let mut planes = OwnedPlanes::new(width, height, &format);
    for plane in planes.planes_mut() {
        for (i, byte) in plane.iter_mut().enumerate() {
            let (x, y) = (i % width as usize, i / width as usize);
            let wave = ((x as f32 * 0.02).sin() * (y as f32 * 0.03).cos() * 60.0 + 120.0) as u32;
            let grain = (i as u32).wrapping_mul(2_654_435_761) >> 28;
            // The high byte of a deep sample must stay within its depth.
            *byte = if depth > 8 && i % 2 == 1 {
                (grain % 4) as u8
            } else {
                (wave + grain) as u8
            };
        }
    }
    Picture::new(width, height, format, Color::default(), planes)
}

fn plan_for(library: &Library, picture: &Picture, styles: &[(&str, f64)]) -> Plan {
    let chain = styles.iter().map(|(name, strength)| {
        let style = library.load(name).expect("a built-in style");
        let values = Values::defaults(&style.params);
        StyleUse {
            style,
            values,
            strength: *strength,
            target: None,
            rate: None,
        }
    });
    let request = OutputRequest {
        chain: chain.collect(),
        format: picture.format,
        color: picture.color,
        temporal: Temporal::Off,
    };
    plan(
        library,
        &Source::of(picture),
        &[request],
        PlanOptions::default(),
    )
    .expect("a plan")
}

/// Milliseconds a frame, with a warm-up; the whole is the least of three runs, the steps are of the last.
fn measure(session: &mut Session, picture: &Picture, frames: usize) -> (f64, Vec<(String, f64)>) {
    let run = |session: &mut Session| {
        let start = Instant::now();
        for pts in 0..frames as i64 {
            let span = Span { pts, duration: 1 };
            session.push(Some(picture.clone()), span).expect("a frame");
        }
        session.drain().expect("the last frames");
        start.elapsed().as_secs_f64() * 1e3 / frames as f64
    };
    run(session);
    let before = session.step_times();
    let whole = (0..3).map(|_| run(session)).fold(f64::INFINITY, f64::min);
    let steps = session
        .step_times()
        .into_iter()
        .enumerate()
        .map(|(i, timing)| {
            let earlier = before.get(i).map_or(0.0, |timing| timing.seconds);
            (
                timing.step,
                (timing.seconds - earlier) * 1e3 / (3 * frames) as f64,
            )
        });
    (whole, steps.collect())
}

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let size = words.first().and_then(|word| word.split_once('x'));
    let (width, height) = size
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)))
        .unwrap_or((1920, 1080));
    let frames = words
        .get(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(20);
    let library = Library::built_in();
    let cases: [Case; 6] = [
        ("pencil", 8, &[("pencil", 1.0)]),
        ("pencil, strength 0.5", 8, &[("pencil", 0.5)]),
        ("pencil, 10 bits", 10, &[("pencil", 1.0)]),
        ("identity", 8, &[("identity", 1.0)]),
        ("identity, 10 bits", 10, &[("identity", 1.0)]),
        ("identity+pencil", 8, &[("identity", 1.0), ("pencil", 1.0)]),
    ];
    for (name, depth, styles) in cases {
        let picture = picture(width, height, depth);
        println!("\n{name}, {width}x{height}");
        let report = |executor: Box<dyn Executor>| {
            let mut session = Session::new(executor, Some(0), 0);
            let (whole, steps) = measure(&mut session, &picture, frames);
            let device = session.device();
            println!(
                "  {:8.3} ms a frame  {} ({})",
                whole, device.name, device.executor
            );
            for (step, milliseconds) in steps {
                println!("    {milliseconds:8.3}  {step}");
            }
        };
        let plan = plan_for(&library, &picture, styles);
        let cpu = CpuExecutor::new(plan.clone(), &[]);
        report(Box::new(cpu.expect("every kernel has a twin")));
        for adapter in adapters() {
            let wanted = words
                .get(2)
                .is_none_or(|name| adapter.name.contains(name.as_str()));
            // Software adapters take seconds: asked for by name.
            if wanted && (!adapter.software || words.get(2).is_some()) {
                let context = GpuContext::open(&adapter);
                let timed = GpuOptions {
                    timed: true,
                    ..GpuOptions::default()
                };
                match context.and_then(|gpu| {
                    GpuExecutor::with_options(&library, plan.clone(), &[], &gpu, timed)
                }) {
                    Ok(executor) => report(Box::new(executor)),
                    Err(error) => println!("  {}: {error}", adapter.name),
                }
            }
        }
    }
}
