//! Clarity, detail and deblurring of luma: against a statement of them in NumPy, and what they must leave alone.

use aquatint::color::{Color, Range};
use aquatint::frame::Picture;
use aquatint::graph::Payload;
use aquatint::graph::plan::{PlanOptions, Source, Temporal, measuring_plan};
use serde::Deserialize;

use crate::support::*;
use crate::temporal::{span, stream};

const WIDTH: usize = 96;
const HEIGHT: usize = 64;

/// A block, its parameters, and the values that it makes.
type Made = (String, Vec<(String, f64)>, Vec<f32>);

/// What `enhancement.json` holds.
#[derive(Deserialize)]
struct Expected {
    width: u32,
    height: u32,
    /// Codes of 8 bits.
    luma: Vec<u32>,
    /// By the name of the block, its parameters, and what it makes, row by row.
    made: Vec<Made>,
}

/// The luma of `given`, through `block` if that is not empty, with its parameters as in a manifest.
fn luma(given: &Picture, block: &str, set: &str, on: On) -> Vec<f32> {
    let (measured, pass) = match block {
        "" => ("luma", String::new()),
        _ => (
            "made",
            format!(
                "[[pass]]\nuse = '{block}'\nin = {{ luma = 'luma' }}\nset = {{ {set} }}\nout = 'made'\n"
            ),
        ),
    };
    let manifest = format!(
        "summary = 'Luma through a block'\n[measure.luma]\nof = '{measured}'\n\
         [[pass]]\nuse = 'common/luma'\nin = {{ image = 'source' }}\nout = 'luma'\n{pass}\
         [[pass]]\nuse = 'identity'\nin = {{ source = 'source' }}\nout = 'result'\n"
    );
    let (_folder, library) = with_own("enhanced", &[("style.toml", &manifest)]);
    let chain = [styled(&library, "enhanced", &[], 1.0)];
    let (source, options) = (Source::of(given), PlanOptions::default());
    let plan = measuring_plan(&library, &source, &chain, Temporal::Off, options).unwrap();
    let mut session = stream(executor(&library, plan.plan, &[], on));
    let mut outputs = session.push(Some(given.clone()), span(0)).unwrap();
    outputs.extend(session.finish().unwrap());
    let Payload::Image(image, words) = outputs.remove(0).payload else {
        panic!("a measuring plan makes no pictures");
    };
    assert_eq!(image.extent, (given.width, given.height));
    words.into_iter().map(f32::from_bits).collect()
}

fn full() -> Color {
    Color {
        range: Range::Full,
        ..Color::default()
    }
}

/// A picture of 16 bits, full range.
fn of(mut value: impl FnMut(usize, usize) -> f32) -> Picture {
    picture(WIDTH as u32, HEIGHT as u32, gray(16), full(), |_, x, y| {
        (value(x, y).clamp(0.0, 1.0) * 65535.0).round() as u32
    })
}

/// Gray with noise of this standard deviation.
fn grain(deviation: f32) -> Picture {
    let mut random = Noise(5);
    of(|_, _| {
        // Irwin and Hall: twelve uniforms less six have a deviation of 1.
        let normal = (0..12).map(|_| random.unit()).sum::<f32>() - 6.0;
        0.5 + deviation * normal
    })
}

fn soft_step() -> Picture {
    of(|x, _| 0.25 + 0.5 / (1.0 + (47.5 - x as f32).exp()))
}

fn hard_step() -> Picture {
    of(|x, _| if x < 48 { 0.3 } else { 0.8 })
}

/// Standard deviation, borders left out.
fn deviation(values: &[f32]) -> f64 {
    let inside = |i: &usize| {
        (16..WIDTH - 16).contains(&(i % WIDTH)) && (16..HEIGHT - 16).contains(&(i / WIDTH))
    };
    let inner: Vec<f64> = (0..values.len())
        .filter(inside)
        .map(|i| f64::from(values[i]))
        .collect();
    let count = inner.len() as f64;
    let mean = inner.iter().sum::<f64>() / count;
    let squares = inner.iter().map(|value| (value - mean).powi(2));
    (squares.sum::<f64>() / count).sqrt()
}

/// How many times larger the standard deviation of `given` becomes.
fn growth(given: &Picture, block: &str, set: &str, on: On) -> f64 {
    deviation(&luma(given, block, set, on)) / deviation(&luma(given, "", "", on))
}

