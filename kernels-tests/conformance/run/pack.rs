use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::ResourceData;
use aquatint::graph::plan::{
    AlphaSource, ImageDesc, Node, NodeKind, Operand, OutputPort, Pack, Storage,
};
use aquatint::graph::style::Library;

use super::super::fixtures::{PackFixture, SIZE, Setting, scene};
use super::{kernel, named, planned};
use crate::support::{On, run};

pub fn run_pack(
    library: &Library,
    fixture: &PackFixture,
    params: &[Setting],
    seed: u64,
    on: On,
) -> Picture {
    let file = ResourceData::Picture(scene(seed));
    let (stem, input, given, storage): (_, _, &[Setting], _) = if fixture.gray {
        (
            "common/luma/weighted",
            "image",
            &[("kb", 0.114), ("kr", 0.299)],
            Storage::R32Float,
        )
    } else {
        ("identity/copy", "source", &[], Storage::Rgba32Float)
    };
    let node = Node {
        label: stem.to_owned(),
        kernel: kernel(library, stem),
        params: named(given),
        inputs: vec![(input.to_owned(), Operand::File(0))],
        kind: NodeKind::Pixel,
        image: ImageDesc::new(SIZE, storage),
        tiles: Vec::new(),
        prepare: None,
        decides: false,
        delay: 0,
        across_cuts: false,
    };
    let pack = Pack {
        kernel: kernel(library, fixture.kernel),
        params: named(params),
        image: 0,
        gray: fixture.gray,
        format: fixture.format,
        color: Color::default(),
        extent: SIZE,
        alpha: AlphaSource::None,
        dither: false,
    };
    let files = [file];
    run(
        library,
        planned(vec![node], OutputPort::Frame(pack), None, &files),
        None,
        &files,
        on,
    )
    .remove(0)
}
