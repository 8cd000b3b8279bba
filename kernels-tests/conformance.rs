//! Every kernel against its twin: alone, on the same inputs, over random and extreme parameters. And the tests of the
//! tests: every parameter must matter on both sides, and a twin that is off must be seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use aquatint::color::lut::{Cube, Curves, Domain, Lut};
use aquatint::color::{Color, Range};
use aquatint::frame::{Model, Picture, PixelFormat, Subsampling};
use aquatint::graph::Content;
use aquatint::graph::plan::{
    AlphaSource, File, Node, Operand, Pack, Plan, Slot, Step, Storage, Target,
};
use aquatint::graph::style::{Kernel, Library};
use aquatint::reference::{Twin, twin};

use crate::support::*;

/// A parameter and its value.
type Setting = (&'static str, f32);

/// What a parameter is tried with.
#[derive(Clone, Copy)]
enum Try {
    /// Anything between.
    Between(f32, f32),
    /// One of these; the last while others are tried.
    OneOf(&'static [f32]),
    /// Part of the format under test, not free.
    Fixed(f32),
}

use Try::{Between, Fixed, OneOf};

struct Fixture {
    kernel: &'static str,
    /// Names of the inputs that are images.
    images: &'static [&'static str],
    /// Names of the inputs that are look-up tables.
    luts: &'static [&'static str],
    /// The decoder's format, where the kernel reads planes.
    planes: Option<PixelFormat>,
    params: &'static [(&'static str, Try)],
    storages: &'static [Storage],
    /// Size of the image made; the inputs are 53 × 41.
    extent: (u32, u32),
    /// Values the output takes.
    range: (f32, f32),
}

const SIZE: (u32, u32) = (53, 41);
const ONE: &[Storage] = &[Storage::R32Float];
const FOUR: &[Storage] = &[Storage::Rgba16Float, Storage::Rgba32Float];
const ALL: &[Storage] = &[
    Storage::R32Float,
    Storage::Rgba16Float,
    Storage::Rgba32Float,
];
const UNIT: (f32, f32) = (-0.05, 1.05);

