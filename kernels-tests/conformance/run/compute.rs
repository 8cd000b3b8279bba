use std::collections::BTreeMap;

use aquatint::graph::plan::{ImageDesc, Node, NodeKind, Operand, OutputPort, Phase, Storage};
use aquatint::graph::style::{Body, Library};
use aquatint::graph::{Payload, ResourceData};

use super::super::fixtures::{ComputeFixture, SIZE, Setting, full};
use super::{given_words, is_table, kernel, makers, named, numbers, planned};
use crate::support::{On, executor, noise, noisy};

/// The groups of the phases of a kernel, by their functions, as a manifest runs it.
fn groups(library: &Library, kernel: &str) -> BTreeMap<String, u32> {
    let folder = kernel.rsplit_once('/').unwrap().0;
    let mut groups = BTreeMap::new();
    // Some are run by the planner itself.
    let Ok(style) = library.load(folder) else {
        return groups;
    };
    for pass in &style.passes {
        if let Body::Compute {
            kernel: of, phases, ..
        } = &pass.body
            && of.path == kernel
        {
            let phases = phases.iter();
            groups.extend(phases.filter_map(|phase| Some((phase.run.clone(), phase.group?))));
        }
    }
    groups
}

/// Runs one compute kernel and returns its words.
pub fn run_compute(
    library: &Library,
    fixture: &ComputeFixture,
    params: &[Setting],
    seed: u64,
    on: On,
) -> Vec<u32> {
    let files: Vec<ResourceData> = fixture
        .images
        .iter()
        .zip(seed..)
        .map(
            |(name, seed)| match is_table(library, fixture.kernel, name) {
                true => ResourceData::Table(numbers(seed)),
                false => ResourceData::Picture((fixture.scene)(seed)),
            },
        )
        .collect();
    let mut inputs: Vec<(String, Operand)> = fixture
        .images
        .iter()
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), Operand::File(i)))
        .collect();
    let source = fixture.planes;
    let source = source.map(|format| noise(SIZE.0, SIZE.1, format, full(), seed));
    if source.is_some() {
        inputs.push(("planes".to_owned(), Operand::Planes(0)));
    }
    let (histories, state, index) = given_words(fixture.words, seed, &mut inputs);
    let extent = files.iter().find_map(|file| match file {
        ResourceData::Picture(picture) => Some((picture.width, picture.height)),
        _ => None,
    });
    let mut nodes = makers(
        library,
        fixture.made_by,
        extent.unwrap_or(SIZE),
        &mut inputs,
    );
    let groups = groups(library, fixture.kernel);
    let phases = fixture.phases.iter().map(|(run, over)| Phase {
        run: (*run).to_owned(),
        over: *over,
        group: groups.get(*run).copied(),
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
        tiles: Vec::new(),
        prepare: None,
        decides: false,
        delay: 0,
        across_cuts: false,
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
