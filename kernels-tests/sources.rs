//! A plan with two sources, of other formats: each node is given the planes of its own, with several frames in flight.

use aquatint::color::{Color, Range};
use aquatint::frame::{Picture, PixelFormat};
use aquatint::graph::plan::{
    ImageDesc, Node, NodeKind, Operand, OutputPort, Plan, SourcePort, Storage,
};
use aquatint::graph::style::{Library, Window};
use aquatint::graph::{Checkpoint, ExecError, Output};

use crate::support::*;
use crate::temporal::{span, stream};

const SIZE: (u32, u32) = (64, 48);
const FRAMES: usize = 7;
const SHARE: f32 = 0.25;

/// The median over time of the first source, and a share of the second.
fn planned(library: &Library) -> Plan {
    let node = |path: &str, params: &[(&str, f32)], inputs: &[(&str, Operand)]| Node {
        label: path.to_owned(),
        kind: NodeKind::Pixel,
        kernel: kernel(library, path),
        params: named(params),
        inputs: inputs
            .iter()
            .map(|(name, operand)| ((*name).to_owned(), *operand))
            .collect(),
        image: ImageDesc::new(SIZE, Storage::Rgba32Float),
        tiles: Vec::new(),
        prepare: None,
        decides: false,
        delay: 0,
        across_cuts: false,
    };
    let unpack = |source: usize, most: f32| {
        let scale = [
            ("alpha", 0.0),
            ("alpha_scale", 1.0),
            ("luma_offset", 0.0),
            ("luma_scale", 1.0 / most),
        ];
        node(
            "io/unpack/rgb",
            &scale,
            &[("planes", Operand::Planes(source))],
        )
    };
    let around = Window { from: -1, to: 1 };
    let nodes = vec![
        unpack(0, 65535.0),
        unpack(1, 255.0),
        node(
            "common/median_over_time/median",
            &[],
            &[("image", Operand::Window(0, around))],
        ),
        node(
            "common/mix/blend",
            &[("amount", SHARE)],
            &[("first", Operand::Image(2)), ("second", Operand::Image(1))],
        ),
    ];
    let pack = packed_rgb16(library, 3, SIZE);
    let source = |depth| SourcePort {
        extent: SIZE,
        format: Some(rgb(depth)),
    };
    let sources = vec![source(16), source(8)];
    Plan::of_nodes(sources, nodes, vec![OutputPort::Frame(pack)])
}

fn film(format: PixelFormat, seed: u64) -> Vec<Picture> {
    let color = Color {
        range: Range::Full,
        ..Color::default()
    };
    let frames = 0..FRAMES as u64;
    frames
        .map(|index| noise(SIZE.0, SIZE.1, format, color, seed + index))
        .collect()
}

#[test]
fn each_source_goes_its_way_and_both_can_be_saved() {
    let library = Library::built_in();
    let plan = planned(&library);
    let (first, second) = (film(rgb(16), 1), film(rgb(8), 100));
    let push = |session: &mut aquatint::graph::Session, index: usize| -> Vec<Output> {
        let pictures = vec![Some(first[index].clone()), Some(second[index].clone())];
        session.push_all(pictures, span(index)).unwrap()
    };
    for on in BOTH {
        let start = || stream(executor(&library, plan.clone(), &[], on));
        let mut outputs = Vec::new();
        let mut session = start();
        for index in 0..3 {
            outputs.extend(push(&mut session, index));
        }
        outputs.extend(session.drain().unwrap());
        let mut bytes = Vec::new();
        session.checkpoint().unwrap().write(&mut bytes).unwrap();
        let mut session = start();
        session
            .restore(Checkpoint::from_bytes(&bytes).unwrap())
            .unwrap();
        for index in 3..FRAMES {
            outputs.extend(push(&mut session, index));
        }
        outputs.extend(session.finish().unwrap());
        let made = pictures(outputs);
        assert_eq!(made.len(), FRAMES);
        for (index, made) in made.iter().enumerate() {
            for (x, y) in [(0, 0), (17, 5), (63, 47), (40, 31)] {
                for component in 0..3 {
                    // Beyond the ends of the stream the frame there stands for the one that is missing.
                    let ends = [index.saturating_sub(1), index, (index + 1).min(FRAMES - 1)];
                    let mut values = ends.map(|at| first[at].sample(component, x, y));
                    values.sort_unstable();
                    let median = f64::from(values[1]);
                    let other = f64::from(second[index].sample(component, x, y)) * 257.0;
                    let share = f64::from(SHARE);
                    let expected = median * (1.0 - share) + other * share;
                    let found = f64::from(made.sample(component, x, y));
                    assert!(
                        (found - expected).abs() <= 1.0,
                        "frame {index} on {on:?}: {found}, not {expected}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_picture_of_the_wrong_source_is_refused() {
    let library = Library::built_in();
    let plan = planned(&library);
    let picture = film(rgb(16), 1).remove(0);
    for on in BOTH {
        let mut session = stream(executor(&library, plan.clone(), &[], on));
        let both = vec![Some(picture.clone()), Some(picture.clone())];
        let wrong = session.push_all(both, span(0));
        assert!(matches!(wrong, Err(ExecError::WrongPicture { .. })));
        let one = session.push(Some(picture.clone()), span(1));
        assert!(matches!(one, Err(ExecError::WrongPicture { .. })));
    }
}
