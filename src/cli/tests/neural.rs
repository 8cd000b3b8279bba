//! The style `neural`: frames through models, as a user runs them.

use crate::onnx::identity;
use crate::skip::media;
use crate::support::*;

/// The values of a style's parameters, and what is always given.
fn arguments<'a>(input: &'a str, out: &'a str, set: &'a [String]) -> Vec<&'a str> {
    let mut all = vec![input, "-o", out, "-y", "-s", "neural", "--codec", "ffv1"];
    all.extend(set.iter().flat_map(|value| ["--set", value.as_str()]));
    all
}

fn values(model: &std::path::Path, more: &[&str]) -> Vec<String> {
    let mut all = vec![format!("neural.model_path={}", model.display())];
    all.extend(more.iter().map(|value| format!("neural.{value}")));
    all
}

#[test]
fn a_model_that_changes_nothing_keeps_every_frame_and_the_report_says_what_ran_it() {
    let folder = Folder::new();
    let model = folder.write("same.onnx", &identity());
    let clip = clip();
    let source = frames(&clip, "yuv420p");
    for more in [
        &["mode=whole", "range=unit"][..],
        &["mode=tiled", "tile_size=64", "overlap=16", "range=byte"],
        &["mode=guided", "guide_lines=64", "range=signed"],
    ] {
        let set = values(&model, more);
        let mut all = arguments(text(&clip), "out.mkv", &set);
        all.extend([
            "--engine",
            "rten",
            "--temporal",
            "off",
            "--report",
            "r.json",
        ]);
        folder.run(&all).succeeds();
        assert_eq!(
            frames(&folder.path("out.mkv"), "yuv420p"),
            source,
            "{more:?}"
        );
        let report: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.path("r.json")).unwrap()).unwrap();
        let engine = report["engines"][0].as_str().unwrap();
        assert!(engine.contains("same runs in rten"), "{engine}");
        assert_eq!(report["settings"]["engine"], "rten");
    }
}

#[test]
fn what_cannot_be_known_of_a_model_is_assumed_aloud() {
    let folder = Folder::new();
    let model = folder.write("same.onnx", &identity());
    let set = values(&model, &[]);
    let clip = clip();
    let mut all = arguments(text(&clip), "out.mkv", &set);
    all.extend(["--engine", "rten", "--progress", "json"]);
    let ran = folder.run(&all);
    let events = ran.succeeds().events();
    let said = |name: &str, words: &str| {
        let of = |event: &&serde_json::Value| event["event"] == name;
        let mut all = events.iter().filter(of);
        all.any(|event| {
            event["message"]
                .as_str()
                .is_some_and(|text| text.contains(words))
        })
    };
    assert!(said("warning", "unit (0 to 1) is assumed"));
    assert!(said("engine", "same runs in rten"));
}

#[test]
fn models_that_cannot_be_used_are_errors_that_say_what_to_do() {
    let folder = Folder::new();
    let whole = identity();
    let model = folder.write("same.onnx", &whole);
    let cut = folder.write("cut.onnx", &whole[..whole.len() / 2]);
    let text_file = folder.write("text.onnx", b"no model");
    let none = folder.path("none.onnx");
    let clip = clip();
    for (file, code, words) in [
        (&none, 65, ["there is no model", "aquatint models"]),
        (
            &cut,
            65,
            ["no ONNX model that can be read", "fetch or export"],
        ),
        (
            &text_file,
            65,
            ["no ONNX model that can be read", "fetch or export"],
        ),
    ] {
        let set = values(file, &["range=unit"]);
        folder
            .run(&arguments(text(&clip), "out.mkv", &set))
            .says(code, &words);
    }
    let set = values(&model, &["range=unit"]);
    let mut all = arguments(text(&clip), "out.mkv", &set);
    all.extend(["--engine", "cuda"]);
    // Nobody who has a card may be sent away.
    if !std::path::Path::new("/proc/driver/nvidia").exists() {
        folder.run(&all).says(69, &["--engine"]);
    }
    let unknown = ["neural.look=stary".to_owned()];
    folder
        .run(&arguments(text(&clip), "out.mkv", &unknown))
        .says(2, &["there is no model \"stary\""]);
    assert!(!folder.names().contains(&"out.mkv".to_owned()));
}

