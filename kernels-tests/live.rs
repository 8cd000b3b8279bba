//! A session in use: parameters change between frames without a new plan, and sessions share a device.

use std::sync::Arc;

use aquatint::frame::Picture;
use aquatint::graph::gpu::{GpuExecutor, GpuOptions, SharedGpu};
use aquatint::graph::plan::{Plan, PlanOptions};
use aquatint::graph::style::Library;
use aquatint::graph::{ExecError, Executor};

use crate::support::*;
use crate::temporal::{ADAPTIVE, own_files, planned_with, span, stream, styles};

fn planned(library: &Library, picture: &Picture, strength: f64, sigma: &str) -> Plan {
    let set = [("blur_sigma", sigma)];
    let chain = vec![styled(library, "pencil", &set, strength)];
    plan_for(library, picture, chain, PlanOptions::default())
}

const LIVE: GpuOptions = GpuOptions {
    frames_in_flight: 3,
    live: true,
    timed: false,
    most_invocations: 1 << 18,
};

/// An executor of `plan` on the GPU.
fn on_gpu(library: &Library, plan: &Plan, options: GpuOptions) -> Box<dyn Executor> {
    let files = own_files(library, plan);
    let made = GpuExecutor::with_options(library, plan.clone(), &files, gpu(), options);
    Box::new(made.unwrap())
}

/// What a plan makes of `film` on the GPU.
fn played(library: &Library, plan: &Plan, options: GpuOptions, film: &[Picture]) -> Vec<Picture> {
    let mut session = stream(on_gpu(library, plan, options));
    let mut outputs = Vec::new();
    for (index, frame) in film.iter().enumerate() {
        outputs.extend(session.push(Some(frame.clone()), span(index)).unwrap());
    }
    outputs.extend(session.finish().unwrap());
    pictures(outputs)
}

#[test]
fn a_live_session_and_a_render_give_the_same_pictures() {
    let library = Library::built_in();
    let film: Vec<Picture> = (0..2).map(|i| view(yuv420(8), 3, 4 * i, 3.0, 1)).collect();
    for style in styles(&library) {
        let plan = planned_with(&library, &film[0], &style, ADAPTIVE, PlanOptions::default());
        let live = played(&library, &plan, LIVE, &film);
        let fixed = played(&library, &plan, GpuOptions::default(), &film);
        assert_eq!((live.len(), fixed.len()), (2, 2));
        for (index, (a, b)) in live.iter().zip(&fixed).enumerate() {
            let (worst, square) = difference(a, b);
            let name = &style.style.name;
            // Drivers compute with constants more exactly: a value between two codes may fall on the other side.
            assert!(
                worst <= 1 && square < 1e-4,
                "frame {index} of {name}: {worst}, {square}"
            );
        }
    }
}

#[test]
fn the_parameters_of_a_render_cannot_be_set() {
    let library = Library::built_in();
    let first = view(yuv420(8), 3, 0, 0.0, 1);
    let plan = planned(&library, &first, 0.5, "20");
    let mut render = on_gpu(&library, &plan, GpuOptions::default());
    let error = render.set_params(&plan).unwrap_err();
    assert!(matches!(error, ExecError::NotLive), "{error}");
}

#[test]
fn work_that_is_dispatched_in_parts_gives_the_same_pictures() {
    let library = Library::built_in();
    let film: Vec<Picture> = (0..3).map(|i| view(yuv420(8), 3, 4 * i, 3.0, 1)).collect();
    for style in styles(&library) {
        let plan = planned_with(&library, &film[0], &style, ADAPTIVE, PlanOptions::default());
        // Where parameters may change, all parts stay small; else the first frame is run bit by bit.
        for live in [true, false] {
            let options = GpuOptions {
                live,
                ..GpuOptions::default()
            };
            let whole = played(&library, &plan, options, &film);
            let small = GpuOptions {
                most_invocations: 4000,
                ..options
            };
            let parts = played(&library, &plan, small, &film);
            let same = |(a, b): (&Picture, &Picture)| a.same_samples(b);
            let name = &style.style.name;
            assert!(whole.iter().zip(&parts).all(same), "{name}, live {live}");
        }
    }
}

/// More columns than 65 535 workgroups cover, as a pass that takes all pixels of a large picture in a row has.
#[test]
fn a_phase_may_run_over_all_pixels_in_a_row() {
    let (width, height) = (1040, 1020);
    let manifest = format!(
        "summary = \"s\"\n[[pass]]\ncompute = \"count\"\nin = {{ image = \"source\" }}\nwords = 1\n\
         phases = [{{ run = \"count\", over = [{}, 1] }}]\nout = \"counted\"\n\
         [[pass]]\nkernel = \"show\"\nin = {{ image = \"source\", n = \"counted\" }}\nout = \"result\"\n",
        width * height
    );
    let count = "fn count(at: vec2i) { words_max(0, u32(at.x) + u32(image_here().a)); }";
    let show = format!(
        "fn pixel(at: vec2i) -> vec4f {{\n    let all = n_word(0) == {}u;\n    \
         return vec4f(vec3f(select(0.0, 1.0, all)), image_here().a);\n}}",
        width * height
    );
    let files = [
        ("style.toml", manifest.as_str()),
        ("count.wgsl", count),
        ("show.wgsl", &show),
    ];
    let (_folder, library) = with_own("counting", &files);
    let source = noise(width, height, rgb(8), Default::default(), 1);
    let chain = vec![styled(&library, "counting", &[], 1.0)];
    let plan = plan_for(&library, &source, chain, PlanOptions::default());
    let made = run(&library, plan, Some(&source), &[], On::Gpu);
    let (x, y) = (width as usize - 1, height as usize - 1);
    assert_eq!(made[0].sample(0, 3, 5), 255, "the last of them was run");
    assert_eq!(made[0].sample(2, x, y), 255);
}

#[test]
fn parameters_change_between_frames_and_nothing_is_compiled_again() {
    let library = Library::built_in();
    let film: Vec<Picture> = (0..6).map(|i| view(yuv420(8), 3, 4 * i, 0.0, 1)).collect();
    let plans = [0.25, 0.75].map(|strength| planned(&library, &film[0], strength, "20"));
    let other = planned(&library, &film[0], 0.25, "50");
    for on in BOTH {
        let alone = |plan: &Plan, index: usize| {
            // Live, too: drivers compute with constants more exactly, and a value between two codes may fall elsewhere.
            let mut session = stream(live_executor(&library, plan.clone(), &[], on));
            let mut outputs = session
                .push(Some(film[index].clone()), span(index))
                .unwrap();
            outputs.extend(session.finish().unwrap());
            pictures(outputs).remove(0)
        };
        let mut live = stream(live_executor(&library, plans[0].clone(), &[], on));
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
    let shared = SharedGpu::new(adapter());
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
