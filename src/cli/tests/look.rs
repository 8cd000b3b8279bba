//! Single frames and short parts of a render, what its passes make, and the checks that go with a render.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::*;

/// Two scenes of a second each, 160 × 90 at 25 frames, with sound; key frames are far apart.
fn scenes() -> PathBuf {
    made(
        "scenes.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x90:rate=25:duration=1",
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=size=160x90:rate=25:start_scale=0.3",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=2",
            "-filter_complex",
            "[1:v]trim=duration=1[b];[0:v][b]concat[v]",
            "-map",
            "[v]",
            "-map",
            "2:a",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "250",
            "-sc_threshold",
            "0",
            "-c:a",
            "aac",
        ],
    )
}

/// The samples of the one picture at `path`.
#[track_caller]
fn picture(path: &Path) -> String {
    let mut all = frames(path, "rgb24");
    assert_eq!(all.len(), 1, "{}", path.display());
    all.remove(0)
}

const HISTORY: [&str; 4] = ["-s", "cartoon", "--device", "cpu"];

#[test]
fn an_exact_preview_is_a_frame_of_the_whole_render() {
    let folder = Folder::new();
    let clip = scenes();
    let arguments = [&[text(&clip), "-o", "all_%03d.png"][..], &HISTORY].concat();
    folder.run(&arguments).succeeds();
    for frame in [0, 20, 25, 40, 49] {
        let number = frame.to_string();
        let out = format!("look{frame}.png");
        let preview = [
            "preview",
            text(&clip),
            "--frame",
            &number,
            "-o",
            &out,
            "--exact",
        ];
        folder.run(&[&preview[..], &HISTORY].concat()).succeeds();
        let whole = folder.path(&format!("all_{:03}.png", frame + 1));
        assert_eq!(
            picture(&folder.path(&out)),
            picture(&whole),
            "frame {frame}"
        );
    }
    // By time: frame 40 is shown at 1.6 s, and is the next one from 1.57 s on.
    for time in ["1.6", "1.57"] {
        let preview = [
            "preview",
            text(&clip),
            "--start",
            time,
            "-o",
            "t.png",
            "--exact",
            "-y",
        ];
        folder.run(&[&preview[..], &HISTORY].concat()).succeeds();
        let whole = picture(&folder.path("all_041.png"));
        assert_eq!(picture(&folder.path("t.png")), whole, "{time}");
    }
    // A clip that begins within a scene.
    let clip_of = [
        "preview",
        text(&clip),
        "--start",
        "1.6",
        "--duration",
        "0.2",
        "--exact",
    ];
    let arguments = [&clip_of[..], &["-o", "part_%02d.png"], &HISTORY].concat();
    folder.run(&arguments).succeeds();
    for frame in 1..=5 {
        let part = picture(&folder.path(&format!("part_{frame:02}.png")));
        let whole = picture(&folder.path(&format!("all_{:03}.png", 40 + frame)));
        assert_eq!(part, whole, "frame {frame} of the part");
    }
    assert!(!folder.path("part_06.png").exists());
}

