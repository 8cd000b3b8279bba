//! Averaging over time: still pictures are calm, moving ones stay sharp, scenes do not mix, and what is carried from
//! frame to frame can be saved.

use aquatint::color::Color;
use aquatint::frame::{Picture, Span, read_png};
use aquatint::graph::plan::{File, OutputRequest, Plan, PlanOptions, StyleUse, Temporal, plan};
use aquatint::graph::style::Library;
use aquatint::graph::{Checkpoint, Executor, ResourceData, Session};

use crate::support::*;

pub const ADAPTIVE: Temporal = Temporal::Adaptive {
    alpha: Temporal::ALPHA,
};
pub const FLOW: Temporal = Temporal::Flow {
    alpha: Temporal::ALPHA,
};
pub const EMA: Temporal = Temporal::Ema {
    alpha: Temporal::ALPHA,
};

/// Styles, without what they add anew to every frame.
pub fn styles(library: &Library) -> Vec<StyleUse> {
    vec![
        styled(library, "pencil", &[], 1.0),
        styled(library, "cartoon", &[], 1.0),
        styled(library, "comic", &[], 1.0),
        styled(library, "cinematic", &[("grain_strength", "0")], 1.0),
    ]
}

pub fn planned(library: &Library, picture: &Picture, style: &StyleUse, temporal: Temporal) -> Plan {
    planned_with(library, picture, style, temporal, PlanOptions::default())
}

pub fn planned_with(
    library: &Library,
    picture: &Picture,
    style: &StyleUse,
    temporal: Temporal,
    options: PlanOptions,
) -> Plan {
    let request = OutputRequest {
        chain: vec![style.clone()],
        format: picture.format,
        color: picture.color,
        temporal,
    };
    plan(library, &source_of(picture), &[request], options).unwrap()
}

/// Runs frames one after the other, each drained before the next.
pub struct Playing(pub Session);

impl Playing {
    pub fn new(library: &Library, plan: Plan, on: On) -> Self {
        Self(session(library, plan, on))
    }

    pub fn next(&mut self, picture: &Picture, index: usize) -> Picture {
        let mut outputs = self.0.push(Some(picture.clone()), span(index)).unwrap();
        outputs.extend(self.0.drain().unwrap());
        pictures(outputs).remove(0)
    }
}

/// A stream through `plan`.
pub fn session(library: &Library, plan: Plan, on: On) -> Session {
    let files = own_files(library, &plan);
    stream(executor(library, plan, &files, on))
}

/// A stream on `executor`.
pub fn stream(executor: Box<dyn Executor>) -> Session {
    Session::new(executor, Some(0), 7)
}

/// When frame `index` is shown.
pub fn span(index: usize) -> Span {
    Span {
        pts: index as i64,
        duration: 1,
    }
}

/// The look-up tables and pictures that come with styles.
pub fn own_files(library: &Library, plan: &Plan) -> Vec<ResourceData> {
    let own = plan.files.iter().map(|file| match file {
        File::OwnLut(path) => ResourceData::Lut(library.lut(path).unwrap()),
        File::OwnTable(path) => ResourceData::Table(library.table(path).unwrap()),
        File::OwnPicture(path) => ResourceData::Picture(own_picture(path)),
        other => panic!("{other} was not asked for"),
    });
    own.collect()
}

/// The picture of a built-in style.
pub fn own_picture(path: &str) -> Picture {
    let file = crate::support::source_tree().join("shaders").join(path);
    read_png(&std::fs::read(&file).unwrap()).unwrap()
}

/// What `style` makes of `frames`.
pub fn played(
    library: &Library,
    frames: &[Picture],
    style: &StyleUse,
    temporal: Temporal,
    on: On,
) -> Vec<Picture> {
    let mut playing = Playing::new(library, planned(library, &frames[0], style, temporal), on);
    let frames = frames.iter().enumerate();
    frames
        .map(|(index, frame)| playing.next(frame, index))
        .collect()
}

/// Mean absolute difference of luma.
pub fn apart(a: &Picture, b: &Picture) -> f64 {
    let (width, height) = (a.width as usize, a.height as usize);
    let mut sum = 0;
    for y in 0..height {
        for x in 0..width {
            sum += a.sample(0, x, y).abs_diff(b.sample(0, x, y));
        }
    }
    f64::from(sum) / (width * height) as f64
}

