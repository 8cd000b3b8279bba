//! Tiles and what a pass prepares in workgroup memory change no picture, and phases may use the workgroup that they ask for.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::plan::{Plan, PlanOptions, text};
use aquatint::graph::style::Library;

use crate::support::*;
use crate::temporal::own_files;

/// Sizes of one workgroup, of several, and of pictures that windows reach beyond several times.
const SIZES: [(u32, u32); 7] = [(1, 1), (2, 1), (1, 3), (5, 4), (8, 7), (70, 37), (130, 20)];

/// Styles that use workgroup memory, and parameters that make more of them use it.
pub const SHARING: [(&str, &[(&str, &str)]); 5] = [
    ("comic", &[("edge_threshold", "0.02")]),
    ("cartoon", &[]),
    ("pencil", &[("blur_sigma", "5")]),
    ("cinematic", &[("grain_strength", "0.2")]),
    // Finer than what a workgroup can keep.
    (
        "cinematic",
        &[("grain_strength", "0.2"), ("grain_size", "1")],
    ),
];
/// Codes of 16 bits that a picture may differ by with tiles and without: a GPU's compiler may join products and sums in one
/// of them alone.
pub const TILED: u32 = 8;

/// A plan that shares nothing in workgroup memory.
pub fn plain(mut plan: Plan) -> Plan {
    plan.nodes.iter_mut().for_each(|node| node.prepare = None);
    plan.without_tiles()
}

fn made(library: &Library, plan: Plan, picture: &Picture, on: On) -> Picture {
    let files = own_files(library, &plan);
    run(library, plan, Some(picture), &files, on).remove(0)
}

/// The worst code of 16 bits by which two pictures differ.
fn worst(a: &Picture, b: &Picture) -> u32 {
    difference(a, b).0
}

#[test]
fn tiles_and_prepared_points_change_no_picture() {
    let library = Library::built_in();
    for (style, set) in SHARING {
        for (width, height) in SIZES {
            let picture = scene(width, height, rgb(16), Color::default(), 3);
            let chain = vec![styled(&library, style, set, 1.0)];
            let plan = plan_for(&library, &picture, chain, PlanOptions::default());
            let kept = |tile: &aquatint::graph::plan::Tile| tile.kept;
            let mut steps = plan.steps.iter();
            let shared = steps.any(|step| plan.tiles_of(step).iter().any(kept))
                || plan.nodes.iter().any(|node| node.prepare.is_some());
            assert!(shared, "{style} shares nothing");
            let direct = made(&library, plain(plan.clone()), &picture, On::Gpu);
            let tiled = made(&library, plan, &picture, On::Gpu);
            let worst = worst(&direct, &tiled);
            assert!(
                worst <= TILED,
                "{style} {set:?} at {width}x{height}: {worst} of 65535"
            );
        }
    }
}

#[test]
fn windows_wider_than_the_picture_are_reflected_as_often_as_it_takes() {
    let manifest = "summary = 's'\n\
        [[pass]]\nuse = 'common/bilateral'\nin = { image = 'source' }\n\
        set = { radius = '20', sigma_color = '300', sigma_space = '9' }\nout = 'flat'\n\
        [[pass]]\nuse = 'common/gaussian'\nin = { image = 'flat' }\nset = { sigma = '4.9' }\nout = 'soft'\n\
        [[pass]]\nuse = 'common/gaussian'\nin = { image = 'soft' }\nset = { sigma = '60' }\nout = 'result'";
    let (_folder, library) = with_own("wide", &[("style.toml", manifest)]);
    for width in 1..=8 {
        for height in [1, 2, 3, 8] {
            let picture = noise(width, height, rgb(16), Color::default(), 5);
            let chain = vec![styled(&library, "wide", &[], 1.0)];
            let plan = plan_for(&library, &picture, chain, PlanOptions::default());
            let [cpu, gpu] = BOTH.map(|on| made(&library, plan.clone(), &picture, on));
            // Sums of hundreds of taps, in another order: within one code of 12 bits.
            let worst = worst(&cpu, &gpu);
            assert!(worst <= 16, "{width}x{height}: {worst} of 65535");
        }
    }
}

