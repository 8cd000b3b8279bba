//! Averages along the motion of the picture: moving parts are calm and sharp, what comes into sight is new at once, and what
//! is carried can be saved.

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::plan::{OutputRequest, PlanOptions, StyleUse, Temporal, plan};
use aquatint::graph::style::Library;
use aquatint::reference::common::noise::noise;

use crate::support::*;
use crate::temporal::{ADAPTIVE, EMA, FLOW, Playing, apart, planned, played, sharpness, styles};

/// A style as a network is: it makes every frame for itself, and its manifest says of its only pass that it flickers.
fn flickering() -> (tempfile::TempDir, Library) {
    let manifest = "summary = \"s\"\n[[pass]]\nuse = \"identity\"\nin = { source = \"source\" }\n\
                    temporal = \"signal\"\nout = \"result\"\n";
    with_own("calm", &[("style.toml", manifest)])
}

const SIZE: (usize, usize) = (320, 180);

/// Something with details of several sizes, in codes.
fn surface(x: f32, y: f32, layer: u32) -> f32 {
    let at = |size: f32, layer: u32| noise(x / size, y / size, layer) - 0.5;
    126.0 + 90.0 * (at(29.0, layer) + at(10.0, layer + 1)) + 60.0 * at(5.0, layer + 2)
}

/// A picture of luma `value`, with noise of deviation `sigma` codes.
fn seen(sigma: f32, seed: u64, value: impl Fn(f32, f32) -> f32) -> Picture {
    let mut random = Noise(seed);
    let (width, height) = (SIZE.0 as u32, SIZE.1 as u32);
    picture(
        width,
        height,
        yuv420(8),
        Color::default(),
        |component, x, y| {
            if component > 0 {
                return 128;
            }
            let normal = (0..12).map(|_| random.unit()).sum::<f32>() - 6.0;
            (value(x as f32, y as f32) + sigma * normal)
                .round()
                .clamp(0.0, 255.0) as u32
        },
    )
}

/// Mean difference between a picture and the one before it, which moved by whole pixels: `now` at x is `before` at x + `by`.
/// Without the borders, beyond which nothing is known.
fn warped(before: &Picture, now: &Picture, by: [usize; 2]) -> f64 {
    let (mut sum, mut count) = (0, 0);
    for y in 16..SIZE.1 - 16 - by[1] {
        for x in 16..SIZE.0 - 16 - by[0] {
            let there = before.sample(0, x + by[0], y + by[1]);
            sum += now.sample(0, x, y).abs_diff(there);
            count += 1;
        }
    }
    f64::from(sum) / f64::from(count)
}

/// A camera that turns over a picture whose every frame has noise of its own: `flow` takes away most of what changes from
/// frame to frame, where `adaptive` can do little.
#[test]
fn a_moving_picture_is_calm() {
    let (_folder, library) = flickering();
    let style = styled(&library, "calm", &[], 1.0);
    let by = [5, 2];
    let frames: Vec<Picture> = (0..8)
        .map(|i| {
            let [dx, dy] = by.map(|by| (by * i) as f32);
            seen(5.0, i as u64, |x, y| surface(x + dx, y + dy, 3))
        })
        .collect();
    let restless = |temporal| {
        let out = played(&library, &frames, &style, temporal, On::Cpu);
        let late = out[4..]
            .windows(2)
            .map(|pair| warped(&pair[0], &pair[1], by));
        late.sum::<f64>() / 3.0
    };
    let [off, adaptive, flow] = [Temporal::Off, ADAPTIVE, FLOW].map(restless);
    println!("off {off:.3}, adaptive {adaptive:.3}, flow {flow:.3}");
    assert!(off > 4.0 && adaptive > 0.7 * off, "{off} {adaptive}");
    assert!(flow < 0.4 * off, "{off} {flow}");
}

/// What a still scene gains with `adaptive`, it gains with `flow`.
#[test]
fn a_still_scene_is_calm_too() {
    let library = Library::built_in();
    let frames: Vec<Picture> = (0..14)
        .map(|i| view(yuv420(8), 3, 0, 4.0, 40 + i))
        .collect();
    for style in styles(&library) {
        let restless = |temporal| {
            let out = played(&library, &frames, &style, temporal, On::Cpu);
            let late = out[8..].windows(2).map(|pair| apart(&pair[0], &pair[1]));
            late.sum::<f64>() / 5.0
        };
        let [off, adaptive, flow] = [Temporal::Off, ADAPTIVE, FLOW].map(restless);
        let name = &style.style.name;
        println!("{name}: off {off:.3}, adaptive {adaptive:.3}, flow {flow:.3}");
        assert!(flow <= off / 3.0, "{name}: {off} {flow}");
    }
}