fn fixtures() -> Vec<Fixture> {
    let planar = PixelFormat::planar;
    let picture = |kernel, images, params, storages| Fixture {
        kernel,
        images,
        luts: &[],
        planes: None,
        params,
        storages,
        extent: SIZE,
        range: UNIT,
    };
    let coded = |kernel, model, chroma, alpha, params, storages, range| Fixture {
        kernel,
        images: &[],
        luts: &[],
        planes: Some(planar(model, chroma, 8, alpha)),
        params,
        storages,
        extent: SIZE,
        range,
    };
    let reduced = |kernel, extent| Fixture {
        extent,
        ..picture(kernel, &["image"], &[("spacing", Between(2.0, 4.0))], ALL)
    };
    // Shared by the kernels that unpack: nothing to alpha but its scale.
    const GRAY: &[(&str, Try)] = &[
        ("alpha", OneOf(&[0.0, 1.0])),
        ("alpha_scale", Between(1.0 / 300.0, 1.0 / 255.0)),
        ("luma_offset", Between(0.0, 32.0)),
        ("luma_scale", Between(1.0 / 255.0, 1.0 / 200.0)),
    ];
    const RGB: &[(&str, Try)] = &[("alpha", OneOf(&[0.0, 3.0])), GRAY[1], GRAY[2], GRAY[3]];
    const YUV: &[(&str, Try)] = &[
        RGB[0],
        GRAY[1],
        ("chroma_offset", Between(110.0, 140.0)),
        ("chroma_scale", Between(1.0 / 255.0, 1.0 / 224.0)),
        ("kb", Between(0.05, 0.12)),
        ("kr", Between(0.2, 0.3)),
        GRAY[2],
        GRAY[3],
        ("siting_x", OneOf(&[0.0, 0.5, 1.0])),
        ("siting_y", OneOf(&[0.0, 0.5, 1.0])),
        ("step_x", Fixed(0.5)),
        ("step_y", Fixed(0.5)),
    ];
    const CODED: &[(&str, Try)] = &[GRAY[2], GRAY[3]];
    let wide = (-1.2, 2.6);
    const LIGHT: &[(&str, Try)] = &[
        ("gamma", Between(1.8, 2.6)),
        ("strength", Between(0.0, 1.0)),
        ("threshold", Between(0.0, 1.0)),
        ("transfer", OneOf(&[1.0, 2.0, 0.0])),
    ];
    const BRIGHT: &[(&str, Try)] = &[LIGHT[0], LIGHT[2], LIGHT[3]];
    vec![
        picture(
            "cinematic/contrast",
            &["image"],
            &[("contrast", Between(0.0, 1.0))],
            FOUR,
        ),
        Fixture {
            luts: &["look"],
            ..picture(
                "cinematic/grade",
                &["image"],
                &[
                    ("lut_strength", Between(0.0, 1.0)),
                    ("tetrahedral", OneOf(&[0.0, 1.0])),
                ],
                FOUR,
            )
        },
        picture(
            "cinematic/grain",
            &["image"],
            &[
                ("kb", Between(0.05, 0.25)),
                ("kr", Between(0.2, 0.5)),
                ("pitch", Between(0.5, 5.0)),
                ("strength", Between(0.0, 0.5)),
            ],
            FOUR,
        ),
        picture(
            "cinematic/vignette",
            &["image"],
            &[
                ("across", Between(0.3, 0.7)),
                ("gamma", Between(1.8, 2.6)),
                ("vignette_strength", Between(0.0, 1.0)),
            ],
            FOUR,
        ),
        Fixture {
            extent: (27, 21),
            range: (-0.05, 2.0),
            ..picture("common/bloom/bright", &["image"], BRIGHT, FOUR)
        },
        Fixture {
            extent: (27, 21),
            ..picture("common/bloom/down", &["image"], &[], FOUR)
        },
        picture("common/bloom/scatter", &["glow", "image"], LIGHT, FOUR),
        picture(
            "common/bloom/up",
            &["coarse", "fine"],
            &[("share", Between(0.0, 1.0))],
            FOUR,
        ),
        reduced("common/gaussian/reduce_x", (14, 41)),
        reduced("common/gaussian/reduce_y", (53, 11)),
        reduced("common/gaussian/expand_x", SIZE),
        reduced("common/gaussian/expand_y", SIZE),
        picture(
            "common/gaussian/blur_x",
            &["image"],
            &[("deviation", Between(0.3, 6.0))],
            ALL,
        ),
        picture(
            "common/gaussian/blur_y",
            &["image"],
            &[("deviation", Between(0.3, 6.0))],
            ALL,
        ),
        coded(
            "common/luma/coded",
            Model::Yuv,
            Subsampling::S420,
            false,
            CODED,
            ONE,
            (-0.2, 1.4),
        ),
        picture(
            "common/luma/weighted",
            &["image"],
            &[("kb", Between(0.05, 0.12)), ("kr", Between(0.2, 0.3))],
            ONE,
        ),
        picture(
            "common/mix/blend",
            &["first", "second"],
            &[("amount", Between(0.0, 1.0))],
            FOUR,
        ),
        picture("identity/copy", &["source"], &[], FOUR),
        coded(
            "io/unpack/gray",
            Model::Gray,
            Subsampling::S444,
            true,
            GRAY,
            FOUR,
            (-0.2, 1.4),
        ),
        coded(
            "io/unpack/rgb",
            Model::Rgb,
            Subsampling::S444,
            true,
            RGB,
            FOUR,
            (-0.2, 1.4),
        ),
        coded(
            "io/unpack/yuv",
            Model::Yuv,
            Subsampling::S420,
            true,
            YUV,
            FOUR,
            wide,
        ),
        picture("pencil/dodge", &["luma", "soft"], &[], ONE),
        picture(
            "pencil/grain",
            &["drawing"],
            &[("pixel", Between(0.25, 8.0))],
            ONE,
        ),
        picture(
            "pencil/texture",
            &["drawing", "paper"],
            &[("pixel", Between(0.25, 8.0))],
            ONE,
        ),
    ]
}

/// A kernel that packs: its parameters and the format it makes.
struct PackFixture {
    kernel: &'static str,
    format: PixelFormat,
    gray: bool,
    params: &'static [(&'static str, Try)],
}