#[test]
fn a_render_to_one_picture_is_a_frame_of_the_whole_render() {
    let folder = Folder::new();
    let clip = scenes();
    let render = |more: &[&str]| folder.run(&[&[text(&clip)][..], more, &HISTORY].concat());
    render(&["-o", "all_%03d.png"]).succeeds();
    for (which, at, whole) in [
        ("--frame", "20", "all_021.png"),
        ("--frame", "49", "all_050.png"),
        ("--start", "1.57", "all_041.png"),
    ] {
        render(&[which, at, "-o", "one.png", "-y", "--report", "r.json"])
            .says(0, &["one.png: 1 frame "]);
        assert_eq!(
            picture(&folder.path("one.png")),
            picture(&folder.path(whole)),
            "{which} {at}"
        );
        let report = std::fs::read(folder.path("r.json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        assert_eq!(report["frames_out"], 1);
    }
    render(&["--frame", "20", "-o", "one.png"]).says(2, &["already exists"]);
    render(&["--frame", "50", "-o", "no.png"]).says(2, &["has no frame 50", "from 0 to 49"]);
    render(&["--frame", "5"]).says(2, &["--frame 5 renders one picture", "-o frame.png"]);
    render(&["--frame", "5", "-o", "no.mkv"]).says(2, &["--frame 5 renders one picture"]);
    render(&["--frame", "5", "--to", "1", "-o", "no.png"])
        .says(2, &["by its number and by a time"]);
    render(&["-o", "no.png"]).says(
        2,
        &["only one picture, but the source is a video", "--frame N"],
    );
    render(&["--start", "1", "--to", "1.5", "-o", "no.png"]).says(2, &["only one picture"]);
    assert!(!folder.names().iter().any(|name| name.starts_with("no.")));
}

/// A known number of frames before is enough, so there is nothing to be exact about.
#[test]
fn a_preview_of_a_style_that_compares_frames_is_that_of_the_whole_render() {
    let folder = Folder::new();
    let clip = scenes();
    let style = ["-s", "despeckle", "--device", "cpu"];
    let arguments = [&[text(&clip), "-o", "all_%03d.png"][..], &style].concat();
    folder.run(&arguments).succeeds();
    for frame in ["0.8", "1.6"] {
        let preview = [
            "preview",
            text(&clip),
            "--start",
            frame,
            "-o",
            "look.png",
            "-y",
        ];
        let ran = folder.run(&[&preview[..], &style].concat());
        assert!(!ran.succeeds().stderr.contains("--exact"), "{}", ran.stderr);
        let number = (frame.parse::<f64>().unwrap() * 25.0).round() as usize + 1;
        let whole = picture(&folder.path(&format!("all_{number:03}.png")));
        assert_eq!(picture(&folder.path("look.png")), whole, "{frame} s");
    }
}

#[test]
fn a_preview_is_a_short_clip_beside_the_input() {
    let folder = Folder::new();
    std::fs::copy(scenes(), folder.path("clip.mp4")).unwrap();
    let preview = [
        "preview",
        "clip.mp4",
        "-s",
        "pencil",
        "--start",
        "0.8",
        "--duration",
        "0.4",
    ];
    let ran = folder.run(&preview);
    ran.says(0, &["clip.pencil.preview.mp4", "10 frames", "--exact"]);
    let out = folder.path("clip.pencil.preview.mp4");
    assert_eq!(times(&out).len(), 10);
    assert_eq!(times(&out)[0].parse::<f64>().unwrap(), 0.0);
    assert!(!sound(&out).is_empty());
    folder.run(&preview).says(2, &["already exists", "-y"]);
    folder.run(&[&preview[..], &["-y"]].concat()).succeeds();
    // Frames that depend on no other are exact, which needs no words.
    let alone = [&preview[..], &["-y", "--temporal", "off"]].concat();
    let ran = folder.run(&alone);
    assert!(!ran.succeeds().stderr.contains("--exact"), "{}", ran.stderr);
    folder
        .run(&["preview", "clip.mp4", "--frame", "90"])
        .says(2, &["has no frame 90", "it has 50 frames", "from 0 to 49"]);
    folder
        .run(&["preview", "clip.mp4", "--start", "9", "--exact"])
        .says(2, &["no frame at or after 9 s"]);
    folder
        .run(&["preview", "clip.mp4", "-o", "x.png", "--duration", "1"])
        .says(2, &["one picture", "--duration"]);
    folder
        .run(&["preview", "clip.mp4", "-s", "pencil,comic"])
        .says(2, &["one style is rendered here, not pencil, comic", "a+b"]);
    assert_eq!(folder.names(), ["clip.mp4", "clip.pencil.preview.mp4"]);
}

#[test]
fn passes_are_listed_and_written() {
    let folder = Folder::new();
    let clip = scenes();
    let inspect = |more: &[&str]| {
        let all = ["inspect", text(&clip), "--device", "cpu"];
        folder.run(&[&all[..], more].concat())
    };
    let list = inspect(&["-s", "pencil"]).succeeds().stdout.clone();
    assert!(
        list.contains("pencil/soft/") && list.contains("one channel  [common/luma/coded]"),
        "{list}"
    );
    let json = inspect(&["-s", "cartoon", "--pass", "list", "--json"]);
    let json: Value = serde_json::from_str(&json.succeeds().stdout).unwrap();
    let palette = json.as_array().unwrap().iter();
    let mut palette = palette.filter(|pass| pass["name"] == "cartoon/palette");
    assert_eq!(palette.next().unwrap()["storage"], "words");
    // An image of one channel, a quarter of the picture.
    inspect(&[
        "-s",
        "pencil",
        "--pass",
        "motion/activity",
        "--frame",
        "30",
        "-o",
        "a.png",
    ])
    .says(0, &["motion/activity of frame 30 at 1.200 s", "40x23"]);
    let shape = tool(
        "ffprobe",
        &[
            "-show_entries",
            "stream=width,height,pix_fmt",
            "-of",
            "csv=p=0",
            text(&folder.path("a.png")),
        ],
    );
    assert_eq!(shape.trim(), "40,23,gray16be");
    // Colours: those of the decoder.
    inspect(&[
        "-s",
        "identity",
        "--pass",
        "source/result",
        "--frame",
        "30",
        "-o",
        "s.png",
    ])
    .succeeds();
    folder
        .run(&[
            "preview",
            text(&clip),
            "-s",
            "identity",
            "--frame",
            "30",
            "-o",
            "i.png",
        ])
        .succeeds();
    let likeness = psnr(&folder.path("s.png"), &folder.path("i.png"));
    assert!(likeness > 50.0, "{likeness}");
    // Words.
    let words = inspect(&["-s", "cartoon", "--pass", "palette", "--frame", "2"]);
    let words = &words.succeeds().stdout;
    assert!(
        words.starts_with("     word") && words.lines().count() == 65,
        "{words}"
    );
    inspect(&["-s", "cartoon", "--pass", "palette", "-o", "p.json"]).succeeds();
    let json: Value =
        serde_json::from_slice(&std::fs::read(folder.path("p.json")).unwrap()).unwrap();
    assert_eq!(json["words"].as_array().unwrap().len(), 64);
    // Mistakes.
    inspect(&["-s", "pencil", "--pass", "motion/actvity", "-o", "b.png"])
        .says(2, &["did you mean \"motion/activity\"?"]);
    inspect(&[
        "-s",
        "cinematic",
        "--pass",
        "cinematic/result",
        "-o",
        "b.png",
    ])
    .says(2, &["several passes", "cinematic/result#2"]);
    inspect(&["-s", "pencil", "--pass", "motion/activity"]).says(2, &["name a .png file with -o"]);
    inspect(&["-s", "cartoon", "--pass", "palette", "-o", "b.png"])
        .says(2, &["a buffer of words", ".json"]);
    inspect(&["-s", "pencil", "--pass", "motion/activity", "-o", "a.png"])
        .says(2, &["already exists"]);
    inspect(&["-s", "none"]).says(2, &["goes through the graph"]);
    assert_eq!(folder.names(), ["a.png", "i.png", "p.json", "s.png"]);
}

#[test]
fn what_a_pass_makes_is_that_of_the_whole_render() {
    let folder = Folder::new();
    let clip = scenes();
    let style = ["-s", "pencil", "--temporal", "ema", "--device", "cpu"];
    let arguments = [&[text(&clip), "-o", "all_%03d.png"][..], &style].concat();
    folder.run(&arguments).succeeds();
    for frame in [20, 45] {
        let number = frame.to_string();
        let out = format!("{frame}.png");
        let inspect = [
            "inspect",
            text(&clip),
            "--pass",
            "pencil/result/steady/result",
        ];
        let which = ["--frame", &number, "-o", &out];
        folder
            .run(&[&inspect[..], &which, &style].concat())
            .succeeds();
        // Of 16 bits against 8 bits.
        let whole = folder.path(&format!("all_{:03}.png", frame + 1));
        let likeness = psnr(&folder.path(&out), &whole);
        assert!(likeness > 45.0, "frame {frame}: {likeness}");
        // The second scene hardly moves.
        if frame == 20 {
            let before = psnr(&folder.path(&out), &folder.path("all_020.png"));
            assert!(before < likeness - 3.0, "{before}, {likeness}");
        }
    }
}

#[test]
fn an_output_is_verified_when_it_is_complete() {
    let folder = Folder::new();
    let clip = clip();
    let verify = [
        text(&clip),
        "-s",
        "identity",
        "--verify",
        "--report",
        "r.json",
        "-o",
    ];
    folder
        .run(&[&verify[..], &["out.mp4"]].concat())
        .says(0, &["out.mp4: verified in", "nothing differs"]);
    let report = || -> Value {
        serde_json::from_slice(&std::fs::read(folder.path("r.json")).unwrap()).unwrap()
    };
    let verified = &report()["outputs"][0]["verified"];
    assert!(verified["holds"] == true && !verified["checks"].as_array().unwrap().is_empty());
    // A part of it is compared with that part.
    let part = ["part.mp4", "--start", "0.2", "--to", "0.6"];
    folder.run(&[&verify[..], &part].concat()).succeeds();
    // An encoder that is told to write other tags: the output stays, and the exit code says it.
    let other = ["other.mp4", "--encoder-opt", "x264-params=colorprim=bt2020"];
    folder
        .run(&[&verify[..], &other].concat())
        .says(1, &["other.mp4 differs: primaries"]);
    assert!(folder.path("other.mp4").exists());
    assert_eq!(report()["outputs"][0]["verified"]["holds"], false);
}

#[test]
fn executors_are_compared_before_a_render() {
    let folder = Folder::new();
    let clip = clip();
    let check = [
        text(&clip),
        "--check-executors",
        "3",
        "--report",
        "r.json",
        "-o",
    ];
    folder
        .run(&[&check[..], &["out.mp4", "-s", "none"]].concat())
        .says(2, &["frames bypass the graph"]);
    if !software_vulkan(&folder) {
        return;
    }
    let ran = folder.run(&[&check[..], &["out.mp4", "-s", "pencil", "--device", "cpu"]].concat());
    ran.says(0, &["agree in 3 frames", "of 1 code values"]);
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path("r.json")).unwrap()).unwrap();
    assert_eq!(report["executors"]["frames"], 3);
    assert_eq!(report["executors"]["gpu"]["executor"], "gpu");
    // A kernel without a twin cannot be compared.
    std::fs::create_dir(folder.path("mine")).unwrap();
    folder.write(
        "mine/half.wgsl",
        b"fn pixel(at: vec2i) -> vec4f { return vec4f(source_here().rgb * 0.5, 1.0); }",
    );
    folder.write(
        "mine/style.toml",
        b"summary = 'Darker'\n[[pass]]\nkernel = 'half'\nin = { source = 'source' }\nout = 'result'\n",
    );
    let mine = ["mine.mp4", "-s", "mine", "--style-path", "mine"];
    folder
        .run(&[&check[..], &mine].concat())
        .says(69, &["mine/half", "no twin"]);
    assert!(!folder.path("mine.mp4").exists());
}