/// A pan by whole pixels, and one by parts of a pixel, keep their details: a plain average loses most of them.
#[test]
fn a_pan_stays_sharp() {
    let library = Library::built_in();
    for (step, least) in [(3.0, 0.95), (1.0, 0.95), (1.6, 0.85)] {
        let pan = |i: u64| seen(0.0, i, |x, y| surface(x + step * i as f32, y, 3));
        let frames: Vec<Picture> = (0..10).map(pan).collect();
        for style in [&styles(&library)[0], &styles(&library)[3]] {
            let sharp =
                |temporal| sharpness(&played(&library, &frames, style, temporal, On::Cpu)[9]);
            let [off, ema, flow] = [Temporal::Off, EMA, FLOW].map(sharp);
            let name = &style.style.name;
            println!("{name}, {step} pixels a frame: off {off:.3}, ema {ema:.3}, flow {flow:.3}");
            assert!(ema < 0.8 * off, "{name}: {off} {ema}");
            assert!(
                (least..1.05).contains(&(flow / off)),
                "{name}: {off} {flow}"
            );
        }
    }
}

/// A square with details crosses a still surface; every frame has noise. About its edges the picture is no further from the
/// one without noise than with `adaptive`: nothing is left behind, nothing is drawn along.
#[test]
fn edges_that_move_do_not_smear() {
    let (_folder, library) = flickering();
    let style = styled(&library, "calm", &[], 1.0);
    let left = |i: usize| 60.0 + 7.0 * i as f32;
    let scene = |i: usize, sigma: f32| {
        seen(sigma, i as u64, |x, y| {
            match (left(i)..left(i) + 90.0).contains(&x) && (45.0..135.0).contains(&y) {
                true => surface(x - left(i), y, 11),
                false => surface(x, y, 3),
            }
        })
    };
    let frames: Vec<Picture> = (0..9).map(|i| scene(i, 3.0)).collect();
    let wrong = |temporal| {
        let out = played(&library, &frames, &style, temporal, On::Cpu);
        let (clean, made) = (scene(8, 0.0), &out[8]);
        let (mut sum, mut count) = (0, 0);
        for edge in [left(8) as usize, left(8) as usize + 90] {
            for y in 45..135 {
                for x in edge - 14..edge + 14 {
                    sum += clean.sample(0, x, y).abs_diff(made.sample(0, x, y));
                    count += 1;
                }
            }
        }
        f64::from(sum) / f64::from(count)
    };
    let [off, adaptive, flow] = [Temporal::Off, ADAPTIVE, FLOW].map(wrong);
    println!("off {off:.3}, adaptive {adaptive:.3}, flow {flow:.3}");
    assert!(flow <= adaptive, "{off} {adaptive} {flow}");
}

#[test]
fn scenes_do_not_mix() {
    let library = Library::built_in();
    let mut frames: Vec<Picture> = (0..4)
        .map(|i| view(yuv420(8), 3, 2 * i, 3.0, i as u64))
        .collect();
    frames.extend((0..2).map(|i| {
        picture(320, 180, yuv420(8), Color::default(), move |_, x, y| {
            if ((x + i) / 40 + y / 45).is_multiple_of(2) {
                60
            } else {
                220
            }
        })
    }));
    let style = &styles(&library)[0];
    let mixed = played(&library, &frames, style, FLOW, On::Cpu).remove(4);
    let plan = planned(&library, &frames[4], style, FLOW);
    let alone = Playing::new(&library, plan, On::Cpu).next(&frames[4], 4);
    assert!(
        mixed.same_samples(&alone),
        "{:?}",
        difference(&mixed, &alone)
    );
}

#[test]
fn executors_agree() {
    let library = Library::built_in();
    let frames: Vec<Picture> = (0..4)
        .map(|i| view(yuv420(8), 3, 3 * i, 2.0, i as u64))
        .collect();
    for style in [&styles(&library)[0], &styles(&library)[3]] {
        let [cpu, gpu] = BOTH.map(|on| played(&library, &frames, style, FLOW, on));
        for (a, b) in cpu.iter().zip(&gpu) {
            let psnr = psnr(a, b);
            assert!(psnr > 50.0, "{}: {psnr:.1} dB", style.style.name);
        }
    }
}

