//! Models as files: what their contracts become, and that the engines run them alike.

use std::path::{Path, PathBuf};

use super::onnx::made::{F16, F32, Made, dims};
use super::*;
use crate::skip;

fn write(folder: &Path, name: &str, model: &Made) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, model.bytes()).unwrap();
    path
}

fn at(path: &Path) -> Result<Model> {
    Model::at(path, Overrides::default())
}

/// What an error says, with its advice.
fn said<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    format!("{error}\n{}", error.advice())
}

/// The engines of the processor: rten, and ONNX Runtime where it is found.
fn engines(model: &Model) -> Vec<Box<dyn Engine>> {
    let mut all = Vec::new();
    for kind in [EngineKind::Rten, EngineKind::OrtCpu] {
        let opening = Opening {
            choice: EngineChoice::Only(kind),
            threads: 2,
            ..Opening::new(model)
        };
        match open(&opening, &mut |_| {}) {
            Ok(engine) => all.push(engine),
            Err(NeuralError::LibraryMissing) => skip::skip(
                "ONNX Runtime was not found",
                "python3 -m venv .venv && .venv/bin/pip install onnxruntime",
            ),
            Err(error) => panic!("{kind}: {error}"),
        }
    }
    all
}

fn f32s(tensor: &TensorOwned) -> Vec<f32> {
    match tensor {
        TensorOwned::F32(_, data) => data.clone(),
        TensorOwned::F16(_, bits) => {
            let wide = |bits: &u16| half::f16::from_bits(*bits).to_f32();
            bits.iter().map(wide).collect()
        }
    }
}

#[test]
fn a_contract_is_read_from_the_model_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(
        folder.path(),
        "twice.onnx",
        &Made::resize(dims("batch,3,height,width"), 2),
    );
    let model = at(&path).unwrap();
    let contract = &model.contract;
    assert_eq!(
        (contract.scale, contract.multiple, contract.smallest),
        (2, 1, 16)
    );
    assert_eq!((contract.task, contract.window), (Task::Upscale, [0, 0]));
    let (name, tensor) = contract.input_pictures().next().unwrap();
    assert_eq!(name, "in");
    assert_eq!(*tensor, PictureTensor::default());
    assert_eq!(model.assumptions.len(), 1);
    for part in ["unit (0 to 1) is assumed", "[input.in]", "twice.toml"] {
        assert!(
            model.assumptions[0].contains(part),
            "{:?}",
            model.assumptions
        );
    }
    // The range that the user gives is assumed no longer.
    let range = Some(Range::Byte);
    let model = Model::at(&path, Overrides { range }).unwrap();
    assert_eq!(model.assumptions.len(), 0);
    for (_, tensor) in model
        .contract
        .input_pictures()
        .chain(model.contract.output_pictures())
    {
        assert_eq!(tensor.range, Range::Byte);
    }
    // What is written is what is read.
    let text = model.contract.to_toml();
    std::fs::write(path.with_extension("toml"), &text).unwrap();
    let again = at(&path).unwrap();
    assert_eq!(again.contract, model.contract, "{text}");
    assert!(again.assumptions.is_empty());
}

#[test]
fn axes_tell_layout_size_and_channels() {
    let folder = tempfile::tempdir().unwrap();
    let first = |made: &Made| {
        let model = at(&write(folder.path(), "m.onnx", made))?;
        let tensor = model.contract.input_pictures().next().unwrap().1.clone();
        Ok::<_, NeuralError>((tensor, model.contract))
    };
    let (tensor, _) = first(&Made::identity(dims("1,h,w,3"))).unwrap();
    assert_eq!((tensor.layout, tensor.signal), (Layout::Nhwc, Signal::Rgb));
    let (tensor, _) = first(&Made::identity(dims("n,1,h,w"))).unwrap();
    assert_eq!((tensor.layout, tensor.signal), (Layout::Nchw, Signal::Luma));
    let (tensor, contract) = first(&Made::resize(dims("1,3,48,64"), 3)).unwrap();
    assert_eq!((tensor.size, contract.scale), (Some([64, 48]), 3));
    let (_, contract) = first(&Made::even_only(dims("1,3,h,w"))).unwrap();
    assert_eq!((contract.scale, contract.multiple), (1, 2));
    // Numbers that come out are a measure.
    let (_, contract) = first(&Made::means(dims("1,3,h,w"))).unwrap();
    assert_eq!(contract.task, Task::Measure);
    let numbers = OutputKind::Numbers {
        dtype: Dtype::F32,
        count: 3,
    };
    assert_eq!(contract.outputs[0].kind, numbers);
    let (tensor, _) = first(&Made::identity_f16(dims("1,3,h,w"))).unwrap();
    assert_eq!(tensor.dtype, Dtype::F16);
}

