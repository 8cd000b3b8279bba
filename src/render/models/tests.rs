use std::sync::{Arc, Mutex};

use super::run::Running;
use super::{Models, Words, code, with_models};
use crate::graph::External;
use crate::graph::plan::{Call, ImageDesc, Storage, Tensor};
use crate::graph::style::{Library, ModelFailure, ModelFinder, ModelName, WantedModel};
use crate::graph::{ExternalImage, Given, Instant};
use crate::neural::made::{Made, dims};
use crate::neural::{
    Engine, EngineChoice, EngineKind, Model, NeuralError, Overrides, Range, Said, TensorData,
    TensorOwned, TensorRef,
};

/// A model that gives its picture back.
fn identity(folder: &std::path::Path) -> Model {
    let path = folder.join("same.onnx");
    std::fs::write(&path, Made::identity(dims("?,3,h,w")).bytes()).unwrap();
    let overrides = Overrides {
        range: Some(Range::Unit),
    };
    Model::at(&path, overrides).unwrap()
}

/// Gives back what it is given; with more pixels than `most` it runs out of memory.
struct Small {
    most: usize,
    /// Rows and columns of each run.
    runs: Arc<Mutex<Vec<(usize, usize)>>>,
    kind: EngineKind,
    gives: fn(f32) -> f32,
}

impl Engine for Small {
    fn kind(&self) -> EngineKind {
        self.kind
    }

    fn describe(&self) -> String {
        "a small engine".to_owned()
    }

    fn run(
        &mut self,
        inputs: &[TensorRef<'_>],
        _: &[&str],
    ) -> Result<Vec<TensorOwned>, NeuralError> {
        let TensorRef { shape, data, .. } = inputs[0];
        let (rows, columns) = (shape[2], shape[3]);
        if rows * columns > self.most {
            return Err(NeuralError::OutOfMemory {
                model: "same.onnx".into(),
                engine: self.kind,
                why: format!("{rows} x {columns}"),
            });
        }
        self.runs.lock().unwrap().push((rows, columns));
        let TensorData::F32(values) = data else {
            panic!("32-bit floats");
        };
        let values = values.iter().map(|value| (self.gives)(*value)).collect();
        Ok(vec![TensorOwned::F32(shape.to_vec(), values)])
    }
}

fn tensor(name: &str, rows: u32, columns: u32) -> Tensor {
    Tensor {
        name: name.to_owned(),
        shape: vec![3, rows, columns],
        half: false,
        frames: 1,
        frames_on: 0,
        batched: true,
    }
}

/// What `running` makes of noise, and that noise.
fn run(running: &Running, rows: u32, columns: u32) -> (Result<Vec<u32>, String>, Vec<u32>) {
    let call = Call {
        tiles: 1,
        inputs: vec![tensor("in", rows, columns)],
        outputs: vec![tensor("out", rows, columns)],
    };
    let count = 3 * rows * columns;
    let value = |i: u32| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / (1u32 << 24) as f32;
    let words: Vec<u32> = (0..count).map(|i| value(i).to_bits()).collect();
    let image = ImageDesc::new((count, 1), Storage::Words);
    let inputs = [ExternalImage {
        image,
        words: words.clone(),
    }];
    let given = Given {
        instant: &Instant::default(),
        call: &call,
        inputs: &inputs,
        made: &image,
    };
    (running.run(&given), words)
}

#[test]
fn out_of_memory_halves_the_tile_says_so_once_and_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let model = identity(folder.path());
    for (rows, columns) in [(150, 300), (300, 130)] {
        let runs = Arc::new(Mutex::new(Vec::new()));
        let words = Words::default();
        let engine = Small {
            most: 20_000,
            runs: runs.clone(),
            kind: EngineKind::OrtCpu,
            gives: |value| value,
        };
        let running = Running::with(&model, Box::new(engine), EngineChoice::Auto, words.clone());
        for frame in 0..2 {
            let (made, source) = run(&running, rows, columns);
            let made = made.unwrap();
            let apart = made.iter().zip(&source);
            let apart = apart.map(|(a, b)| (f32::from_bits(*a) - f32::from_bits(*b)).abs());
            let worst = apart.fold(0.0, f32::max);
            assert!(worst < 1e-6, "{rows} x {columns}, frame {frame}: {worst}");
        }
        let runs = runs.lock().unwrap();
        assert!(runs.iter().all(|(r, c)| r * c <= 20_000), "{runs:?}");
        let said = words.take();
        let said: Vec<&Said> = said
            .iter()
            .filter(|said| matches!(said, Said::Warning(text) if text.contains("half the size")))
            .collect();
        // The whole, and its halves: each size fails once.
        assert!((1..=2).contains(&said.len()), "{said:?}");
    }
}

#[test]
fn a_tile_that_cannot_be_halved_is_an_error_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let model = identity(folder.path());
    let engine = Small {
        most: 10,
        runs: Arc::default(),
        kind: EngineKind::Rten,
        gives: |value| value,
    };
    let running = Running::with(
        &model,
        Box::new(engine),
        EngineChoice::Auto,
        Words::default(),
    );
    let (made, _) = run(&running, 40, 40);
    let error = made.unwrap_err();
    assert!(
        error.contains("too little memory") && error.lines().count() > 1,
        "{error}"
    );
}

