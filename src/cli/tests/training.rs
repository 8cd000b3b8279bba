//! `aquatint train`, as far as the build has it.

use crate::support::*;

#[cfg(not(feature = "train"))]
#[test]
fn a_build_without_the_trainer_says_how_to_get_one() {
    let folder = Folder::new();
    let arguments = [
        "train",
        "--name",
        "night",
        "--style-image",
        "a.png",
        "--content",
        "b.png",
    ];
    folder.run(&arguments).says(
        69,
        &[
            "this build of aquatint has no trainer",
            "cargo build --release --features train",
        ],
    );
    assert!(folder.names().is_empty());
    // Flags are still read: what is wrong with them is said first.
    folder.run(&["train"]).says(2, &["--name"]);
    let both = [
        "train",
        "--name",
        "n",
        "--data",
        "d",
        "--style-image",
        "a.png",
    ];
    folder.run(&both).says(2, &["cannot be used with"]);
    folder
        .run(&["train", "--name", "n", "--data", "d", "--loss", "l3"])
        .says(2, &["l1", "perceptual"]);
}

#[cfg(feature = "train")]
mod with_the_trainer {
    use std::time::{Duration, Instant};

    use super::*;

    /// The arguments of a training on a generated clip, and a picture of a look.
    fn arguments(folder: &Folder, name: &str, steps: &str) -> Vec<String> {
        let clip = made(
            "train.mkv",
            &[
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=128x96:r=4:d=3",
                "-c:v",
                "ffv1",
            ],
        );
        let look = made(
            "look.png",
            &[
                "-f",
                "lavfi",
                "-i",
                "mandelbrot=s=128x128",
                "-frames:v",
                "1",
            ],
        );
        let words = [
            "train",
            "--name",
            name,
            "--style-image",
            text(&look),
            "--content",
            text(&clip),
            "--size",
            "64",
            "--steps",
            steps,
            "--models-dir",
        ];
        let mut words: Vec<String> = words.map(str::to_owned).to_vec();
        words.push(folder.path("models").display().to_string());
        words
    }

    fn run(folder: &Folder, words: &[String]) -> Ran {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        folder.run(&words)
    }

    #[test]
    fn a_training_that_was_killed_goes_on_to_the_same_model() {
        let folder = Folder::new();
        let whole = arguments(&folder, "whole", "20");
        run(&folder, &whole).says(
            0,
            &[
                "step 20 of 20",
                "steps/s",
                "rten gives",
                "whole v0001 is now used",
            ],
        );
        let parts = arguments(&folder, "parts", "20");
        let words: Vec<&str> = parts.iter().map(String::as_str).collect();
        let mut child = folder.start(&words);
        let weights = folder.path("models/parts/v0001/weights");
        let begun = Instant::now();
        let steps = || {
            std::fs::read(&weights)
                .ok()
                .filter(|bytes| bytes.len() > 16)
                .map(|bytes| bytes[8])
        };
        while steps().is_none_or(|steps| steps < 4) {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "no checkpoint came"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        run(&folder, &parts).says(0, &["goes on from step", "parts v0001 is now used"]);
        let model = |name: &str| {
            std::fs::read(folder.path(&format!("models/{name}/v0001/model.onnx"))).unwrap()
        };
        assert!(model("parts") == model("whole"));
    }

    #[test]
    fn what_cannot_be_trained_is_refused() {
        let folder = Folder::new();
        run(&folder, &arguments(&folder, "No Name", "5"))
            .says(2, &["cannot be the name of a model"]);
        folder
            .run(&["train", "--name", "n"])
            .says(2, &["nothing is named to learn from", "--data"]);
        let mut missing = arguments(&folder, "n", "5");
        missing[6] = "missing.mp4".to_owned();
        run(&folder, &missing).says(66, &["missing.mp4"]);
        let mut large = arguments(&folder, "n", "5");
        large[8] = "128".to_owned();
        run(&folder, &large).says(2, &["is 128x96", "--size"]);
        folder.write("models", b"");
        run(&folder, &arguments(&folder, "n", "5")).says(73, &["cannot write", "--models-dir"]);
    }
}