#[test]
fn what_cannot_be_read_names_the_key_and_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = |made: &Made| said(at(&write(folder.path(), "m.onnx", made)));
    for (made, parts) in [
        (
            Made::identity(dims("1,c,h,w")),
            &["layout = \"nchw\"", "m.toml"][..],
        ),
        (Made::identity(dims("1,7,h,w")), &["7 channels", "window"]),
        (Made::identity(dims("4,3,h,w")), &["batch of 4"]),
        (Made::identity(dims("3,h,w")), &["has 3 axes, 4 are needed"]),
        (
            Made::added(dims("1,3,h,w")),
            &["\"strength\"", "default = NUMBER", "[input.strength]"],
        ),
        (Made::resize(dims("1,3,h,w"), 5), &["scale = 1"]),
    ] {
        let said = wrong(&made);
        for part in parts {
            assert!(said.contains(part), "{said} should contain {part}");
        }
    }
    let mut whole = Made::default();
    whole.input("in", 7, &dims("1,3,h,w"));
    whole.output("out", F32, &dims("1,3,h,w"));
    whole.op("Identity", "");
    assert!(wrong(&whole).contains("is of type i64, f32 or f16 is needed"));
}

#[test]
fn a_contract_that_contradicts_its_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "m.onnx", &Made::resize(dims("1,3,48,64"), 2));
    for (text, part) in [
        ("[input.inn]", "did you mean \"in\""),
        ("[output.nothing]", "no output \"nothing\""),
        ("scale = 3", "make it 2"),
        ("[input.in]\ndtype = 'f16'", "is of type f32, f16 is needed"),
        ("[input.in]\nlayout = 'nfchw'", "has 4 axes, 5 are needed"),
        ("[input.in]\ncolor = 'luma'", "has 3 channels"),
        ("[input.in]\nsize = [8, 8]", "takes 64 x 48"),
        ("[input.in]\nkind = 'numbers'", "cannot be numbers"),
        ("[output.out]\nkind = 'map'", "cannot be map"),
        ("file = 'other.onnx'", "not for \"m.onnx\""),
        (
            "sha256 = '0000000000000000000000000000000000000000000000000000000000000000'",
            "is another one than its contract is for",
        ),
    ] {
        std::fs::write(folder.path().join("m.toml"), text).unwrap();
        let said = said(at(&path));
        assert!(said.contains(part), "{said} should contain {part}");
    }
    // A contract may say only what the file does not.
    std::fs::write(folder.path().join("m.toml"), "[input.in]\nrange = 'byte'").unwrap();
    let model = at(&path).unwrap();
    let range = |tensor: Option<(&str, &PictureTensor)>| tensor.unwrap().1.range;
    assert_eq!(range(model.contract.input_pictures().next()), Range::Byte);
    assert_eq!(range(model.contract.output_pictures().next()), Range::Byte);
}

#[test]
fn bad_files_are_told_before_an_engine_opens_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.onnx");
    assert!(matches!(at(&path), Err(NeuralError::Missing { .. })));
    assert!(matches!(at(folder.path()), Err(NeuralError::Read { .. })));
    let bytes = Made::identity(dims("1,3,h,w")).bytes();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let words = said(at(&path));
    assert!(words.contains("ends in the middle"), "{words}");
    std::fs::write(&path, "<html>404</html>").unwrap();
    assert!(matches!(at(&path), Err(NeuralError::Damaged { .. })));
    let mut outside = Made::identity(dims("1,3,h,w"));
    outside.external("../secret", 0, 8);
    let error = at(&write(folder.path(), "m.onnx", &outside)).unwrap_err();
    assert!(matches!(error, NeuralError::ExternalUnsafe { .. }));
    let mut lost = Made::identity(dims("1,3,h,w"));
    lost.external("m.onnx.data", 0, 8);
    let error = at(&write(folder.path(), "m.onnx", &lost)).unwrap_err();
    assert!(matches!(error, NeuralError::ExternalMissing { .. }));
    assert_eq!(error.failure(), NeuralFailure::BadModel);
}

