//! Every kernel against its twin: alone, on the same inputs, over random and extreme parameters. And the tests of the
//! tests: every parameter must matter on both sides, and a twin that is off must be seen.

use std::collections::BTreeSet;
use std::sync::Arc;

use aquatint::color::lut::{Cube, Curves, Domain, Lut};
use aquatint::color::{Color, Range};
use aquatint::frame::{Model, Picture, PixelFormat, Subsampling};
use aquatint::graph::Content;
use aquatint::graph::plan::{
    AlphaSource, File, History, Node, Operand, Pack, Phase, Plan, Slot, Step, Storage, Target,
};
use aquatint::graph::style::{Body, Kernel, Library};
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
    /// Buffers it reads: how many words, and the largest that may stand in one.
    words: &'static [(&'static str, u32, u32)],
    params: &'static [(&'static str, Try)],
    storages: &'static [Storage],
    /// Size of the image made; the inputs are 53 × 41.
    extent: (u32, u32),
    /// Values the output takes.
    range: (f32, f32),
    /// Kernels that make the first image of what is given, with their input and parameters.
    made_by: &'static [Maker],
    /// Codes that both sides may differ by, where it is not for the storage to say: none where a kernel decides.
    allowed: Option<u32>,
}

/// A kernel, its input, its parameters.
type Maker = (&'static str, &'static str, &'static [Setting]);

const GRADIENT: &[Maker] = &[
    ("common/canny/gray", "image", &[]),
    ("common/canny/gradient", "gray", &[]),
];
const THIN: &[Maker] = &[
    GRADIENT[0],
    GRADIENT[1],
    (
        "common/canny/thin",
        "gradient",
        &[("low", 40.0), ("high", 160.0)],
    ),
];
/// Whole numbers: a code is one.
const WHOLE: (f32, f32) = (0.0, 65535.0);

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
        words: &[],
        params,
        storages,
        extent: SIZE,
        range: UNIT,
        made_by: &[],
        allowed: None,
    };
    let decides = |kernel, images, params, made_by| Fixture {
        range: WHOLE,
        made_by,
        allowed: Some(0),
        ..picture(kernel, images, params, ONE)
    };
    let coded = |kernel, model, chroma, alpha, params, storages, range| Fixture {
        kernel,
        images: &[],
        luts: &[],
        planes: Some(planar(model, chroma, 8, alpha)),
        words: &[],
        params,
        storages,
        extent: SIZE,
        range,
        made_by: &[],
        allowed: None,
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
    const PART: Try = Between(0.0, 1.0);
    const INKS: &[(&str, Try)] = &[
        ("black_b", PART),
        ("black_g", PART),
        ("black_r", PART),
        ("cyan_b", PART),
        ("cyan_g", PART),
        ("cyan_r", PART),
        ("magenta_b", PART),
        ("magenta_g", PART),
        ("magenta_r", PART),
        ("paper_b", PART),
        ("paper_g", PART),
        ("paper_r", PART),
        ("yellow_b", PART),
        ("yellow_g", PART),
        ("yellow_r", PART),
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
            "cartoon/ink",
            &["colors", "lines"],
            &[("saturation", Between(0.0, 2.0))],
            FOUR,
        ),
        Fixture {
            words: &[("palette", 64, 65280)],
            allowed: Some(1),
            ..picture(
                "cartoon/quantize",
                &["picture"],
                &[("colors", OneOf(&[4.0, 16.0, 8.0]))],
                FOUR,
            )
        },
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
            "cartoon/widen",
            &["edges"],
            &[("half", Between(0.25, 3.0))],
            ONE,
        ),
        picture(
            "common/bilateral/filter",
            &["image"],
            &[
                ("radius", OneOf(&[1.0, 2.0, 4.0])),
                ("sigma_color", Between(20.0, 150.0)),
                ("sigma_space", Between(1.0, 6.0)),
            ],
            FOUR,
        ),
        decides("common/canny/gray", &["image"], &[], &[]),
        decides("common/canny/gradient", &["gray"], &[], &GRADIENT[..1]),
        decides(
            "common/canny/thin",
            &["gradient"],
            &[
                ("high", Between(150.0, 600.0)),
                ("low", Between(0.0, 150.0)),
            ],
            GRADIENT,
        ),
        Fixture {
            words: &[("links", 53 * 41, u32::MAX)],
            ..decides("common/canny/edges", &["thin"], &[], THIN)
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
        picture(
            "common/outline/line",
            &["luma"],
            &[
                ("threshold", Between(0.02, 0.5)),
                ("variance", Between(1.4, 7.0)),
                ("width", Between(0.5, 5.0)),
            ],
            ONE,
        ),
        picture(
            "comic/separate",
            &["picture"],
            &[
                ("black_start", Between(0.0, 0.9)),
                ("gray_replacement", Between(0.0, 1.0)),
            ],
            FOUR,
        ),
        picture(
            "comic/halftone",
            &["inks"],
            &[
                ("pitch", Between(2.1, 16.0)),
                ("resolved", Between(0.0, 1.0)),
            ],
            FOUR,
        ),
        picture("comic/print", &["inks", "lines"], INKS, FOUR),
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
        picture(
            "temporal/adaptive/blend",
            &["average", "image", "motion"],
            &[("alpha", Between(0.0, 1.0))],
            ALL,
        ),
        picture(
            "temporal/ema/blend",
            &["average", "image"],
            &[("alpha", Between(0.0, 1.0))],
            ALL,
        ),
        Fixture {
            extent: (14, 11),
            ..picture("temporal/motion/activity", &["before", "luma"], &[], ONE)
        },
        picture("temporal/motion/spread", &["activity"], &[], ONE),
    ]
}

