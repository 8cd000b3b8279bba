use aquatint::color::Color;
use aquatint::color::lut::{Cube, Curves, Domain, Lut};
use aquatint::frame::{Model, Picture, PixelFormat, Subsampling};
use aquatint::graph::ResourceData;
use aquatint::graph::plan::{
    AlphaSource, ImageDesc, Node, NodeKind, Operand, OutputPort, Pack, Storage,
};
use aquatint::graph::style::Library;

use super::super::fixtures::{Fixture, SIZE, Setting, full, scene};
use super::{given_words, is_table, kernel, makers, named, numbers, planned};
use crate::support::{Noise, On, executor, noise, pictures, rgb, submit_as};
use crate::temporal::{span, stream};

/// Curves and a cube that go up and down between their entries.
fn rough_lut(seed: u64) -> Lut {
    let mut random = Noise(seed);
    let domain = Domain {
        min: [-0.1, 0.0, 0.1],
        max: [0.9, 1.0, 1.2],
    };
    Lut {
        notes: Vec::new(),
        title: String::new(),
        curves: Some(Curves {
            domain,
            entries: (0..7).map(|_| [0, 1, 2].map(|_| random.unit())).collect(),
        }),
        cube: Some(Cube {
            domain,
            size: 11,
            entries: (0..11 * 11 * 11)
                .map(|_| [random.unit(), random.unit(), random.unit(), 0.0])
                .collect(),
        }),
    }
}

/// The source's R'G'B' as it is.
fn unpacked(library: &Library, storage: Storage) -> Node {
    let four = match storage {
        Storage::R32Float => Storage::Rgba32Float,
        other => other,
    };
    let params = [
        ("alpha", 0.0),
        ("alpha_scale", 1.0),
        ("luma_offset", 0.0),
        ("luma_scale", 1.0 / 65535.0),
    ];
    Node {
        label: "source".to_owned(),
        kind: NodeKind::Pixel,
        kernel: kernel(library, "io/unpack/rgb"),
        params: named(&params),
        inputs: vec![("planes".to_owned(), Operand::Planes(0))],
        image: ImageDesc::new(SIZE, four),
        tiles: Vec::new(),
        prepare: None,
        decides: false,
        delay: 0,
        across_cuts: false,
    }
}

/// Nodes that make what a fixture prepares; its images are bound to them.
fn prepare(
    library: &Library,
    fixture: &Fixture,
    nodes: &mut Vec<Node>,
    inputs: &mut Vec<(String, Operand)>,
) {
    let own = inputs.len();
    for prepared in fixture.prepared {
        let bound = |(input, image): &(&str, &str)| {
            let known = inputs.iter().find(|(name, _)| name == image);
            ((*input).to_owned(), known.unwrap().1)
        };
        nodes.push(Node {
            label: prepared.kernel.to_owned(),
            kernel: kernel(library, prepared.kernel),
            params: named(prepared.params),
            inputs: prepared.of.iter().map(bound).collect(),
            kind: NodeKind::Pixel,
            image: ImageDesc::new(prepared.extent, prepared.storage),
            tiles: Vec::new(),
            prepare: None,
            decides: false,
            delay: 0,
            across_cuts: false,
        });
        let made = Operand::Image(nodes.len() - 1);
        match inputs.iter_mut().find(|(name, _)| name == prepared.name) {
            Some((_, operand)) => *operand = made,
            None => inputs.push((prepared.name.to_owned(), made)),
        }
    }
    inputs.truncate(own);
}