#[test]
fn chunks_are_kept_when_they_are_asked_for() {
    let folder = Folder::new();
    let clip = made(
        "chunks.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x36:rate=5:duration=25",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-g",
            "10",
        ],
    );
    let render = [
        text(&clip),
        "-s",
        "identity",
        "--chunk",
        "10",
        "-o",
        "out.mp4",
    ];
    let keep = [&render[..], &["--keep-chunks"]].concat();
    folder
        .run(&keep)
        .says(0, &["the chunks are kept in", ".out.mp4.aquatint"]);
    let kept = names(&folder.path(".out.mp4.aquatint"));
    let segments = kept.iter().filter(|name| name.ends_with(".nut")).count();
    assert!(segments >= 2, "{kept:?}");
    // The job is done: it is not resumed, and its output is a file like any other.
    let list = folder.run(&["resume", "--list"]);
    assert!(
        !list.succeeds().stdout.contains("out.mp4"),
        "{}",
        list.stdout
    );
    folder.run(&render).says(2, &["already exists"]);
    // They stand in the way of no other render of this name.
    let other = [&keep[..], &["-y", "--crf", "30"]].concat();
    folder.run(&other).says(0, &["the chunks are kept in"]);
    folder.run(&[&keep[..], &["-y"]].concat()).succeeds();
    // Rendered again, they are joined again.
    let whole = frames(&folder.path("out.mp4"), "yuv420p");
    folder
        .run(&[&render[..], &["-y"]].concat())
        .says(0, &["going on"]);
    assert_eq!(frames(&folder.path("out.mp4"), "yuv420p"), whole);
    assert_eq!(folder.names(), ["out.mp4"]);
    // What is short is rendered in one piece.
    folder
        .run(&[text(&self::clip()), "-o", "b.mp4", "--keep-chunks"])
        .says(0, &["no chunks to keep"]);
}