#[test]
fn a_tile_without_room_is_read_directly_and_said() {
    let manifest = "summary = 's'\n\
        [[pass]]\nuse = 'common/bilateral'\nin = { image = 'source' }\n\
        set = { radius = 'RADIUS', sigma_color = '75', sigma_space = '75' }\nout = 'result'";
    for (radius, said) in [
        (
            "8",
            "tile of image for wide/result/result: 32x32 pixels, 16384 bytes, in workgroup memory",
        ),
        (
            "9",
            "tile of image for wide/result/result: 34x34 pixels, 18496 bytes, has no room in workgroup memory: read directly",
        ),
    ] {
        let manifest = manifest.replace("RADIUS", radius);
        let (_folder, library) = with_own("wide", &[("style.toml", &manifest)]);
        let picture = scene(60, 50, rgb(16), Color::default(), 3);
        let chain = vec![styled(&library, "wide", &[], 1.0)];
        let plan = plan_for(&library, &picture, chain, PlanOptions::default());
        assert!(text(&plan).contains(said), "{}", text(&plan));
        let [cpu, gpu] = BOTH.map(|on| made(&library, plan.clone(), &picture, on));
        let worst = worst(&cpu, &gpu);
        assert!(worst <= 16, "radius {radius}: {worst} of 65535");
    }
}

#[test]
fn a_kernel_reads_no_further_than_its_pass_says() {
    // Three pixels to the right; its tile says two.
    let manifest = |tile: &str| {
        format!(
            "summary = 's'\n[[pass]]\nkernel = 'k'\nin = {{ image = 'source' }}\n{tile}\nout = 'result'"
        )
    };
    let kernel = "fn pixel(at: vec2i) -> vec4f { return vec4f(image_near(vec2i(3, 0)).rgb, 1.0); }";
    let picture = picture(40, 3, rgb(16), Color::default(), |_, x, y| {
        (1000 * x + y) as u32
    });
    for (tile, reach) in [
        ("", 3),
        ("tile = { image = [2, 0] }", 2),
        ("tile = { image = 3 }", 3),
        // Without room: the same.
        ("tile = { image = [2, 900] }", 2),
    ] {
        let (_folder, library) = with_own(
            "own",
            &[("style.toml", &manifest(tile)), ("k.wgsl", kernel)],
        );
        let chain = vec![styled(&library, "own", &[], 1.0)];
        let plan = plan_for(&library, &picture, chain, PlanOptions::default());
        let made = made(&library, plan, &picture, On::Gpu);
        for x in 0..40 {
            let expected = picture.sample(0, (x + reach).min(39), 1);
            assert_eq!(made.sample(0, x, 1), expected, "{tile:?} at {x}");
        }
    }
}

#[test]
fn a_phase_with_a_group_shares_memory_and_barriers() {
    let manifest = "summary = 's'\n[[pass]]\ncompute = 'sums'\nin = { image = 'source' }\nwords = 4\n\
        phases = [{ run = 'add', over = [256, 1], group = 64 }]\nout = 'sums'\n\
        [[pass]]\nkernel = 'show'\nin = { image = 'source', sums = 'sums' }\nout = 'result'";
    let sums = "var<workgroup> sum: atomic<u32>;
        fn add(at: vec2i) {
            if (package::engine::local.x == 0) { atomicStore(&sum, 0u); }
            workgroupBarrier();
            atomicAdd(&sum, u32(at.x) + u32(image_at(at).r * 0.0));
            workgroupBarrier();
            if (package::engine::local.x == 0) { words_store(at.x / 64, atomicLoad(&sum)); }
        }";
    let show = "fn pixel(at: vec2i) -> vec4f { return vec4f(vec3f(f32(sums_word(at.x)) / 65535.0), image_here().a); }";
    let files = [
        ("style.toml", manifest),
        ("sums.wgsl", sums),
        ("show.wgsl", show),
    ];
    let (_folder, library) = with_own("own", &files);
    let picture = scene(4, 2, rgb(16), Color::default(), 3);
    let chain = vec![styled(&library, "own", &[], 1.0)];
    let plan = plan_for(&library, &picture, chain, PlanOptions::default());
    let made = made(&library, plan, &picture, On::Gpu);
    for group in 0..4 {
        let expected: u32 = (64 * group..64 * (group + 1)).sum();
        assert_eq!(made.sample(0, group as usize, 0), expected, "group {group}");
    }
}
