//! What a style keeps from frame to frame: pictures of the source, of other histories, images of another size, and fixed
//! delays; on both executors, saved and continued at every frame.

use std::sync::{Arc, Mutex};

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::plan::{
    Call, File, History, ImageDesc, Node, NodeKind, Operand, OutputPort, OutputRequest, Plan,
    PlanOptions, SourcePort, Storage, Temporal, plan,
};
use aquatint::graph::style::{Library, Window};
use aquatint::graph::{Checkpoint, External, Given, Instant, ResourceData};

use crate::support::*;
use crate::temporal::{session, span, stream};

const FRAMES: usize = 9;
/// The frame that another scene begins with.
const CUT: usize = 5;
/// A kernel that has a twin, so that what is kept can be seen on the CPU, too.
const COPY: &str = include_str!("../shaders/identity/copy.wgsl");

/// Two scenes; a mark in a corner tells each frame from the others.
fn film() -> Vec<Picture> {
    let frame = |index: usize| {
        picture(96, 64, yuv420(8), Color::default(), |component, x, y| {
            let mark = x < 8 && y < 8;
            match (component, index < CUT) {
                (0, _) if mark => 40 + 20 * index as u32,
                (0, true) => 60 + 2 * x as u32,
                (0, false) => 230 - 3 * y as u32 / 2,
                _ => 128,
            }
        })
    };
    (0..FRAMES).map(frame).collect()
}

/// A plan of the style `identity` with this manifest, and the kernels beside it.
fn planned(manifest: &str, kernels: &[(&str, &str)]) -> (tempfile::TempDir, Library, Plan) {
    let text = format!("summary = \"s\"\n{manifest}");
    let mut files = vec![("style.toml", text.as_str()), ("copy.wgsl", COPY)];
    files.extend(kernels);
    let (folder, library) = with_own("identity", &files);
    let first = &film()[0];
    let request = OutputRequest {
        chain: vec![styled(&library, "identity", &[], 1.0)],
        format: first.format,
        color: first.color,
        temporal: Temporal::Off,
    };
    let plan = plan(
        &library,
        &source_of(first),
        &[request],
        PlanOptions::default(),
    )
    .unwrap();
    (folder, library, plan)
}

/// What a plan makes of the film.
fn finished(library: &Library, plan: &Plan, on: On) -> Vec<Picture> {
    let mut session = session(library, plan.clone(), on);
    let mut outputs = Vec::new();
    for (index, frame) in film().iter().enumerate() {
        outputs.extend(session.push(Some(frame.clone()), span(index)).unwrap());
    }
    outputs.extend(session.finish().unwrap());
    pictures(outputs)
}

/// Ends the session after each frame, and continues in another one.
fn continued(library: &Library, plan: &Plan, on: On) -> Vec<Picture> {
    let mut outputs = Vec::new();
    let mut bytes = Vec::new();
    for (index, frame) in film().iter().enumerate() {
        let mut next = session(library, plan.clone(), on);
        if !bytes.is_empty() {
            let saved = Checkpoint::from_bytes(&bytes).unwrap();
            next.restore(saved).unwrap();
        }
        outputs.extend(next.push(Some(frame.clone()), span(index)).unwrap());
        if index + 1 == FRAMES {
            outputs.extend(next.finish().unwrap());
        } else {
            outputs.extend(next.drain().unwrap());
            bytes.clear();
            next.checkpoint().unwrap().write(&mut bytes).unwrap();
        }
    }
    pictures(outputs)
}

const OLDER: &str = "[history.older]\nof = \"last\"\n[history.last]\nof = \"source\"\n\
    [[pass]]\nkernel = \"copy\"\nin = { source = \"older\" }\nout = \"result\"\n";

#[test]
fn a_history_of_a_history_of_the_source_is_the_picture_two_frames_before() {
    let (_folder, library, plan) = planned(OLDER, &[]);
    assert_eq!(plan.timing().before, None);
    // The same shape, said in the manifest.
    let said = OLDER.replace("of = \"source\"\n", "of = \"source\"\nlike = \"source\"\n");
    assert_ne!(said, OLDER);
    let shapes = |plan: &Plan| {
        let histories = plan.histories.iter();
        let shape =
            |history: &History| (history.label.clone(), history.commit, history.image.storage);
        histories.map(shape).collect::<Vec<_>>()
    };
    assert_eq!(shapes(&planned(&said, &[]).2), shapes(&plan));
    let film = film();
    for on in BOTH {
        let made = finished(&library, &plan, on);
        assert_eq!(made.len(), FRAMES);
        for (index, frame) in made.iter().enumerate().skip(2) {
            assert!(
                frame.same_samples(&film[index - 2]),
                "frame {index} on {on:?}"
            );
        }
        let black = |frame: &Picture| frame.sample(0, 3, 3) <= 16;
        assert!(
            black(&made[0]) && black(&made[1]),
            "nothing was before, on {on:?}"
        );
        let resumed = continued(&library, &plan, on);
        let same = |(a, b): (&Picture, &Picture)| a.same_samples(b);
        assert!(
            resumed.len() == FRAMES && resumed.iter().zip(&made).all(same),
            "on {on:?}"
        );
    }
}

