//! Plans that should not matter: fused or not, pooled or not, alone or side by side, the pixels are the same.

use aquatint::color::Color;
use aquatint::frame::{Picture, PixelFormat};
use aquatint::graph::Executor;
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::plan::{
    OutputRequest, Plan, PlanOptions, Storage, StyleUse, Target, Temporal, plan,
};
use aquatint::graph::style::Library;

use crate::support::*;
use crate::temporal::{ADAPTIVE, own_files};

fn chains(library: &Library) -> Vec<(Vec<StyleUse>, Temporal)> {
    let of = |name: &str, set: &[(&str, &str)], strength| styled(library, name, set, strength);
    vec![
        (vec![of("pencil", &[], 1.0)], Temporal::Off),
        (vec![of("pencil", &[], 1.0)], ADAPTIVE),
        // With its look-up table.
        (vec![of("cinematic", &[], 1.0)], Temporal::Off),
        (
            vec![of("cinematic", &[("lut_strength", "0")], 1.0)],
            Temporal::Off,
        ),
        (
            vec![of("pencil", &[("use_texture", "true")], 0.6)],
            Temporal::Off,
        ),
        (
            vec![
                of("identity", &[], 0.5),
                of("pencil", &[("blur_sigma", "50")], 0.7),
            ],
            Temporal::Off,
        ),
        (vec![of("comic", &[("dot_size", "8")], 1.0)], Temporal::Off),
        // It carries its palette.
        (vec![of("cartoon", &[], 1.0)], Temporal::Off),
        (vec![of("cartoon", &[], 1.0)], ADAPTIVE),
    ]
}

/// Two frames of one scene: with the second, histories hold something.
fn frames(width: u32, height: u32, format: PixelFormat) -> [Picture; 2] {
    [1, 2].map(|seed| scene(width, height, format, Color::default(), seed))
}

fn requested((chain, temporal): &(Vec<StyleUse>, Temporal), of: &Picture) -> OutputRequest {
    OutputRequest {
        chain: chain.clone(),
        format: of.format,
        color: of.color,
        temporal: *temporal,
    }
}

/// What every port makes of each of `frames`, one after the other.
fn made(library: &Library, plan: Plan, frames: &[Picture], on: On) -> Vec<Picture> {
    let files = own_files(library, &plan);
    let mut executor = executor(library, plan, &files, on);
    let outputs = frames
        .iter()
        .flat_map(|frame| submit(executor.as_mut(), Some(frame)));
    outputs.collect()
}

#[test]
fn fused_equals_unfused_and_pooled_equals_unpooled() {
    let library = Library::built_in();
    for depth in [8, 10] {
        let frames = frames(320, 180, yuv420(depth));
        for request in chains(&library) {
            let names: Vec<&str> = request.0.iter().map(|use_| &*use_.style.name).collect();
            let words = format!("{names:?}, {:?}, {depth} bits", request.1);
            let requests = [requested(&request, &frames[0])];
            let planned = |fuse, pool| {
                let options = PlanOptions {
                    fuse,
                    pool,
                    ..PlanOptions::default()
                };
                plan(&library, &source_of(&frames[0]), &requests, options).unwrap()
            };
            let fused = |plan: &Plan| plan.steps.iter().any(|step| !step.fused.is_empty());
            assert!(
                fused(&planned(true, true)) && !fused(&planned(false, false)),
                "{words}: the plans must differ for this to mean anything"
            );
            let plan = planned(true, true);
            let mut seams = plan.steps.iter().flat_map(|step| &step.fused);
            let joins_32_bits =
                seams.any(|id| plan.nodes[*id].image.storage != Storage::Rgba16Float);
            for on in BOTH {
                let plain = made(&library, planned(false, false), &frames, on);
                for (fuse, pool) in [(true, true), (false, true), (true, false)] {
                    let other = made(&library, planned(fuse, pool), &frames, on);
                    for (a, b) in other.iter().zip(&plain) {
                        // Nothing rounds a value of 32 bits between two passes: a GPU's compiler may join a
                        // product before it and a sum after it, where they are fused.
                        let may = u32::from(on == On::Gpu && fuse && joins_32_bits);
                        let (worst, _) = difference(a, b);
                        assert!(
                            worst <= may,
                            "{words} on {on:?}, fused {fuse}, pooled {pool}: {worst} codes, at most {may}"
                        );
                    }
                }
            }
        }
    }
}

