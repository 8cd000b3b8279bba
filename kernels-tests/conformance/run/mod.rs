//! One kernel in a plan of its own, on either executor.

mod compute;
mod pack;
mod pixel;

use std::sync::Arc;

use aquatint::frame::PixelFormat;
use aquatint::graph::Content;
use aquatint::graph::plan::{
    File, History, Node, Operand, Pack, Plan, Slot, Step, Storage, Target,
};
use aquatint::graph::style::{Kernel, Library};

use super::fixtures::{Maker, SIZE, Setting};
use crate::support::Noise;

pub use compute::run_compute;
pub use pack::run_pack;
pub use pixel::run_kernel;

pub fn kernel(library: &Library, path: &str) -> Arc<Kernel> {
    Arc::new(Kernel::parse(path, library.source(path).unwrap()))
}

fn named(values: &[Setting]) -> Vec<(String, f32)> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

/// A step and a slot for each of `nodes`.
fn stored(nodes: &[Node]) -> (Vec<Step>, Vec<Slot>) {
    let step = |node: usize| Step {
        fused: Vec::new(),
        target: Target::Image { node, slot: node },
    };
    let slot = |node: &Node| Slot {
        extent: node.extent,
        storage: node.storage,
    };
    (
        (0..nodes.len()).map(step).collect(),
        nodes.iter().map(slot).collect(),
    )
}

/// A step for the image of each of `nodes`, then `pack`.
fn steps(
    nodes: Vec<Node>,
    pack: Pack,
    source_format: Option<PixelFormat>,
    files: &[Content],
) -> Plan {
    let (mut steps, slots) = stored(&nodes);
    steps.push(Step {
        fused: Vec::new(),
        target: Target::Output(0),
    });
    Plan {
        extent: SIZE,
        source_format,
        slots,
        nodes,
        outputs: vec![pack],
        steps,
        files: files
            .iter()
            .map(|content| match content {
                Content::Picture(_) => File::Picture("a.png".into()),
                Content::Lut(_) => File::Lut("a.cube".into()),
            })
            .collect(),
        histories: Vec::new(),
        observed: false,
        notes: Vec::new(),
    }
}

/// Nodes that make the first input, one after the other; it is bound to the last.
fn makers(library: &Library, made_by: &[Maker], inputs: &mut [(String, Operand)]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (path, input, params) in made_by {
        nodes.push(Node {
            label: (*path).to_owned(),
            kernel: kernel(library, path),
            params: sorted(params),
            inputs: vec![((*input).to_owned(), inputs[0].1)],
            extent: SIZE,
            storage: Storage::R32Float,
            phases: Vec::new(),
        });
        inputs[0].1 = Operand::Image(nodes.len() - 1);
    }
    nodes
}

fn sorted(params: &[Setting]) -> Vec<(String, f32)> {
    let mut params = named(params);
    params.sort_by(|a, b| a.0.cmp(&b.0));
    params
}

/// Binds buffers of random words: histories that no node commits to, and the state that fills them.
fn given_words(
    words: &[(&str, u32, u32)],
    seed: u64,
    inputs: &mut Vec<(String, Operand)>,
) -> (Vec<History>, Vec<u8>) {
    let mut random = Noise(seed + 50);
    let mut histories = Vec::new();
    let mut state = b"AQST".to_vec();
    // Whether a frame came before: now so, now not.
    let head = [1, seed as u32 % 2, words.len() as u32];
    state.extend(head.into_iter().flat_map(u32::to_le_bytes));
    for (index, (name, count, most)) in words.iter().enumerate() {
        inputs.push(((*name).to_owned(), Operand::History(index)));
        state.extend((name.len() as u32).to_le_bytes());
        state.extend(name.as_bytes());
        state.extend([*count, 1, 1].into_iter().flat_map(u32::to_le_bytes));
        for _ in 0..*count {
            let word = u64::from(random.next()) << 1 | u64::from(random.next() & 1);
            state.extend(((word % (u64::from(*most) + 1)) as u32).to_le_bytes());
        }
        histories.push(History {
            label: (*name).to_owned(),
            commit: usize::MAX,
            extent: (*count, 1),
            storage: Storage::Words,
        });
    }
    // Images stay first.
    if words.is_empty() {
        state.clear();
    }
    (histories, state)
}
