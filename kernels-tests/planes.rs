//! Planes in and out: what is not touched comes out byte for byte.

use aquatint::color::{ChromaLocation, Color, Range};
use aquatint::frame::{Component, Model, PixelFormat, Subsampling};
use aquatint::graph::plan::{OutputRequest, PlanOptions, Temporal, plan};
use aquatint::graph::style::Library;

use crate::support::*;

fn identity(
    library: &Library,
    picture: &aquatint::frame::Picture,
    on: On,
) -> aquatint::frame::Picture {
    let chain = vec![styled(library, "identity", &[], 1.0)];
    run(
        library,
        plan_for(library, picture, chain, PlanOptions::default()),
        Some(picture),
        &[],
        on,
    )
    .remove(0)
}

const LOCATIONS: [ChromaLocation; 6] = [
    ChromaLocation::Left,
    ChromaLocation::Center,
    ChromaLocation::TopLeft,
    ChromaLocation::Top,
    ChromaLocation::BottomLeft,
    ChromaLocation::Bottom,
];

#[test]
fn every_size_from_1_to_33_is_exact_on_the_cpu() {
    let library = Library::built_in();
    for depth in [8, 10, 12] {
        for size in 1..=33u32 {
            for (width, height) in [(size, 34 - size), (size, size), (size, 1), (1, size)] {
                for (index, chroma_location) in LOCATIONS.into_iter().enumerate() {
                    let matrix = [1, 6, 9][(size as usize + index) % 3];
                    let range = if index % 2 == 0 {
                        Range::Limited
                    } else {
                        Range::Full
                    };
                    let color = Color {
                        matrix,
                        range,
                        chroma_location,
                        ..Color::default()
                    };
                    for picture in [
                        noise(width, height, yuv420(depth), color, u64::from(size)),
                        bright_noise(width, height, yuv420(depth), color, u64::from(size)),
                    ] {
                        let out = identity(&library, &picture, On::Cpu);
                        assert!(
                            out.same_samples(&picture),
                            "{width}x{height} {depth} bits {color:?}: {:?}",
                            difference(&out, &picture)
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_size_from_1_to_33_is_exact_on_the_gpu() {
    let library = Library::built_in();
    for depth in [8, 10, 12] {
        for size in 1..=33u32 {
            // Widths, heights, locations, matrices and ranges in turn, so that each meets each other over the sizes.
            let (width, height) = if depth == 10 {
                (34 - size, size)
            } else {
                (size, size)
            };
            let index = (size as usize + usize::from(depth)) % 6;
            let color = Color {
                matrix: [1, 6, 9][size as usize % 3],
                range: if (size / 2) % 2 == 0 {
                    Range::Limited
                } else {
                    Range::Full
                },
                chroma_location: LOCATIONS[index],
                ..Color::default()
            };
            for picture in [
                noise(width, height, yuv420(depth), color, u64::from(size)),
                bright_noise(width, height, yuv420(depth), color, u64::from(size)),
            ] {
                let out = identity(&library, &picture, On::Gpu);
                let gap = difference(&out, &picture);
                assert!(
                    out.same_samples(&picture),
                    "{width}x{height} {depth} bits {color:?}: {gap:?}"
                );
            }
        }
    }
}

/// One of each kind of layout, depths 8 to 16.
fn layouts() -> Vec<(&'static str, PixelFormat)> {
    let planar = PixelFormat::planar;
    let mut formats = vec![
        ("gray", planar(Model::Gray, Subsampling::S444, 8, false)),
        ("gray16", planar(Model::Gray, Subsampling::S444, 16, false)),
        (
            "gray with alpha",
            planar(Model::Gray, Subsampling::S444, 8, true),
        ),
        ("yuv422p", planar(Model::Yuv, Subsampling::S422, 8, false)),
        ("yuv440p", planar(Model::Yuv, Subsampling::S440, 8, false)),
        (
            "yuv444p14",
            planar(Model::Yuv, Subsampling::S444, 14, false),
        ),
        (
            "yuv420p16",
            planar(Model::Yuv, Subsampling::S420, 16, false),
        ),
        ("yuva420p", planar(Model::Yuv, Subsampling::S420, 8, true)),
        (
            "yuva444p12",
            planar(Model::Yuv, Subsampling::S444, 12, true),
        ),
        ("gbrp", rgb(8)),
        ("gbrp16", rgb(16)),
        ("gbrap10", planar(Model::Rgb, Subsampling::S444, 10, true)),
        ("rgb24", PixelFormat::packed_rgb(8, 3, &[0, 1, 2])),
        ("bgra", PixelFormat::packed_rgb(8, 4, &[2, 1, 0, 3])),
        ("bgr0", PixelFormat::packed_rgb(8, 4, &[2, 1, 0])),
        ("rgb48", PixelFormat::packed_rgb(16, 3, &[0, 1, 2])),
        ("rgba64", PixelFormat::packed_rgb(16, 4, &[0, 1, 2, 3])),
    ];
    let mut nv12 = planar(Model::Yuv, Subsampling::S420, 8, false);
    nv12.components[1] = Component {
        plane: 1,
        step: 2,
        offset: 0,
        shift: 0,
    };
    nv12.components[2] = Component {
        plane: 1,
        step: 2,
        offset: 1,
        shift: 0,
    };
    let mut p010 = planar(Model::Yuv, Subsampling::S420, 10, false);
    p010.components[0].shift = 6;
    p010.components[1] = Component {
        plane: 1,
        step: 4,
        offset: 0,
        shift: 6,
    };
    p010.components[2] = Component {
        plane: 1,
        step: 4,
        offset: 2,
        shift: 6,
    };
    formats.extend([("nv12", nv12), ("p010", p010)]);
    formats
}

#[test]
fn every_layout_is_exact_on_both_executors() {
    let library = Library::built_in();
    for (name, format) in layouts() {
        for range in [Range::Limited, Range::Full] {
            let color = Color {
                matrix: if format.model == Model::Rgb { 0 } else { 1 },
                range,
                ..Color::default()
            };
            for on in BOTH {
                let picture = noise(37, 19, format, color, 3);
                let out = identity(&library, &picture, on);
                assert!(
                    out.same_samples(&picture),
                    "{name} {range:?} on {on:?}: {:?}",
                    difference(&out, &picture)
                );
            }
        }
    }
}

#[test]
fn strength_zero_is_exact() {
    let library = Library::built_in();
    for depth in [8, 10] {
        let picture = bright_noise(64, 36, yuv420(depth), Color::default(), 5);
        for on in BOTH {
            let chain = vec![styled(&library, "pencil", &[], 0.0)];
            let plan = plan_for(&library, &picture, chain, PlanOptions::default());
            let out = run(&library, plan, Some(&picture), &[], on).remove(0);
            assert!(out.same_samples(&picture), "{depth} bits on {on:?}");
        }
    }
}

#[test]
fn alpha_is_carried_past_a_style() {
    let library = Library::built_in();
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, true);
    let picture = noise(40, 30, format, Color::default(), 9);
    for on in BOTH {
        let chain = vec![styled(&library, "pencil", &[], 1.0)];
        let plan = plan_for(&library, &picture, chain, PlanOptions::default());
        let out = run(&library, plan, Some(&picture), &[], on).remove(0);
        for y in 0..30 {
            for x in 0..40 {
                assert_eq!(
                    out.sample(3, x, y),
                    picture.sample(3, x, y),
                    "alpha at {x},{y} on {on:?}"
                );
            }
        }
        assert!(!out.same_samples(&picture));
    }
}

/// Alpha of a style's own goes through stored images, where rows that are opaque all along are kept without it.
#[test]
fn alpha_of_an_image_is_kept() {
    let manifest = "summary = \"The picture and its alpha\"\nalpha = \"own\"\n\
         [[pass]]\nuse = \"identity\"\nin = { source = \"source\" }\nout = \"result\"\n";
    let (_folder, library) = with_own("own", &[("style.toml", manifest)]);
    let format = PixelFormat::planar(Model::Yuv, Subsampling::S420, 8, true);
    // Some rows are opaque, some are not, some but in part.
    let source = picture(40, 30, format, Color::default(), |component, x, y| {
        match (component, y % 3) {
            (3, 0) => 255,
            (3, 1) => ((7 * x + y) % 256) as u32,
            (3, _) => 255 - u32::from(x == 39),
            _ => 128,
        }
    });
    for on in BOTH {
        let chain = vec![styled(&library, "own", &[], 1.0)];
        let options = PlanOptions {
            fuse: false,
            ..PlanOptions::default()
        };
        let plan = plan_for(&library, &source, chain, options);
        let out = run(&library, plan, Some(&source), &[], on).remove(0);
        for (x, y) in (0..30).flat_map(|y| (0..40).map(move |x| (x, y))) {
            let (seen, expected) = (out.sample(3, x, y), source.sample(3, x, y));
            assert_eq!(seen, expected, "alpha at {x},{y} on {on:?}");
        }
    }
}

#[test]
fn lost_depth_is_dithered_without_a_bias() {
    let library = Library::built_in();
    let color = Color {
        range: Range::Full,
        ..Color::default()
    };
    // A gray between two 8-bit values: a quarter of the way up.
    let picture = picture(256, 128, yuv420(10), color, |component, _, _| {
        if component == 0 { 401 } else { 512 }
    });
    let expected = 401.0 / 1023.0 * 255.0;
    let mut seen = Vec::new();
    for on in BOTH {
        let request = OutputRequest {
            chain: Vec::new(),
            format: yuv420(8),
            color,
            temporal: Temporal::Off,
        };
        let made = plan(
            &library,
            &source_of(&picture),
            &[request],
            PlanOptions::default(),
        )
        .unwrap();
        assert!(made.pack(0).dither);
        let out = run(&library, made, Some(&picture), &[], on).remove(0);
        let values: Vec<u32> = (0..128)
            .flat_map(|y| (0..256).map(move |x| (x, y)))
            .map(|(x, y)| out.sample(0, x, y))
            .collect();
        let mean = values.iter().sum::<u32>() as f64 / values.len() as f64;
        assert!(
            (mean - expected).abs() < 0.02,
            "{mean} should be {expected} on {on:?}"
        );
        assert!(values.iter().max() > values.iter().min());
        seen.push(out);
    }
    let (worst, mean_square) = difference(&seen[0], &seen[1]);
    assert!(
        worst <= 1 && mean_square < 1e-3,
        "executors dither alike: {worst} {mean_square}"
    );
}
