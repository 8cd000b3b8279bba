//! Frames of whole styles as they were looked at and found good: what changes a picture changes one of them.

use aquatint::color::{Color, Range};
use aquatint::frame::Picture;
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;

use crate::support::*;
use crate::temporal::own_files;

/// Pixels of the middle that are stored, each way.
const SIDE: usize = 64;

/// A scene of colours, discs and edges in integers alone.
fn scene_in_colour() -> Picture {
    let color = Color {
        range: Range::Full,
        ..Color::default()
    };
    picture(480, 270, rgb(8), color, |component, x, y| {
        let (x, y, c) = (x as i64, y as i64, component as i64);
        let wave = (x * (3 + c) + y * (5 - c)) % 512;
        let ramp = if wave < 256 { wave } else { 511 - wave };
        let centre = (240 - 40 * c, 120 + 20 * c);
        let disc = (x - centre.0).pow(2) + (y - centre.1).pow(2) < 50 * 50;
        let value = if disc {
            255 - ramp / 2
        } else {
            40 + ramp * 3 / 4
        };
        value.clamp(0, 255) as u32
    })
}

/// Every executor makes of the scene what is stored, but for `apart` of the samples: a colour of a palette that lies as near
/// as another. Written anew with UPDATE_GOLDEN=1.
fn is_the_stored_one(style: &str, set: &[(&str, &str)], apart: f64) {
    let library = Library::built_in();
    let path = source_tree().join(format!("kernels-tests/expected/{style}_golden.bin"));
    let scene = scene_in_colour();
    for on in BOTH {
        let chain = vec![styled(&library, style, set, 1.0)];
        let plan = plan_for(&library, &scene, chain, PlanOptions::default());
        let files = own_files(&library, &plan);
        let out = run(&library, plan, Some(&scene), &files, on).remove(0);
        let seen: Vec<u8> = (0..3)
            .flat_map(|component| (0..SIDE * SIDE).map(move |i| (component, i)))
            .map(|(component, i)| out.sample(component, 190 + i % SIDE, 100 + i / SIDE) as u8)
            .collect();
        if on == On::Cpu && std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &seen).unwrap();
        }
        let stored = std::fs::read(&path).unwrap();
        assert_eq!(seen.len(), stored.len());
        let gaps = seen.iter().zip(&stored).map(|(a, b)| a.abs_diff(*b));
        let other = gaps.filter(|gap| *gap > 2).count() as f64 / seen.len() as f64;
        assert!(other <= apart, "{style}: {other} of the samples on {on:?}");
    }
}

#[test]
fn a_pencil_drawing_is_the_stored_one() {
    is_the_stored_one("pencil", &[], 0.0);
}

#[test]
fn a_picture_in_characters_is_the_stored_one() {
    is_the_stored_one("ascii", &[("cell", "60")], 0.0);
}

#[test]
fn a_cartoon_is_the_stored_one() {
    is_the_stored_one("cartoon", &[], 0.002);
}

#[test]
fn a_print_is_the_stored_one() {
    let set = [("dot_size", "8"), ("edge_thickness", "5")];
    is_the_stored_one("comic", &set, 0.0);
}

#[test]
fn a_stretched_frame_is_the_stored_one() {
    let set = [("black", "0.1"), ("white", "0.8")];
    is_the_stored_one("levels", &set, 0.0);
}

#[test]
fn a_graded_frame_is_the_stored_one() {
    is_the_stored_one("cinematic", &[], 0.0);
}

#[test]
fn a_painted_frame_is_the_stored_one() {
    is_the_stored_one("watercolor", &[], 0.0);
}

// Between bursts, with the colours apart.
#[test]
fn a_broken_frame_is_the_stored_one() {
    is_the_stored_one("glitch", &[("shift", "100")], 0.0);
}