#[test]
fn a_history_has_the_size_of_what_it_keeps() {
    let half = "[[pass]]\nuse = \"common/resample\"\nin = { image = \"source\" }\n\
        set = { width = \"source_width / 2\", height = \"source_height / 2\" }\nout = ";
    let (_folder, library, now) = planned(&format!("{half}\"result\"\n"), &[]);
    let manifest = format!(
        "[history.trail]\nof = \"small\"\n{half}\"small\"\n\
         [[pass]]\nkernel = \"copy\"\nin = {{ source = \"trail\" }}\nsize = [\"source_width / 2\", \"source_height / 2\"]\nout = \"result\"\n"
    );
    let (_other, before_library, before) = planned(&manifest, &[]);
    assert_eq!(before.histories[0].image.extent, (48, 32));
    for on in BOTH {
        let now = finished(&library, &now, on);
        let made = finished(&before_library, &before, on);
        assert_eq!(
            (made.len(), made[0].width, made[0].height),
            (FRAMES, 48, 32)
        );
        for (index, frame) in made.iter().enumerate().skip(1) {
            assert!(
                frame.same_samples(&now[index - 1]),
                "frame {index} on {on:?}"
            );
        }
        let resumed = continued(&before_library, &before, on);
        let same = |(a, b): (&Picture, &Picture)| a.same_samples(b);
        assert!(resumed.iter().zip(&made).all(same), "on {on:?}");
    }
}

#[test]
fn the_age_of_a_scene_says_from_when_on_a_chain_of_histories_holds_its_frames() {
    let manifest = "[history.last]\nof = \"source\"\n[history.older]\nof = \"last\"\n\
        [[pass]]\nkernel = \"chain\"\nin = { image = \"source\", older = \"older\" }\nout = \"result\"\n";
    let by_age = "fn pixel(at: vec2i) -> vec4f {
        return select(image_here(), older_here(), package::engine::facts.age >= 2u);
    }";
    let (_folder, library, plan) = planned(manifest, &[("chain.wgsl", by_age)]);
    let film = film();
    let made = finished(&library, &plan, On::Gpu);
    for (index, frame) in made.iter().enumerate() {
        let age = if index < CUT { index } else { index - CUT };
        let expected = &film[if age >= 2 { index - 2 } else { index }];
        assert!(frame.same_samples(expected), "frame {index}");
    }
    let resumed = continued(&library, &plan, On::Gpu);
    let same = |(a, b): (&Picture, &Picture)| a.same_samples(b);
    assert!(resumed.iter().zip(&made).all(same));
    // By history_valid alone, the second frame of each scene shows what was before the scene.
    let by_flag = by_age.replace("age >= 2u", "history_valid != 0u");
    let (_folder, library, plan) = planned(manifest, &[("chain.wgsl", &by_flag)]);
    let early = finished(&library, &plan, On::Gpu);
    assert!(early[1].sample(0, 3, 3) <= 16, "black");
    assert!(
        early[CUT + 1].same_samples(&film[CUT - 1]),
        "the scene before"
    );
}

/// A history of an image that is made behind a window keeps step with it.
#[test]
fn a_chain_behind_a_window_that_looks_ahead_counts_its_own_frames() {
    let manifest = "[history.last]\nof = \"next\"\n[history.older]\nof = \"last\"\n\
        [[pass]]\nkernel = \"ahead\"\nin = { image = \"source[0..+1]\" }\nout = \"next\"\n\
        [[pass]]\nkernel = \"chain\"\nin = { image = \"next\", older = \"older\" }\nout = \"result\"\n";
    let kernels = [
        (
            "ahead.wgsl",
            "fn pixel(at: vec2i) -> vec4f { return image_here(1); }",
        ),
        (
            "chain.wgsl",
            "fn pixel(at: vec2i) -> vec4f { return select(image_here(), older_here(), package::engine::facts.age >= 2u); }",
        ),
    ];
    let (_folder, library, plan) = planned(manifest, &kernels);
    let film = film();
    let last = |index: usize| if index < CUT { CUT - 1 } else { FRAMES - 1 };
    let next = |index: usize| (index + 1).min(last(index));
    let made = finished(&library, &plan, On::Gpu);
    for (index, frame) in made.iter().enumerate() {
        let age = if index < CUT { index } else { index - CUT };
        let from = if age >= 2 { index - 2 } else { index };
        assert!(frame.same_samples(&film[next(from)]), "frame {index}");
    }
    let resumed = continued(&library, &plan, On::Gpu);
    let same = |(a, b): (&Picture, &Picture)| a.same_samples(b);
    assert!(resumed.len() == FRAMES && resumed.iter().zip(&made).all(same));
}

