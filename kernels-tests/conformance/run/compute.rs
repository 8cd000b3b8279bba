use aquatint::color::{Color, Range};
use aquatint::graph::Content;
use aquatint::graph::plan::{File, History, Node, Operand, Phase, Plan, Storage};
use aquatint::graph::style::Library;

use super::super::fixtures::{ComputeFixture, SIZE, Setting};
use super::{given_words, kernel, makers, named, stored};
use crate::support::{On, executor, rgb, scene, submit};

/// Runs one compute kernel and returns its words.
pub fn run_compute(
    library: &Library,
    fixture: &ComputeFixture,
    params: &[Setting],
    seed: u64,
    on: On,
) -> Vec<u8> {
    let full = Color {
        range: Range::Full,
        ..Color::default()
    };
    let files: Vec<Content> = (0..fixture.images.len() as u64)
        .map(|i| Content::Picture(scene(SIZE.0, SIZE.1, rgb(16), full, seed + i)))
        .collect();
    let mut inputs: Vec<(String, Operand)> = fixture
        .images
        .iter()
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), Operand::File(i)))
        .collect();
    let (mut histories, mut state) = given_words(fixture.words, seed, &mut inputs);
    let extent = (fixture.count, 1);
    // One more, which keeps what is made, so that it can be taken out.
    let mut nodes = makers(library, fixture.made_by, &mut inputs);
    histories.push(History {
        label: "made".to_owned(),
        commit: nodes.len(),
        extent,
        storage: Storage::Words,
    });
    if state.is_empty() {
        state = b"AQST".to_vec();
        state.extend([1, 0, 0].into_iter().flat_map(u32::to_le_bytes));
    }
    state[12..16].copy_from_slice(&(histories.len() as u32).to_le_bytes());
    state.extend(4u32.to_le_bytes());
    state.extend(b"made");
    state.extend([fixture.count, 1, 1].into_iter().flat_map(u32::to_le_bytes));
    state.extend(vec![0; 4 * fixture.count as usize]);
    nodes.push(Node {
        label: fixture.kernel.to_owned(),
        kernel: kernel(library, fixture.kernel),
        params: named(params),
        inputs,
        extent,
        storage: Storage::Words,
        phases: fixture
            .phases
            .iter()
            .map(|(run, over)| Phase {
                run: (*run).to_owned(),
                over: *over,
            })
            .collect(),
    });
    let (steps, slots) = stored(&nodes);
    let plan = Plan {
        extent: SIZE,
        source_format: None,
        nodes,
        outputs: Vec::new(),
        steps,
        slots,
        files: vec![File::Picture("a.png".into()); files.len()],
        histories,
        observed: false,
        notes: Vec::new(),
    };
    let mut executor = executor(library, plan, &files, on);
    executor.restore(&state).unwrap();
    submit(executor.as_mut(), None);
    let mut saved = executor.save().unwrap();
    saved.split_off(saved.len() - 4 * fixture.count as usize)
}
