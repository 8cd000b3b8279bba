//! Optical flow, as a style of an author uses it: pictures that moved by known amounts, and what is hidden.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::Payload;
use aquatint::graph::plan::{PlanOptions, Source, Temporal, measuring_plan};
use aquatint::reference::common::noise::noise;

use crate::support::*;
use crate::temporal::{span, stream};

const WIDTH: usize = 240;
const HEIGHT: usize = 160;
/// Pixels from one vector to the next.
const GRID: usize = 4;
/// Beyond the border nothing is known.
const BORDER: f32 = 12.0;

const MANIFEST: &str = r#"
summary = "Where the picture was in the frame before"
[history.last]
of = "luma"
[measure.vectors]
of = "vectors"
[[pass]]
use = "common/luma"
in = { image = "source" }
out = "luma"
[[pass]]
use = "common/motion"
in = { image = "luma", other = "last" }
out = "vectors"
[[pass]]
use = "identity"
in = { source = "source" }
out = "result"
"#;

/// For each block: column and row of its middle, its vector, how sure it is, and how well it matches.
struct Block {
    at: [f32; 2],
    v: [f32; 2],
    sure: f32,
    apart: f32,
}

impl Block {
    /// How far its vector is from the true one.
    fn error(&self, truth: [f32; 2]) -> f32 {
        (self.v[0] - truth[0]).hypot(self.v[1] - truth[1])
    }
}

/// The vectors from `now` to `before`.
fn vectors(before: &Picture, now: &Picture, on: On) -> Vec<Block> {
    let (_folder, library) = with_own("way", &[("style.toml", MANIFEST)]);
    let chain = [styled(&library, "way", &[], 1.0)];
    let (source, options) = (Source::of(now), PlanOptions::default());
    let plan = measuring_plan(&library, &source, &chain, Temporal::Off, options).unwrap();
    let mut session = stream(executor(&library, plan.plan, &[], on));
    let mut outputs = session.push(Some(before.clone()), span(0)).unwrap();
    outputs.extend(session.push(Some(now.clone()), span(1)).unwrap());
    outputs.extend(session.finish().unwrap());
    assert_eq!(outputs.len(), 2);
    let Payload::Image(image, words) = outputs.remove(1).payload else {
        panic!("a measuring plan makes no pictures");
    };
    let columns = (now.width as usize).div_ceil(GRID);
    assert_eq!(image.extent.0 as usize, columns);
    assert_eq!(
        image.extent.1 as usize,
        (now.height as usize).div_ceil(GRID)
    );
    let blocks = words.chunks_exact(4).enumerate();
    let block = |(index, words): (usize, &[u32])| {
        let [dx, dy, sure, apart] = [0, 1, 2, 3].map(|k| f32::from_bits(words[k]));
        let middle = |at: usize| (at * GRID) as f32 + 1.5;
        Block {
            at: [middle(index % columns), middle(index / columns)],
            v: [dx, dy],
            sure,
            apart,
        }
    };
    blocks.map(block).collect()
}

/// Luma of something with details of several sizes, from 0 to 1, at any place.
fn surface(x: f32, y: f32, layer: u32) -> f32 {
    let at = |size: f32, layer: u32| noise(x / size, y / size, layer) - 0.5;
    let sum = 0.5 * at(31.0, layer) + 0.5 * at(11.0, layer + 1) + 0.5 * at(4.5, layer + 2);
    0.5 + sum
}

/// A picture of luma `value`, with noise of deviation `sigma` codes.
fn seen(sigma: f32, seed: u64, value: impl Fn(f32, f32) -> f32) -> Picture {
    let mut random = Noise(seed);
    let (width, height) = (WIDTH as u32, HEIGHT as u32);
    picture(width, height, gray(8), Color::default(), |_, x, y| {
        let normal = (0..12).map(|_| random.unit()).sum::<f32>() - 6.0;
        let code = 16.0 + 219.0 * value(x as f32, y as f32) + sigma * normal;
        code.round().clamp(0.0, 255.0) as u32
    })
}

/// Blocks that lie so far inside that their vectors end inside, too.
fn inside(blocks: &[Block], truth: impl Fn([f32; 2]) -> [f32; 2]) -> Vec<&Block> {
    let fits = |at: f32, v: f32, size: usize| {
        let range = BORDER..size as f32 - BORDER;
        range.contains(&at) && range.contains(&(at + v))
    };
    let is_inside = |block: &&Block| {
        let v = truth(block.at);
        fits(block.at[0], v[0], WIDTH) && fits(block.at[1], v[1], HEIGHT)
    };
    blocks.iter().filter(is_inside).collect()
}

/// Mean error of vectors in pixels, the share of those that are off by half a pixel, and how sure they are.
fn told(name: &str, blocks: &[&Block], truth: impl Fn([f32; 2]) -> [f32; 2]) -> [f32; 3] {
    let count = blocks.len() as f32;
    let errors: Vec<f32> = blocks
        .iter()
        .map(|block| block.error(truth(block.at)))
        .collect();
    let mean = errors.iter().sum::<f32>() / count;
    let off = errors.iter().filter(|error| **error > 0.5).count() as f32 / count;
    let sure = blocks.iter().map(|block| block.sure).sum::<f32>() / count;
    println!(
        "{name}: error {mean:.3} px, {:.1} % off, sure {sure:.3}",
        100.0 * off
    );
    [mean, off, sure]
}