#[test]
fn a_window_of_one_frame_is_a_fixed_delay() {
    let manifest = "[[pass]]\nkernel = \"delay\"\nin = { before = \"source[-3]\", image = \"source\" }\nout = \"result\"\n";
    let film = film();
    let begin = |index: usize| if index < CUT { 0 } else { CUT };
    // Where the scene has no such frame, its first one is read, and the kernel can know.
    for (kernel, short) in [
        (
            "fn pixel(at: vec2i) -> vec4f { return before_here(-3) + 0.0 * image_here(); }",
            false,
        ),
        (
            "fn pixel(at: vec2i) -> vec4f { return select(image_here(), before_at(-3, at), before_valid(-3)); }",
            true,
        ),
    ] {
        let (_folder, library, plan) = planned(manifest, &[("delay.wgsl", kernel)]);
        assert_eq!((plan.timing().before, plan.timing().after), (Some(3), 0));
        let made = finished(&library, &plan, On::Gpu);
        for (index, frame) in made.iter().enumerate() {
            let there = index >= begin(index) + 3;
            let expected = match there || !short {
                true => index.saturating_sub(3).max(begin(index)),
                false => index,
            };
            assert!(
                frame.same_samples(&film[expected]),
                "frame {index}: {kernel}"
            );
        }
        let resumed = continued(&library, &plan, On::Gpu);
        let same = |(a, b): (&Picture, &Picture)| a.same_samples(b);
        assert!(resumed.iter().zip(&made).all(same), "{kernel}");
    }
}

/// Notes what it is given, and gives back its only image.
#[derive(Debug)]
struct Noting(Arc<Mutex<Vec<Instant>>>);

impl External for Noting {
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
        self.0.lock().unwrap().push(*given.instant);
        let [input] = given.inputs else {
            return Err(format!("{} inputs", given.inputs.len()));
        };
        Ok(input.words.clone())
    }
}

#[test]
fn both_executors_give_the_frame_of_a_fixed_delay_and_its_facts() {
    const SIZE: (u32, u32) = (96, 54);
    let library = Library::built_in();
    let film: Vec<Picture> = (0..6)
        .map(|seed| noise(SIZE.0, SIZE.1, rgb(16), Color::default(), seed))
        .collect();
    let node = |kind, path: &str, params: &[(&str, f32)], inputs: &[(&str, Operand)]| Node {
        label: path.to_owned(),
        kind,
        kernel: kernel(&library, path),
        params: named(params),
        inputs: inputs
            .iter()
            .map(|(name, operand)| ((*name).to_owned(), *operand))
            .collect(),
        image: ImageDesc::new(SIZE, Storage::Rgba32Float),
        tiles: Vec::new(),
        prepare: None,
        decides: false,
        delay: 0,
        across_cuts: false,
    };
    let scale = [
        ("alpha", 0.0),
        ("alpha_scale", 1.0),
        ("luma_offset", 0.0),
        ("luma_scale", 1.0 / 65535.0),
    ];
    let delayed = Operand::Window(0, Window { from: -2, to: -2 });
    let nodes = vec![
        node(
            NodeKind::Pixel,
            "io/unpack/rgb",
            &scale,
            &[("planes", Operand::Planes(0))],
        ),
        node(
            NodeKind::External {
                call: Call::default(),
            },
            "external/noting",
            &[],
            &[("code", Operand::File(0)), ("image", delayed)],
        ),
    ];
    let source = SourcePort {
        extent: SIZE,
        format: Some(rgb(16)),
    };
    let pack = packed_rgb16(&library, 1, SIZE);
    let mut plan = Plan::of_nodes(vec![source], nodes, vec![OutputPort::Frame(pack)]);
    plan.files.push(File::Model {
        name: "noting".to_owned(),
        identity: String::new(),
    });
    plan.clocks[0].time_base = aquatint::frame::Rational::new(1, 25);
    plan.clocks[0].rate = aquatint::frame::Rational::new(25, 1);
    for on in BOTH {
        let seen = Arc::default();
        let code = ResourceData::Code(Arc::new(Noting(Arc::clone(&seen))));
        let executor = executor(&library, plan.clone(), &[code], on);
        let mut session = stream(executor);
        let mut outputs = Vec::new();
        for (index, picture) in film.iter().enumerate() {
            // Every second frame is missing: its number is that of its time.
            outputs.extend(
                session
                    .push(Some(picture.clone()), span(2 * index))
                    .unwrap(),
            );
        }
        outputs.extend(session.finish().unwrap());
        for (index, made) in pictures(outputs).iter().enumerate() {
            let expected = &film[index.saturating_sub(2)];
            assert!(made.same_samples(expected), "frame {index} on {on:?}");
        }
        for (index, instant) in seen.lock().unwrap().iter().enumerate() {
            let facts = &instant.facts;
            let number = 2 * index as u32;
            assert_eq!(
                (facts.frame, facts.age, facts.fps),
                (number, index as u32, 25.0),
                "on {on:?}"
            );
            assert_eq!(
                (facts.scale, facts.time_in_scene),
                (0.05, number as f32 / 25.0),
                "on {on:?}"
            );
        }
    }
}

