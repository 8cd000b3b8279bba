//! Comic: dots that cover what they stand for, lines as wide as asked for, and what becomes of screens too fine to show.

use aquatint::color::{Color, Range};
use aquatint::frame::{Model, Picture, PixelFormat, Subsampling};
use aquatint::graph::plan::{Plan, PlanOptions, StyleUse};
use aquatint::graph::style::Library;

use crate::support::*;

fn full() -> Color {
    Color {
        range: Range::Full,
        ..Color::default()
    }
}

fn gray(depth: u8) -> PixelFormat {
    PixelFormat::planar(Model::Gray, Subsampling::S444, depth, false)
}

fn drawn(picture: &Picture, chain: Vec<StyleUse>, on: On) -> Picture {
    let library = Library::built_in();
    let plan = plan_for(&library, picture, chain, PlanOptions::default());
    run(&library, plan, Some(picture), &[], on).remove(0)
}

/// Ink colours that each stop one primary alone.
const PURE: [(&str, &str); 5] = [
    ("paper", "#ffffff"),
    ("cyan", "#00ffff"),
    ("magenta", "#ff00ff"),
    ("yellow", "#ffff00"),
    ("black", "#000000"),
];

/// Tiles of one value each, four by four.
const VALUES: [f64; 16] = [
    0.0, 0.01, 0.05, 0.1, 0.2, 0.35, 0.5, 0.6, 0.7, 0.76, 0.785, 0.82, 0.88, 0.94, 0.98, 1.0,
];

/// A picture of `4 * tile` pixels a side where ink `ink` alone has the values of `VALUES`.
fn tiles(tile: usize, ink: usize) -> Picture {
    let side = 4 * tile as u32;
    picture(side, side, rgb(16), full(), |component, x, y| {
        let value = VALUES[y / tile * 4 + x / tile];
        let light = if ink == 3 || ink == component {
            1.0 - value
        } else {
            1.0
        };
        (light * 65535.0).round() as u32
    })
}

/// How far the mean ink of any tile is from its value, with cells `pitch` pixels wide.
fn worst_tone(ink: usize, pitch: f64, on: On) -> f64 {
    // A hundred cells, of whole pixels all together; the lines between tiles, as thick as lines get, are left out.
    let cells = (10.0 * pitch).ceil() as usize;
    let margin = 8;
    let tile = cells + 2 * margin;
    let picture = tiles(tile, ink);
    let dot_size = pitch / 2.0 * 1080.0 / f64::from(picture.width);
    let library = Library::built_in();
    let mut style = styled(&library, "comic", &PURE, 1.0);
    // A picture so small asks for dots beyond the range that people are offered.
    for (name, value) in &mut style.values.0 {
        match name.as_str() {
            "dot_size" => *value = aquatint::graph::style::Value::Number(dot_size),
            "gray_replacement" => *value = aquatint::graph::style::Value::Number(1.0),
            "black_start" => *value = aquatint::graph::style::Value::Number(0.0),
            _ => {}
        }
    }
    let out = drawn(&picture, vec![style], on);
    let component = if ink == 3 { 1 } else { ink };
    let mut worst: f64 = 0.0;
    for (index, value) in VALUES.iter().enumerate() {
        let (left, top) = (index % 4 * tile + margin, index / 4 * tile + margin);
        let mut sum = 0.0;
        for y in top..top + cells {
            for x in left..left + cells {
                sum += 1.0 - f64::from(out.sample(component, x, y)) / 65535.0;
            }
        }
        worst = worst.max((sum / (cells * cells) as f64 - value).abs());
    }
    worst
}

#[test]
fn dots_cover_what_they_stand_for() {
    for ink in 0..4 {
        for pitch in [3.0, 4.0, 5.5, 6.0, 9.0, 16.0] {
            let worst = worst_tone(ink, pitch, On::Cpu);
            assert!(worst <= 0.01, "ink {ink}, cells of {pitch}: {worst}");
        }
        let worst = worst_tone(ink, 6.0, On::Gpu);
        assert!(worst <= 0.01, "ink {ink} on a GPU: {worst}");
    }
}

/// The mean colour of a print, in codes of 8 bits, of a picture of one colour, with cells of 8 pixels.
fn mean_of_print(colour: [u32; 3], set: &[(&str, &str)], on: On) -> [f64; 3] {
    let side = 192;
    let flat = picture(side, side, rgb(8), full(), |component, _, _| {
        colour[component]
    });
    let library = Library::built_in();
    let mut style = styled(&library, "comic", set, 1.0);
    for (name, value) in &mut style.values.0 {
        if name == "dot_size" {
            let dots = 4.0 * 1080.0 / f64::from(side);
            *value = aquatint::graph::style::Value::Number(dots);
        }
    }
    let out = drawn(&flat, vec![style], on);
    let side = side as usize;
    [0, 1, 2].map(|component| {
        let pixels = (0..side * side).map(|at| out.sample(component, at % side, at / side));
        pixels.map(f64::from).sum::<f64>() / (side * side) as f64
    })
}

