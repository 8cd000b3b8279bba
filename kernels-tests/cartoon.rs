//! Cartoon's parts against OpenCV (`bilateralFilter` and `Canny`, stored by expected/make_cartoon_opencv.py), and its
//! palette against what a palette must be.

use std::collections::BTreeSet;

use aquatint::color::{Color, Range};
use aquatint::frame::{Model, Picture, PixelFormat, Subsampling};
use aquatint::graph::Submission;
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;

use crate::support::*;

const STEP: usize = 4;

/// The same picture as `scene` in the script, in integers alone.
fn channel(x: usize, y: usize, (width, height): (i64, i64), shift: i64) -> u32 {
    let (x, y) = (x as i64, y as i64);
    let disc = (x - width / 2 - shift).pow(2) + (y - height / 3).pow(2) < (height / 5).pow(2);
    let bars = ((x + shift) / 19 + y / 31) % 3 == 0;
    let mixed = x * 2_654_435_761 + (y + shift) * 40_503 + (x * y) % 7919 * 131;
    let grain = ((mixed % 4_294_967_296) >> 13) % 23;
    let value = 40 + x * 120 / width + shift + 50 * i64::from(disc) - 35 * i64::from(bars) + grain;
    value.clamp(0, 255) as u32
}

fn full() -> Color {
    Color {
        range: Range::Full,
        ..Color::default()
    }
}

fn gray8() -> PixelFormat {
    PixelFormat::planar(Model::Gray, Subsampling::S444, 8, false)
}

/// What `style` makes of `picture`.
fn made(picture: &Picture, style: &str, set: &[(&str, &str)], on: On) -> Picture {
    let library = Library::built_in();
    let chain = vec![styled(&library, style, set, 1.0)];
    let plan = plan_for(&library, picture, chain, PlanOptions::default());
    run(&library, plan, Some(picture), &[], on).remove(0)
}

/// PSNR of the filtered picture, and intersection over union of the edges, against the stored ones.
fn against_opencv(colour: &Picture, gray: &Picture, expected: &[u8], on: On) -> (f64, f64) {
    let (width, height) = (colour.width as usize, colour.height as usize);
    let (columns, rows) = (width.div_ceil(STEP), height.div_ceil(STEP));
    let (smooth, edges) = expected.split_at(3 * columns * rows);
    let set = [
        ("radius", "4"),
        ("sigma_color", "75"),
        ("sigma_space", "75"),
    ];
    let filtered = made(colour, "common/bilateral", &set, on);
    let mut sum = 0.0;
    for (i, value) in smooth.iter().enumerate() {
        let (pixel, component) = (i / 3, i % 3);
        let found = filtered.sample(component, pixel % columns * STEP, pixel / columns * STEP);
        sum += (f64::from(found) - f64::from(*value)).powi(2);
    }
    let set = [("threshold1", "50"), ("threshold2", "150")];
    let drawn = made(gray, "common/canny", &set, on);
    let (mut both, mut either) = (0.0, 0.0);
    for i in 0..width * height {
        let theirs = edges[i / 8] >> (i % 8) & 1 == 1;
        let ours = drawn.sample(0, i % width, i / width) > 127;
        both += f64::from(u8::from(ours && theirs));
        either += f64::from(u8::from(ours || theirs));
    }
    assert!(both > 500.0, "there are edges");
    let psnr = 10.0 * (255.0 * 255.0 * smooth.len() as f64 / sum).log10();
    (psnr, both / either)
}

#[test]
fn a_generated_scene_is_what_opencv_makes() {
    let size = (240, 180);
    let value = |c: usize, x, y| channel(x, y, size, [0, 10, 25][c]);
    let colour = picture(240, 180, rgb(8), Color::default(), value);
    let gray = picture(240, 180, gray8(), full(), |_, x, y| value(1, x, y));
    for on in BOTH {
        let expected = include_bytes!("expected/cartoon_scene.bin");
        let (psnr, overlap) = against_opencv(&colour, &gray, expected, on);
        println!("scene on {on:?}: bilateral {psnr:.1} dB, edges {overlap:.4}");
        assert!(
            psnr >= 45.0 && overlap >= 0.99,
            "{psnr:.1} dB, {overlap:.4} on {on:?}"
        );
    }
}

#[cfg(feature = "video")]
#[test]
fn a_photo_is_what_opencv_makes() {
    let Some(path) = media("photos/coffee.png") else {
        return;
    };
    let colour = aquatint::media::read_image(&path).unwrap();
    // BT.601 as OpenCV weighs it, so that both have the identical gray picture.
    let gray = picture(colour.width, colour.height, gray8(), full(), |_, x, y| {
        let [r, g, b] = [0, 1, 2].map(|c| colour.sample(c, x, y));
        (9798 * r + 19235 * g + 3735 * b + 16384) >> 15
    });
    for on in BOTH {
        let expected = include_bytes!("expected/cartoon_photo.bin");
        let (psnr, overlap) = against_opencv(&colour, &gray, expected, on);
        println!("photo on {on:?}: bilateral {psnr:.1} dB, edges {overlap:.4}");
        assert!(
            psnr >= 45.0 && overlap >= 0.99,
            "{psnr:.1} dB, {overlap:.4} on {on:?}"
        );
    }
}

