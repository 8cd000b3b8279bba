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
use aquatint::graph::state::of_histories;
use aquatint::graph::style::{Kernel, Library};

use super::fixtures::{Maker, SIZE, Setting, Words};
use crate::support::{Noise, named};

pub use compute::run_compute;
pub use pack::run_pack;
pub use pixel::run_kernel;

pub fn kernel(library: &Library, path: &str) -> Arc<Kernel> {
    Arc::new(library.kernel(path))
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
        ResourceData::Table(_) => File::OwnTable("a.f32".into()),
        ResourceData::Code(_) => panic!("a kernel reads no code"),
    });
    Plan {
        files: files.collect(),
        ..Plan::of_nodes(vec![source], nodes, vec![port])
    }
}

/// Whether a kernel reads its input `name` as a table of numbers.
fn is_table(library: &Library, path: &str, name: &str) -> bool {
    let kernel = library.kernel(path);
    kernel.inputs.get(name).is_some_and(|reads| reads.table)
}

/// As many numbers as the largest table of a built-in kernel has, small enough for sums of many.
fn numbers(seed: u64) -> Arc<[f32]> {
    let mut random = Noise(seed + 90);
    (0..1 << 14).map(|_| 0.3 * (random.unit() - 0.5)).collect()
}

/// The makers of images of four channels; the others make one.
const OF_FOUR: [&str; 1] = ["ink/print"];

/// Nodes that make the first input, one after the other; it is bound to the last.
fn makers(
    library: &Library,
    made_by: &[Maker],
    extent: (u32, u32),
    inputs: &mut [(String, Operand)],
) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (path, input, params) in made_by {
        nodes.push(Node {
            label: (*path).to_owned(),
            kernel: kernel(library, path),
            params: sorted(params),
            inputs: vec![((*input).to_owned(), inputs[0].1)],
            kind: NodeKind::Pixel,
            image: ImageDesc::new(
                extent,
                match OF_FOUR.contains(path) {
                    true => Storage::Rgba32Float,
                    false => Storage::R32Float,
                },
            ),
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
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

/// Binds buffers of random words: histories that no node commits to, the state that fills them, and the number of the
/// first frame: now there is one before it, now there is none.
fn given_words(
    words: &[(&str, u32, Words)],
    seed: u64,
    inputs: &mut Vec<(String, Operand)>,
) -> (Vec<History>, Vec<u8>, u64) {
    let mut random = Noise(seed + 50);
    let mut histories = Vec::new();
    let mut values = Vec::new();
    for (index, (name, count, most)) in words.iter().enumerate() {
        inputs.push(((*name).to_owned(), Operand::History(index)));
        let word = |_| match most {
            Words::Floats => random.unit().to_bits(),
            Words::Halves => {
                let halves =
                    [0, 1].map(|_| u32::from(half::f16::from_f32(random.unit()).to_bits()));
                halves[0] | halves[1] << 16
            }
            Words::UpTo(most) => {
                let word = u64::from(random.next()) << 1 | u64::from(random.next() & 1);
                (word % (u64::from(*most) + 1)) as u32
            }
        };
        values.push((0..*count).map(word).collect::<Vec<u32>>());
        histories.push(History {
            label: (*name).to_owned(),
            commit: usize::MAX,
            image: ImageDesc::new((*count, 1), Storage::Words),
            across_cuts: false,
        });
    }
    if words.is_empty() {
        return (histories, Vec::new(), 0);
    }
    let kept = words.iter().zip(&values);
    let state =
        of_histories(kept.map(|((name, count, _), values)| (*name, [*count, 1, 1], &values[..])));
    (histories, state, seed % 2)
}