#[test]
fn engines_run_what_the_contract_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "m.onnx", &Made::resize(dims("1,3,h,w"), 2));
    let model = at(&path).unwrap();
    let picture: Vec<f32> = (0..3 * 4 * 5).map(|n| n as f32).collect();
    let input = TensorRef {
        name: "in",
        shape: &[1, 3, 4, 5],
        data: TensorData::F32(&picture),
    };
    for mut engine in engines(&model) {
        let out = engine.run(&[input], &["out"]).unwrap();
        assert_eq!(out[0].shape(), [1, 3, 8, 10]);
        let values = f32s(&out[0]);
        let doubled = |n: usize| picture[n / 80 * 20 + n % 80 / 10 / 2 * 5 + n % 10 / 2];
        assert!(
            values
                .iter()
                .enumerate()
                .all(|(n, value)| *value == doubled(n))
        );
        assert!(engine.describe().contains("on the processor"));
        // Another size, and mistakes.
        let run =
            |engine: &mut dyn Engine, shape: &[usize], data: &[f32], name: &str, out: &str| {
                let data = TensorData::F32(data);
                let input = TensorRef { name, shape, data };
                engine.run(&[input], &[out]).map(|mut all| all.remove(0))
            };
        let engine = engine.as_mut();
        let other = run(engine, &[1, 3, 2, 2], &picture[..12], "in", "out").unwrap();
        assert_eq!(other.shape(), [1, 3, 4, 4]);
        for (shape, count, name, out, part) in [
            (&[3, 2, 2][..], 12, "in", "out", "has 3 axes"),
            (
                &[1, 1, 2, 2],
                4,
                "in",
                "out",
                "the model takes f32 1 x 3 x h x w",
            ),
            (&[1, 3, 2, 2], 11, "in", "out", "do not fill"),
            (&[1, 3, 2, 2], 12, "im", "out", "its inputs are in"),
            (&[1, 3, 2, 2], 12, "in", "to", "its outputs are out"),
        ] {
            let words = said(run(engine, shape, &picture[..count], name, out));
            assert!(words.contains(part), "{words} should contain {part}");
        }
        let halves = TensorRef {
            data: TensorData::F16(&[0; 12]),
            shape: &[1, 3, 2, 2],
            ..input
        };
        let words = said(engine.run(&[halves], &["out"]));
        assert!(words.contains("is of type f16, f32 is needed"), "{words}");
        assert!(said(engine.run(&[], &["out"])).contains("it was not given"));
    }
}

#[test]
fn weights_beside_the_model_are_read_by_all_engines() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = Made::default();
    made.input("in", F32, &dims("1,1,1,2"));
    made.output("out", F32, &dims("1,1,1,2"));
    made.external("m.onnx.data", 4, 8);
    made.sum("in", "weights", "out");
    let path = write(folder.path(), "m.onnx", &made);
    let numbers = [9.0_f32, 0.25, 0.5].map(f32::to_le_bytes).concat();
    std::fs::write(folder.path().join("m.onnx.data"), numbers).unwrap();
    let model = at(&path).unwrap();
    for mut engine in engines(&model) {
        let input = TensorRef {
            name: "in",
            shape: &[1, 1, 1, 2],
            data: TensorData::F32(&[1.0, 2.0]),
        };
        let out = engine.run(&[input], &["out"]).unwrap();
        assert_eq!(f32s(&out[0]), [1.25, 2.5]);
    }
}

#[test]
fn sixteen_bits_go_in_and_come_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(
        folder.path(),
        "m.onnx",
        &Made::identity_f16(dims("1,3,h,w")),
    );
    let model = at(&path).unwrap();
    let bits: Vec<u16> = [0.0, 0.5, -1.0, 255.0, 0.1, 65504.0]
        .map(|value| half::f16::from_f32(value).to_bits())
        .repeat(2);
    let input = TensorRef {
        name: "in",
        shape: &[1, 3, 2, 2],
        data: TensorData::F16(&bits),
    };
    for mut engine in engines(&model) {
        let out = engine.run(&[input], &["out"]).unwrap();
        assert_eq!(out, [TensorOwned::F16(vec![1, 3, 2, 2], bits.clone())]);
    }
}

