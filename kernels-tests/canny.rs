//! Canny's edges that are left out for being short, against the connected edges of the whole picture.

use aquatint::color::{Color, Range};
use aquatint::frame::Picture;
use aquatint::graph::plan::PlanOptions;
use aquatint::graph::style::Library;

use crate::support::*;

/// Columns and rows. Lengths in px are of 1080 lines, so they are divided by [`SCALE`].
const SIZE: (usize, usize) = (260, 216);
const SCALE: usize = 5;

/// Bright bars of many lengths on black, each with an edge around it; some touch at a corner; and one so faint that it has
/// weak edges alone.
fn bars() -> Picture {
    let mut bright = vec![0; SIZE.0 * SIZE.1];
    let mut draw = |x: usize, y: usize, columns: usize, rows: usize, value: u32| {
        for row in y..y + rows {
            bright[row * SIZE.0 + x..][..columns].fill(value);
        }
    };
    for k in 0..14 {
        draw(
            8 + 18 * (k % 7),
            8 + 60 * (k / 7),
            2 + k % 5,
            3 + 2 * k,
            200,
        );
    }
    draw(150, 10, 60, 8, 200);
    draw(210, 18, 20, 30, 200);
    draw(150, 100, 30, 30, 17);
    let full = Color {
        range: Range::Full,
        ..Color::default()
    };
    picture(SIZE.0 as u32, SIZE.1 as u32, gray(8), full, |_, x, y| {
        bright[y * SIZE.0 + x]
    })
}

fn edges(least: usize, on: On) -> Vec<bool> {
    let library = Library::built_in();
    let least = (least * SCALE).to_string();
    let set = [
        ("threshold1", "50"),
        ("threshold2", "150"),
        ("least", least.as_str()),
    ];
    let chain = vec![styled(&library, "common/canny", &set, 1.0)];
    let source = bars();
    let plan = plan_for(&library, &source, chain, PlanOptions::default());
    let drawn = run(&library, plan, Some(&source), &[], on).remove(0);
    let pixels = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y)));
    pixels.map(|(x, y)| drawn.sample(0, x, y) > 127).collect()
}

/// For each pixel the number of edge pixels that it is connected with, itself too, by neighbours beside and across; 0 where
/// there is no edge.
fn lengths(edges: &[bool]) -> Vec<usize> {
    let mut lengths = vec![0; edges.len()];
    for start in 0..edges.len() {
        if !edges[start] || lengths[start] > 0 {
            continue;
        }
        let mut found = vec![start];
        lengths[start] = 1;
        let mut next = 0;
        while let Some(at) = found.get(next).copied() {
            next += 1;
            for (dx, dy) in (0..9).map(|k| (k % 3, k / 3)) {
                let (x, y) = (at % SIZE.0 + dx, at / SIZE.0 + dy);
                if x == 0 || y == 0 || x > SIZE.0 || y > SIZE.1 {
                    continue;
                }
                let near = (y - 1) * SIZE.0 + x - 1;
                if edges[near] && lengths[near] == 0 {
                    lengths[near] = 1;
                    found.push(near);
                }
            }
        }
        for at in &found {
            lengths[*at] = found.len();
        }
    }
    lengths
}

#[test]
fn edges_shorter_than_the_least_are_left_out_and_those_of_the_least_stay() {
    let all = edges(1, On::Cpu);
    let lengths = lengths(&all);
    let mut there: Vec<usize> = lengths.iter().copied().filter(|one| *one > 0).collect();
    there.sort_unstable();
    there.dedup();
    assert!(there.len() >= 10, "{there:?}");
    // Each length once as the least, and one more; of many, some.
    for on in BOTH {
        assert!(edges(1, on) == all, "{on:?}");
        for length in there.iter().step_by(3).chain(there.last()) {
            for least in [*length, *length + 1] {
                let expected: Vec<bool> = lengths.iter().map(|one| *one >= least).collect();
                let found = edges(least, on);
                let wrong = (0..all.len()).filter(|at| found[*at] != expected[*at]);
                let wrong: Vec<usize> = wrong.map(|at| lengths[at]).collect();
                assert!(
                    wrong.is_empty(),
                    "{on:?}, at least {least}: edges of {wrong:?}"
                );
            }
        }
    }
}
