//! Models as passes: what a model is given and what becomes of what it makes, through the planner, on both executors. The
//! models are functions of this file.

use std::sync::Arc;

use aquatint::color::Color;
use aquatint::frame::Picture;
use aquatint::graph::plan::{
    Call, NodeKind, OutputRequest, Plan, PlanOptions, Source, Temporal, Tensor, plan,
};
use aquatint::graph::style::{
    InputKind, Layout, Library, ModelDesc, ModelError, ModelFailure, ModelFinder, ModelInput,
    ModelName, ModelOutput, OutputKind, PictureTensor, StyleError, TensorColor, WantedModel,
    Window,
};
use aquatint::graph::{External, Given, Payload, ResourceData};

use crate::support::*;
use crate::temporal::{span, stream};

/// A model that enlarges each pixel to `scale` × `scale`, and may take the mean over a window.
fn plain() -> ModelDesc {
    let picture = PictureTensor {
        layout: Layout::Planar,
        color: TensorColor::Rgb,
        bgr: false,
        scale: [1.0; 3],
        bias: [0.0; 3],
    };
    ModelDesc {
        name: "plain".to_owned(),
        path: "plain.onnx".into(),
        identity: "plain".to_owned(),
        inputs: vec![ModelInput {
            name: "x".to_owned(),
            kind: InputKind::Picture(picture.clone()),
            half: false,
        }],
        outputs: vec![ModelOutput {
            name: "y".to_owned(),
            kind: OutputKind::Picture(picture),
            half: false,
        }],
        multiple: 1,
        smallest: 1,
        size: None,
        scale: 1,
        window: Window { from: 0, to: 0 },
        most_pixels: 1 << 30,
        assumed: Vec::new(),
    }
}

/// `desc` with each of its pictures changed.
fn with_pictures(mut desc: ModelDesc, change: impl Fn(&mut PictureTensor)) -> ModelDesc {
    for input in &mut desc.inputs {
        if let InputKind::Picture(picture) = &mut input.kind {
            change(picture);
        }
    }
    for output in &mut desc.outputs {
        if let OutputKind::Picture(picture) = &mut output.kind {
            change(picture);
        }
    }
    desc
}

fn with_halves(mut desc: ModelDesc) -> ModelDesc {
    desc.inputs.iter_mut().for_each(|input| input.half = true);
    desc.outputs
        .iter_mut()
        .for_each(|output| output.half = true);
    desc
}

/// Knows one model.
#[derive(Debug)]
struct One(Arc<ModelDesc>);

impl ModelFinder for One {
    fn find(&self, wanted: &WantedModel) -> Result<Arc<ModelDesc>, ModelError> {
        match &wanted.name {
            ModelName::Known(name) if *name == self.0.name => Ok(self.0.clone()),
            _ => Err(ModelError {
                failure: ModelFailure::Missing,
                message: format!("there is no model {wanted}"),
            }),
        }
    }
}

/// Knows every model: each is [`plain`].
#[derive(Debug)]
pub struct AnyModel;

impl ModelFinder for AnyModel {
    fn find(&self, _: &WantedModel) -> Result<Arc<ModelDesc>, ModelError> {
        Ok(Arc::new(plain()))
    }
}

fn floats(tensor: &Tensor, words: &[u32]) -> Vec<f32> {
    match tensor.half {
        false => words.iter().map(|word| f32::from_bits(*word)).collect(),
        true => {
            let halves = words
                .iter()
                .flat_map(|word| [*word as u16, (*word >> 16) as u16]);
            halves
                .map(|bits| half::f16::from_bits(bits).to_f32())
                .collect()
        }
    }
}

fn words(tensor: &Tensor, floats: &[f32]) -> Vec<u32> {
    match tensor.half {
        false => floats.iter().map(|value| value.to_bits()).collect(),
        true => {
            let pairs = floats.chunks(2);
            let bits = |value: f32| u32::from(half::f16::from_f32(value).to_bits());
            pairs
                .map(|pair| bits(pair[0]) | bits(pair[1]) << 16)
                .collect()
        }
    }
}

/// Enlarges each tile by repeating pixels; of several inputs it takes the mean.
#[derive(Debug)]
struct Enlarge;