/// A style that makes a small picture of its own is averaged along the motion, too.
#[test]
fn pictures_of_another_size_are_averaged() {
    let manifest = "summary = \"s\"\n[[pass]]\nkernel = \"small\"\nin = { image = \"source\" }\n\
                    size = [\"2 * source_width / 5\", \"2 * source_height / 3\"]\ntemporal = true\nout = \"small\"\n\
                    [[pass]]\nkernel = \"large\"\nin = { image = \"small\" }\n\
                    size = [\"source_width\", \"source_height\"]\nout = \"result\"\n";
    let small = "fn pixel(at: vec2i) -> vec4f { return image_sample((vec2f(at) + 0.5) / vec2f(package::engine::extent)); }";
    let files = [
        ("style.toml", manifest),
        ("small.wgsl", small),
        ("large.wgsl", small),
    ];
    let (_folder, library) = with_own("half", &files);
    let style = styled(&library, "half", &[], 1.0);
    let by = [5, 3];
    let frames: Vec<Picture> = (0..6)
        .map(|i| {
            let [dx, dy] = by.map(|by| (by * i) as f32);
            seen(6.0, i as u64, |x, y| surface(x + dx, y + dy, 3))
        })
        .collect();
    let restless = |temporal| {
        let out = played(&library, &frames, &style, temporal, On::Gpu);
        warped(&out[4], &out[5], by)
    };
    let [off, flow] = [Temporal::Off, FLOW].map(restless);
    println!("off {off:.3}, flow {flow:.3}");
    assert!(flow < 0.6 * off, "{off} {flow}");
}

/// What is carried can be saved on one executor and taken up by the other.
#[test]
fn what_is_carried_can_be_saved() {
    let library = Library::built_in();
    let frames: Vec<Picture> = (0..4)
        .map(|i| view(yuv420(8), 3, 3 * i, 3.0, i as u64))
        .collect();
    let style = &styles(&library)[0];
    for on in BOTH {
        let plan = planned(&library, &frames[0], style, FLOW);
        assert_eq!(plan.timing().before, None);
        let mut whole = Playing::new(&library, plan.clone(), on);
        let [_, _] = [0, 1].map(|i| whole.next(&frames[i], i));
        let state = whole.0.checkpoint().unwrap();
        let mut again = Playing::new(&library, plan.clone(), on);
        again.0.restore(state).unwrap();
        let mut alone = Playing::new(&library, plan, on);
        let expected = whole.next(&frames[2], 2);
        assert!(
            again.next(&frames[2], 2).same_samples(&expected),
            "on {on:?}"
        );
        assert!(
            !alone.next(&frames[2], 2).same_samples(&expected),
            "on {on:?}"
        );
    }
}

fn request(picture: &Picture, chain: Vec<StyleUse>) -> OutputRequest {
    OutputRequest {
        chain,
        format: picture.format,
        color: picture.color,
        temporal: FLOW,
    }
}

#[test]
fn all_styles_share_the_motion() {
    let library = Library::built_in();
    let picture = view(yuv420(8), 3, 0, 2.0, 1);
    let requests =
        ["pencil", "cartoon"].map(|name| request(&picture, vec![styled(&library, name, &[], 1.0)]));
    let plan = plan(
        &library,
        &source_of(&picture),
        &requests,
        PlanOptions::default(),
    )
    .unwrap();
    for (path, count) in [
        ("temporal/vectors/erode", 1),
        // Forward and backward.
        ("common/motion/one_way/fraction", 2),
        // Five sizes of two frames: both ways read the same ones.
        ("common/motion/one_way/whole", 2),
        ("common/motion/one_way/shrink", 8),
    ] {
        let nodes = plan.nodes.iter().filter(|node| node.kernel.path == path);
        assert_eq!(nodes.count(), count, "{path}");
    }
}

/// Motion is that of the source's frames: what is made at another rate has no such motion, and it says so.
#[test]
fn another_rate_is_refused() {
    let manifest = "summary = \"s\"\n[[pass]]\nkernel = \"twice\"\nin = { image = \"source\" }\nrate = 2\n\
                    temporal = true\nout = \"result\"\n";
    let twice = "fn pixel(at: vec2i) -> vec4f { return image_here(); }";
    let (_folder, library) = with_own("twice", &[("style.toml", manifest), ("twice.wgsl", twice)]);
    let picture = view(yuv420(8), 3, 0, 2.0, 1);
    let requests = [request(&picture, vec![styled(&library, "twice", &[], 1.0)])];
    let mut source = source_of(&picture);
    source.time_base = aquatint::frame::Rational::new(1, 1000);
    let refused = plan(&library, &source, &requests, PlanOptions::default()).unwrap_err();
    assert!(
        refused.to_string().contains("choose temporal = adaptive"),
        "{refused}"
    );
}