/// The CPU runs some steps together, a few rows at a time. Storing every image whole gives the same samples, also where
/// a parameter changes how many rows a kernel reads.
#[test]
fn steps_together_equal_steps_one_by_one() {
    let library = Library::built_in();
    let of = |name: &str, set: &[(&str, &str)]| (vec![styled(&library, name, set, 1.0)], ADAPTIVE);
    let mut together = 0;
    for (width, height) in [(320, 180), (70, 331), (35, 7), (64, 1)] {
        let frames = frames(width, height, yuv420(8));
        let mut chains = chains(&library);
        chains.push(of("comic", &[]));
        chains.push(of("cinematic", &[]));
        chains.push(of("cartoon", &[("bilateral_d", "25"), ("edge_width", "7")]));
        for request in chains {
            let planned = || {
                let requests = [requested(&request, &frames[0])];
                let source = source_of(&frames[0]);
                plan(&library, &source, &requests, PlanOptions::default()).unwrap()
            };
            let files = own_files(&library, &planned());
            let mut grouped = CpuExecutor::new(planned(), &files).unwrap();
            let mut single = CpuExecutor::step_by_step(planned(), &files).unwrap();
            together += usize::from(grouped.runs_steps_together());
            assert!(!single.runs_steps_together());
            grouped.poison();
            single.poison();
            for (index, frame) in (0..).zip(&frames) {
                let made = |executor| submit_as(executor, Some(frame), index);
                let (grouped, single) = (made(&mut grouped), made(&mut single));
                for (a, b) in grouped.iter().zip(&single) {
                    let names: Vec<&str> = request.0.iter().map(|use_| &*use_.style.name).collect();
                    assert!(
                        a.same_samples(b),
                        "{names:?}, {width}x{height}, frame {index}: {:?}",
                        difference(a, b)
                    );
                }
            }
        }
    }
    assert!(together >= 20, "only {together} plans ran steps together");
}

/// A wider window needs more rows of the image that is never stored whole.
#[test]
fn rows_held_follow_a_parameter() {
    let library = Library::built_in();
    let picture = scene(96, 270, yuv420(8), Color::default(), 3);
    let planned = |diameter: &str| {
        let set = [("bilateral_d", diameter)];
        let chain = (vec![styled(&library, "cartoon", &set, 1.0)], Temporal::Off);
        let requests = [requested(&chain, &picture)];
        plan(
            &library,
            &source_of(&picture),
            &requests,
            PlanOptions::default(),
        )
        .unwrap()
    };
    let mut live = CpuExecutor::new(planned("5"), &[]).unwrap();
    for diameter in ["5", "21", "25"] {
        live.set_params(&planned(diameter)).unwrap();
        let mut fresh = CpuExecutor::step_by_step(planned(diameter), &[]).unwrap();
        let (a, b) = (
            submit(&mut live, Some(&picture)),
            submit(&mut fresh, Some(&picture)),
        );
        assert!(a[0].same_samples(&b[0]), "diameter {diameter}");
    }
}

#[test]
fn side_by_side_equals_alone() {
    let library = Library::built_in();
    let frames = frames(160, 90, yuv420(8));
    let chains = chains(&library);
    let requests: Vec<_> = chains
        .iter()
        .map(|request| requested(request, &frames[0]))
        .collect();
    let planned = |requests: &[OutputRequest]| {
        let source = source_of(&frames[0]);
        plan(&library, &source, requests, PlanOptions::default()).unwrap()
    };
    for on in BOTH {
        let together = planned(&requests);
        let alone: Vec<_> = requests
            .iter()
            .map(|request| planned(std::slice::from_ref(request)))
            .collect();
        let separately: usize = alone.iter().map(|plan| plan.nodes.len()).sum();
        assert!(together.nodes.len() < separately, "luma is shared");
        let outputs = made(&library, together, &frames, on);
        assert_eq!(outputs.len(), frames.len() * alone.len());
        for (port, plan) in alone.into_iter().enumerate() {
            let single = made(&library, plan, &frames, on);
            let ports = outputs.iter().skip(port).step_by(requests.len());
            for (output, single) in ports.zip(&single) {
                assert!(output.same_samples(single), "port {port} on {on:?}");
            }
        }
    }
}

#[test]
fn slots_are_never_read_and_written_at_once() {
    let library = Library::built_in();
    let picture = scene(640, 360, yuv420(8), Color::default(), 2);
    let mut reused = 0;
    for request in chains(&library) {
        let requests = [requested(&request, &picture)];
        let source = source_of(&picture);
        let plan = plan(&library, &source, &requests, PlanOptions::default()).unwrap();
        let stored = plan
            .steps
            .iter()
            .filter(|step| matches!(step.target, Target::Image { .. }))
            .count();
        reused += stored - plan.slots.len();
        for step in &plan.steps {
            if let Target::Image { slot, .. } = step.target {
                let read: Vec<_> = plan
                    .reads(step)
                    .into_iter()
                    .filter_map(|id| plan.slot_of(id))
                    .collect();
                assert!(!read.contains(&slot));
            }
        }
    }
    assert!(reused > 0, "something must be reused");
}