/// Mean absolute Laplacian of luma.
pub fn sharpness(of: &Picture) -> f64 {
    let (width, height) = (of.width as usize, of.height as usize);
    let mut sum = 0;
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let at = |x: usize, y: usize| of.sample(0, x, y) as i32;
            let around = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1);
            sum += (4 * at(x, y) - around).abs();
        }
    }
    f64::from(sum) / (width * height) as f64
}

#[test]
fn a_still_scene_with_noise_is_calm() {
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
        let (off, ema, adaptive) = (restless(Temporal::Off), restless(EMA), restless(ADAPTIVE));
        let name = &style.style.name;
        println!("{name}: off {off:.3}, ema {ema:.3}, adaptive {adaptive:.3}");
        assert!(off > 0.1, "{name}: there is something to calm");
        assert!(
            ema <= off / 3.0 && adaptive <= off / 3.0,
            "{name}: {off} {ema} {adaptive}"
        );
    }
}

/// Shapes without grain of their own seen through a window that moves `shift` pixels, with a little noise.
fn panned(shift: usize) -> Picture {
    let mut random = Noise(90 + shift as u64);
    picture(320, 180, yuv420(8), Color::default(), |component, x, y| {
        if component > 0 {
            return 128;
        }
        let (x, y) = ((x + shift) as f32, y as f32);
        let wave = 60.0 * (x / 9.0).sin() * (y / 7.0).cos();
        let edge = if (x / 23.0).floor() as i32 + (y / 31.0).floor() as i32 % 3 == 0 {
            30.0
        } else {
            0.0
        };
        let normal = (0..12).map(|_| random.unit()).sum::<f32>() - 6.0;
        (120.0 + wave + edge + 1.2 * normal) as u32
    })
}

#[test]
fn a_pan_stays_sharp() {
    let library = Library::built_in();
    for step in [1, 3] {
        let frames: Vec<Picture> = (0..10).map(|i| panned(step * i)).collect();
        for style in styles(&library) {
            let sharp =
                |temporal| sharpness(&played(&library, &frames, &style, temporal, On::Cpu)[9]);
            let (off, ema, adaptive) = (sharp(Temporal::Off), sharp(EMA), sharp(ADAPTIVE));
            let name = &style.style.name;
            let draws = ["cartoon", "comic"].contains(&name.as_str());
            println!(
                "{name}, {step} pixels a frame: off {off:.3}, ema {ema:.3}, adaptive {adaptive:.3}"
            );
            assert!(
                (adaptive / off - 1.0).abs() < 0.05,
                "{name}: {off} {adaptive}"
            );
            assert!(
                draws || ema < 0.95 * off,
                "{name}: a plain average blurs it: {off} {ema}"
            );
        }
    }
}

#[test]
fn scenes_do_not_mix() {
    let library = Library::built_in();
    let mut frames: Vec<Picture> = (0..6).map(|i| view(yuv420(8), 3, 0, 3.0, i)).collect();
    let other = |i: usize| {
        picture(320, 180, yuv420(8), Color::default(), move |_, x, y| {
            if ((x + i) / 40 + y / 45).is_multiple_of(2) {
                60
            } else {
                220
            }
        })
    };
    frames.extend((0..2).map(other));
    for style in styles(&library) {
        let mut out = played(&library, &frames, &style, EMA, On::Cpu);
        let plan = planned(&library, &frames[6], &style, EMA);
        let alone = Playing::new(&library, plan, On::Cpu).next(&frames[6], 6);
        let mixed = out.remove(6);
        let apart = difference(&mixed, &alone);
        assert!(
            mixed.same_samples(&alone),
            "{}: {apart:?}",
            style.style.name
        );
    }
}

#[test]
fn executors_agree_over_time() {
    let library = Library::built_in();
    let frames: Vec<Picture> = (0..5)
        .map(|i| view(yuv420(8), 3, 2 * i, 3.0, i as u64))
        .collect();
    for style in styles(&library) {
        let [cpu, gpu] = BOTH.map(|on| played(&library, &frames, &style, ADAPTIVE, on));
        let name = &style.style.name;
        for (a, b) in cpu.iter().zip(&gpu) {
            // Cartoon and comic decide: where a value lies on an edge the two may fall to different sides.
            let least = if ["pencil", "cinematic"].contains(&name.as_str()) {
                50.0
            } else {
                38.0
            };
            let psnr = psnr(a, b);
            assert!(psnr > least, "{name}: {psnr:.1} dB");
        }
    }
}

