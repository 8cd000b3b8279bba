//! Text: lines are drawn by characters of their direction, and what does not change keeps its characters.

use aquatint::color::{Color, Range};
use aquatint::frame::Picture;
use aquatint::graph::plan::Temporal;
use aquatint::graph::style::Library;

use crate::support::*;
use crate::temporal::{Playing, own_picture, planned};

/// A character is 12 by 24 pixels, half as large as in the atlas, in a picture of this size.
const SIDE: u32 = 288;
const CELL: [usize; 2] = [12, 24];
const SET: [(&str, &str); 4] = [
    ("cell", "90"),
    ("colour", "ink"),
    ("ink", "#ffffff"),
    ("background", "#000000"),
];

fn drawn(value: impl Fn(f64, f64) -> f64) -> Picture {
    let color = Color {
        range: Range::Full,
        ..Color::default()
    };
    picture(SIDE, SIDE, gray(8), color, |_, x, y| {
        (255.0 * value(x as f64 + 0.5, y as f64 + 0.5).clamp(0.0, 1.0)) as u32
    })
}

/// The characters of a rendered picture, line by line: those of the atlas that are likest.
fn read(of: &Picture) -> Vec<String> {
    let atlas = own_picture("ascii/glyphs.png");
    let ink = |k: usize, x: usize, y: usize| {
        let [left, top] = [k % 16 * 24 + 2 * x, k / 16 * 48 + 2 * y];
        let pair = |y| i64::from(atlas.sample(0, left, y) + atlas.sample(0, left + 1, y));
        (pair(top) + pair(top + 1)) / 4
    };
    let letters: Vec<Vec<i64>> = (0..95)
        .map(|k| {
            let pixels = (0..CELL[0] * CELL[1]).map(|i| ink(k, i % CELL[0], i / CELL[0]));
            pixels.collect()
        })
        .collect();
    let [columns, rows] = CELL.map(|size| SIDE as usize / size);
    let cell = |column: usize, row: usize| -> char {
        let seen: Vec<i64> = (0..CELL[0] * CELL[1])
            .map(|i| {
                let x = column * CELL[0] + i % CELL[0];
                of.sample(0, x, row * CELL[1] + i / CELL[0]).into()
            })
            .collect();
        // Characters may be paler than white: what counts is the shape.
        let most = *seen.iter().max().unwrap();
        let apart = |letter: &Vec<i64>| -> i64 {
            let parts = seen.iter().zip(letter);
            parts.map(|(a, b)| (a * 255 / most.max(1) - b).abs()).sum()
        };
        let k = (0..95).min_by_key(|k| apart(&letters[*k])).unwrap();
        if most < 8 {
            ' '
        } else {
            (b' ' + k as u8) as char
        }
    };
    (0..rows)
        .map(|row| (0..columns).map(|column| cell(column, row)).collect())
        .collect()
}

fn styled_frames(frames: &[Picture], set: &[(&str, &str)], on: On) -> Vec<Picture> {
    let library = Library::built_in();
    let style = styled(&library, "ascii", &[&SET[..], set].concat(), 1.0);
    let plan = planned(&library, &frames[0], &style, Temporal::Off);
    let mut playing = Playing::new(&library, plan, on);
    let frames = frames.iter().enumerate();
    frames.map(|(i, frame)| playing.next(frame, i)).collect()
}

#[test]
fn lines_are_drawn_by_characters_of_their_direction() {
    // Bright lines three pixels wide through the middle of cells, on black.
    let line = |distance: f64| 2.0 - distance.abs();
    let (middle, slope) = (f64::from(SIDE) / 2.0, 24.0 / 12.0);
    let upright = drawn(|x, _| line(x - (middle + 6.0)));
    let level = drawn(|_, y| line(y - (middle + 12.0)));
    let rising = drawn(|x, y| line(((SIDE as f64 - x) * slope - y) / (1.0 + slope * slope).sqrt()));
    let falling = drawn(|x, y| line((x * slope - y) / (1.0 + slope * slope).sqrt()));
    for on in BOTH {
        let text =
            |picture: &Picture| read(&styled_frames(std::slice::from_ref(picture), &[], on)[0]);
        for (picture, letters, name) in [
            (&upright, "|I", "upright"),
            (&level, "-~", "level"),
            (&rising, "/", "rising"),
            (&falling, "\\", "falling"),
        ] {
            let text = text(picture);
            // Cells that a line only touches have a dot.
            let drawn: String = text.concat().replace([' ', '.', ',', '`', '\''], "");
            let right = drawn.chars().filter(|c| letters.contains(*c)).count();
            assert!(
                right >= 10 && right * 10 >= drawn.len() * 8,
                "{name} on {on:?}: {text:#?}"
            );
        }
    }
}

#[test]
fn dark_is_empty_and_light_is_dense_and_on_light_paper_the_other_way_round() {
    let half = drawn(|x, _| {
        if x < f64::from(SIDE) / 2.0 {
            0.02
        } else {
            0.98
        }
    });
    let ink_of = |set: &[(&str, &str)], paper: u32| {
        let out = styled_frames(std::slice::from_ref(&half), set, On::Cpu).remove(0);
        [10, 160].map(|left| {
            let pixels = (0..100 * 100).map(|i| (left + i % 100, 100 + i / 100));
            let inked = pixels.filter(|(x, y)| out.sample(0, *x, *y).abs_diff(paper) > 60);
            inked.count()
        })
    };
    let [dark, light] = ink_of(&[], 0);
    assert!(
        dark < 300 && light > 2000,
        "{dark} and {light} pixels of ink"
    );
    let on_paper = [("ink", "#000000"), ("background", "#ffffff")];
    let [dark, light] = ink_of(&on_paper, 255);
    assert!(
        light < 300 && dark > 2000,
        "{dark} and {light} pixels of ink on paper"
    );
}

#[test]
fn noise_does_not_change_characters() {
    // A ramp has a tone between two characters everywhere; it flickers by four codes.
    let frames: Vec<Picture> = (0..6)
        .map(|seed| {
            let mut random = Noise(seed);
            let color = Color {
                range: Range::Full,
                ..Color::default()
            };
            picture(SIDE, SIDE, gray(8), color, |_, x, y| {
                (x as u32 + y as u32) * 240 / (2 * SIDE) + random.next() % 8 + (seed as u32 % 2) * 4
            })
        })
        .collect();
    let changed = |hold: &str| -> usize {
        let out = styled_frames(&frames, &[("hold", hold)], On::Cpu);
        let pairs = out.windows(2).flat_map(|pair| {
            let cells = (0..12 * 24).map(|i| (i % 24 * CELL[0], i / 24 * CELL[1]));
            cells.filter(|(left, top)| {
                (0..CELL[0] * CELL[1]).any(|i| {
                    let at = (left + i % CELL[0], top + i / CELL[0]);
                    let [a, b] = [&pair[0], &pair[1]].map(|p| p.sample(0, at.0, at.1));
                    a.abs_diff(b) > 60
                })
            })
        });
        pairs.count()
    };
    let (held, free) = (changed("0.5"), changed("0"));
    // Of 288 characters, five times.
    assert!(
        held <= 15 && free > 3 * held.max(5),
        "{held} held, {free} free"
    );
}

#[cfg(feature = "video")]
#[test]
fn the_atlas_is_read_as_ffmpeg_reads_it() {
    let file = source_tree().join("shaders/ascii/glyphs.png");
    let (own, theirs) = (
        own_picture("ascii/glyphs.png"),
        aquatint::media::read_image(&file).unwrap(),
    );
    assert_eq!(difference(&own, &theirs), (0, 0.0));
}