impl External for Enlarge {
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
        let Call {
            tiles,
            inputs,
            outputs,
        } = given.call;
        let (from, to) = (&inputs[0], &outputs[0]);
        // The axes of rows, columns and channels, by where three channels or one stand.
        let planar = from.shape[0] <= 3;
        let axes = |shape: &[u32]| match planar {
            true => [shape[1], shape[2], shape[0]].map(|axis| axis as usize),
            false => [shape[0], shape[1], shape[2]].map(|axis| axis as usize),
        };
        let ([height, width, channels], [rows, columns, _]) = (axes(&from.shape), axes(&to.shape));
        let place = |[h, w]: [usize; 2], tile: usize, y: usize, x: usize, c: usize| match planar {
            true => ((tile * channels + c) * h + y) * w + x,
            false => ((tile * h + y) * w + x) * channels + c,
        };
        let given: Vec<Vec<f32>> = given
            .inputs
            .iter()
            .map(|image| floats(from, &image.words))
            .collect();
        let mut made = vec![0.0; to.values() * *tiles as usize];
        for tile in 0..*tiles as usize {
            for y in 0..rows {
                for x in 0..columns {
                    for c in 0..channels {
                        let at = place(
                            [height, width],
                            tile,
                            y * height / rows,
                            x * width / columns,
                            c,
                        );
                        let sum: f32 = given.iter().map(|values| values[at]).sum();
                        made[place([rows, columns], tile, y, x, c)] = sum / given.len() as f32;
                    }
                }
            }
        }
        Ok(words(to, &made))
    }
}

const STYLE: &str = "summary = 'x'\n\
    [param.tile]\ndefault = 0\ninteger = true\nrange = [0, 512]\nhelp = 'h'\n\
    [model.net]\ndefault = 'plain'\n\
    [[pass]]\nmodel = 'net'\nin = { image = 'source' }\nout = 'result'\ntile_size = 'tile'\noverlap = 12\n";

/// A plan of the style `STYLE`, or of another text, with this model and size of tiles.
fn planned(desc: ModelDesc, style: &str, tile: u32, picture: &Picture) -> Result<Plan, StyleError> {
    planned_for(desc, style, tile, &source_of(picture))
}

fn planned_for(
    desc: ModelDesc,
    style: &str,
    tile: u32,
    source: &Source,
) -> Result<Plan, StyleError> {
    let (_dir, library) = with_own("mine", &[("style.toml", style)]);
    let library = library.with_models(Arc::new(One(Arc::new(desc))));
    let tile = tile.to_string();
    let set: &[(&str, &str)] = if style.contains("[param.tile]") {
        &[("tile", &tile)]
    } else {
        &[]
    };
    let request = OutputRequest {
        chain: vec![styled(&library, "mine", set, 1.0)],
        format: rgb(16),
        color: Color::default(),
        temporal: Temporal::Off,
    };
    plan(&library, source, &[request], PlanOptions::default())
}

/// The frames of `film` through the plan.
fn played(plan: &Plan, film: &[Picture], on: On) -> Vec<Picture> {
    let library = Library::built_in();
    let files: Vec<ResourceData> = plan
        .files
        .iter()
        .map(|_| ResourceData::Code(Arc::new(Enlarge)))
        .collect();
    let mut session = stream(executor(&library, plan.clone(), &files, on));
    let mut outputs = Vec::new();
    for (index, picture) in film.iter().enumerate() {
        outputs.extend(session.push(Some(picture.clone()), span(index)).unwrap());
    }
    outputs.extend(session.finish().unwrap());
    pictures(outputs)
}

fn frame(size: (u32, u32), seed: u64) -> Picture {
    let full = Color {
        range: aquatint::frame::Range::Full,
        ..Color::default()
    };
    noise(size.0, size.1, rgb(16), full, seed)
}