#[test]
fn a_number_beside_the_picture_reaches_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "m.onnx", &Made::added(dims("1,1,h,w")));
    std::fs::write(
        folder.path().join("m.toml"),
        "[input.strength]\ndefault = 0.25",
    )
    .unwrap();
    let model = at(&path).unwrap();
    let scalar = InputKind::Scalar {
        dtype: Dtype::F32,
        default: 0.25,
    };
    assert_eq!(model.contract.inputs[1].kind, scalar);
    for mut engine in engines(&model) {
        // The number has no axes here, and one in the model.
        let inputs = [
            TensorRef {
                name: "in",
                shape: &[1, 1, 1, 2],
                data: TensorData::F32(&[1.0, 2.0]),
            },
            TensorRef {
                name: "strength",
                shape: &[],
                data: TensorData::F32(&[0.5]),
            },
        ];
        let out = engine.run(&inputs, &["out"]).unwrap();
        assert_eq!(f32s(&out[0]), [1.5, 2.5]);
    }
}

#[test]
fn no_number_comes_out_as_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "m.onnx", &Made::logarithm(dims("1,1,h,w")));
    let model = at(&path).unwrap();
    for mut engine in engines(&model) {
        let input = TensorRef {
            name: "in",
            shape: &[1, 1, 1, 2],
            data: TensorData::F32(&[-1.0, 1.0]),
        };
        let out = f32s(&engine.run(&[input], &["out"]).unwrap()[0]);
        assert!(out[0].is_nan() && out[1] == 0.0, "{out:?}");
    }
}

#[test]
fn an_operator_that_nobody_knows_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = Made::default();
    made.input("in", F16, &dims("1,3,8,8"));
    made.output("out", F16, &dims("1,3,8,8"));
    made.op("Blur", "com.example");
    let model = at(&write(folder.path(), "m.onnx", &made)).unwrap();
    assert!(model.header().domains.contains("com.example"));
    for kind in [EngineKind::Rten, EngineKind::OrtCpu] {
        let opening = Opening {
            choice: EngineChoice::Only(kind),
            ..Opening::new(&model)
        };
        match open(&opening, &mut |_| {}).map(|engine| engine.describe()) {
            Err(NeuralError::LibraryMissing) => {}
            Err(error @ NeuralError::Run { .. }) => {
                assert_eq!(error.failure(), NeuralFailure::BadModel);
                assert!(error.advice().contains("models check"));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_engine_that_is_not_there_is_an_error_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let model = at(&write(
        folder.path(),
        "m.onnx",
        &Made::identity(dims("1,3,8,8")),
    ))
    .unwrap();
    for (word, part) in [
        ("cuda", "onnxruntime-gpu"),
        ("tensorrt", "onnxruntime-gpu"),
        ("directml", "onnxruntime-directml"),
    ] {
        let opening = Opening {
            choice: word.parse().unwrap(),
            ..Opening::new(&model)
        };
        let found = library().ok().and_then(|library| {
            library.provider(match opening.choice {
                EngineChoice::Only(kind) => kind,
                EngineChoice::Auto => unreachable!("an engine is named"),
            })
        });
        if found.is_some() {
            continue;
        }
        let error = open(&opening, &mut |_| {})
            .map(|engine| engine.describe())
            .unwrap_err();
        assert_eq!(error.failure(), NeuralFailure::Unavailable, "{error}");
        let missing = matches!(error, NeuralError::LibraryMissing);
        assert!(
            missing || error.advice().contains(part),
            "{}",
            error.advice()
        );
    }
    let error = "cdua".parse::<EngineChoice>().unwrap_err();
    assert!(
        error.contains("\"cuda\"") && error.contains("ort-cpu"),
        "{error}"
    );
    assert_eq!("auto".parse(), Ok(EngineChoice::Auto));
}

#[test]
fn without_a_choice_the_first_engine_that_works_runs_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let model = at(&write(
        folder.path(),
        "m.onnx",
        &Made::identity(dims("1,3,8,8")),
    ))
    .unwrap();
    let mut said = Vec::new();
    let engine = open(&Opening::new(&model), &mut |words| said.push(words)).unwrap();
    let last = Said::Info(format!("m runs in {}", engine.describe()));
    assert_eq!(said.last(), Some(&last));
    if library().is_err() {
        assert_eq!(engine.kind(), EngineKind::Rten);
        assert!(said.len() > 1, "{said:?}");
    }
}

/// The largest difference of two results, as a share of the range of the first.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let ends = a.iter().fold((f32::MAX, f32::MIN), |(low, high), value| {
        (low.min(*value), high.max(*value))
    });
    let largest = a
        .iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    largest / (ends.1 - ends.0).max(1e-6)
}

