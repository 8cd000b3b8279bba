//! One kernel in a plan of its own, on either executor.

mod compute;
mod pack;
mod pixel;

use std::sync::Arc;

use aquatint::frame::PixelFormat;
use aquatint::graph::ResourceData;
use aquatint::graph::plan::{
    File, History, ImageDesc, Node, NodeKind, Operand, OutputPort, Plan, SourcePort, Storage,
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

/// The image of each of `nodes`, then what `port` gives.
fn planned(
    nodes: Vec<Node>,
    port: OutputPort,
    format: Option<PixelFormat>,
    files: &[ResourceData],
) -> Plan {
    let source = SourcePort {
        extent: SIZE,
        format,
    };
    let files = files.iter().map(|data| match data {
        ResourceData::Picture(_) => File::Picture("a.png".into()),
        ResourceData::Lut(_) => File::Lut("a.cube".into()),
    });
    Plan {
        files: files.collect(),
        ..Plan::of_nodes(source, nodes, vec![port])
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
            kind: NodeKind::Pixel,
            image: ImageDesc::new(SIZE, Storage::R32Float),
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
            image: ImageDesc::new((*count, 1), Storage::Words),
        });
    }
    // Images stay first.
    if words.is_empty() {
        state.clear();
    }
    (histories, state)
}