fn pack_fixtures() -> Vec<PackFixture> {
    const LUMA: (&str, Try) = ("luma_gain", Between(40000.0, 60000.0));
    const OFFSET: (&str, Try) = ("luma_offset", Between(0.0, 4000.0));
    const MIDDLE: (&str, Try) = ("chroma_offset", Between(30000.0, 34000.0));
    const GAIN: (&str, Try) = ("chroma_gain", Between(40000.0, 60000.0));
    const KB: (&str, Try) = ("kb", Between(0.05, 0.12));
    const KR: (&str, Try) = ("kr", Between(0.2, 0.3));
    const SITINGS: &[f32] = &[1.0, 2.0, 3.0];
    let yuv = |chroma| PixelFormat::planar(Model::Yuv, chroma, 16, false);
    vec![
        PackFixture {
            kernel: "io/pack/gray",
            format: yuv(Subsampling::S420),
            gray: true,
            params: &[MIDDLE, LUMA, OFFSET, ("model", OneOf(&[2.0, 1.0]))],
        },
        PackFixture {
            kernel: "io/pack/direct",
            format: yuv(Subsampling::S444),
            gray: false,
            params: &[
                GAIN,
                MIDDLE,
                KB,
                KR,
                LUMA,
                OFFSET,
                ("model", OneOf(&[2.0, 1.0])),
            ],
        },
        PackFixture {
            kernel: "io/pack/subsampled",
            format: yuv(Subsampling::S420),
            gray: false,
            params: &[
                GAIN,
                MIDDLE,
                KB,
                KR,
                LUMA,
                OFFSET,
                ("siting_x", OneOf(SITINGS)),
                ("siting_y", OneOf(SITINGS)),
            ],
        },
    ]
}

fn kernel(library: &Library, path: &str) -> Arc<Kernel> {
    Arc::new(Kernel::parse(path, library.source(path).unwrap()).unwrap())
}

fn named(values: &[Setting]) -> Vec<(String, f32)> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), *value))
        .collect()
}

/// Two steps: the image of `node`, then `pack`.
fn two_steps(
    node: Node,
    pack: Pack,
    source_format: Option<PixelFormat>,
    files: &[Content],
) -> Plan {
    Plan {
        extent: SIZE,
        source_format,
        slots: vec![Slot {
            extent: node.extent,
            storage: node.storage,
        }],
        nodes: vec![node],
        outputs: vec![pack],
        steps: vec![
            Step {
                fused: Vec::new(),
                target: Target::Image { node: 0, slot: 0 },
            },
            Step {
                fused: Vec::new(),
                target: Target::Output(0),
            },
        ],
        files: files
            .iter()
            .map(|content| match content {
                Content::Picture(_) => File::Picture("a.png".into()),
                Content::Lut(_) => File::Lut("a.cube".into()),
            })
            .collect(),
    }
}

/// Curves and a cube that go up and down between their entries.
fn rough_lut(seed: u64) -> Lut {
    let mut random = Noise(seed);
    let domain = Domain {
        min: [-0.1, 0.0, 0.1],
        max: [0.9, 1.0, 1.2],
    };
    Lut {
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

/// Runs one kernel and returns its image with values from `range` spread over 16 bits.
fn run_kernel(
    library: &Library,
    fixture: &Fixture,
    params: &[Setting],
    storage: Storage,
    seed: u64,
    on: On,
) -> Picture {
    let full = Color {
        range: Range::Full,
        ..Color::default()
    };
    let mut files: Vec<Content> = (0..fixture.images.len() as u64)
        .map(|i| Content::Picture(scene(SIZE.0, SIZE.1, rgb(16), full, seed + i)))
        .collect();
    files.extend(fixture.luts.iter().map(|_| Content::Lut(rough_lut(seed))));
    let source = fixture
        .planes
        .map(|format| noise(SIZE.0, SIZE.1, format, full, seed));
    let mut inputs: Vec<(String, Operand)> = fixture
        .images
        .iter()
        .chain(fixture.luts)
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), Operand::File(i)))
        .collect();
    inputs.extend(
        source
            .iter()
            .map(|_| ("planes".to_owned(), Operand::Planes)),
    );
    let node = Node {
        label: fixture.kernel.to_owned(),
        kernel: kernel(library, fixture.kernel),
        params: named(params),
        inputs,
        extent: fixture.extent,
        storage,
    };
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
        image: 0,
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
    let plan = two_steps(node, pack, fixture.planes, &files);
    run(library, plan, source.as_ref(), &files, on).remove(0)
}