#[test]
fn numbers_that_are_none_lead_to_the_next_engine_or_to_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let model = identity(folder.path());
    let broken = |kind| Small {
        most: usize::MAX,
        runs: Arc::default(),
        kind,
        gives: |_| f32::NAN,
    };
    let words = Words::default();
    // After ONNX Runtime comes the engine that is always there.
    let running = Running::with(
        &model,
        Box::new(broken(EngineKind::OrtCpu)),
        EngineChoice::Auto,
        words.clone(),
    );
    let (made, source) = run(&running, 12, 20);
    assert_eq!(made.unwrap(), source);
    let said = words.take();
    let goes_on = |said: &Said| matches!(said, Said::Warning(text) if text.contains("not finite") && text.contains("goes on in rten"));
    assert!(said.iter().any(goes_on), "{said:?}");
    // An engine that was asked for by name is not replaced.
    let only = EngineChoice::Only(EngineKind::OrtCpu);
    let running = Running::with(
        &model,
        Box::new(broken(EngineKind::OrtCpu)),
        only,
        Words::default(),
    );
    let (made, _) = run(&running, 12, 20);
    assert!(made.unwrap_err().contains("not finite"));
}

#[test]
fn models_are_found_once_and_what_was_assumed_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("same.onnx");
    std::fs::write(&path, Made::identity(dims("?,3,h,w")).bytes()).unwrap();
    let rten = EngineChoice::Only(EngineKind::Rten);
    let models = Models::new(rten);
    let wanted = |range: Option<&str>| WantedModel {
        name: ModelName::File(path.clone()),
        range: range.map(str::to_owned),
    };
    let found = models.find(&wanted(None)).unwrap();
    assert_eq!((found.scale, found.multiple), (1, 1));
    assert!(
        found
            .assumed
            .iter()
            .any(|text| text.contains("unit (0 to 1) is assumed"))
    );
    assert!(Arc::ptr_eq(&found, &models.find(&wanted(None)).unwrap()));
    let byte = models.find(&wanted(Some("byte"))).unwrap();
    assert_ne!(byte.identity, found.identity);
    assert!(models.words.take().is_empty());
    // The library opens what it planned with, and nothing else.
    let library = with_models(Library::built_in(), rten);
    let found = library.model(&wanted(Some("unit"))).unwrap();
    assert!(code(&library, "same", &found.identity, None).is_ok());
    assert!(code(&library, "same", "another", None).is_err());
    let missing = WantedModel {
        name: ModelName::File(folder.path().join("none.onnx")),
        range: None,
    };
    let error = library.model(&missing).unwrap_err();
    assert_eq!(error.failure, ModelFailure::Missing);
    assert!(error.message.lines().count() > 1, "{}", error.message);
}

/// Gives back the middle frame of what it is given, and keeps all of it.
struct Middle(Arc<Mutex<Vec<f32>>>);

impl Engine for Middle {
    fn kind(&self) -> EngineKind {
        EngineKind::OrtCpu
    }

    fn describe(&self) -> String {
        "a test".to_owned()
    }

    fn run(
        &mut self,
        inputs: &[TensorRef<'_>],
        _: &[&str],
    ) -> Result<Vec<TensorOwned>, NeuralError> {
        let TensorRef { shape, data, .. } = inputs[0];
        assert_eq!(shape, [1, 2, 3, 9]);
        let values: Vec<f32> = match data {
            TensorData::F32(values) => values.to_vec(),
            TensorData::F16(bits) => {
                let value = |bits: &u16| half::f16::from_bits(*bits).to_f32();
                bits.iter().map(value).collect()
            }
        };
        let middle: Vec<f32> = values
            .chunks_exact(9)
            .flat_map(|pixel| pixel[3..6].to_vec())
            .collect();
        *self.0.lock().unwrap() = values;
        Ok(vec![TensorOwned::F32(vec![1, 2, 3, 3], middle)])
    }
}

#[test]
fn frames_whose_channels_lie_side_by_side_are_put_together_pixel_by_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let model = identity(folder.path());
    for half in [false, true] {
        let seen = Arc::default();
        let engine = Middle(Arc::clone(&seen));
        let running = Running::with(
            &model,
            Box::new(engine),
            EngineChoice::Auto,
            Words::default(),
        );
        let pixels = |frames: u32, half: bool| Tensor {
            shape: vec![2, 3, 3],
            half,
            frames,
            frames_on: 2,
            ..tensor("in", 2, 3)
        };
        let call = Call {
            tiles: 1,
            inputs: vec![pixels(3, half)],
            outputs: vec![pixels(1, false)],
        };
        // Of frame f, pixel p and channel c: 100 f + 10 p + c.
        let frame = |frame: u32| {
            let value = |at: u32| (100 * frame + at / 3 * 10 + at % 3) as f32;
            let values = (0..18).map(value);
            let words = match half {
                false => values.map(f32::to_bits).collect(),
                true => {
                    let bits = values.map(|value| half::f16::from_f32(value).to_bits());
                    bytemuck::pod_collect_to_vec(&bits.collect::<Vec<u16>>())
                }
            };
            ExternalImage {
                image: ImageDesc::new((18, 1), Storage::Words),
                words,
            }
        };
        let inputs = [frame(0), frame(1), frame(2)];
        let given = Given {
            instant: &Instant::default(),
            call: &call,
            inputs: &inputs,
            made: &ImageDesc::new((18, 1), Storage::Words),
        };
        let made = running.run(&given).unwrap();
        let all = seen.lock().unwrap();
        assert_eq!(
            all[9..18],
            [10.0, 11.0, 12.0, 110.0, 111.0, 112.0, 210.0, 211.0, 212.0]
        );
        assert_eq!(f32::from_bits(made[17]), 152.0);
    }
}