/// Runs one kernel and returns its image with values from `range` spread over 16 bits.
pub fn run_kernel(
    library: &Library,
    fixture: &Fixture,
    params: &[Setting],
    storage: Storage,
    seed: u64,
    on: On,
) -> Picture {
    let mut files: Vec<ResourceData> = fixture
        .images
        .iter()
        .zip(seed..)
        .map(
            |(name, seed)| match is_table(library, fixture.kernel, name) {
                true => ResourceData::Table(numbers(seed)),
                false => ResourceData::Picture(scene(seed)),
            },
        )
        .collect();
    files.extend(
        fixture
            .luts
            .iter()
            .map(|_| ResourceData::Lut(rough_lut(seed))),
    );
    let planes = fixture.planes.or(fixture.window.map(|_| rgb(16)));
    let source = planes.map(|format| noise(SIZE.0, SIZE.1, format, full(), seed));
    let mut inputs: Vec<(String, Operand)> = fixture
        .images
        .iter()
        .chain(fixture.luts)
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), Operand::File(i)))
        .collect();
    inputs.extend(
        fixture
            .planes
            .iter()
            .map(|_| ("planes".to_owned(), Operand::Planes(0))),
    );
    let (histories, state, index) = given_words(fixture.words, seed, &mut inputs);
    let mut nodes = makers(library, fixture.made_by, SIZE, &mut inputs);
    prepare(library, fixture, &mut nodes, &mut inputs);
    if let Some((name, window)) = fixture.window {
        nodes.push(unpacked(library, storage));
        inputs.push((name.to_owned(), Operand::Window(nodes.len() - 1, window)));
    }
    nodes.push(Node {
        label: fixture.kernel.to_owned(),
        kernel: kernel(library, fixture.kernel),
        params: named(params),
        inputs,
        kind: NodeKind::Pixel,
        image: ImageDesc::new(fixture.extent, storage),
        tiles: Vec::new(),
        prepare: None,
        decides: false,
        delay: 0,
        across_cuts: false,
    });
    let gain = 65535.0 / (fixture.range.1 - fixture.range.0);
    let mapping = [
        ("luma_gain", gain),
        ("luma_offset", -fixture.range.0 * gain),
    ];
    let (stem, format, given): (_, _, Vec<Setting>) = if storage == Storage::R32Float {
        let gray = PixelFormat::planar(Model::Gray, Subsampling::S444, 16, false);
        (
            "io/pack/gray",
            gray,
            vec![
                ("chroma_offset", 0.0),
                mapping[0],
                mapping[1],
                ("model", 0.0),
            ],
        )
    } else {
        let rgba = PixelFormat::planar(Model::Rgb, Subsampling::S444, 16, true);
        let rest = [
            ("chroma_gain", 1.0),
            ("chroma_offset", 0.0),
            ("kb", 0.0),
            ("kr", 0.0),
        ];
        (
            "io/pack/direct",
            rgba,
            rest.into_iter()
                .chain(mapping)
                .chain([("model", 2.0)])
                .collect(),
        )
    };
    let pack = Pack {
        kernel: kernel(library, stem),
        params: named(&given),
        image: nodes.len() - 1,
        gray: storage == Storage::R32Float,
        format,
        color: Color::default(),
        extent: fixture.extent,
        alpha: if format.alpha {
            AlphaSource::Image
        } else {
            AlphaSource::None
        },
        dither: false,
    };
    let mut plan = planned(nodes, OutputPort::Frame(pack), planes, &files);
    plan.histories = histories;
    let mut executor = executor(library, plan, &files, on);
    if fixture.window.is_some() {
        // As many frames as windows reach over, each another one; the second comes out.
        let frame = |at| (fixture.frames)(seed + at);
        let mut session = stream(executor);
        let mut outputs = Vec::new();
        for at in 0..3 {
            outputs.extend(session.push(Some(frame(at)), span(at as usize)).unwrap());
        }
        outputs.extend(session.finish().unwrap());
        assert_eq!(outputs.len(), 3);
        return pictures(outputs).remove(1);
    }
    executor.restore(&state).unwrap();
    submit_as(executor.as_mut(), source.as_ref(), index);
    // The second frame: now there are histories.
    submit_as(executor.as_mut(), source.as_ref(), index + 1).remove(0)
}
