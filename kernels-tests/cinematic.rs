//! Cinematic: tables against colour-science, light that is neither added nor lost, grain without a mean, a vignette that
//! is the same on every side.

use aquatint::color::{Color, Range, lut_file};
use aquatint::frame::Picture;
use aquatint::graph::cpu::CpuExecutor;
use aquatint::graph::plan::{File, PlanOptions};
use aquatint::graph::style::Library;
use aquatint::graph::{Executor, ResourceData};

use crate::support::*;

const FULL: Color = Color {
    matrix: 0,
    primaries: 1,
    // Linear: signal is light.
    transfer: 8,
    range: Range::Full,
    chroma_location: aquatint::color::ChromaLocation::Unspecified,
};

/// Everything off but what `on` sets.
fn only<'a>(on: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let off = [
        "lut_strength",
        "bloom_strength",
        "contrast",
        "vignette_strength",
        "grain_strength",
    ];
    let mut set: Vec<(&str, &str)> = off.into_iter().map(|name| (name, "0")).collect();
    set.extend(on);
    set
}

/// The picture of the frame at `pts`, after those of `before`.
fn rendered(
    picture: &Picture,
    set: &[(&str, &str)],
    before: &[i64],
    pts: i64,
    files: &[ResourceData],
    on: On,
) -> Picture {
    let library = Library::built_in();
    let chain = vec![styled(&library, "cinematic", set, 1.0)];
    let plan = plan_for(&library, picture, chain, PlanOptions::default());
    let mut executor: Box<dyn Executor> = match on {
        On::Cpu => Box::new(CpuExecutor::new(plan, files).unwrap()),
        On::Gpu | On::Recorded => executor(&library, plan, files, on),
    };
    let mut outputs = Vec::new();
    for pts in before.iter().chain([&pts]) {
        let frame = frame_at(Some(picture.clone()), *pts, 0.0, 3);
        outputs.extend(executor.submit(frame).unwrap());
    }
    outputs.extend(executor.drain().unwrap());
    pictures(outputs).pop().unwrap()
}

fn one(picture: &Picture, set: &[(&str, &str)], on: On) -> Picture {
    rendered(picture, set, &[], 0, &[], on)
}

/// An R'G'B' picture of 16 bits.
fn image(width: u32, height: u32, mut value: impl FnMut(usize, usize, usize) -> f32) -> Picture {
    picture(width, height, rgb(16), FULL, |c, x, y| {
        (value(c, x, y) * 65535.0 + 0.5) as u32
    })
}

fn values(picture: &Picture, component: usize) -> Vec<f64> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    (0..width * height)
        .map(|i| f64::from(picture.sample(component, i % width, i / width)) / 65535.0)
        .collect()
}

fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    (mean, square.sqrt())
}

#[test]
fn with_everything_off_nothing_changes() {
    // At 8 bits it is dithered.
    let source = scene(64, 36, yuv420(10), Color::default(), 4);
    for on in BOTH {
        assert!(one(&source, &only(&[]), on).same_samples(&source));
    }
}