#[test]
fn a_model_that_changes_nothing_gives_the_picture_back_whatever_its_tensors_are() {
    let source = frame((53, 41), 3);
    let byte = |picture: &mut PictureTensor| {
        picture.scale = [255.0; 3];
        picture.bias = [-3.0, 2.0, 5.0];
    };
    // What goes out is undone.
    let undone = |mut desc: ModelDesc| {
        for output in &mut desc.outputs {
            if let OutputKind::Picture(picture) = &mut output.kind {
                for c in 0..3 {
                    picture.bias[c] = -picture.bias[c] / picture.scale[c];
                    picture.scale[c] = 1.0 / picture.scale[c];
                }
            }
        }
        desc
    };
    let ways: [(&str, ModelDesc); 5] = [
        ("plain", plain()),
        (
            "blue first",
            with_pictures(plain(), |picture| picture.bgr = true),
        ),
        (
            "interleaved",
            with_pictures(plain(), |picture| picture.layout = Layout::Interleaved),
        ),
        ("bytes", undone(with_pictures(plain(), byte))),
        (
            "multiples",
            ModelDesc {
                multiple: 16,
                smallest: 64,
                ..plain()
            },
        ),
    ];
    for (name, desc) in ways {
        for tile in [0, 24, 32] {
            let plan = planned(desc.clone(), STYLE, tile, &source).unwrap();
            for on in BOTH {
                let made = played(&plan, std::slice::from_ref(&source), on);
                let (apart, _) = difference(&made[0], &source);
                assert!(apart <= 1, "{name} in tiles of {tile} on {on:?}: {apart}");
            }
        }
    }
    let halves = with_pictures(with_halves(plain()), |picture| {
        picture.layout = Layout::Interleaved
    });
    for desc in [with_halves(plain()), halves] {
        for tile in [0, 24] {
            let plan = planned(desc.clone(), STYLE, tile, &source).unwrap();
            for on in BOTH {
                let made = played(&plan, std::slice::from_ref(&source), on);
                let (apart, _) = difference(&made[0], &source);
                assert!(apart <= 32, "halves in tiles of {tile} on {on:?}: {apart}");
            }
        }
    }
}

#[test]
fn a_model_may_make_a_larger_picture_of_the_whole_colour_or_of_luma_alone() {
    let source = frame((31, 22), 4);
    for scale in [2, 3, 4] {
        let desc = ModelDesc { scale, ..plain() };
        for tile in [0, 16] {
            let plan = planned(desc.clone(), STYLE, tile, &source).unwrap();
            let [cpu, gpu] =
                BOTH.map(|on| played(&plan, std::slice::from_ref(&source), on).remove(0));
            assert_eq!((cpu.width, cpu.height), (31 * scale, 22 * scale));
            assert!(difference(&cpu, &gpu).0 <= 2, "{scale} {tile}");
            if tile == 0 {
                let one =
                    |picture: &Picture, x: u32, y: u32| picture.sample(0, x as usize, y as usize);
                let (x, y) = (11, 7);
                assert_eq!(one(&cpu, x * scale + 1, y * scale), one(&source, x, y));
            }
        }
    }
    // Luma of the model, colour of the source: where the model changes nothing, nothing changes.
    let luma = with_pictures(plain(), |picture| picture.color = TensorColor::Luma);
    let plan = planned(luma.clone(), STYLE, 0, &source).unwrap();
    for on in BOTH {
        let made = played(&plan, std::slice::from_ref(&source), on);
        assert!(difference(&made[0], &source).0 <= 2, "on {on:?}");
    }
    let plan = planned(ModelDesc { scale: 2, ..luma }, STYLE, 16, &source).unwrap();
    let [cpu, gpu] = BOTH.map(|on| played(&plan, std::slice::from_ref(&source), on).remove(0));
    assert_eq!((cpu.width, cpu.height), (62, 44));
    assert!(difference(&cpu, &gpu).0 <= 3);
}

#[test]
fn the_smallest_pictures_go_through_models_of_one_size() {
    for size in [(1, 1), (7, 5), (2, 40)] {
        let source = frame(size, 5);
        let desc = ModelDesc {
            size: Some((32, 24)),
            ..plain()
        };
        let plan = planned(desc, STYLE, 0, &source).unwrap();
        for on in BOTH {
            let made = played(&plan, std::slice::from_ref(&source), on);
            assert!(difference(&made[0], &source).0 <= 1, "{size:?} on {on:?}");
        }
    }
}

#[test]
fn a_model_sees_the_frames_of_its_window() {
    let film: Vec<Picture> = (0..4).map(|seed| frame((20, 12), seed)).collect();
    for layout in [Layout::Planar, Layout::Interleaved] {
        let desc = ModelDesc {
            window: Window { from: -1, to: 1 },
            ..with_pictures(plain(), |picture| picture.layout = layout)
        };
        let plan = planned(desc, STYLE, 0, &film[0]).unwrap();
        assert_eq!(plan.latency, 1);
        for on in BOTH {
            let made = played(&plan, &film, on);
            assert_eq!(made.len(), 4);
            let value = |picture: &Picture| f64::from(picture.sample(0, 7, 3));
            let mean = (value(&film[0]) + value(&film[1]) + value(&film[2])) / 3.0;
            assert!((value(&made[1]) - mean).abs() < 2.0, "{layout:?} on {on:?}");
        }
    }
}