#[test]
fn a_table_can_be_given_by_itself() {
    let folder = Folder::new();
    folder.write(
        "swapped.cube",
        b"LUT_3D_SIZE 2\n0 0 0\n0 0 1\n0 1 0\n0 1 1\n1 0 0\n1 0 1\n1 1 0\n1 1 1\n",
    );
    let photo = made("still.png", &["-i", text(&clip()), "-frames:v", "1"]);
    let render = [text(&photo), "-s", "cinematic", "-o"];
    folder
        .run(&[&render[..], &["a.png", "--lut", "swapped.cube"]].concat())
        .succeeds();
    let long = ["b.png", "--set", "cinematic.lut_path=swapped.cube"];
    folder.run(&[&render[..], &long].concat()).succeeds();
    folder.run(&[&render[..], &["c.png"]].concat()).succeeds();
    let [a, b, c] = ["a.png", "b.png", "c.png"].map(|name| picture(&folder.path(name)));
    assert!(a == b && a != c);
    folder
        .run(&[text(&photo), "-s", "pencil", "--lut", "swapped.cube"])
        .says(
            2,
            &[
                "--lut swapped.cube is for the style cinematic",
                "pencil+cinematic",
            ],
        );
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = folder.run(&["completions", shell]);
        assert!(
            script.succeeds().stdout.contains("check-executors"),
            "{shell}"
        );
    }
    folder
        .run(&["completions", "csh"])
        .says(2, &["csh", "bash"]);
    let page = folder.run(&["man"]).succeeds().stdout.clone();
    assert!(
        page.contains(".TH aquatint 1") && page.contains("inspect"),
        "{page}"
    );
    assert!(!page.contains("try-encoder"), "hidden commands stay hidden");
    let page = folder.run(&["man", "render"]).succeeds().stdout.clone();
    assert!(
        page.contains("aquatint-render") && page.contains("keep\\-chunks"),
        "{page}"
    );
    folder
        .run(&["man", "rendr"])
        .says(2, &["did you mean \"render\"?"]);
}

#[test]
fn a_preset_that_asks_for_a_size_is_not_inspected_at_another() {
    let folder = Folder::new();
    let preset = "description = \"Large\"\nstyle = \"pencil\"\nscale = 2\n";
    std::fs::write(folder.path("large.toml"), preset).unwrap();
    folder
        .run(&["inspect", text(&clip()), "--preset", "large.toml"])
        .says(2, &["without a change of size", "--style"]);
}