#[test]
fn the_smallest_pictures_pass_a_model() {
    let folder = Folder::new();
    let model = folder.write("same.onnx", &identity());
    let small = made(
        "small.png",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=7x5",
            "-frames:v",
            "1",
            "-pix_fmt",
            "rgb24",
        ],
    );
    let set = values(&model, &["range=byte"]);
    let mut all = vec![
        text(&small),
        "-o",
        "out.png",
        "-y",
        "-s",
        "neural",
        "--engine",
        "rten",
    ];
    all.extend(set.iter().flat_map(|value| ["--set", value.as_str()]));
    folder.run(&all).succeeds();
    assert_eq!(
        frames(&folder.path("out.png"), "rgb24"),
        frames(&small, "rgb24")
    );
}

/// The pixel at each of `places`, red, green and blue of 8 bits, of a picture `width` pixels wide.
fn pixels(picture: &std::path::Path, width: usize, places: &[(usize, usize)]) -> Vec<[u8; 3]> {
    let raw = picture.with_extension("raw");
    tool(
        "ffmpeg",
        &[
            "-y",
            "-i",
            text(picture),
            "-pix_fmt",
            "rgb24",
            "-f",
            "rawvideo",
            text(&raw),
        ],
    );
    let bytes = std::fs::read(raw).unwrap();
    let at = |(x, y): &(usize, usize)| bytes[3 * (y * width + x)..][..3].try_into().unwrap();
    places.iter().map(at).collect()
}

/// Values that ONNX Runtime 1.31 gave to a program in Python for the same pictures and models.
#[test]
fn upscalers_of_colour_and_of_luma_match_what_python_makes_of_them() {
    let (Some(picture), Some(times_four), Some(times_three)) = (
        media("vectors/realesrgan/lq_comic.png"),
        media("models/realesr_animevideov3_x4_fp16w.onnx"),
        media("models/espcn_x3_y_extracted.onnx"),
    ) else {
        return;
    };
    let folder = Folder::new();
    let render = |model: &std::path::Path, out: &str| {
        let set = values(model, &["range=unit"]);
        let mut all = vec![text(&picture), "-o", out, "-y", "-s", "neural"];
        all.extend(set.iter().flat_map(|value| ["--set", value.as_str()]));
        folder.run(&all).succeeds();
        folder.path(out)
    };
    let places = [(10, 20), (100, 37), (200, 180), (239, 359)];
    let expected = [
        [120, 127, 123],
        [138, 111, 108],
        [237, 242, 253],
        [172, 133, 71],
    ];
    let made = pixels(&render(&times_four, "four.png"), 240, &places);
    for (made, expected) in made.iter().flatten().zip(expected.as_flattened()) {
        assert!(made.abs_diff(*expected) <= 1, "{made} {expected}");
    }
    // Luma of BT.601 at places where no colour is cut off.
    let places = [
        (10, 20),
        (100, 37),
        (150, 180),
        (170, 111),
        (60, 200),
        (120, 240),
    ];
    let expected = [140.18, 58.6, 61.55, 110.21, 139.1, 156.95];
    let made = pixels(&render(&times_three, "three.png"), 180, &places);
    for (rgb, expected) in made.iter().zip(expected) {
        let [r, g, b] = rgb.map(f64::from);
        let luma = 0.299 * r + 0.587 * g + 0.114 * b;
        assert!((luma - expected).abs() <= 1.0, "{luma} {expected}");
    }
}

/// The picture that the authors of the network published.
#[test]
fn a_published_style_network_makes_the_published_picture() {
    let (Some(picture), Some(published), Some(model)) = (
        media("vectors/fns/amber.jpg"),
        media("vectors/fns/amber-candy.jpg"),
        media("models/fns_candy_fp16w.onnx"),
    ) else {
        return;
    };
    let folder = Folder::new();
    let set = values(&model, &["range=byte", "mode=whole"]);
    let mut all = vec![text(&picture), "-o", "candy.png", "-y", "-s", "neural"];
    all.extend(set.iter().flat_map(|value| ["--set", value.as_str()]));
    folder.run(&all).succeeds();
    let alike = psnr(&folder.path("candy.png"), &published);
    assert!(alike >= 25.0, "{alike} dB");
}

#[test]
fn a_model_named_as_a_style_is_told_how_it_is_used() {
    let folder = Folder::new();
    folder
        .run(&[text(&clip()), "-s", "starry"])
        .says(2, &["starry is a model", "--set neural.look=starry"]);
    folder
        .run(&[text(&clip()), "-s", "pencil+sarry"])
        .says(2, &["no style \"sarry\""]);
}