#[test]
fn two_passes_of_one_model_and_equal_inputs_are_one_inference() {
    let style = "summary = 'x'\n[model.net]\ndefault = 'plain'\n\
        [[pass]]\nmodel = 'net'\nin = { image = 'source' }\nout = 'a'\n\
        [[pass]]\nmodel = 'net'\nin = { image = 'source' }\nout = 'b'\n\
        [[pass]]\nuse = 'common/mix'\nin = { from = 'a', to = 'b' }\nset = { amount = 0.5 }\nout = 'result'\n";
    let source = frame((20, 12), 1);
    let plan = planned(plain(), style, 0, &source).unwrap();
    let models = plan
        .nodes
        .iter()
        .filter(|node| matches!(node.kind, NodeKind::External { .. }));
    assert_eq!(models.count(), 1);
}

#[test]
fn numbers_of_a_model_are_a_measure() {
    let style = "summary = 'x'\n[model.net]\ndefault = 'plain'\n[measure.score]\nof = 'score'\n\
        [[pass]]\nmodel = 'net'\nin = { image = 'source' }\nset = { strength_in = 2 }\nout = 'score'\n\
        [[pass]]\nuse = 'common/mix'\nin = { from = 'source', to = 'source' }\nset = { amount = 0 }\nout = 'result'\n";
    /// The sum of its picture times its scalar, and the number of values.
    #[derive(Debug)]
    struct Sum;
    impl External for Sum {
        fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
            let values = floats(&given.call.inputs[0], &given.inputs[0].words);
            let factor = f32::from_bits(given.inputs[1].words[0]);
            let sum = values.iter().sum::<f32>() * factor;
            Ok(vec![sum.to_bits(), (values.len() as f32).to_bits()])
        }
    }
    let mut desc = ModelDesc {
        size: Some((8, 4)),
        ..plain()
    };
    desc.inputs.push(ModelInput {
        name: "strength_in".to_owned(),
        kind: InputKind::Scalar(1.0),
        half: false,
    });
    desc.outputs[0].kind = OutputKind::Numbers(2);
    let source = frame((8, 4), 1);
    let (_dir, library) = with_own("mine", &[("style.toml", style)]);
    let library = library.with_models(Arc::new(One(Arc::new(desc))));
    let chain = [styled(&library, "mine", &[], 1.0)];
    let measuring = aquatint::graph::plan::measuring_plan(
        &library,
        &source_of(&source),
        &chain,
        Temporal::Off,
        PlanOptions::default(),
    )
    .unwrap();
    assert_eq!(measuring.names, ["mine/score"]);
    for on in BOTH {
        let files = [ResourceData::Code(Arc::new(Sum))];
        let mut session = stream(executor(&library, measuring.plan.clone(), &files, on));
        let mut outputs = session.push(Some(source.clone()), span(0)).unwrap();
        outputs.extend(session.finish().unwrap());
        let Payload::Image(_, words) = outputs.remove(0).payload else {
            panic!("numbers are an image");
        };
        let all = (0..3).flat_map(|c| (0..4).flat_map(move |y| (0..8).map(move |x| (c, y, x))));
        let sum: f64 = all
            .map(|(c, y, x)| f64::from(source.sample(c, x, y)) / 65535.0)
            .sum();
        assert!(
            (f64::from(f32::from_bits(words[0])) - 2.0 * sum).abs() < 1e-3,
            "on {on:?}"
        );
        assert_eq!(f32::from_bits(words[1]), 96.0);
    }
}

/// Gives back its picture where its map has the axes of its layout and the value that the pass sets.
#[derive(Debug)]
struct Mapped;

impl External for Mapped {
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
        let map = &given.call.inputs[1];
        let values = floats(map, &given.inputs[1].words);
        if map.shape != [12, 20, 1]
            || values.len() != 240
            || values.iter().any(|value| *value != 0.25)
        {
            return Err(format!("{:?} {:?}", map.shape, values.first()));
        }
        Ok(given.inputs[0].words.clone())
    }
}

