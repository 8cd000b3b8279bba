//! Tiles of a mosaic over several frames.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;

use crate::support::*;

const SIZE: (u32, u32) = (240, 160);
/// Pixels that the picture goes to the right in a frame.
const STEP: usize = 3;

/// Blotches of about 12 pixels, in whole numbers.
fn blotch(x: u32, y: u32, channel: usize) -> u32 {
    const SIDE: u32 = 12;
    let corner = |i: u32, j: u32| {
        let mut h = i.wrapping_mul(0x9e37_79b1)
            ^ j.wrapping_mul(0x85eb_ca77)
            ^ (channel as u32).wrapping_mul(0xc2b2_ae3d);
        for factor in [0x2c1b_3c6d_u32, 0x297a_2d39] {
            h = (h ^ (h >> 15)).wrapping_mul(factor);
        }
        h >> 24
    };
    let ((i, u), (j, v)) = ((x / SIDE, x % SIDE), (y / SIDE, y % SIDE));
    let row = |j: u32| corner(i, j) * (SIDE - u) + corner(i + 1, j) * u;
    (row(j) * (SIDE - v) + row(j + 1) * v) / (SIDE * SIDE)
}

fn frame(number: usize) -> Picture {
    picture(SIZE.0, SIZE.1, rgb(8), Color::default(), |c, x, y| {
        blotch((x + 60 - STEP * number) as u32, y as u32, c)
    })
}

/// The mean difference of the middles of two frames where the first is moved along.
fn apart(before: &Picture, after: &Picture) -> f64 {
    let (columns, rows) = (40..SIZE.0 as usize - 40, 30..SIZE.1 as usize - 30);
    let mut sum = 0;
    let mut count = 0;
    for y in rows {
        for x in columns.clone() {
            for c in 0..3 {
                sum += after
                    .sample(c, x, y)
                    .abs_diff(before.sample(c, x - STEP, y));
                count += 1;
            }
        }
    }
    f64::from(sum) / f64::from(count)
}

#[test]
fn tiles_go_along_with_what_moves() {
    let library = Library::built_in();
    for on in BOTH {
        let chain = vec![styled(&library, "mosaic", &[], 1.0)];
        let plan = plan_for(&library, &frame(0), chain, PlanOptions::default());
        let mut executor = executor(&library, plan, &[], on);
        let frames = (0..6).map(|number| {
            let given = frame(number);
            submit_as(executor.as_mut(), Some(&given), number as u64).remove(0)
        });
        let frames: Vec<Picture> = frames.collect();
        for pair in frames[1..].windows(2) {
            let apart = apart(&pair[0], &pair[1]);
            // Tiles that stay where they are differ by 7.
            assert!(apart < 1.0, "{apart} codes on {on:?}");
        }
    }
}