/// A kernel that makes words.
struct ComputeFixture {
    kernel: &'static str,
    images: &'static [&'static str],
    words: &'static [(&'static str, u32, u32)],
    params: &'static [(&'static str, Try)],
    made_by: &'static [Maker],
    /// How many it makes.
    count: u32,
    phases: &'static [(&'static str, (u32, u32))],
}

fn compute_fixtures() -> Vec<ComputeFixture> {
    const COLORS: &[(&str, Try)] = &[("colors", OneOf(&[4.0, 16.0, 8.0]))];
    vec![
        ComputeFixture {
            kernel: "cartoon/drift",
            images: &[],
            words: &[("last", 64, 65280), ("palette", 64, 65280)],
            params: &[],
            made_by: &[],
            count: 64,
            phases: &[("blend", (64, 1))],
        },
        ComputeFixture {
            kernel: "cartoon/lloyd",
            images: &["picture"],
            words: &[("palette", 64, 65280)],
            params: COLORS,
            made_by: &[],
            count: 128,
            phases: &[
                ("clear", (128, 1)),
                ("gather", (192, 108)),
                ("settle", (16, 1)),
            ],
        },
        ComputeFixture {
            kernel: "cartoon/seed",
            images: &["picture"],
            words: &[("last", 64, 65280)],
            params: COLORS,
            made_by: &[],
            count: 2112,
            phases: &[
                ("clear", (2112, 1)),
                ("count", (192, 108)),
                ("choose", (1, 1)),
            ],
        },
        ComputeFixture {
            kernel: "common/canny/link",
            images: &["thin"],
            words: &[],
            params: &[],
            made_by: THIN,
            count: 53 * 41,
            phases: &[
                ("start", SIZE),
                ("join", SIZE),
                ("mark", SIZE),
                ("flatten", SIZE),
            ],
        },
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
    let (histories, state) = given_words(fixture.words, seed, &mut inputs);
    let mut nodes = makers(library, fixture.made_by, &mut inputs);
    nodes.push(Node {
        label: fixture.kernel.to_owned(),
        kernel: kernel(library, fixture.kernel),
        params: named(params),
        inputs,
        extent: fixture.extent,
        storage,
        phases: Vec::new(),
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
    let mut plan = steps(nodes, pack, fixture.planes, &files);
    plan.histories = histories;
    let mut executor = executor(library, plan, &files, on);
    executor.restore(&state).unwrap();
    submit(executor.as_mut(), source.as_ref());
    // The second frame: now there are histories.
    submit(executor.as_mut(), source.as_ref()).remove(0)
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

/// Runs one compute kernel and returns its words.
fn run_compute(
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
        phases: Vec::new(),
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
        steps(vec![node], pack, None, &files),
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

impl Fixture {
    /// Codes that both sides may differ by.
    fn allowed(&self, storage: Storage) -> u32 {
        self.allowed
            .unwrap_or_else(|| tolerance(storage, self.range))
    }
}

#[test]
fn every_kernel_has_a_twin_and_a_fixture() {
    let library = Library::built_in();
    // Compute kernels are those that manifests run as such; others are known by their entries.
    let mut computes = BTreeSet::new();
    for folder in library.folders() {
        for pass in &library.load(folder).unwrap().passes {
            if let Body::Compute { kernel, .. } = &pass.body {
                computes.insert(kernel.path.clone());
            }
        }
    }
    let entry = |path: &str| {
        let kernel = kernel(&library, path);
        kernel.functions.contains("pixel") || kernel.packs() || computes.contains(path)
    };
    let kernels: BTreeSet<&str> = library
        .kernels()
        .filter(|path| entry(path))
        .filter(|path| !GENERATORS.contains(path))
        .collect();
    assert!(kernels.len() > 10, "{kernels:?}");
    let fixtures: BTreeSet<&str> = fixtures()
        .iter()
        .map(|f| f.kernel)
        .chain(pack_fixtures().iter().map(|f| f.kernel))
        .chain(compute_fixtures().iter().map(|f| f.kernel))
        .collect();
    assert_eq!(kernels, fixtures);
    for path in library
        .kernels()
        .filter(|path| kernels.contains(path) || GENERATORS.contains(path))
    {
        let packs = kernel(&library, path).packs();
        assert!(
            match twin(path) {
                Some(Twin::Code(_)) => packs,
                Some(Twin::Pixel(_)) => !packs && !computes.contains(path),
                Some(Twin::Compute(_)) => computes.contains(path),
                None => false,
            },
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
            let allowed = fixture.allowed(*storage);
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

#[test]
fn compute_kernels_agree_with_their_twins_exactly() {
    let library = Library::built_in();
    for fixture in compute_fixtures() {
        for (seed, point) in points(fixture.params).iter().enumerate() {
            let [cpu, gpu] = BOTH.map(|on| run_compute(&library, &fixture, point, seed as u64, on));
            assert!(cpu == gpu, "{} {point:?}", fixture.kernel);
        }
        let point = usual(fixture.params);
        let cpu = run_compute(&library, &fixture, &point, 100, On::Cpu);
        let gpu = run_compute(&library, &fixture, &point, 101, On::Gpu);
        assert!(cpu != gpu, "{} tells no pictures apart", fixture.kernel);
        for (name, [from, to]) in moved(fixture.params) {
            let path = fixture.kernel;
            for on in BOTH {
                let draw = |point: &Vec<Setting>| run_compute(&library, &fixture, point, 1, on);
                assert!(
                    draw(&from) != draw(&to),
                    "{path}: {name} does nothing on {on:?}"
                );
            }
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
        let allowed = fixture.allowed(storage);
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