#[test]
fn a_map_has_the_layout_of_the_contract_and_the_value_of_the_pass() {
    let mut desc = with_pictures(plain(), |picture| picture.layout = Layout::Interleaved);
    desc.inputs.push(ModelInput {
        name: "noise".to_owned(),
        kind: InputKind::Map(1.0, Layout::Interleaved),
        half: false,
    });
    let style = STYLE.replace("overlap = 12", "set = { noise = 0.25 }");
    let source = frame((20, 12), 6);
    let plan = planned(desc, &style, 0, &source).unwrap();
    for on in BOTH {
        let files = [ResourceData::Code(Arc::new(Mapped))];
        let library = Library::built_in();
        let mut session = stream(executor(&library, plan.clone(), &files, on));
        let mut outputs = session.push(Some(source.clone()), span(0)).unwrap();
        outputs.extend(session.finish().unwrap());
        assert!(
            difference(&pictures(outputs)[0], &source).0 <= 1,
            "on {on:?}"
        );
    }
}

#[test]
fn what_a_model_cannot_be_given_is_said() {
    let source = frame((640, 480), 1);
    let small = ModelDesc {
        most_pixels: 64 * 64,
        ..plain()
    };
    let notes = planned(small, STYLE, 0, &source).unwrap().notes;
    assert!(
        notes.iter().any(|note| note.contains("in tiles of 64x64")),
        "{notes:?}"
    );
    // Where there is more room, tiles are powers of two.
    let more = ModelDesc {
        most_pixels: 200 * 200,
        assumed: vec!["nobody says it".to_owned()],
        ..plain()
    };
    let notes = planned(more, STYLE, 0, &source).unwrap().notes;
    for part in ["in tiles of 128x128", "nobody says it"] {
        assert!(notes.iter().any(|note| note.contains(part)), "{notes:?}");
    }
    let huge = ModelDesc {
        scale: 4,
        ..plain()
    };
    let wide = Source {
        width: 16000,
        height: 16000,
        ..source_of(&source)
    };
    let error = planned_for(huge, STYLE, 512, &wide)
        .unwrap_err()
        .to_string();
    assert!(error.contains("too many for its tensors"), "{error}");
    let none = ModelDesc {
        most_pixels: 20,
        ..plain()
    };
    let error = planned(none, STYLE, 0, &source).unwrap_err().to_string();
    assert!(error.contains("more memory than there is"), "{error}");
    let other = STYLE.replace("'plain'", "'plane'");
    let error = planned(plain(), &other, 0, &source)
        .unwrap_err()
        .to_string();
    assert!(error.contains("there is no model plane"), "{error}");
    let two = STYLE.replace(
        "in = { image = 'source' }",
        "in = { image = 'source', other = 'source' }",
    );
    let error = planned(plain(), &two, 0, &source).unwrap_err().to_string();
    assert!(
        error.contains("gives it 2 pictures, and it reads 1: x"),
        "{error}"
    );
    let typo = STYLE.replace("model = 'net'", "model = 'nett'");
    let (_dir, library) = with_own("mine", &[("style.toml", &typo)]);
    let error = library.load("mine").unwrap_err().to_string();
    assert!(
        error.contains("there is no [model.nett] (did you mean \"net\"?)"),
        "{error}"
    );
    // A library without models says that nothing can run them.
    let (_dir, library) = with_own("mine", &[("style.toml", STYLE)]);
    let request = OutputRequest {
        chain: vec![styled(&library, "mine", &[], 1.0)],
        format: rgb(16),
        color: source.color,
        temporal: Temporal::Off,
    };
    let error = plan(
        &library,
        &source_of(&source),
        &[request],
        PlanOptions::default(),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("no engine for models"),
        "{error}"
    );
}

/// Brightens, and adds a stripe pattern that no source has.
#[derive(Debug)]
struct Stripes;

impl External for Stripes {
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
        let tensor = &given.call.inputs[0];
        let width = tensor.shape[2] as usize;
        let values = floats(tensor, &given.inputs[0].words)
            .into_iter()
            .enumerate();
        let made = values.map(|(i, value)| {
            0.8 * value
                + if (i % width / 4).is_multiple_of(2) {
                    0.1
                } else {
                    0.0
                }
        });
        Ok(made.map(f32::to_bits).collect())
    }
}

