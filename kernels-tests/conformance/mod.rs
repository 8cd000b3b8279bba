//! Every kernel against its twin: alone, on the same inputs, over random and extreme parameters. And the tests of the
//! tests: every parameter must matter on both sides, and a twin that is off must be seen.

mod fixtures;
mod points;
mod run;
mod subject;

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;

use aquatint::graph::style::{Body, Library};
use aquatint::reference::{Twin, twin};

use crate::support::{BOTH, On, source_tree};
use fixtures::{compute_fixtures, fixtures, pack_fixtures};
use points::moved;
use run::kernel;
use subject::Subject;

pub use fixtures::Compare;
pub use points::{points, usual};
pub use subject::{Made, subjects};

/// Kernels that make a picture from nothing: compared as whole styles.
const GENERATORS: &[&str] = &["demo/scene"];

/// Tests of one kernel each: `agrees::NAME` of all, `parameters::NAME` of those that have parameters.
macro_rules! conformance {
    (
        with_parameters { $($name:ident: $path:literal,)* }
        without { $($bare:ident: $bare_path:literal,)* }
    ) => {
        /// Kernels with parameters, each with the name of its tests.
        const WITH_PARAMETERS: &[(&str, &str)] = &[$((stringify!($name), $path),)*];
        /// Kernels without.
        const WITHOUT: &[(&str, &str)] = &[$((stringify!($bare), $bare_path),)*];

        mod agrees {
            $(#[test] fn $name() { super::agrees($path); })*
            $(#[test] fn $bare() { super::agrees($bare_path); })*
        }

        mod parameters {
            $(#[test] fn $name() { super::parameters_matter($path); })*
        }
    };
}

conformance! {
    with_parameters {
        ascii_choose: "ascii/choose",
        ascii_densest: "ascii/densest",
        ascii_draw: "ascii/draw",
        ascii_measure: "ascii/measure",
        ascii_shape: "ascii/shape",
        ascii_sheet: "ascii/sheet",
        cartoon_ink: "cartoon/ink",
        cartoon_lloyd: "cartoon/lloyd",
        cartoon_quantize: "cartoon/quantize",
        cartoon_seed: "cartoon/seed",
        cartoon_settle: "cartoon/settle",
        cartoon_widen: "cartoon/widen",
        cinematic_contrast: "cinematic/contrast",
        crop_lay: "crop/lay",
        repair_cells: "repair/cells",
        repair_rebuild: "repair/rebuild",
        repair_take: "repair/take",
        repair_verdict: "repair/verdict",
        cinematic_grade: "cinematic/grade",
        cinematic_grain: "cinematic/grain",
        cinematic_vignette: "cinematic/vignette",
        comic_halftone: "comic/halftone",
        comic_print: "comic/print",
        comic_separate: "comic/separate",
        common_bilateral_filter: "common/bilateral/filter",
        common_bloom_bright: "common/bloom/bright",
        common_bloom_scatter: "common/bloom/scatter",
        common_bloom_up: "common/bloom/up",
        common_canny_link: "common/canny/link",
        common_canny_thin: "common/canny/thin",
        common_gaussian_blur_x: "common/gaussian/blur_x",
        common_gaussian_blur_y: "common/gaussian/blur_y",
        common_gaussian_expand_x: "common/gaussian/expand_x",
        common_gaussian_expand_y: "common/gaussian/expand_y",
        common_gaussian_reduce_x: "common/gaussian/reduce_x",
        common_gaussian_reduce_y: "common/gaussian/reduce_y",
        common_guided_apply: "common/guided/apply",
        common_guided_fit: "common/guided/fit",
        common_guided_rest: "common/guided/rest",
        common_deringing_filter: "common/deringing/filter",
        common_lines_darken: "common/lines/darken",
        common_lines_thin: "common/lines/thin",
        common_luma_coded: "common/luma/coded",
        common_luma_weighted: "common/luma/weighted",
        common_chroma_guided: "common/chroma/guided",
        common_chroma_samples: "common/chroma/samples",
        common_clarity_contrast: "common/clarity/contrast",
        common_deblur_bounded: "common/deblur/bounded",
        common_deblur_step_multiply: "common/deblur/step/multiply",
        common_deblur_step_ratio: "common/deblur/step/ratio",
        common_detail_texture: "common/detail/texture",
        common_double_first12: "common/double/first12",
        common_double_first16: "common/double/first16",
        common_double_first8: "common/double/first8",
        common_double_last12: "common/double/last12",
        common_double_last16: "common/double/last16",
        common_double_last8: "common/double/last8",
        common_double_layer12: "common/double/layer12",
        common_double_layer16: "common/double/layer16",
        common_double_layer8: "common/double/layer8",
        common_measure_cells_shrink: "common/measure/cells/shrink",
        common_measure_luma_count: "common/measure/luma/count",
        common_mix_blend: "common/mix/blend",
        common_motion_one_way_search: "common/motion/one_way/search",
        common_outline_line: "common/outline/line",
        common_place_canvas: "common/place/canvas",
        common_resample_across: "common/resample/across",
        common_planes_chroma_read: "common/planes/chroma/read",
        common_planes_luma_read: "common/planes/luma/read",
        common_planes_rgb_join: "common/planes/rgb/join",
        common_resample_down: "common/resample/down",
        common_sharpen_limited: "common/sharpen/limited",
        common_perceptual_contrast: "common/perceptual/contrast",
        common_smooth_slope: "common/smooth/slope",
        common_space_light: "common/space/light",
        common_space_signal: "common/space/signal",
        common_with_luma_join: "common/with_luma/join",
        deband_smooth: "deband/smooth",
        deblock_smooth: "deblock/smooth",
        deblock_steps: "deblock/steps",
        deflicker_even: "deflicker/even",
        deinterlace_whole: "deinterlace/whole",
        denoise_alike: "denoise/alike",
        denoise_copy: "denoise/copy",
        denoise_join: "denoise/join",
        denoise_keep: "denoise/keep",
        denoise_move: "denoise/move",
        denoise_split: "denoise/split",
        denoise_tint: "denoise/tint",
        denoise_unite: "denoise/unite",
        common_measure_changed_count: "common/measure/changed/count",
        despeckle_replace: "despeckle/replace",
        dust_clean: "dust/clean",
        dust_copy: "dust/copy",
        dust_fill: "dust/fill",
        dust_find: "dust/find",
        dust_small: "dust/small",
        ink_across: "ink/across",
        ink_along: "ink/along",
        ink_print: "ink/print",
        inverse_telecine_weave: "inverse_telecine/weave",
        glitch_mosh: "glitch/mosh",
        glitch_shrink: "glitch/shrink",
        glitch_tear: "glitch/tear",
        grain_across: "grain/across",
        grain_apart: "grain/apart",
        grain_lay: "grain/lay",
        grain_remove: "grain/remove",
        io_pack_direct: "io/pack/direct",
        io_pack_gray: "io/pack/gray",
        io_pack_subsampled: "io/pack/subsampled",
        io_tensor_fill: "io/tensor/fill",
        io_tensor_pack: "io/tensor/pack",
        io_tensor_pack_half: "io/tensor/pack_half",
        io_tensor_unpack: "io/tensor/unpack",
        io_unpack_gray: "io/unpack/gray",
        io_unpack_rgb: "io/unpack/rgb",
        io_unpack_yuv: "io/unpack/yuv",
        consistency_correct: "consistency/correct",
        levels_stretch: "levels/stretch",
        mosaic_assign: "mosaic/assign",
        mosaic_carry: "mosaic/carry",
        mosaic_lay: "mosaic/lay",
        oil_relief: "oil/relief",
        oil_strokes: "oil/strokes",
        pencil_grain: "pencil/grain",
        pencil_texture: "pencil/texture",
        steady_fill: "steady/fill",
        steady_move: "steady/move",
        tape_calm: "tape/calm",
        tape_fill: "tape/fill",
        tape_join: "tape/join",
        tape_lines: "tape/lines",
        tape_mark: "tape/mark",
        tape_separate: "tape/separate",
        tape_sharpen: "tape/sharpen",
        tape_soft: "tape/soft",
        temporal_adaptive_blend: "temporal/adaptive/blend",
        temporal_ema_blend: "temporal/ema/blend",
        temporal_flow_blend: "temporal/flow/blend",
        upscale_filled: "upscale/filled",
        watercolor_across: "watercolor/across",
        watercolor_down: "watercolor/down",
        watercolor_paint: "watercolor/paint",
        watercolor_pigment: "watercolor/pigment",
        watercolor_reduce: "watercolor/reduce",
        watercolor_rim: "watercolor/rim",
        watercolor_wash: "watercolor/wash",
    }
    without {
        common_double_direction: "common/double/direction",
        common_double_enlarge: "common/double/enlarge",
        common_double_filter: "common/double/filter",
        common_double_level: "common/double/level",
        common_lines_steep: "common/lines/steep",
        common_sigmoid_bend: "common/sigmoid/bend",
        common_sigmoid_unbend: "common/sigmoid/unbend",
        denoise_half: "denoise/half",
        denoise_halve: "denoise/halve",
        denoise_shift: "denoise/shift",
        dust_apart: "dust/apart",
        dust_bounds: "dust/bounds",
        dust_choose: "dust/choose",
        upscale_edges: "upscale/edges",
        upscale_join: "upscale/join",
        upscale_pixel_art: "upscale/pixel_art",
        deband_activity: "deband/activity",
        cartoon_drift: "cartoon/drift",
        cartoon_fill: "cartoon/fill",
        common_bloom_down: "common/bloom/down",
        common_canny_edges: "common/canny/edges",
        common_canny_gradient: "common/canny/gradient",
        common_canny_gray: "common/canny/gray",
        common_median_over_time_median: "common/median_over_time/median",
        common_motion_check: "common/motion/check",
        common_motion_one_way_fraction: "common/motion/one_way/fraction",
        common_motion_one_way_mean: "common/motion/one_way/mean",
        common_motion_one_way_refine: "common/motion/one_way/refine",
        common_motion_one_way_settle: "common/motion/one_way/settle",
        common_motion_one_way_shrink: "common/motion/one_way/shrink",
        common_motion_one_way_whole: "common/motion/one_way/whole",
        common_rate_blend: "common/rate/blend",
        common_rate_hold: "common/rate/hold",
        common_resample_polar: "common/resample/polar",
        common_perceptual_apply: "common/perceptual/apply",
        common_smooth_apply: "common/smooth/apply",
        common_smooth_rest: "common/smooth/rest",
        common_square_centered: "common/square/centered",
        common_structure_direction: "common/structure/direction",
        common_structure_tensor: "common/structure/tensor",
        identity_copy: "identity/copy",
        ink_fill: "ink/fill",
        consistency_count: "consistency/count",
        levels_count: "levels/count",
        grain_count: "grain/count",
        mosaic_gather: "mosaic/gather",
        pencil_dodge: "pencil/dodge",
        repair_choose: "repair/choose",
        repair_count: "repair/count",
        repair_numbers: "repair/numbers",
        common_with_alpha_join: "common/with_alpha/join",
        tape_align: "tape/align",
        tape_code: "tape/code",
        tape_runs: "tape/runs",
        temporal_motion_activity: "temporal/motion/activity",
        temporal_motion_spread: "temporal/motion/spread",
        temporal_vectors_erode: "temporal/vectors/erode",
        temporal_vectors_halve: "temporal/vectors/halve",
        temporal_vectors_pick: "temporal/vectors/pick",
        watercolor_carry: "watercolor/carry",
        watercolor_tiny: "watercolor/tiny",
    }
}

/// Kernel and twin agree over random and extreme parameters, and do not where their inputs differ.
fn agrees(path: &str) {
    for subject in subjects(path) {
        let Subject {
            name,
            params,
            reads,
            allowed,
            run,
            ..
        } = subject;
        let mut worst = (0, None);
        for (seed, point) in points(params).iter().enumerate() {
            let [cpu, gpu] = BOTH.map(|on| run(point, seed as u64, on));
            let apart = cpu.apart(&gpu);
            if apart >= worst.0 {
                worst = (apart, Some(point.clone()));
            }
        }
        let (apart, point) = worst;
        keep_codes(&name, apart, allowed);
        assert!(
            apart <= allowed,
            "{name} {point:?}: {apart} codes, at most {allowed}"
        );
        if !reads {
            continue;
        }
        // The negative control: other inputs must not pass.
        let point = usual(params);
        let cpu = run(&point, 100, On::Cpu);
        let gpu = run(&point, 101, On::Gpu);
        assert!(
            cpu.apart(&gpu) > 10 * allowed,
            "{name} tells no pictures apart"
        );
    }
}

/// Adds a line of JSON to the file that `CONFORMANCE_CODES` names, if it names one: a kernel, and by how many codes it and
/// its twin differ at worst and may differ.
fn keep_codes(kernel: &str, worst: u32, allowed: u32) {
    let Some(path) = std::env::var_os("CONFORMANCE_CODES") else {
        return;
    };
    let line = serde_json::json!({ "kernel": kernel, "worst": worst, "allowed": allowed });
    let file = OpenOptions::new().create(true).append(true).open(path);
    // In one piece, as other tests write to it, too.
    file.unwrap()
        .write_all(format!("{line}\n").as_bytes())
        .unwrap();
}

/// Every parameter changes what the kernel and the twin make, and a twin with another value of it does not pass.
fn parameters_matter(path: &str) {
    let mut subjects = subjects(path);
    let Subject {
        name: kernel,
        params,
        allowed,
        run,
        ..
    } = subjects.swap_remove(0);
    for (name, [from, to]) in moved(params) {
        let [cpu, gpu] = BOTH.map(|on| [&from, &to].map(|point| run(point, 1, on)));
        for (on, [before, after]) in [("twin", &cpu), ("kernel", &gpu)] {
            let apart = before.apart(after);
            assert!(
                apart > allowed,
                "{kernel}: {name} does nothing to the {on} ({from:?} to {to:?}): {apart} codes, {allowed} are allowed"
            );
        }
        assert!(
            gpu[0].apart(&cpu[1]) > allowed,
            "{kernel}: a twin with another {name} passes ({from:?} to {to:?})"
        );
    }
}

/// Paths of all kernels that are tested here.
pub fn paths() -> impl Iterator<Item = &'static str> {
    let all = WITH_PARAMETERS.iter().chain(WITHOUT);
    all.map(|(_, path)| *path)
}

/// Compute kernels that the planner runs itself, for models.
const OF_PLANNER: [&str; 3] = ["io/tensor/fill", "io/tensor/pack", "io/tensor/pack_half"];

/// Paths of the kernels that manifests, or the planner, run as compute kernels.
fn computes(library: &Library) -> BTreeSet<String> {
    let mut computes = BTreeSet::from(OF_PLANNER.map(str::to_owned));
    for folder in library.folders() {
        for pass in &library.load(folder).unwrap().passes {
            if let Body::Compute { kernel, .. } = &pass.body {
                computes.insert(kernel.path.clone());
            }
        }
    }
    computes
}

#[test]
fn every_fixture_is_in_the_list_under_its_name() {
    let lists = [WITH_PARAMETERS, WITHOUT].concat();
    for (name, path) in &lists {
        assert_eq!(*name, path.replace('/', "_"));
    }
    let listed: BTreeSet<&str> = lists.iter().map(|(_, path)| *path).collect();
    assert_eq!(listed.len(), lists.len(), "a kernel is listed twice");
    assert_eq!(listed, with_fixtures());
    for (list, expected) in [(WITH_PARAMETERS, true), (WITHOUT, false)] {
        for (_, path) in list {
            let some = subjects(path).iter().all(|s| !moved(s.params).is_empty());
            assert_eq!(some, expected, "{path}: whether it has parameters to move");
        }
    }
}

/// Paths of the kernels that have a fixture.
fn with_fixtures() -> BTreeSet<&'static str> {
    let images = fixtures().into_iter().map(|f| f.kernel);
    let packed = pack_fixtures().into_iter().map(|f| f.kernel);
    let words = compute_fixtures().into_iter().map(|f| f.kernel);
    images.chain(packed).chain(words).collect()
}

#[test]
fn every_kernel_has_a_twin_and_a_fixture() {
    let library = Library::built_in();
    // Compute kernels are those that manifests run as such; others are known by their entries.
    let computes = computes(&library);
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
    assert_eq!(kernels, with_fixtures());
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
        let file = source_tree().join(format!("src/reference/{path}.rs"));
        assert!(file.is_file(), "{}", file.display());
    }
}

#[test]
fn kernels_that_decide_must_agree_exactly() {
    let library = Library::built_in();
    let mut deciding = BTreeSet::new();
    for folder in library.folders() {
        for pass in &library.load(folder).unwrap().passes {
            if let (true, Body::Kernel(kernel) | Body::Compute { kernel, .. }) =
                (pass.decides, &pass.body)
            {
                deciding.insert(kernel.path.clone());
            }
        }
    }
    assert!(deciding.contains("cartoon/seed") && deciding.contains("common/canny/thin"));
    for path in deciding {
        for subject in subjects(&path) {
            let name = &subject.name;
            assert_eq!(subject.allowed, 0, "{name} decides: no code may differ");
        }
    }
}