fn run_pack(
    library: &Library,
    fixture: &PackFixture,
    params: &[Setting],
    seed: u64,
    on: On,
) -> Picture {
    let full = Color {
        range: Range::Full,
        ..Color::default()
    };
    let file = Content::Picture(scene(SIZE.0, SIZE.1, rgb(16), full, seed));
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
        extent: SIZE,
        storage,
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
        two_steps(node, pack, None, &files),
        None,
        &files,
        on,
    )
    .remove(0)
}

/// Values while nothing is tried: the middle, or the last choice.
fn usual(params: &'static [(&'static str, Try)]) -> Vec<Setting> {
    params
        .iter()
        .map(|(name, tried)| match tried {
            Between(least, most) => (*name, (least + most) / 2.0),
            OneOf(choices) => (*name, choices[choices.len() - 1]),
            Fixed(value) => (*name, *value),
        })
        .collect()
}

/// Both ends of everything, and random points between.
fn points(params: &'static [(&'static str, Try)]) -> Vec<Vec<Setting>> {
    let mut random = Noise(11);
    let mut at = |pick: &mut dyn FnMut(&mut Noise) -> f32| {
        let mut point = Vec::new();
        for (name, tried) in params {
            let t = pick(&mut random);
            point.push(match tried {
                Between(least, most) => (*name, least + (most - least) * t),
                OneOf(choices) => (
                    *name,
                    choices[((choices.len() as f32 * t) as usize).min(choices.len() - 1)],
                ),
                Fixed(value) => (*name, *value),
            });
        }
        point
    };
    vec![
        at(&mut |_| 0.0),
        at(&mut |_| 1.0),
        at(&mut |random| random.unit()),
        at(&mut |random| random.unit()),
    ]
}

/// Codes of 16 bits that both sides may differ by: two half-ULPs of the stored format at its coarsest (two values a
/// rounding apart), or what single floats and a GPU's `exp` leave.
fn tolerance(storage: Storage, (least, most): (f32, f32)) -> u32 {
    let per_unit = 65535.0 / (most - least);
    let largest = most.max(-least);
    match storage {
        Storage::Rgba16Float => {
            (2f32.powi(largest.log2().floor() as i32 - 10) * per_unit).ceil() as u32 + 2
        }
        _ => 3,
    }
}

#[test]
fn every_kernel_has_a_twin_and_a_fixture() {
    let library = Library::built_in();
    let kernels: BTreeSet<&str> = library
        .kernels()
        .filter(|path| Kernel::parse(path, library.source(path).unwrap()).is_ok())
        .filter(|path| !GENERATORS.contains(path))
        .collect();
    assert!(kernels.len() > 10, "{kernels:?}");
    let fixtures: BTreeSet<&str> = fixtures()
        .iter()
        .map(|f| f.kernel)
        .chain(pack_fixtures().iter().map(|f| f.kernel))
        .collect();
    assert_eq!(kernels, fixtures);
    for path in library
        .kernels()
        .filter(|path| kernels.contains(path) || GENERATORS.contains(path))
    {
        let packs = Kernel::parse(path, library.source(path).unwrap())
            .unwrap()
            .packs();
        assert!(
            matches!(
                (twin(path), packs),
                (Some(Twin::Code(_)), true) | (Some(Twin::Pixel(_)), false)
            ),
            "{path}"
        );
        let file = format!("{}/src/reference/{path}.rs", env!("CARGO_MANIFEST_DIR"));
        assert!(std::path::Path::new(&file).is_file(), "{file}");
    }
}

/// Kernels that make a picture from nothing: compared as whole styles.
const GENERATORS: &[&str] = &["demo/scene"];

