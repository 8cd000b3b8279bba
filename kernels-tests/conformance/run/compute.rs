use aquatint::color::{Color, Range};
use aquatint::graph::plan::{ImageDesc, Node, NodeKind, Operand, OutputPort, Phase, Storage};
use aquatint::graph::style::Library;
use aquatint::graph::{Payload, ResourceData};

use super::super::fixtures::{ComputeFixture, SIZE, Setting};
use super::{given_words, kernel, makers, named, planned};
use crate::support::{On, executor, noise, noisy, rgb, scene};

/// Runs one compute kernel and returns its words.
pub fn run_compute(
    library: &Library,
    fixture: &ComputeFixture,
    params: &[Setting],
    seed: u64,
    on: On,
) -> Vec<u32> {
    let full = Color {
        range: Range::Full,
        ..Color::default()
    };
    let files: Vec<ResourceData> = (0..fixture.images.len() as u64)
        .map(|i| ResourceData::Picture(scene(SIZE.0, SIZE.1, rgb(16), full, seed + i)))
        .collect();
    let mut inputs: Vec<(String, Operand)> = fixture
        .images
        .iter()
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), Operand::File(i)))
        .collect();
    let source = fixture.planes;
    let source = source.map(|format| noise(SIZE.0, SIZE.1, format, full, seed));
    if source.is_some() {
        inputs.push(("planes".to_owned(), Operand::Planes(0)));
    }
    let (histories, state, index) = given_words(fixture.words, seed, &mut inputs);
    let mut nodes = makers(library, fixture.made_by, &mut inputs);
    let phases = fixture.phases.iter().map(|(run, over)| Phase {
        run: (*run).to_owned(),
        over: *over,
    });
    nodes.push(Node {
        label: fixture.kernel.to_owned(),
        kind: NodeKind::Compute {
            phases: phases.collect(),
        },
        kernel: kernel(library, fixture.kernel),
        params: named(params),
        inputs,
        image: ImageDesc::new((fixture.count, 1), Storage::Words),
        delay: 0,
    });
    let port = OutputPort::Image(nodes.len() - 1);
    let mut plan = planned(nodes, port, fixture.planes, &files);
    plan.histories = histories;
    let mut executor = executor(library, plan, &files, on);
    executor.restore(&state).unwrap();
    let mut outputs = executor.submit(noisy(source.as_ref(), index)).unwrap();
    outputs.extend(executor.drain().unwrap());
    match outputs.remove(0).payload {
        Payload::Image(_, words) => words,
        Payload::Picture(_) => panic!("the port is an image"),
    }
}