/// The largest change of a pixel.
fn change(given: &Picture, block: &str, set: &str, on: On) -> f32 {
    let (made, own) = (luma(given, block, set, on), luma(given, "", "", on));
    let changes = made.iter().zip(&own).map(|(made, own)| (made - own).abs());
    changes.fold(0.0, f32::max)
}

/// The largest difference between neighbours of a row.
fn slope(values: &[f32]) -> f32 {
    let row = &values[HEIGHT / 2 * WIDTH..][..WIDTH];
    let slopes = row.windows(2).map(|pair| pair[1] - pair[0]);
    slopes.fold(0.0, f32::max)
}

fn ends(values: &[f32]) -> (f32, f32) {
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    (
        low,
        values.iter().copied().fold(f32::NEG_INFINITY, f32::max),
    )
}

/// How far `made` goes beyond the 3 by 3 around in `own` and `overshoot` of their range, at most.
fn beyond(own: &[f32], made: &[f32], overshoot: f32) -> f32 {
    let mut worst = 0.0f32;
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
            for v in y.saturating_sub(1)..=(y + 1).min(HEIGHT - 1) {
                for u in x.saturating_sub(1)..=(x + 1).min(WIDTH - 1) {
                    low = low.min(own[v * WIDTH + u]);
                    high = high.max(own[v * WIDTH + u]);
                }
            }
            let room = overshoot * (high - low);
            let value = made[y * WIDTH + x];
            assert!(value.is_finite(), "{value} at {x}, {y}");
            worst = worst.max(low - room - value).max(value - high - room);
        }
    }
    worst
}

#[test]
fn blocks_make_what_numpy_makes() {
    let expected: Expected =
        serde_json::from_str(include_str!("expected/enhancement.json")).unwrap();
    assert_eq!(expected.made.len(), 3);
    let (width, height) = (expected.width, expected.height);
    let given = picture(width, height, gray(8), full(), |_, x, y| {
        expected.luma[y * width as usize + x]
    });
    for (block, params, values) in &expected.made {
        let set: Vec<String> = params.iter().map(|(n, v)| format!("{n} = {v}")).collect();
        for on in BOTH {
            let made = luma(&given, &format!("common/{block}"), &set.join(", "), on);
            assert_eq!(made.len(), values.len());
            for (at, (made, value)) in made.iter().zip(values).enumerate() {
                assert!(
                    (made - value).abs() < 2e-4,
                    "{block}: {made} for {value} at {at}"
                );
            }
        }
    }
}

#[test]
fn an_amount_of_zero_changes_no_bit() {
    let given = noise(WIDTH as u32, HEIGHT as u32, gray(16), Color::default(), 9);
    for on in BOTH {
        let own = luma(&given, "", "", on);
        let (low, high) = ends(&own);
        assert!(low < -0.05 && high > 1.05, "{low} to {high}");
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        for block in ["common/clarity", "common/detail"] {
            let made = luma(&given, block, "amount = 0", on);
            assert!(bits(&made) == bits(&own), "{block}");
            let made = luma(&given, block, "amount = 0.01", on);
            assert!(bits(&made) != bits(&own), "{block} does nothing");
        }
    }
}

#[test]
fn a_blurred_edge_becomes_steeper_and_does_not_ring() {
    let given = soft_step();
    for on in BOTH {
        let own = luma(&given, "", "", on);
        let (low, high) = ends(&own);
        for (overshoot, set) in [
            (0.1, "sigma = 1.5, iterations = 6, overshoot = 0.1"),
            (0.0, "sigma = 1.5, iterations = 6, overshoot = 0"),
        ] {
            let made = luma(&given, "common/deblur", set, on);
            let steeper = slope(&made) / slope(&own);
            assert!((1.25..1.5).contains(&steeper), "{steeper}");
            let past = beyond(&own, &made, overshoot);
            assert!(past < 1e-6, "{past} beyond the bounds");
            let (least, most) = ends(&made);
            assert!(
                least > low - 0.003 && most < high + 0.003,
                "{least} to {most}"
            );
        }
        // More iterations are steeper.
        let by = |iterations: usize| {
            let set = format!("sigma = 1.5, iterations = {iterations}");
            slope(&luma(&given, "common/deblur", &set, on))
        };
        assert!(by(8) > 1.02 * by(2) && by(2) > 1.02 * by(1));
        // Without the bounds it rings.
        let set = "sigma = 1.5, iterations = 8, noise = 0, overshoot = 1";
        let (least, most) = ends(&luma(&given, "common/deblur", set, on));
        assert!(
            least < low - 0.005 && most > high + 0.01,
            "{least} to {most}"
        );
    }
}