#[test]
fn kernels_agree_with_their_twins() {
    let library = Library::built_in();
    for fixture in fixtures() {
        for storage in fixture.storages {
            let allowed = tolerance(*storage, fixture.range);
            for (seed, point) in points(fixture.params).iter().enumerate() {
                let [cpu, gpu] =
                    BOTH.map(|on| run_kernel(&library, &fixture, point, *storage, seed as u64, on));
                let (worst, _) = difference(&cpu, &gpu);
                assert!(
                    worst <= allowed,
                    "{} {storage:?} {point:?}: {worst} codes, at most {allowed}",
                    fixture.kernel
                );
            }
            // The negative control: other inputs must not pass.
            let point = usual(fixture.params);
            let cpu = run_kernel(&library, &fixture, &point, *storage, 100, On::Cpu);
            let gpu = run_kernel(&library, &fixture, &point, *storage, 101, On::Gpu);
            assert!(
                difference(&cpu, &gpu).0 > 10 * allowed,
                "{} tells no pictures apart",
                fixture.kernel
            );
        }
    }
    for fixture in pack_fixtures() {
        for (seed, point) in points(fixture.params).iter().enumerate() {
            let [cpu, gpu] = BOTH.map(|on| run_pack(&library, &fixture, point, seed as u64, on));
            let (worst, _) = difference(&cpu, &gpu);
            assert!(worst <= 2, "{} {point:?}: {worst} codes", fixture.kernel);
        }
    }
}

type Pair = [Vec<Setting>; 2];

/// Pairs of values of one parameter, the others usual: its ends, and its middle against a tenth of its range more.
fn moved(params: &'static [(&'static str, Try)]) -> Vec<(&'static str, Pair)> {
    let with = |name: &str, value: f32| {
        let mut point = usual(params);
        point
            .iter_mut()
            .filter(|(known, _)| *known == name)
            .for_each(|(_, v)| *v = value);
        point
    };
    let mut pairs = Vec::new();
    for (name, tried) in params {
        match tried {
            Between(least, most) => {
                pairs.push((*name, [with(name, *least), with(name, *most)]));
                let middle = (least + most) / 2.0;
                pairs.push((
                    *name,
                    [
                        with(name, middle),
                        with(name, middle + (most - least) / 10.0),
                    ],
                ));
            }
            OneOf(choices) => {
                pairs.extend(
                    choices
                        .windows(2)
                        .map(|pair| (*name, [with(name, pair[0]), with(name, pair[1])])),
                );
            }
            Fixed(_) => {}
        }
    }
    pairs
}

#[test]
fn every_parameter_matters_and_a_twin_that_is_off_is_seen() {
    let library = Library::built_in();
    for fixture in fixtures() {
        let storage = fixture.storages[0];
        let allowed = tolerance(storage, fixture.range);
        for (name, [from, to]) in moved(fixture.params) {
            let draw =
                |point: &Vec<Setting>, on| run_kernel(&library, &fixture, point, storage, 1, on);
            let [cpu, gpu] = BOTH.map(|on| (draw(&from, on), draw(&to, on)));
            let seen = |a: &Picture, b: &Picture| difference(a, b).0 > allowed;
            let path = fixture.kernel;
            assert!(
                seen(&cpu.0, &cpu.1),
                "{path}: {name} does nothing to the twin ({from:?} to {to:?})"
            );
            assert!(
                seen(&gpu.0, &gpu.1),
                "{path}: {name} does nothing to the kernel ({from:?} to {to:?})"
            );
            assert!(
                seen(&gpu.0, &cpu.1),
                "{path}: a twin with another {name} passes"
            );
        }
    }
    for fixture in pack_fixtures() {
        for (name, [from, to]) in moved(fixture.params) {
            let draw = |point: &Vec<Setting>, on| run_pack(&library, &fixture, point, 1, on);
            let [cpu, gpu] = BOTH.map(|on| (draw(&from, on), draw(&to, on)));
            let seen = |a: &Picture, b: &Picture| difference(a, b).0 > 2;
            let path = fixture.kernel;
            assert!(
                seen(&cpu.0, &cpu.1) && seen(&gpu.0, &gpu.1),
                "{path}: {name} does nothing ({from:?} to {to:?})"
            );
            assert!(
                seen(&gpu.0, &cpu.1),
                "{path}: a twin with another {name} passes"
            );
        }
    }
}
