//! Code outside the graph as a node: what comes before it is complete, what comes after it waits, with several frames under
//! way, on both executors.

use std::sync::{Arc, Mutex};

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::plan::{
    Call, File, ImageDesc, Node, NodeKind, Operand, OutputPort, Plan, SourcePort, Storage,
};
use aquatint::graph::style::{Library, Window};
use aquatint::graph::{ExecError, External, Given, ResourceData};

use crate::support::*;
use crate::temporal::{span, stream};

const SIZE: (u32, u32) = (64, 48);
const NAME: &str = "external/identity";

/// Gives back its last input, and notes the frames it was run for.
#[derive(Debug)]
struct Identity(Arc<Mutex<Vec<u64>>>);

impl External for Identity {
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
        self.0.lock().unwrap().push(given.instant.index);
        let last = given.inputs.last().ok_or("it has no input")?;
        assert_eq!(last.image.extent, given.made.extent);
        Ok(last.words.clone())
    }
}

/// Unpacking, external code over `input` of it, a kernel that reads around itself, packing.
fn planned(library: &Library, storage: Storage, input: Operand) -> Plan {
    let image = ImageDesc::new(SIZE, storage);
    let node =
        |label: &str, kind, path: &str, params: &[(&str, f32)], inputs: &[(&str, Operand)]| Node {
            label: label.to_owned(),
            kind,
            kernel: kernel(library, path),
            params: named(params),
            inputs: inputs
                .iter()
                .map(|(name, operand)| ((*name).to_owned(), *operand))
                .collect(),
            image,
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        };
    let scale = [
        ("alpha", 0.0),
        ("alpha_scale", 1.0),
        ("luma_offset", 0.0),
        ("luma_scale", 1.0 / 65535.0),
    ];
    let outside = NodeKind::External {
        call: Call::default(),
    };
    let nodes = vec![
        node(
            "source",
            NodeKind::Pixel,
            "io/unpack/rgb",
            &scale,
            &[("planes", Operand::Planes(0))],
        ),
        node(
            "outside",
            outside,
            NAME,
            &[],
            &[("code", Operand::File(0)), ("image", input)],
        ),
        node(
            "copy",
            NodeKind::Pixel,
            "identity/copy",
            &[],
            &[("source", Operand::Image(1))],
        ),
    ];
    let pack = packed_rgb16(library, 2, SIZE);
    let source = SourcePort {
        extent: SIZE,
        format: Some(rgb(16)),
    };
    let mut plan = Plan::of_nodes(vec![source], nodes, vec![OutputPort::Frame(pack)]);
    plan.files.push(code());
    plan
}

/// The file of a plan that stands for external code.
fn code() -> File {
    File::Model {
        name: NAME.to_owned(),
        identity: String::new(),
    }
}

fn film() -> Vec<Picture> {
    (0..7)
        .map(|seed| noise(SIZE.0, SIZE.1, rgb(16), Color::default(), seed))
        .collect()
}

/// What comes out of `film`, and the frames that the external code was run for.
fn finished(plan: &Plan, on: On) -> (Vec<Picture>, Vec<u64>) {
    let library = Library::built_in();
    let frames = Arc::default();
    let code = ResourceData::Code(Arc::new(Identity(Arc::clone(&frames))));
    let executor = executor(&library, plan.clone(), &[code], on);
    let mut session = stream(executor);
    let mut outputs = Vec::new();
    for (index, picture) in film().iter().enumerate() {
        outputs.extend(session.push(Some(picture.clone()), span(index)).unwrap());
    }
    outputs.extend(session.finish().unwrap());
    let frames = frames.lock().unwrap().clone();
    (pictures(outputs), frames)
}

#[test]
fn frames_pass_through_external_code_unchanged() {
    let library = Library::built_in();
    let plan = planned(&library, Storage::Rgba32Float, Operand::Image(0));
    for on in BOTH {
        let (made, frames) = finished(&plan, on);
        assert_eq!(frames, (0..7).collect::<Vec<_>>(), "on {on:?}");
        for (index, (made, source)) in made.iter().zip(&film()).enumerate() {
            assert!(made.same_samples(source), "frame {index} on {on:?}");
        }
    }
    // In half floats both executors hand over the same values.
    let plan = planned(&library, Storage::Rgba16Float, Operand::Image(0));
    let [(cpu, _), (gpu, _)] = BOTH.map(|on| finished(&plan, on));
    assert!(cpu.len() == 7 && cpu.iter().zip(&gpu).all(|(a, b)| difference(a, b).0 <= 1));
}

#[test]
fn external_code_can_be_given_frames_before_and_after() {
    let library = Library::built_in();
    for (window, offset) in [
        (Window { from: -1, to: -1 }, -1i64),
        (Window { from: -1, to: 1 }, 1),
    ] {
        let plan = planned(&library, Storage::Rgba32Float, Operand::Window(0, window));
        for on in BOTH {
            let (made, _) = finished(&plan, on);
            let film = film();
            assert_eq!(made.len(), film.len());
            for (index, made) in made.iter().enumerate() {
                let from = (index as i64 + offset).clamp(0, film.len() as i64 - 1) as usize;
                assert!(
                    made.same_samples(&film[from]),
                    "frame {index} at {offset} on {on:?}"
                );
            }
        }
    }
}

/// Makes too little.
#[derive(Debug)]
struct Short;

impl External for Short {
    fn run(&self, _: &Given<'_>) -> Result<Vec<u32>, String> {
        Ok(vec![0])
    }
}

#[test]
fn what_external_code_fails_at_is_an_error() {
    let library = Library::built_in();
    let plan = planned(&library, Storage::Rgba32Float, Operand::Image(0));
    for on in BOTH {
        let fails = |file: ResourceData| {
            let executor = executor(&library, plan.clone(), &[file], on);
            let pushed = stream(executor).push(Some(film().remove(0)), span(0));
            match pushed {
                Err(ExecError::External { why, .. }) => why,
                other => panic!("{other:?}"),
            }
        };
        let picture = ResourceData::Picture(film().remove(0));
        assert!(fails(picture).contains("nobody runs it"));
        assert!(fails(ResourceData::Code(Arc::new(Short))).contains("1 values of"));
    }
}
