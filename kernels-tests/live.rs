//! A session in use: parameters change between frames without a new plan, and sessions share a device.

use std::sync::Arc;

use aquatint::frame::Picture;
use aquatint::graph::gpu::{GpuExecutor, SharedGpu, adapters};
use aquatint::graph::plan::{Plan, PlanOptions};
use aquatint::graph::style::Library;
use aquatint::graph::{ExecError, Executor};

use crate::support::*;
use crate::temporal::{session, span, stream};

fn planned(library: &Library, picture: &Picture, strength: f64, sigma: &str) -> Plan {
    let set = [("blur_sigma", sigma)];
    let chain = vec![styled(library, "pencil", &set, strength)];
    plan_for(library, picture, chain, PlanOptions::default())
}

#[test]
fn parameters_change_between_frames_and_nothing_is_compiled_again() {
    let library = Library::built_in();
    let film: Vec<Picture> = (0..6).map(|i| view(yuv420(8), 3, 4 * i, 0.0, 1)).collect();
    let plans = [0.25, 0.75].map(|strength| planned(&library, &film[0], strength, "20"));
    let other = planned(&library, &film[0], 0.25, "50");
    for on in BOTH {
        let alone = |plan: &Plan, index: usize| {
            let mut session = session(&library, plan.clone(), on);
            let mut outputs = session
                .push(Some(film[index].clone()), span(index))
                .unwrap();
            outputs.extend(session.finish().unwrap());
            pictures(outputs).remove(0)
        };
        let mut live = session(&library, plans[0].clone(), on);
        let mut outputs = Vec::new();
        for (index, frame) in film.iter().enumerate() {
            // Frames before are still under way on a GPU: they keep their values.
            live.set_params(&plans[index / 2 % 2]).unwrap();
            outputs.extend(live.push(Some(frame.clone()), span(index)).unwrap());
        }
        assert!(matches!(
            live.set_params(&other),
            Err(ExecError::OtherStructure)
        ));
        outputs.extend(live.finish().unwrap());
        let made = pictures(outputs);
        for (index, made) in made.iter().enumerate() {
            let [this, that] =
                [index / 2 % 2, 1 - index / 2 % 2].map(|plan| alone(&plans[plan], index));
            assert!(made.same_samples(&this), "frame {index} on {on:?}");
            assert!(
                !made.same_samples(&that),
                "the values matter, frame {index} on {on:?}"
            );
        }
    }
}

#[test]
fn sessions_share_an_open_device() {
    let library = Library::built_in();
    let first = view(yuv420(8), 3, 0, 0.0, 1);
    let adapter = adapters().into_iter().next().unwrap();
    let shared = SharedGpu::new(adapter);
    let (a, b) = (shared.context().unwrap(), shared.clone().context().unwrap());
    assert!(Arc::ptr_eq(&a, &b), "it is opened once");
    let plan = planned(&library, &first, 1.0, "20");
    let make = |context| -> Box<dyn Executor> {
        Box::new(GpuExecutor::new(&library, plan.clone(), &[], context).unwrap())
    };
    let mut sessions = [make(&a), make(&b)].map(stream);
    // In turns, with different frames in flight.
    let films = [0, 50].map(|shift| {
        (0..5)
            .map(|i| view(yuv420(8), 3, shift + 3 * i, 0.0, 1))
            .collect::<Vec<_>>()
    });
    let mut outputs = [Vec::new(), Vec::new()];
    for (index, frames) in std::iter::zip(&films[0], &films[1]).enumerate() {
        for (which, frame) in [frames.0, frames.1].into_iter().enumerate() {
            let made = sessions[which].push(Some(frame.clone()), span(index));
            outputs[which].extend(made.unwrap());
        }
    }
    for (which, mut session) in sessions.into_iter().enumerate() {
        outputs[which].extend(session.finish().unwrap());
        for (index, made) in pictures(std::mem::take(&mut outputs[which]))
            .iter()
            .enumerate()
        {
            let alone = run(
                &library,
                plan.clone(),
                Some(&films[which][index]),
                &[],
                On::Gpu,
            );
            assert!(
                made.same_samples(&alone[0]),
                "frame {index} of session {which}"
            );
        }
    }
}