/// Whole, half and other parts of a pixel, short and long: the vectors are the way that the picture went.
#[test]
fn a_picture_that_moved_is_found() {
    for (v, sigma, most) in [
        ([0.0, 0.0], 0.0, 0.01),
        ([5.0, -3.0], 0.0, 0.05),
        ([0.5, 0.5], 0.0, 0.1),
        ([-2.25, 1.5], 0.0, 0.1),
        ([-31.0, 12.0], 0.0, 0.05),
        ([3.5, 1.0], 2.0, 0.2),
    ] {
        let before = seen(sigma, 1, |x, y| surface(x, y, 3));
        let now = seen(sigma, 2, |x, y| surface(x + v[0], y + v[1], 3));
        let blocks = vectors(&before, &now, On::Cpu);
        let truth = |_: [f32; 2]| v;
        let [mean, off, sure] = told(
            &format!("{v:?}, noise {sigma}"),
            &inside(&blocks, truth),
            truth,
        );
        assert!(
            mean < most && off < 0.02 && sure > 0.95,
            "{v:?}: {mean} {off} {sure}"
        );
    }
}

#[test]
fn a_picture_that_grows_is_found() {
    let middle = [WIDTH as f32 / 2.0, HEIGHT as f32 / 2.0];
    let truth = |at: [f32; 2]| [0, 1].map(|k| 0.03 * (at[k] - middle[k]));
    let before = seen(0.0, 1, |x, y| surface(x, y, 3));
    let now = seen(0.0, 1, |x, y| {
        let v = truth([x, y]);
        surface(x + v[0], y + v[1], 3)
    });
    let blocks = vectors(&before, &now, On::Cpu);
    let [mean, off, sure] = told("zoom", &inside(&blocks, truth), truth);
    assert!(
        mean < 0.15 && off < 0.02 && sure > 0.95,
        "{mean} {off} {sure}"
    );
}

/// A square before a surface, both moving: what the square hid in the frame before is not sure, all else is.
#[test]
fn what_was_hidden_is_not_sure() {
    const WAY: f32 = 12.0;
    let square =
        |x: f32, y: f32, left: f32| (left..left + 80.0).contains(&x) && (40.0..120.0).contains(&y);
    let seen = |left: f32, back: f32| {
        seen(0.0, 1, |x, y| match square(x, y, left) {
            true => surface(x - left, y, 11),
            false => surface(x + back, y, 3),
        })
    };
    // The square goes to the right, the surface two pixels to the left.
    let blocks = vectors(&seen(60.0, 0.0), &seen(60.0 + WAY, 2.0), On::Cpu);
    let truth = |at: [f32; 2]| match square(at[0], at[1], 60.0 + WAY) {
        true => [-WAY, 0.0],
        false => [2.0, 0.0],
    };
    let hidden = |block: &Block, margin: f32| {
        let [x, y] = block.at;
        let before = square(x + 2.0 - margin, y, 60.0) || square(x + 2.0 + margin, y, 60.0);
        before && !square(x, y, 60.0 + WAY)
    };
    let near_edge = |block: &Block| {
        let [x, y] = block.at;
        let far = |at: f32, edge: f32| (at - edge).abs() > 6.0;
        let left = 60.0 + WAY;
        let columns = far(x, left) && far(x, left + 80.0) || !(34.0..126.0).contains(&y);
        let rows = far(y, 40.0) && far(y, 120.0) || !(left - 6.0..left + 86.0).contains(&x);
        !(columns && rows)
    };
    let inside = inside(&blocks, truth);
    let (covered, rest): (Vec<&Block>, Vec<&Block>) =
        inside.into_iter().partition(|block| hidden(block, 0.0));
    let [_, _, sure] = told("hidden", &covered, truth);
    assert!(covered.len() > 40 && sure < 0.3, "{sure}");
    let plain: Vec<&Block> = rest
        .into_iter()
        .filter(|block| !hidden(block, 8.0) && !near_edge(block))
        .collect();
    let [mean, off, sure] = told("seen", &plain, truth);
    assert!(
        mean < 0.15 && off < 0.02 && sure > 0.95,
        "{mean} {off} {sure}"
    );
}

/// Where there is nothing to compare with, nothing is sure, and the match says so.
#[test]
fn another_picture_is_not_found() {
    let before = seen(0.0, 1, |x, y| surface(x, y, 3));
    let now = seen(0.0, 1, |x, y| surface(x, y, 40));
    let blocks = vectors(&before, &now, On::Cpu);
    let all: Vec<&Block> = blocks.iter().collect();
    let [_, _, sure] = told("another", &all, |_| [0.0; 2]);
    let apart = all.iter().map(|block| block.apart).sum::<f32>() / all.len() as f32;
    assert!(sure < 0.25 && apart > 0.02, "{sure} {apart}");
}

/// Both executors find the same vectors, in pictures of any size.
#[test]
fn executors_find_the_same() {
    for (width, height) in [(70, 50), (7, 5), (1, 1)] {
        let frame = |seed: u64, shift: f32| {
            let mut random = Noise(seed);
            picture(width, height, gray(8), Color::default(), |_, x, y| {
                let luma = surface(x as f32 + shift, y as f32 - shift, 3);
                (16.0 + 219.0 * luma + 3.0 * random.unit()) as u32
            })
        };
        let [cpu, gpu] = BOTH.map(|on| vectors(&frame(1, 0.0), &frame(2, 2.5), on));
        for (a, b) in cpu.iter().zip(&gpu) {
            // Vectors are half floats, which are 0.002 apart between 2 and 4: one rounding.
            assert!(a.error(b.v) < 2e-3, "{:?} {:?} at {:?}", a.v, b.v, a.at);
            assert!(
                (a.sure - b.sure).abs() < 0.01,
                "{} {} at {:?}",
                a.sure,
                b.sure,
                a.at
            );
        }
    }
}