#[test]
fn two_outputs_share_their_histories() {
    let (_folder, library, one) = planned(OLDER, &[]);
    let first = &film()[0];
    let request = OutputRequest {
        chain: vec![styled(&library, "identity", &[], 1.0)],
        format: first.format,
        color: first.color,
        temporal: Temporal::Off,
    };
    let requests = [request.clone(), request];
    let two = plan(
        &library,
        &source_of(first),
        &requests,
        PlanOptions::default(),
    )
    .unwrap();
    assert_eq!((two.nodes.len(), two.histories.len()), (one.nodes.len(), 2));
    for on in BOTH {
        let made = finished(&library, &two, on);
        let expected = finished(&library, &one, on);
        assert_eq!(made.len(), 2 * FRAMES);
        for (index, frame) in made.iter().enumerate() {
            assert!(
                frame.same_samples(&expected[index / 2]),
                "{index} on {on:?}"
            );
        }
    }
}

#[test]
fn histories_that_cannot_be_are_refused_in_words() {
    let refused = |manifest: &str, kernel: &str| {
        let text = format!("summary = \"s\"\n{manifest}");
        let files = [
            ("style.toml", text.as_str()),
            ("copy.wgsl", COPY),
            ("k.wgsl", kernel),
        ];
        let (_folder, library) = with_own("identity", &files);
        let style = match library.load("identity") {
            Ok(style) => style,
            Err(error) => return error.to_string(),
        };
        let first = &film()[0];
        let request = OutputRequest {
            chain: vec![aquatint::graph::plan::StyleUse {
                values: aquatint::graph::style::Values::defaults(&style.params),
                style,
                strength: 1.0,
                target: None,
                rate: None,
            }],
            format: first.format,
            color: first.color,
            temporal: Temporal::Off,
        };
        let made = plan(
            &library,
            &source_of(first),
            &[request],
            PlanOptions::default(),
        );
        made.unwrap_err().to_string()
    };
    let pass = "[[pass]]\nkernel = \"copy\"\nin = { source = \"a\" }\nout = \"result\"\n";
    let counting = "fn count(at: vec2i) { words_store(0, u32(image_at(at).r) + a_word(0)); }";
    for (manifest, words) in [
        (format!("[history.a]\nof = \"a\"\n{pass}"), "[history.a]: it keeps itself"),
        (format!("[history.a]\nof = \"b\"\n[history.b]\nof = \"a\"\n{pass}"), "[history.a]: it keeps itself"),
        (format!("[history.a]\nof = \"sorce\"\n{pass}"), "[history.a]: no pass has out = \"sorce\""),
        (
            format!("[history.a]\nof = \"small\"\nlike = \"source\"\n[[pass]]\nkernel = \"copy\"\nin = {{ source = \"source\" }}\nsize = [8, 8]\nout = \"small\"\n{pass}"),
            "holds 96x64 Rgba32Float, but \"small\" is 8x8",
        ),
        (
            "[history.a]\nof = \"counted\"\nwords = 1\n[history.b]\nof = \"a\"\n\
             [[pass]]\ncompute = \"k\"\nin = { image = \"source\", a = \"a\" }\nwords = 1\nphases = [{ run = \"count\", over = [1, 1] }]\nout = \"counted\"\n\
             [[pass]]\nkernel = \"copy\"\nin = { source = \"source\" }\nout = \"result\"\n"
                .to_owned(),
            "a history of words cannot be kept again",
        ),
    ] {
        let error = refused(&manifest, counting);
        assert!(error.contains(words), "{manifest}: {error}");
    }
}