/// Colours that inks and paper can print keep their tone: seen from afar, the print has the colours of the picture.
#[test]
fn a_print_has_the_tone_of_the_picture() {
    let colours = [
        [90, 150, 200],
        [142, 142, 142],
        [200, 160, 130],
        [60, 70, 50],
        [225, 120, 50],
    ];
    for on in BOTH {
        for colour in colours {
            let mean = mean_of_print(colour, &[], on);
            for (mean, colour) in mean.into_iter().zip(colour) {
                let apart = (mean - f64::from(colour)).abs();
                assert!(apart < 2.5, "{colour} became {mean:.1} on {on:?}");
            }
        }
    }
}

#[test]
fn each_ink_has_its_angle() {
    let side = 240;
    for (ink, degrees) in [(0, 15.0f64), (1, 75.0), (2, 0.0), (3, 45.0)] {
        let pitch = 12.0;
        let picture = picture(side, side, rgb(8), full(), |component, _, _| {
            if ink == 3 || ink == component {
                179
            } else {
                255
            }
        });
        let library = Library::built_in();
        let mut set = PURE.to_vec();
        // 8 at 240 lines are cells of 3.6 pixels; those of 12 are made by hand below.
        set.extend([("gray_replacement", "1"), ("black_start", "0")]);
        let mut style = styled(&library, "comic", &set, 1.0);
        for (name, value) in &mut style.values.0 {
            if name == "dot_size" {
                *value = aquatint::graph::style::Value::Number(pitch / 2.0 * 1080.0 / 240.0);
            }
        }
        let out = drawn(&picture, vec![style], On::Cpu);
        // The screen's first harmonic at an angle: as strong as it gets at the screen's own, nothing 7 degrees off it.
        let harmonic = |degrees: f64| {
            let (sine, cosine) = degrees.to_radians().sin_cos();
            let (mut real, mut imaginary) = (0.0, 0.0);
            for y in 0..side as usize {
                for x in 0..side as usize {
                    let component = if ink == 3 { 1 } else { ink };
                    let value = f64::from(out.sample(component, x, y));
                    let turn = (x as f64 * cosine + y as f64 * sine) / pitch;
                    let (s, c) = (turn * std::f64::consts::TAU).sin_cos();
                    real += value * c;
                    imaginary += value * s;
                }
            }
            real.hypot(imaginary) / f64::from(side * side)
        };
        let own = harmonic(degrees);
        assert!(own > 20.0, "ink {ink}: {own}");
        for off in [-7.0, 7.0] {
            let other = harmonic(degrees + off);
            assert!(other < 0.2 * own, "ink {ink}: {other} beside {own}");
        }
    }
}

/// Ink along a step from `dark` to `light` through the middle of a picture, `degrees` from upright and `soft` pixels wide,
/// as a width in pixels.
fn line_width(width: f64, degrees: f64, soft: f64, [dark, light]: [f64; 2], on: On) -> f64 {
    let side = 108;
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let step = picture(side, side, gray(8), full(), |_, x, y| {
        // Antialiased, and off the pixels' centres.
        let distance = (x as f64 - 53.3) * cosine + (y as f64 - 53.3) * sine;
        (dark + (light - dark) * (distance / soft + 0.5).clamp(0.0, 1.0)).round() as u32
    });
    let library = Library::built_in();
    // At 108 lines a pixel is ten of those that parameters are given in.
    let set = format!("{}", width * 10.0);
    let lines = drawn(
        &step,
        vec![styled(&library, "common/outline", &[("width", &set)], 1.0)],
        on,
    );
    // Away from the borders, row by row.
    let mut sum = 0.0;
    for y in 34..74 {
        for x in 0..side as usize {
            sum += f64::from(lines.sample(0, x, y)) / 255.0;
        }
    }
    sum / 40.0 * cosine
}

