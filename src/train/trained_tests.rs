//! Whole trainings of a few steps on small pictures: `make test-train`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::engines::run_in_rten;
use super::network::NETWORK;
use super::run::{Engines, Run, Told, train};
use super::versions::WEIGHTS;
use super::{Lesson, Loss, Recipe, Rgb, Status, TrainError, Versions, onnx};
use crate::frame::{Color, OwnedPlanes, Picture, PixelFormat};
use crate::media::write_png;
use crate::render::Cancel;

fn write(path: &Path, picture: &Rgb) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let format = PixelFormat::packed_rgb(8, 3, &[0, 1, 2]);
    let (width, height) = (picture.width as u32, picture.height as u32);
    let mut planes = OwnedPlanes::new(width, height, &format);
    let bytes = planes.plane_mut(0);
    for at in 0..picture.width * picture.height {
        for channel in 0..3 {
            let value = picture.at(channel, at % picture.width, at / picture.width);
            bytes[3 * at + channel] = (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        }
    }
    let picture = Picture::new(width, height, format, Color::default(), planes);
    write_png(path, path, &picture).unwrap();
}

/// Circles and a gradient, another one for each number.
fn scene(number: usize, width: usize, height: usize) -> Rgb {
    Rgb::from_fn(width, height, |channel, x, y| {
        let (dx, dy) = (
            x as f32 - (17 * number % 60) as f32,
            y as f32 - (29 * number % 50) as f32,
        );
        let circle = (dx * dx + dy * dy).sqrt() < 18.0 + number as f32;
        let ground = x as f32 / width as f32 * 0.6 + channel as f32 * 0.1;
        if circle { 0.9 - ground } else { ground }
    })
}

struct Studio(tempfile::TempDir);