#[test]
fn hysteresis_goes_all_the_way() {
    // A shore from side to side, weak but for its first pixels: all of it is an edge, and none of it without them.
    let shore = |strong: bool| {
        picture(640, 48, gray8(), full(), |_, x, y| {
            let land = y as f32 > 24.0 + 8.0 * (x as f32 / 40.0).sin();
            let high = if strong && x < 12 { 100 } else { 24 };
            100 + if land { high } else { 0 }
        })
    };
    let edges = |strong, on| {
        let set = [("threshold1", "40"), ("threshold2", "150")];
        let drawn = made(&shore(strong), "common/canny", &set, on);
        let column = |x: &usize| (0..48).any(|y| drawn.sample(0, *x, y) > 127);
        (0..640).filter(column).count()
    };
    for on in BOTH {
        assert_eq!((edges(false, on), edges(true, on)), (0, 640), "{on:?}");
    }
}

/// Distinct colours of the quantized picture.
fn colors(of: &Picture) -> BTreeSet<[u32; 3]> {
    let pixels = (0..of.height as usize).flat_map(|y| (0..of.width as usize).map(move |x| (x, y)));
    pixels
        .map(|(x, y)| [0, 1, 2].map(|c| of.sample(c, x, y)))
        .collect()
}

#[test]
fn a_picture_of_few_colours_keeps_them() {
    let flat: [[u32; 3]; 6] = [
        [200, 40, 30],
        [30, 160, 60],
        [20, 40, 180],
        [240, 220, 40],
        [128, 128, 128],
        [10, 10, 10],
    ];
    // Patches so wide that no pixel of their middles sees a border.
    let patches = picture(360, 240, rgb(8), Color::default(), |c, x, y| {
        flat[x / 120 + 3 * (y / 120)][c]
    });
    let set = [("saturation", "1"), ("num_colors", "8")];
    for on in BOTH {
        let out = made(&patches, "cartoon", &set, on);
        for (i, color) in flat.iter().enumerate() {
            let found = [0, 1, 2].map(|c| out.sample(c, i % 3 * 120 + 60, i / 3 * 120 + 60));
            assert_eq!(found, *color, "patch {i} on {on:?}");
        }
    }
}

#[test]
fn a_small_area_of_a_colour_of_its_own_keeps_it() {
    // More bands than colours, and a roof of many shades of red on 0.2 % of the picture.
    let bands: [[u32; 3]; 9] = [
        [240, 240, 245],
        [170, 210, 250],
        [100, 160, 230],
        [40, 90, 150],
        [30, 100, 90],
        [110, 150, 60],
        [60, 90, 30],
        [150, 150, 140],
        [20, 40, 30],
    ];
    let landscape = picture(480, 270, rgb(8), Color::default(), |c, x, y| {
        match (300..322).contains(&x) && (158..172).contains(&y) {
            true => [140 + (x as u32 - 300) * 5, 20 + (y as u32 - 158) * 4, 30][c],
            false => bands[y / 30][c],
        }
    });
    for on in BOTH {
        let out = made(&landscape, "cartoon", &[("saturation", "1")], on);
        let [red, green, blue] = [0, 1, 2].map(|c| out.sample(c, 311, 165));
        assert!(
            red > 150 && green < 90 && blue < 90,
            "the roof is {red} {green} {blue} on {on:?}"
        );
    }
}

#[test]
fn no_more_colours_than_asked_for_and_they_do_not_swim() {
    let library = Library::built_in();
    for (number, text) in [(4, "4"), (16, "16")] {
        let set = [
            ("num_colors", text),
            ("saturation", "1"),
            ("edge_threshold1", "1000"),
            ("edge_threshold2", "1000"),
        ];
        let chain = vec![styled(&library, "cartoon", &set, 1.0)];
        let first = scene(192, 108, rgb(8), Color::default(), 3);
        let plan = plan_for(&library, &first, chain, PlanOptions::default());
        let mut executor = executor(&library, plan, &[], On::Cpu);
        // The same scene with other noise, frame after frame: flat middles of areas keep their colours.
        let mut palettes = Vec::new();
        for seed in 0..6 {
            let frame = scene(192, 108, rgb(8), Color::default(), 3 + seed);
            let out = submit_as(executor.as_mut(), Some(&frame), seed).remove(0);
            palettes.push(unsoftened(&out));
        }
        assert!(
            palettes.iter().all(|palette| palette.len() <= number),
            "{palettes:?}"
        );
        let (before, after) = (&palettes[4], &palettes[5]);
        for color in after {
            let nearest = before.iter().map(|old| apart(old, color)).min().unwrap();
            assert!(nearest <= 2, "{color:?} was not in {before:?}");
        }
        // A cut begins anew: other colours at once.
        let other = picture(192, 108, rgb(8), Color::default(), |c, x, _| {
            if c == x / 24 % 3 {
                250
            } else {
                60 * (x as u32 / 96)
            }
        });
        let mut cut = instant(9, 0.3, 7);
        cut.facts.cut = true;
        let out = executor.submit(Submission::single(Some(other), cut));
        let out = pictures(out.unwrap()).remove(0);
        assert!(
            unsoftened(&out)
                .iter()
                .any(|color| color[0] > 240 && color[1] < 80)
        );
    }
}

/// Colours that fill 3 by 3 pixels somewhere: those of the palette, not of softened borders.
fn unsoftened(of: &Picture) -> BTreeSet<[u32; 3]> {
    let at = |x: usize, y: usize| [0, 1, 2].map(|c| of.sample(c, x, y));
    let mut found = BTreeSet::new();
    for y in 2..of.height as usize - 2 {
        for x in 2..of.width as usize - 2 {
            let here = at(x, y);
            if (0..9).all(|k| at(x + k % 3 - 1, y + k / 3 - 1) == here) {
                found.insert(here);
            }
        }
    }
    assert!(!found.is_empty() && found.len() <= colors(of).len());
    found
}

fn apart(a: &[u32; 3], b: &[u32; 3]) -> u32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap_or(0)
}
