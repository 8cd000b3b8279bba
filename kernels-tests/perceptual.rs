//! `common/perceptual` by the style `resize`: against a statement of it in NumPy, and what it keeps.

use aquatint::frame::Picture;
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;
use serde::Deserialize;

use crate::support::*;

/// What `perceptual.json` holds.
#[derive(Deserialize)]
struct Expected {
    width: u32,
    height: u32,
    /// Codes of 8 bits.
    luma: Vec<u32>,
    /// Luma at half the size, row by row.
    made: Vec<f32>,
}

/// `given` by the style `resize` with these values.
fn resized(given: &Picture, set: &[(&str, &str)], on: On) -> Picture {
    let library = Library::built_in();
    let chain = vec![styled(&library, "resize", set, 1.0)];
    let plan = plan_for(&library, given, chain, PlanOptions::default());
    run(&library, plan, Some(given), &[], on).remove(0)
}

/// The standard deviation of a component, borders left out, in codes.
fn deviation(picture: &Picture, component: usize) -> f64 {
    let inside = (4..picture.height as usize - 4)
        .flat_map(|y| (4..picture.width as usize - 4).map(move |x| (x, y)));
    let values: Vec<f64> = inside
        .map(|(x, y)| f64::from(picture.sample(component, x, y)))
        .collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    (squares.sum::<f64>() / values.len() as f64).sqrt()
}

const HALF: (&str, &str) = ("scale", "0.5");
const KEEPS: (&str, &str) = ("perceptual", "true");

#[test]
fn half_the_size_is_what_numpy_makes() {
    let expected: Expected =
        serde_json::from_str(include_str!("expected/perceptual.json")).unwrap();
    let Expected { width, height, .. } = expected;
    // Sixteen bits, so that the rounding of what comes out is small.
    let given = picture(width, height, gray(16), FULL, |_, x, y| {
        257 * expected.luma[y * width as usize + x]
    });
    let wide = width as usize / 2;
    for on in BOTH {
        let made = resized(&given, &[HALF, KEEPS], on);
        assert_eq!((made.width, made.height), (width / 2, height / 2));
        for y in 4..height as usize / 2 - 4 {
            for x in 4..wide - 4 {
                let (made, value) = (made.sample(0, x, y), expected.made[y * wide + x]);
                let made = made as f32 / 65535.0;
                assert!(
                    (made - value).abs() < 3e-3,
                    "{made} for {value} at {x}, {y} on {on:?}"
                );
            }
        }
    }
}

#[test]
fn grain_and_weave_keep_their_contrast_and_edges_overshoot_by_a_tenth_at_most() {
    let mut random = Noise(3);
    let grain = picture(96, 72, rgb(16), FULL, |component, _, _| {
        let noise = random.unit() - 0.5;
        (65535.0 * (0.3 + 0.1 * component as f32 + 0.1 * noise)) as u32
    });
    // Stripes three pixels wide.
    let weave = picture(96, 72, rgb(16), FULL, |_, x, y| {
        16000 + 8000 * ((x / 3 + y / 3) % 2) as u32
    });
    let edge = picture(
        96,
        72,
        rgb(16),
        FULL,
        |_, x, _| {
            if x < 49 { 12000 } else { 50000 }
        },
    );
    for on in BOTH {
        for (name, given, plain_has, has) in
            [("grain", &grain, 0.7, 0.8), ("weave", &weave, 0.9, 0.92)]
        {
            let share = |set: &[_]| deviation(&resized(given, set, on), 1) / deviation(given, 1);
            let (plain, kept) = (share(&[HALF]), share(&[HALF, KEEPS]));
            assert!(
                plain < plain_has && kept > has && kept < 1.1,
                "{name}: {plain} without, {kept} with"
            );
        }
        let made = resized(&edge, &[HALF, KEEPS], on);
        let row: Vec<u32> = (0..48).map(|x| made.sample(0, x, 20)).collect();
        let (low, high) = (row.iter().min().unwrap(), row.iter().max().unwrap());
        assert!(*low > 8500 && *high < 53500, "{low} to {high}");
    }
}

#[test]
fn alone_where_the_picture_shrinks_it_does_anything() {
    let given = scene(40, 30, rgb(8), FULL, 4);
    for on in BOTH {
        let made = |set: &[_]| resized(&given, set, on);
        let twice = ("scale", "2");
        assert!(made(&[twice, KEEPS]).same_samples(&made(&[twice])));
        let same = ("scale", "1");
        assert!(made(&[same, KEEPS]).same_samples(&given));
        assert!(!made(&[HALF, KEEPS]).same_samples(&made(&[HALF])));
    }
}