impl Studio {
    fn new() -> Self {
        let studio = Self(tempfile::tempdir().unwrap());
        let stripes = Rgb::from_fn(120, 100, |channel, x, y| {
            let wave = ((x + y) as f32 * 0.9).sin() * 0.5 + 0.5;
            if channel == 2 { 1.0 - wave } else { wave }
        });
        write(&studio.path("look.png"), &stripes);
        for number in 0..4 {
            write(
                &studio.path(&format!("content/{number}.png")),
                &scene(number, 96, 80),
            );
        }
        studio
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn style(&self, steps: u64) -> Recipe {
        Recipe {
            lesson: Lesson::Style {
                image: self.path("look.png"),
                scale: 1.5,
                content_weight: 1.0,
                content: vec![self.path("content")],
            },
            from: None,
            steps,
            size: 64,
            seed: 3,
        }
    }

    fn versions(&self, name: &str) -> Versions {
        Versions::new(&self.path("models"), name).unwrap()
    }

    fn weights(&self, name: &str, version: &str) -> Vec<u8> {
        std::fs::read(self.versions(name).folder_of(version).join(WEIGHTS)).unwrap()
    }
}

fn engines() -> Engines<'static> {
    Engines(vec![("rten".to_owned(), &run_in_rten as &Run<'_>)])
}

fn never() -> Cancel {
    Cancel::new(Arc::default())
}

#[test]
fn thirty_steps_make_the_loss_smaller_and_the_model_is_used() {
    let studio = Studio::new();
    let versions = studio.versions("stripes");
    let mut told = Vec::new();
    let outcome = train(
        &studio.style(30),
        &versions,
        &engines(),
        &mut |t| told.push(t.clone()),
        &never(),
    )
    .unwrap();
    assert_eq!(outcome.meta.status, Status::Promoted);
    assert!(
        outcome.meta.best_loss < 0.6 * outcome.meta.first_loss,
        "{:?}",
        outcome.meta
    );
    assert_eq!(versions.current().unwrap().as_deref(), Some("v0001"));
    assert!(outcome.engines[0].1 < 1e-3);
    assert!(std::fs::metadata(&outcome.model).unwrap().len() < 1_000_000);
    let contract = std::fs::read_to_string(studio.path("models/stripes/stripes.toml")).unwrap();
    assert!(contract.contains("file = \"stripes.onnx\""), "{contract}");
    assert!(
        matches!(
            told[0],
            Told::Begins {
                pictures: 3,
                validation: 1,
                resumed: None,
                ..
            }
        ),
        "{:?}",
        told[0]
    );
    assert!(told.iter().any(|t| matches!(
        t,
        Told::Step {
            step: 30,
            steps: 30,
            ..
        }
    )));
}

#[test]
fn a_stopped_training_goes_on_to_the_same_weights() {
    let studio = Studio::new();
    let recipe = studio.style(20);
    train(
        &recipe,
        &studio.versions("whole"),
        &engines(),
        &mut |_| {},
        &never(),
    )
    .unwrap();
    // The second stops in the middle of the seventh step, and loses what came after its last checkpoint.
    let versions = studio.versions("parts");
    let signal = Arc::new(AtomicUsize::new(0));
    let mut stop = |told: &Told| {
        if matches!(told, Told::Step { step: 7, .. }) {
            signal.store(2, Ordering::Relaxed);
        }
    };
    let stopped = train(
        &recipe,
        &versions,
        &engines(),
        &mut stop,
        &Cancel::new(signal.clone()),
    );
    assert!(matches!(stopped, Err(TrainError::Cancelled)));
    assert_eq!(versions.current().unwrap(), None);
    let mut resumed = None;
    let mut tell = |told: &Told| {
        if let Told::Begins { resumed: from, .. } = told {
            resumed = *from;
        }
    };
    train(&recipe, &versions, &engines(), &mut tell, &never()).unwrap();
    assert!(
        resumed.is_some_and(|step| step > 0 && step <= 7),
        "{resumed:?}"
    );
    assert_eq!(
        studio.weights("parts", "v0001"),
        studio.weights("whole", "v0001")
    );
    // The same command once more is a new training: the last one has ended.
    assert_eq!(versions.all().unwrap(), ["v0001"]);
}

#[test]
fn a_fine_tune_that_is_no_better_is_not_used() {
    let studio = Studio::new();
    // What is wanted of each picture is what the model makes of it already: nothing can be better.
    let versions = studio.versions("start");
    let start = studio.path("start.onnx");
    let values = NETWORK.initial(9);
    std::fs::write(&start, onnx::write(&NETWORK, &values)).unwrap();
    for number in 0..3 {
        let input = studio.path(&format!("pairs/input/{number}.png"));
        write(&input, &scene(number, 64, 64));
        let target = run_in_rten(&start, &super::load::picture(&input).unwrap()).unwrap();
        write(&studio.path(&format!("pairs/target/{number}.png")), &target);
    }
    for loss in [Loss::Mse, Loss::L1, Loss::Perceptual] {
        let recipe = Recipe {
            lesson: Lesson::Pairs {
                data: studio.path("pairs"),
                loss,
            },
            from: Some(start.display().to_string()),
            steps: 3,
            size: 64,
            seed: 1,
        };
        let outcome = train(&recipe, &versions, &engines(), &mut |_| {}, &never()).unwrap();
        assert_eq!(
            outcome.meta.status,
            Status::Rejected,
            "{loss:?} {:?}",
            outcome.meta
        );
        assert!(outcome.meta.why.contains("better"), "{}", outcome.meta.why);
        assert_eq!(versions.current().unwrap(), None, "{loss:?}");
    }
}

#[test]
fn a_fine_tune_towards_darker_pictures_is_used_and_can_be_rolled_back() {
    let studio = Studio::new();
    let start = studio.path("start.onnx");
    std::fs::write(&start, onnx::write(&NETWORK, &NETWORK.initial(9))).unwrap();
    for number in 0..3 {
        let picture = scene(number, 64, 64);
        write(&studio.path(&format!("pairs/input/{number}.png")), &picture);
        let dark = Rgb::from_fn(64, 64, |channel, x, y| picture.at(channel, x, y) * 0.3);
        write(&studio.path(&format!("pairs/target/{number}.png")), &dark);
    }
    let versions = studio.versions("dark");
    let mut recipe = Recipe {
        lesson: Lesson::Pairs {
            data: studio.path("pairs"),
            loss: Loss::L1,
        },
        from: Some(start.display().to_string()),
        steps: 20,
        size: 64,
        seed: 1,
    };
    let first = train(&recipe, &versions, &engines(), &mut |_| {}, &never()).unwrap();
    assert_eq!(first.meta.status, Status::Promoted, "{:?}", first.meta);
    // By its own name: what is in use now is learnt on.
    recipe.from = Some("dark".to_owned());
    recipe.seed = 2;
    let second = train(&recipe, &versions, &engines(), &mut |_| {}, &never()).unwrap();
    assert_eq!(second.meta.status, Status::Promoted, "{:?}", second.meta);
    assert!((second.meta.first_loss - first.meta.best_loss).abs() < 1e-5);
    assert_eq!(
        versions.rollback().unwrap(),
        ("v0002".to_owned(), "v0001".to_owned())
    );
}

#[test]
fn an_engine_that_gives_another_picture_keeps_the_model_out_of_use() {
    let studio = Studio::new();
    let versions = studio.versions("odd");
    let odd = |model: &Path, picture: &Rgb| -> Result<Rgb, String> {
        let mut picture = run_in_rten(model, picture)?;
        picture.values[7] += 0.01;
        Ok(picture)
    };
    let engines = Engines(vec![("odd".to_owned(), &odd as &Run<'_>)]);
    let error = train(&studio.style(2), &versions, &engines, &mut |_| {}, &never()).unwrap_err();
    assert!(
        error.to_string().contains("odd gives another picture"),
        "{error}"
    );
    assert_eq!(versions.meta("v0001").unwrap().status, Status::Faulty);
    // A person cannot take it into use, either.
    versions.take_into_use("v0001").unwrap_err();
    assert_eq!(versions.current().unwrap(), None);
}

#[test]
fn pictures_that_cannot_be_learnt_from_are_refused_with_their_names() {
    let studio = Studio::new();
    let refused = |recipe: &Recipe, words: &[&str]| {
        let error = train(
            recipe,
            &studio.versions("x"),
            &engines(),
            &mut |_| {},
            &never(),
        )
        .unwrap_err();
        let text = format!("{error} {}", error.advice());
        for word in words {
            assert!(text.contains(word), "no {word:?} in {text}");
        }
    };
    let style = |change: &dyn Fn(&mut Recipe)| {
        let mut recipe = studio.style(5);
        change(&mut recipe);
        recipe
    };
    let content = |name: &str, recipe: &mut Recipe| {
        let Lesson::Style { content, .. } = &mut recipe.lesson else {
            panic!("a style");
        };
        *content = vec![studio.path(name)];
    };
    std::fs::create_dir(studio.path("empty")).unwrap();
    refused(
        &style(&|r| content("empty", r)),
        &["holds no pictures", "empty"],
    );
    refused(&style(&|r| content("missing", r)), &["missing"]);
    write(&studio.path("small/a.png"), &scene(1, 40, 60));
    refused(
        &style(&|r| content("small", r)),
        &["a.png is 40x60", "--size"],
    );
    write(&studio.path("one/a.png"), &scene(1, 80, 80));
    refused(&style(&|r| content("one", r)), &["1 picture", "2 or more"]);
    refused(&style(&|r| r.size = 65), &["--size 65", "multiple of 4"]);
    refused(&style(&|r| r.steps = 0), &["--steps 0"]);
    refused(&style(&|r| r.from = Some("nobody".to_owned())), &["nobody"]);
    std::fs::write(studio.path("models.onnx"), b"no model").unwrap();
    let other = studio.path("models.onnx").display().to_string();
    refused(&style(&|r| r.from = Some(other.clone())), &["no ONNX file"]);
    // Pairs.
    let pairs = style(&|r| {
        r.lesson = Lesson::Pairs {
            data: studio.path("pairs"),
            loss: Loss::L1,
        };
    });
    refused(&pairs, &["no folder input", "DIR/target"]);
    write(&studio.path("pairs/input/a.png"), &scene(1, 80, 80));
    refused(&pairs, &["no folder target"]);
    write(&studio.path("pairs/target/b.png"), &scene(1, 80, 80));
    refused(&pairs, &["a.png has no picture of the same name"]);
    write(&studio.path("pairs/target/a.png"), &scene(1, 80, 64));
    refused(&pairs, &["80x80", "80x64"]);
    // A folder that cannot be written to: a file stands in its place.
    std::fs::write(studio.path("models"), b"").unwrap();
    refused(&studio.style(5), &["cannot write", "--models-dir"]);
}