#[test]
fn tables_are_what_colour_science_makes_of_them() {
    let all: serde_json::Value = serde_json::from_str(include_str!("expected/luts.json")).unwrap();
    for entry in all.as_array().unwrap() {
        let Some(text) = entry["text"].as_str() else {
            continue;
        };
        let lut = [ResourceData::Lut(
            lut_file::read("x.cube", text.as_bytes()).unwrap(),
        )];
        let triple = |list: &str, i: usize, c: usize| entry[list][i][c].as_f64().unwrap();
        // Those that a picture can hold.
        let inside: Vec<usize> = (0..entry["points"].as_array().unwrap().len())
            .filter(|i| (0..3).all(|c| (0.0..=1.0).contains(&triple("points", *i, c))))
            .collect();
        assert!(inside.len() > 20);
        let source = image(inside.len() as u32, 1, |c, x, _| {
            triple("points", inside[x], c) as f32
        });
        for (how, tetrahedral) in [("trilinear", "false"), ("tetrahedral", "true")] {
            let set = only(&[
                ("lut_strength", "1"),
                ("lut_path", "some.cube"),
                ("tetrahedral", tetrahedral),
            ]);
            for on in BOTH {
                let out = rendered(&source, &set, &[], 0, &lut, on);
                for (x, i) in inside.iter().enumerate() {
                    for c in 0..3 {
                        let wanted = (triple(how, *i, c).clamp(0.0, 1.0) * 65535.0).round();
                        let got = f64::from(out.sample(c, x, 0));
                        // The points are rounded to codes, and the steepest table rises eight times as fast.
                        assert!(
                            (got - wanted).abs() <= 6.0,
                            "{} {how} on {on:?}: {got}, not {wanted}",
                            entry["name"]
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn the_look_that_comes_with_it_has_its_blacks_and_rises() {
    let library = Library::built_in();
    let lut = library.lut("cinematic/look.cube").unwrap();
    let gray = |v: f32| lut.apply([v; 3], aquatint::color::lut::Interpolation::Trilinear);
    assert_eq!(gray(0.0), [0.0; 3]);
    assert!(gray(1.0).iter().all(|v| (0.94..1.0).contains(v)));
    for step in 0..100 {
        let (a, b) = (gray(step as f32 / 100.0), gray((step + 1) as f32 / 100.0));
        assert!((0..3).all(|c| a[c] < b[c]), "{step}");
        // A tint, not a cast.
        assert!(a.iter().all(|v| (v - a[1]).abs() < 0.05), "{step}: {a:?}");
    }
    // It is what the style uses unless a path is given, and nobody has to have it.
    let source = scene(64, 36, yuv420(8), Color::default(), 4);
    let plan = |set: &[(&str, &str)]| {
        let chain = vec![styled(&library, "cinematic", set, 1.0)];
        plan_for(&library, &source, chain, PlanOptions::default()).files
    };
    assert_eq!(plan(&[]), [File::OwnLut("cinematic/look.cube".into())]);
    assert_eq!(
        plan(&[("lut_path", "my.cube")]),
        [File::Lut("my.cube".into())]
    );
    assert_eq!(plan(&[("lut_strength", "0")]), []);
}

#[test]
fn bloom_moves_light_and_makes_none() {
    // Discs of light away from the borders, brighter and dimmer than the threshold.
    let source = image(512, 384, |c, x, y| {
        let (x, y) = (x as f32 - 256.0, y as f32 - 192.0);
        let far = (x.abs() - 20.0).hypot(y);
        let disc = if far < 6.0 { 0.9 - 0.2 * c as f32 } else { 0.0 };
        0.02 + disc
    });
    for radius in ["3", "7.5", "20"] {
        // At 384 lines a pixel is 2.8 at 1080.
        let set = only(&[("bloom_strength", "1"), ("bloom_radius", radius)]);
        for on in BOTH {
            let out = one(&source, &set, on);
            for c in 0..3 {
                let (before, after) = (values(&source, c), values(&out, c));
                let (before_sum, after_sum) =
                    (before.iter().sum::<f64>(), after.iter().sum::<f64>());
                let moved: f64 = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).sum();
                assert!(
                    moved > 0.001 * before_sum,
                    "{radius} on {on:?}: nothing glows"
                );
                assert!(
                    (before_sum - after_sum).abs() < 0.01 * moved + 0.5,
                    "{radius}, channel {c} on {on:?}: {before_sum} became {after_sum}, {moved} moved"
                );
            }
        }
    }
}

#[test]
fn a_point_of_light_glows_alike_wherever_it_is() {
    let glow_at = |px: usize, py: usize, on: On| {
        let source = image(256, 192, |_, x, y| f32::from(u8::from((x, y) == (px, py))));
        let set = only(&[("bloom_strength", "1"), ("bloom_radius", "60")]);
        let out = one(&source, &set, on);
        let total: f64 = values(&out, 1).iter().sum();
        total - f64::from(out.sample(1, px, py)) / 65535.0
    };
    let glows: Vec<f64> = (0..16)
        .map(|i| glow_at(120 + i, 90 + i / 2, On::Cpu))
        .collect();
    let (mean, deviation) = mean_and_deviation(&glows);
    assert!(mean > 0.1, "{glows:?}");
    assert!(deviation < 0.03 * mean, "{glows:?}");
}

#[test]
fn grain_has_no_mean_and_the_strength_it_says() {
    for level in [0.08f32, 1.0 / 3.0, 0.5, 0.8] {
        let source = image(320, 240, |_, _, _| level);
        for size in ["4.5", "12"] {
            let set = only(&[("grain_strength", "0.02"), ("grain_size", size)]);
            for on in BOTH {
                let out = one(&source, &set, on);
                let expected = 0.02 * 6.75 * level * (1.0 - level).powi(2);
                for c in 0..3 {
                    let (mean, deviation) = mean_and_deviation(&values(&out, c));
                    let name = format!("{level} {size} {c} on {on:?}");
                    // Grains of 12 px at 1080 lines are 1.3 pixels apart here: some 43 000 of them.
                    let error = 4.0 * f64::from(expected) / 120.0 + 0.5 / 65535.0;
                    assert!(
                        (mean - f64::from(level)).abs() < error,
                        "{name}: mean {mean}"
                    );
                    assert!(
                        (deviation / f64::from(expected) - 1.0).abs() < 0.04,
                        "{name}: {deviation}, not {expected}"
                    );
                }
            }
        }
    }
    for level in [0.0, 1.0] {
        let source = image(64, 48, |_, _, _| level);
        let set = only(&[("grain_strength", "0.2")]);
        assert!(one(&source, &set, On::Cpu).same_samples(&source));
    }
}

#[test]
fn grain_belongs_to_the_frame_and_not_to_the_run() {
    let source = image(96, 64, |c, x, y| 0.2 + 0.002 * (x + y + c) as f32);
    let set = only(&[("grain_strength", "0.05")]);
    for on in BOTH {
        let whole = rendered(&source, &set, &[5, 6], 7, &[], on);
        let alone = rendered(&source, &set, &[], 7, &[], on);
        let other = rendered(&source, &set, &[], 8, &[], on);
        assert!(whole.same_samples(&alone), "{on:?}");
        let (frame, next) = (values(&alone, 1), values(&other, 1));
        let (_, still) = mean_and_deviation(
            &frame
                .iter()
                .zip(&values(&source, 1))
                .map(|(a, b)| a - b)
                .collect::<Vec<_>>(),
        );
        let (_, moving) = mean_and_deviation(
            &frame
                .iter()
                .zip(&next)
                .map(|(a, b)| a - b)
                .collect::<Vec<_>>(),
        );
        // Two independent grains differ by √2 of one.
        assert!(
            (moving / still - 2f64.sqrt()).abs() < 0.1,
            "{on:?}: {moving} {still}"
        );
    }
}

#[test]
fn a_vignette_is_the_same_on_every_side() {
    let strength = 0.4;
    let set = only(&[("vignette_strength", "0.4")]);
    for (width, height) in [(160u32, 90u32), (90, 160), (81, 81)] {
        let source = image(width, height, |_, _, _| 0.5);
        for on in BOTH {
            let out = one(&source, &set, on);
            let (w, h) = (width as usize, height as usize);
            let at = |x: usize, y: usize| out.sample(1, x, y);
            for y in 0..h {
                for x in 0..w {
                    let mirrored = [at(w - 1 - x, y), at(x, h - 1 - y)];
                    assert!(
                        mirrored.iter().all(|m| m.abs_diff(at(x, y)) <= 1),
                        "{x},{y}"
                    );
                }
            }
            // Linear light: the corner keeps 1 - strength of it, the middle all.
            let corner = f64::from(at(0, 0)) / 32768.0;
            assert!((corner - (1.0 - strength)).abs() < 0.02, "{corner}");
            assert!(at(w / 2, h / 2) >= 32766);
        }
    }
    // Turned by a quarter, the frame has the vignette of the turned frame.
    let lying = one(&image(160, 90, |_, _, _| 0.5), &set, On::Cpu);
    let standing = one(&image(90, 160, |_, _, _| 0.5), &set, On::Cpu);
    for (x, y) in [(0, 45), (80, 0), (30, 20)] {
        assert!(lying.sample(0, x, y).abs_diff(standing.sample(0, y, x)) <= 1);
    }
}