#[test]
fn what_is_carried_can_be_saved_and_taken_up_again() {
    let library = Library::built_in();
    let frames: Vec<Picture> = (0..6)
        .map(|i| view(yuv420(10), 3, i, 3.0, i as u64))
        .collect();
    for style in styles(&library) {
        for on in BOTH {
            let plan = planned(&library, &frames[0], &style, ADAPTIVE);
            assert_eq!(plan.timing().before, None);
            let mut whole = Playing::new(&library, plan.clone(), on);
            let mut first = Playing::new(&library, plan.clone(), on);
            let mut second = Playing::new(&library, plan.clone(), on);
            let name = &style.style.name;
            for (index, frame) in frames.iter().enumerate() {
                if index == 3 {
                    let state = first.0.checkpoint().unwrap();
                    assert_eq!(state, whole.0.checkpoint().unwrap(), "{name} on {on:?}");
                    let mut bytes = Vec::new();
                    state.write(&mut bytes).unwrap();
                    let cut_short = Checkpoint::from_bytes(&bytes[..bytes.len() - 1]);
                    assert!(second.0.restore(cut_short.unwrap()).is_err());
                    second.0.restore(state.clone()).unwrap();
                    // Without it the frame is another: there was something to carry.
                    let alone = Playing::new(&library, plan.clone(), on).next(frame, index);
                    let mut again = Playing::new(&library, plan.clone(), on);
                    again
                        .0
                        .restore(Checkpoint::from_bytes(&bytes).unwrap())
                        .unwrap();
                    assert!(
                        !again.next(frame, index).same_samples(&alone),
                        "{name} carries nothing on {on:?}"
                    );
                }
                let expected = whole.next(frame, index);
                let part = if index < 3 { &mut first } else { &mut second };
                assert!(
                    part.next(frame, index).same_samples(&expected),
                    "{name}, frame {index} on {on:?}"
                );
            }
        }
    }
}

#[test]
fn that_a_frame_came_before_is_carried_without_histories_too() {
    let manifest = "summary = \"s\"\n[[pass]]\nkernel = \"k\"\nin = { image = \"source\" }\nout = \"result\"\n";
    let kernel = "fn pixel(at: vec2i) -> vec4f { return image_here() * f32(package::engine::facts.history_valid); }";
    let (_folder, library) = with_own("later", &[("style.toml", manifest), ("k.wgsl", kernel)]);
    let picture = view(yuv420(8), 3, 0, 0.0, 1);
    let style = styled(&library, "later", &[], 1.0);
    let plan = planned(&library, &picture, &style, Temporal::Off);
    assert!(plan.histories.is_empty());
    // No twin: it runs as WGSL alone.
    let mut first = Playing::new(&library, plan.clone(), On::Gpu);
    let dark = first.next(&picture, 0);
    let state = first.0.checkpoint().unwrap();
    let mut second = Playing::new(&library, plan, On::Gpu);
    second.0.restore(state).unwrap();
    let taken_up = second.next(&picture, 1);
    assert!(taken_up.same_samples(&first.next(&picture, 1)));
    assert!(!taken_up.same_samples(&dark));
}

#[test]
fn off_carries_nothing_and_two_styles_share_the_motion() {
    let library = Library::built_in();
    let picture = view(yuv420(8), 3, 0, 2.0, 1);
    let pencil = &styles(&library)[0];
    assert_eq!(
        planned(&library, &picture, pencil, Temporal::Off)
            .timing()
            .before,
        Some(0)
    );
    let requests: Vec<OutputRequest> = ["pencil", "cartoon"]
        .into_iter()
        .map(|name| OutputRequest {
            chain: vec![styled(&library, name, &[], 1.0)],
            format: picture.format,
            color: picture.color,
            temporal: ADAPTIVE,
        })
        .collect();
    let plan = plan(
        &library,
        &source_of(&picture),
        &requests,
        PlanOptions::default(),
    )
    .unwrap();
    let motions = plan
        .nodes
        .iter()
        .filter(|node| node.kernel.path == "temporal/motion/spread");
    assert_eq!(motions.count(), 1);
    let lumas = plan
        .nodes
        .iter()
        .filter(|node| node.kernel.path == "common/luma/coded");
    assert_eq!(lumas.count(), 1);
}