#[test]
fn lines_are_as_wide_as_asked_for() {
    for on in BOTH {
        for width in [1.0, 2.0, 3.0, 5.0] {
            for degrees in [0.0, 20.0, 45.0] {
                for soft in [1.0, 3.0] {
                    let seen = line_width(width, degrees, soft, [50.0, 200.0], on);
                    assert!(
                        (seen - width).abs() <= 0.08 * width + 0.25,
                        "{width} at {degrees} degrees, {soft} soft: {seen} on {on:?}"
                    );
                }
            }
        }
        // Whatever the step's height, once it is high; thinner where it is low, and none where there is nearly none.
        let [low, high] =
            [[110.0, 140.0], [20.0, 240.0]].map(|step| line_width(3.0, 20.0, 1.0, step, on));
        assert!(low > 0.1 && low < 0.6 * high, "{low} beside {high}");
        assert!((high - 3.0).abs() < 0.5, "{high}");
        assert_eq!(line_width(3.0, 20.0, 1.0, [120.0, 128.0], on), 0.0);
        // Shading is no edge.
        assert_eq!(line_width(3.0, 20.0, 60.0, [20.0, 240.0], on), 0.0);
    }
}

fn kernels(plan: &Plan) -> Vec<&str> {
    plan.nodes
        .iter()
        .map(|node| node.kernel.path.as_str())
        .collect()
}

#[test]
fn screens_too_fine_fade_and_say_so() {
    let library = Library::built_in();
    let planned = |width: u32, height: u32, dot_size: &str| {
        let picture = picture(width, height, rgb(8), full(), |_, _, _| 128);
        let chain = vec![styled(&library, "comic", &[("dot_size", dot_size)], 1.0)];
        plan_for(&library, &picture, chain, PlanOptions::default())
    };
    let large = planned(1920, 1080, "3");
    assert!(large.notes.is_empty(), "{:?}", large.notes);
    let portrait = planned(1080, 1920, "2");
    assert!(portrait.notes.is_empty() && kernels(&portrait).contains(&"comic/halftone"));
    let small = planned(800, 450, "3");
    assert!(kernels(&small).contains(&"comic/halftone"));
    assert_eq!(small.notes.len(), 1);
    assert!(
        small.notes[0].starts_with("comic: dots 2.5 pixels apart"),
        "{:?}",
        small.notes
    );
    // The same style twice says it once.
    let picture = picture(320, 180, rgb(8), full(), |_, _, _| 128);
    let style = styled(&library, "comic", &[], 1.0);
    let twice = plan_for(
        &library,
        &picture,
        vec![style.clone(), style],
        PlanOptions::default(),
    );
    assert_eq!(twice.notes.len(), 1);
    assert!(!kernels(&twice).contains(&"comic/halftone"));
    // Without dots an even picture is an even picture.
    for on in BOTH {
        let out = drawn(&picture, vec![styled(&library, "comic", &PURE, 1.0)], on);
        for component in 0..3 {
            for (x, y) in [(0, 0), (17, 3), (319, 179), (100, 101)] {
                let value = out.sample(component, x, y);
                assert!(value.abs_diff(128) <= 1, "{value} at {x},{y} on {on:?}");
            }
        }
    }
}

#[test]
fn paper_and_inks_are_what_they_are_set_to() {
    let inks = [
        ("paper", "#f4efe0"),
        ("cyan", "#3080c0"),
        ("magenta", "#c02060"),
        ("yellow", "#e0c020"),
        ("black", "#302010"),
        ("gray_replacement", "1"),
        ("black_start", "0"),
    ];
    let hex = |text: &str| u32::from_str_radix(&text[1..], 16).unwrap().to_be_bytes();
    let printed = |inks: &[&str]| -> [f64; 3] {
        [1, 2, 3].map(|part| {
            let parts = inks.iter().map(|ink| f64::from(hex(ink)[part]) / 255.0);
            255.0 * parts.product::<f64>()
        })
    };
    let [paper, cyan, magenta, yellow, black] = [0, 1, 2, 3, 4].map(|at| inks[at].1);
    for on in BOTH {
        // The colour of an ink on the paper is printed by that ink.
        for ink in [cyan, magenta, yellow] {
            let expected = printed(&[paper, ink]);
            let mean = mean_of_print(expected.map(|code| code.round() as u32), &inks, on);
            for (mean, expected) in mean.into_iter().zip(expected) {
                assert!(
                    (mean - expected).abs() <= 1.5,
                    "{ink}: {mean} for {expected} on {on:?}"
                );
            }
        }
        // White is the bare paper, and black all that there is.
        let all = [paper, cyan, magenta, yellow, black];
        for (code, inks_of) in [(255, &all[..1]), (0, &all[..])] {
            let mean = mean_of_print([code; 3], &inks, on);
            for (mean, expected) in mean.into_iter().zip(printed(inks_of)) {
                assert!(
                    (mean - expected).abs() <= 1.0,
                    "{code}: {mean} for {expected} on {on:?}"
                );
            }
        }
    }
}
