//! Plans that should not matter: fused or not, pooled or not, alone or side by side, the pixels are the same.

use aquatint::color::Color;
use aquatint::graph::plan::{OutputRequest, PlanOptions, StyleUse, Target, Temporal, plan};
use aquatint::graph::style::Library;

use crate::support::*;

fn chains(library: &Library) -> Vec<Vec<StyleUse>> {
    vec![
        vec![styled(library, "pencil", &[], 1.0)],
        vec![styled(library, "cinematic", &[("lut_strength", "0")], 1.0)],
        vec![styled(library, "pencil", &[("use_texture", "true")], 0.6)],
        vec![
            styled(library, "identity", &[], 0.5),
            styled(library, "pencil", &[("blur_sigma", "50")], 0.7),
        ],
        vec![styled(library, "comic", &[("dot_size", "8")], 1.0)],
    ]
}

#[test]
fn fused_equals_unfused_and_pooled_equals_unpooled() {
    let library = Library::built_in();
    for depth in [8, 10] {
        let picture = scene(320, 180, yuv420(depth), Color::default(), 1);
        for chain in chains(&library) {
            for on in BOTH {
                let made = |fuse, pool| {
                    let options = PlanOptions {
                        fuse,
                        pool,
                        ..PlanOptions::default()
                    };
                    let plan = plan_for(&library, &picture, chain.clone(), options);
                    let fused = plan
                        .steps
                        .iter()
                        .map(|step| step.fused.len())
                        .sum::<usize>();
                    (
                        run(&library, plan, Some(&picture), &[], on).remove(0),
                        fused,
                    )
                };
                let (both, fused) = made(true, true);
                let (neither, unfused) = made(false, false);
                assert!(
                    fused > 0 && unfused == 0,
                    "the plans must differ for this to mean anything"
                );
                assert!(
                    both.same_samples(&neither),
                    "{depth} bits on {on:?}: {:?}",
                    difference(&both, &neither)
                );
                assert!(
                    both.same_samples(&made(false, true).0)
                        && both.same_samples(&made(true, false).0)
                );
            }
        }
    }
}

#[test]
fn side_by_side_equals_alone() {
    let library = Library::built_in();
    let picture = scene(160, 90, yuv420(8), Color::default(), 2);
    let chains = chains(&library);
    let requests: Vec<_> = chains
        .iter()
        .map(|chain| OutputRequest {
            chain: chain.clone(),
            format: picture.format,
            color: picture.color,
            temporal: Temporal::Off,
        })
        .collect();
    for on in BOTH {
        let together = plan(
            &library,
            &source_of(&picture),
            &requests,
            PlanOptions::default(),
        )
        .unwrap();
        let alone: Vec<_> = requests
            .iter()
            .map(|request| {
                plan(
                    &library,
                    &source_of(&picture),
                    std::slice::from_ref(request),
                    PlanOptions::default(),
                )
                .unwrap()
            })
            .collect();
        let separately: usize = alone.iter().map(|plan| plan.nodes.len()).sum();
        assert!(together.nodes.len() < separately, "luma is shared");
        let outputs = run(&library, together, Some(&picture), &[], on);
        for (output, plan) in outputs.iter().zip(alone) {
            let single = run(&library, plan, Some(&picture), &[], on).remove(0);
            assert!(output.same_samples(&single), "on {on:?}");
        }
    }
}

#[test]
fn slots_are_never_read_and_written_at_once() {
    let library = Library::built_in();
    let picture = scene(640, 360, yuv420(8), Color::default(), 2);
    let mut reused = 0;
    for chain in chains(&library) {
        let plan = plan_for(&library, &picture, chain, PlanOptions::default());
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