/// A style that only averages, and says `temporal` of its picture.
fn averaging(temporal: &str) -> (tempfile::TempDir, Library) {
    let manifest = format!(
        "summary = \"s\"\n[[pass]]\nuse = \"identity\"\nin = {{ source = \"source\" }}\n\
         temporal = {temporal}\nout = \"result\"\n"
    );
    with_own("calm", &[("style.toml", &manifest)])
}

/// What is averaged of `frames`, as `calm` says `temporal`.
fn averages(temporal: &str, frames: &[Picture], alpha: f32, on: On) -> Vec<Picture> {
    let (_folder, library) = averaging(temporal);
    let style = styled(&library, "calm", &[], 1.0);
    played(&library, frames, &style, Temporal::Ema { alpha }, on)
}

/// A flat grey with noise.
fn grainy(gray: u32, sigma: f32, seed: u64) -> Picture {
    let mut random = Noise(seed);
    picture(48, 32, yuv420(8), Color::default(), |component, _, _| {
        let normal = (0..12).map(|_| random.unit()).sum::<f32>() - 6.0;
        let base = if component == 0 { gray } else { 120 };
        (base as f32 + sigma * normal).round() as u32
    })
}

/// The user sees the same average whether 16 or 32 bits hold it: over 300 frames of noise nothing drifts.
#[test]
fn an_average_in_sixteen_bits_does_not_drift() {
    let frames: Vec<Picture> = (0..300).map(|i| grainy(90, 4.0, i)).collect();
    let floats = averages("true", &frames, Temporal::ALPHA, On::Cpu);
    let fixed = averages("\"signal\"", &frames, Temporal::ALPHA, On::Cpu);
    let mut sum = 0.0;
    for (index, (a, b)) in floats.iter().zip(&fixed).enumerate() {
        let (most, mean) = difference(a, b);
        assert!(most <= 1, "frame {index}: {most} codes apart");
        sum += mean;
    }
    println!("mean difference {:.5} codes", sum / 300.0);
    assert!(sum / 300.0 < 0.02, "{}", sum / 300.0);
    assert!(sum > 0.0, "both were kept in the same way");
}

/// Where a picture stays the same after a small change, its average reaches it, at the smallest weight for which 16 bits
/// are used, on both executors.
#[test]
fn an_average_in_sixteen_bits_does_not_stick() {
    let mut frames = vec![grainy(90, 0.0, 1); 3];
    frames.extend(vec![grainy(93, 0.0, 2); 90]);
    for on in BOTH {
        let out = averages("\"signal\"", &frames, 0.0625, on);
        let off = difference(&out[4], &frames[4]);
        assert!(off.0 > 1, "it moves slowly on {on:?}: {off:?}");
        let stuck = difference(&out[92], &frames[92]);
        assert!(stuck.0 == 0, "{stuck:?} on {on:?}");
    }
}

/// Values that a picture cannot have are cut off, at -2 and 2, and no others.
#[test]
fn an_average_of_a_signal_ends_at_two() {
    let kernel = "fn pixel(at: vec2i) -> vec4f { return vec4f(image_here().rgb * 3.0, 1.0); }";
    let half = "fn pixel(at: vec2i) -> vec4f { return vec4f(image_here().rgb / 3.0, 1.0); }";
    let of = |temporal: &str| {
        let manifest = format!(
            "summary = \"s\"\n[[pass]]\nkernel = \"k\"\nin = {{ image = \"source\" }}\n\
             temporal = {temporal}\nout = \"large\"\n\
             [[pass]]\nkernel = \"half\"\nin = {{ image = \"large\" }}\nout = \"result\"\n"
        );
        let files = [
            ("style.toml", manifest.as_str()),
            ("k.wgsl", kernel),
            ("half.wgsl", half),
        ];
        let (_folder, library) = with_own("large", &files);
        let style = styled(&library, "large", &[], 1.0);
        let frames =
            [60, 240].map(|level| picture(16, 8, rgb(8), Color::default(), |_, _, _| level));
        let each = frames.map(|frame| played(&library, &[frame], &style, EMA, On::Gpu).remove(0));
        each.map(|picture| picture.sample(0, 3, 3))
    };
    assert_eq!(of("true"), [60, 240]);
    assert_eq!(of("\"signal\""), [60, 170]);
}