#[test]
fn both_engines_give_the_same_pictures_with_real_models() {
    for (name, scale, multiple, signal) in [
        ("espcn_x3_y_extracted", 3, 1, Signal::Luma),
        ("realesr_animevideov3_x4_fp16w", 4, 1, Signal::Rgb),
        ("fns_candy_fp16w", 1, 4, Signal::Rgb),
    ] {
        let Some(path) = skip::media(&format!("models/{name}.onnx")) else {
            return;
        };
        let model = at(&path).unwrap();
        let contract = &model.contract;
        assert_eq!(
            (contract.scale, contract.multiple),
            (scale, multiple),
            "{name}"
        );
        let (input, tensor) = contract.input_pictures().next().unwrap();
        let (output, _) = contract.output_pictures().next().unwrap();
        assert_eq!(tensor.signal, signal, "{name}");
        let (width, height) = (96, 64);
        let shape = tensor.shape(width, height, 1);
        // Circles, so that there are edges in all directions.
        let largest = if name.starts_with("fns") { 255.0 } else { 1.0 };
        let values: Vec<f32> = (0..shape.iter().product::<usize>())
            .map(|at| {
                let (x, y) = ((at % 96) as f32 - 48.0, (at / 96 % 64) as f32 - 32.0);
                largest * (0.5 + 0.5 * ((x * x + y * y).sqrt() / 3.0 + (at / 6144) as f32).sin())
            })
            .collect();
        let input = TensorRef {
            name: input,
            shape: &shape,
            data: TensorData::F32(&values),
        };
        let mut results = Vec::new();
        for mut engine in engines(&model) {
            let out = engine.run(&[input], &[output]).unwrap();
            let expected = tensor.shape(width * scale, height * scale, 1);
            assert_eq!(out[0].shape(), expected, "{name}");
            results.push(f32s(&out[0]));
        }
        if let [rten, ort] = results.as_slice() {
            let difference = difference(ort, rten);
            assert!(difference < 1e-3, "{name}: {difference}");
        }
    }
}

#[test]
fn the_contracts_of_the_page_are_true() {
    let page = include_str!("../../docs/models.md");
    let contracts: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let files = [
        ("fns_candy_fp16w", Task::Style, 1, Range::Byte, Signal::Rgb),
        (
            "realesr_animevideov3_x4_fp16w",
            Task::Upscale,
            4,
            Range::Unit,
            Signal::Rgb,
        ),
        (
            "espcn_x3_y_extracted",
            Task::Upscale,
            3,
            Range::Unit,
            Signal::Luma,
        ),
    ];
    assert_eq!(contracts.len(), files.len());
    for (text, (name, task, scale, range, signal)) in contracts.iter().zip(files) {
        super::draft::Draft::parse("docs/models.md", text).unwrap();
        let Some(path) = skip::media(&format!("models/{name}.onnx")) else {
            continue;
        };
        let model = Model::under(&path, "docs/models.md", Some(text)).unwrap();
        assert!(model.assumptions.is_empty(), "{name}");
        let contract = &model.contract;
        assert_eq!((contract.task, contract.scale), (task, scale), "{name}");
        let pictures = contract.input_pictures().chain(contract.output_pictures());
        for (_, tensor) in pictures {
            assert_eq!((tensor.range, tensor.signal), (range, signal), "{name}");
        }
    }
}
