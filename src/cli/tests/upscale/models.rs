//! Models that enlarge.

use super::*;

/// A model of yours makes what the style `neural` makes of it, and is brought to the size that is asked for.
#[test]
fn models_enlarge_by_their_contracts() {
    let folder = Folder::new();
    let (Some(luma), Some(photo)) = (
        media("models/espcn_x3_y_extracted.onnx"),
        media("photos/chelsea.png"),
    ) else {
        return;
    };
    let small = folder.path("small.png");
    let crop = [
        "-y",
        "-i",
        text(&photo),
        "-vf",
        "crop=60:44:150:80",
        text(&small),
    ];
    tool("ffmpeg", &crop);
    let model = format!("model_path={}", text(&luma));
    let upscaled = |scale: &str| {
        let kind = format!("ai {model} range=unit");
        let out = render(
            &folder,
            &small,
            &kind,
            &["--scale", scale, "--engine", "rten"],
            "out.png",
        );
        samples(&out, "rgb24")
    };
    let neural = format!("neural.{model}");
    let ran = folder.run(&[
        text(&small),
        "-s",
        "neural",
        "--set",
        &neural,
        "--set",
        "neural.range=unit",
        "--engine",
        "rten",
        "--device",
        "cpu",
        "-o",
        "neural.png",
    ]);
    ran.succeeds();
    let neural = samples(&folder.path("neural.png"), "rgb24");
    for (made, neural) in upscaled("3").iter().zip(&neural) {
        assert!(made.abs_diff(*neural) <= 1);
    }
    assert_eq!(upscaled("2").len(), 3 * 120 * 88);
    assert_eq!(upscaled("4").len(), 3 * 240 * 176);
    let run = |more: &[&str]| {
        let mut arguments = vec![
            text(&small),
            "-y",
            "-o",
            "out.png",
            "-s",
            "upscale",
            "--device",
            "cpu",
        ];
        arguments.extend(more);
        folder.run(&arguments)
    };
    let path = format!("upscale.{model}");
    let ai = ["--set", "upscale.kind=ai", "--set", "upscale.range=unit"];
    run(&[&ai[..], &["--set", &path]].concat()).says(0, &["3 times as large", "--scale 3"]);
    run(&["--set", &path]).says(0, &["the model is left out"]);
    // A look is no enlargement.
    run(&[&ai[..], &["--set", "upscale.model=starry"]].concat())
        .says(2, &["makes no larger pictures"]);
}

/// What a model of red, green and blue does not know, alpha, is enlarged beside it.
#[test]
fn alpha_passes_models_by() {
    let folder = Folder::new();
    let Some(model) = media("models/realesr_animevideov3_x4_fp16w.onnx") else {
        return;
    };
    let source = drawn(&folder, "disc.png", (24, 20), |x, y| {
        match (x - 12.0).hypot(y - 10.0) < 7.0 {
            true => [200.0, 60.0, 60.0, 255.0],
            false => [200.0, 60.0, 60.0, 0.0],
        }
    });
    let kind = format!("ai range=unit model_path={}", text(&model));
    let out = render(
        &folder,
        &source,
        &kind,
        &["--scale", "4", "--engine", "rten"],
        "out.png",
    );
    let made = samples(&out, "rgba");
    let alpha = |x: usize, y: usize| made[4 * (y * 96 + x) + 3];
    assert_eq!((alpha(48, 40), alpha(2, 2), alpha(93, 77)), (255, 0, 0));
}