#[test]
fn guided_brings_the_change_of_a_small_frame_to_the_full_size_on_both_executors() {
    let (library, size) = (Library::built_in(), (200, 130));
    let library = library.with_models(Arc::new(One(Arc::new(ModelDesc {
        name: "starry".to_owned(),
        ..plain()
    }))));
    let source = scene(size.0, size.1, rgb(16), Color::default(), 9);
    let request = OutputRequest {
        chain: vec![styled(
            &library,
            "neural",
            &[("mode", "guided"), ("guide_lines", "64")],
            1.0,
        )],
        format: rgb(16),
        color: source.color,
        temporal: Temporal::Off,
    };
    let plan = plan(
        &library,
        &source_of(&source),
        &[request],
        PlanOptions::default(),
    )
    .unwrap();
    let made = |code: Arc<dyn External>, on| {
        let mut session = stream(executor(
            &library,
            plan.clone(),
            &[ResourceData::Code(code)],
            on,
        ));
        let mut outputs = session.push(Some(source.clone()), span(0)).unwrap();
        outputs.extend(session.finish().unwrap());
        pictures(outputs).remove(0)
    };
    // A model that changes nothing leaves every detail of the full size.
    for on in BOTH {
        assert!(
            difference(&made(Arc::new(Enlarge), on), &source).0 <= 1,
            "on {on:?}"
        );
    }
    let [cpu, gpu] = BOTH.map(|on| made(Arc::new(Stripes), on));
    assert!(psnr(&cpu, &gpu) > 60.0, "{}", psnr(&cpu, &gpu));
    assert!(psnr(&cpu, &source) < 30.0);
}

/// Gives each tile a contrast of its own, as a network does that normalises over its picture.
#[derive(Debug)]
struct Normalise;

impl External for Normalise {
    fn run(&self, given: &Given<'_>) -> Result<Vec<u32>, String> {
        let tensor = &given.call.inputs[0];
        let all = floats(tensor, &given.inputs[0].words);
        let tiles = all.chunks(tensor.values()).flat_map(|tile| {
            let mean = tile.iter().sum::<f32>() / tile.len() as f32;
            tile.iter().map(move |value| (value - mean + 0.5).to_bits())
        });
        Ok(tiles.collect())
    }
}

/// The mean step from one pixel to the next across the borders of tiles, by that elsewhere.
fn seam(picture: &Picture, borders: &[usize]) -> f64 {
    let step = |x: usize| -> f64 {
        let rows = 0..picture.height as usize;
        let steps = rows.map(|y| {
            f64::from(
                picture
                    .sample(1, x, y)
                    .abs_diff(picture.sample(1, x - 1, y)),
            )
        });
        steps.sum::<f64>() / f64::from(picture.height)
    };
    let at = borders.iter().map(|x| step(*x)).sum::<f64>() / borders.len() as f64;
    let elsewhere: Vec<f64> = (1..picture.width as usize)
        .filter(|x| !borders.contains(x))
        .map(step)
        .collect();
    at / (elsewhere.iter().sum::<f64>() / elsewhere.len() as f64)
}

#[test]
fn tiles_of_different_contrast_leave_no_seam_where_they_overlap() {
    // A ramp: tiles differ by their means, and every step within them is the same.
    let (width, height) = (160, 48);
    let ramp = picture(width, height, rgb(16), Color::default(), |_, x, _| {
        200 * x as u32
    });
    // Four tiles of 40 pixels side by side without overlap; with one of 16, six that begin 24 pixels apart.
    let seams = |overlap: u32, borders: &[usize]| {
        let style = STYLE.replace("overlap = 12", &format!("overlap = {overlap}"));
        let plan = planned(plain(), &style, 40, &ramp).unwrap();
        BOTH.map(|on| {
            let library = Library::built_in();
            let files = [ResourceData::Code(Arc::new(Normalise))];
            let mut session = stream(executor(&library, plan.clone(), &files, on));
            let mut outputs = session.push(Some(ramp.clone()), span(0)).unwrap();
            outputs.extend(session.finish().unwrap());
            seam(&pictures(outputs)[0], borders)
        })
    };
    let middles: Vec<usize> = (0..5).map(|tile| 24 * tile + 32).collect();
    for seam in seams(16, &middles) {
        assert!(seam < 4.0, "{seam}");
    }
    // The measure sees a seam where there is one.
    for seam in seams(0, &[40, 80, 120]) {
        assert!(seam > 20.0, "{seam}");
    }
}
