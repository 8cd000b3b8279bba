//! Watercolour: pigment stands still on a still picture and moves with a moving one, and washes have dark rims.

use aquatint::color::{Color, Range};
use aquatint::frame::Picture;
use aquatint::graph::plan::Temporal;
use aquatint::graph::style::Library;

use crate::support::*;
use crate::temporal::{Playing, planned};

fn painted(frames: &[Picture], set: &[(&str, &str)], on: On) -> Vec<Picture> {
    let library = Library::built_in();
    let style = styled(&library, "watercolor", set, 1.0);
    let plan = planned(&library, &frames[0], &style, Temporal::Off);
    let mut playing = Playing::new(&library, plan, on);
    let frames = frames.iter().enumerate();
    frames.map(|(i, frame)| playing.next(frame, i)).collect()
}

#[test]
fn a_still_picture_stands_still_while_pigment_is_laid_anew() {
    let still = view(yuv420(8), 7, 0, 0.0, 0);
    let film = vec![still; 50];
    let made = painted(&film, &[("granulation", "1")], On::Cpu);
    for (index, frame) in made.iter().enumerate() {
        assert_eq!(difference(frame, &made[0]).0, 0, "frame {index}");
    }
}

/// Mean difference of luma of two frames, the first read `by` pixels further to the right.
fn moved_by(a: &Picture, b: &Picture, by: usize) -> f64 {
    let mut sum = 0;
    for y in 40..140 {
        for x in 60..240 {
            sum += u64::from(a.sample(0, x + by, y).abs_diff(b.sample(0, x, y)));
        }
    }
    sum as f64 / (180.0 * 100.0)
}

#[test]
fn pigment_moves_with_the_picture() {
    // Washes are even: what is left to be seen is the pigment.
    let film: Vec<Picture> = (0..14).map(|i| view(gray(8), 9, 4 * i, 0.0, 0)).collect();
    let pigment = |on: On| {
        let strong = [
            ("granulation", "1"),
            ("grain", "0"),
            ("edges", "0"),
            ("wetness", "0"),
        ];
        let weak = [
            ("granulation", "0"),
            ("grain", "0"),
            ("edges", "0"),
            ("wetness", "0"),
        ];
        let [with, without] = [strong, weak].map(|set| painted(&film, &set, on));
        // The share of the pigment in a frame, about mid gray.
        let only = |(with, without): (&Picture, &Picture)| {
            picture(320, 180, gray(8), Color::default(), |_, x, y| {
                128 + with.sample(0, x, y) - without.sample(0, x, y).min(128 + with.sample(0, x, y))
            })
        };
        with.iter().zip(&without).map(only).collect::<Vec<_>>()
    };
    for on in BOTH {
        let seen = pigment(on);
        let (along, in_place) = (
            moved_by(&seen[12], &seen[13], 4),
            moved_by(&seen[12], &seen[13], 0),
        );
        assert!(
            in_place > 1.0 && along < 0.6 * in_place,
            "{along} along the motion, {in_place} in place on {on:?}"
        );
    }
}

#[test]
fn both_executors_paint_alike() {
    // Beyond the frame in which a layer is laid anew.
    let film: Vec<Picture> = (0..27)
        .map(|i| view(yuv420(8), 4, 2 * i, 1.0, i as u64))
        .collect();
    let [cpu, gpu] = BOTH.map(|on| painted(&film, &[], on));
    for (index, (a, b)) in cpu.iter().zip(&gpu).enumerate() {
        assert!(psnr(a, b) > 45.0, "frame {index}: {} dB", psnr(a, b));
    }
}

#[test]
fn washes_have_dark_rims() {
    let color = Color {
        range: Range::Full,
        ..Color::default()
    };
    let step = picture(
        270,
        270,
        gray(8),
        color,
        |_, x, _| if x < 135 { 220 } else { 120 },
    );
    let quiet = [("granulation", "0"), ("grain", "0"), ("wetness", "0")];
    for on in BOTH {
        let of = |edges: &str| {
            let set = [&quiet[..], &[("edges", edges)]].concat();
            let out = painted(std::slice::from_ref(&step), &set, on).remove(0);
            let inside = out.sample(0, 220, 130);
            let rim = (125..150).map(|x| out.sample(0, x, 130)).min().unwrap();
            (inside, rim)
        };
        let (inside, rim) = of("0");
        assert!(rim + 3 >= inside, "{rim} beside {inside} on {on:?}");
        let (inside, rim) = of("1");
        assert!(rim + 15 < inside, "{rim} beside {inside} on {on:?}");
    }
}