#[test]
fn deblurring_bears_luma_beyond_black_and_white() {
    // Limited range: luma from -0.07 to 1.09.
    let given = noise(WIDTH as u32, HEIGHT as u32, gray(16), Color::default(), 4);
    let black = picture(
        WIDTH as u32,
        HEIGHT as u32,
        gray(16),
        Color::default(),
        |_, _, _| 0,
    );
    let set = "sigma = 2.5, iterations = 8, noise = 0, overshoot = 0.1";
    for on in BOTH {
        let own = luma(&given, "", "", on);
        let made = luma(&given, "common/deblur", set, on);
        assert!(beyond(&own, &made, 0.1) < 1e-5);
        let flat = change(&black, "common/deblur", set, on);
        assert!(flat < 1e-5, "black moves by {flat}");
    }
}

#[test]
fn noise_does_not_grow() {
    let given = grain(0.008);
    for on in BOTH {
        for (block, kept, let_through) in [
            (
                "common/deblur",
                "sigma = 1, iterations = 8, noise = 0.01",
                "sigma = 1, iterations = 8, noise = 0",
            ),
            (
                "common/detail",
                "amount = 0.5, noise = 0.01, radius = 4",
                "amount = 0.5, noise = 0, radius = 4",
            ),
        ] {
            let grown = growth(&given, block, kept, on);
            assert!((1.0..1.2).contains(&grown), "{block}: {grown}");
            // It is `noise` that holds it back.
            let grown = growth(&given, block, let_through, on);
            assert!(grown > 1.25, "{block}: {grown}");
        }
    }
}

#[test]
fn clarity_makes_texture_stronger_and_no_halos() {
    let texture = of(|x, _| 0.5 + 0.05 * (x as f32 / 2.0).sin());
    for on in BOTH {
        let grown = growth(&texture, "common/clarity", "amount = 1, radius = 16", on);
        assert!((1.8..2.05).contains(&grown), "{grown}");
        let halo = change(
            &hard_step(),
            "common/clarity",
            "amount = 1, radius = 16",
            on,
        );
        assert!(halo < 0.01, "a halo of {halo}");
        // Where edges are taken for texture, there are halos.
        let set = "amount = 1, radius = 16, softness = 0.1";
        let halo = change(&hard_step(), "common/clarity", set, on);
        assert!(halo > 0.1, "{halo}");
        // Nothing is made black or white that was not.
        let busy = noise(WIDTH as u32, HEIGHT as u32, gray(16), full(), 2);
        let (low, high) = ends(&luma(
            &busy,
            "common/clarity",
            "amount = 2, softness = 0.1",
            on,
        ));
        // But for a rounding.
        assert!(low > -1e-6 && high < 1.0 + 1e-6, "{low} to {high}");
    }
}

#[test]
fn detail_makes_texture_stronger_and_leaves_edges() {
    let texture = of(|x, y| 0.5 + 0.03 * (x as f32 * 1.1).sin() * (y as f32 * 1.3).sin());
    for on in BOTH {
        let set = "amount = 0.5, radius = 4";
        let grown = growth(&texture, "common/detail", set, on);
        assert!((1.25..1.5).contains(&grown), "{grown}");
        let faint = "amount = 0.5, radius = 4, noise = 0.2";
        let grown = growth(&texture, "common/detail", faint, on);
        assert!(grown < 1.01, "{grown}");
        let own = luma(&texture, "", "", on);
        let made = luma(&texture, "common/detail", "amount = 4, radius = 4", on);
        assert!(beyond(&own, &made, 0.25) < 1e-6);
        for edge in [soft_step(), hard_step()] {
            let moved = change(&edge, "common/detail", set, on);
            assert!(moved < 0.002, "an edge moves by {moved}");
            let taken = "amount = 0.5, radius = 4, softness = 0.1";
            let moved = change(&edge, "common/detail", taken, on);
            assert!(moved > 0.01, "{moved}");
        }
    }
}
