//! The page for authors of styles, followed word for word; and what is said where a folder holds no style.

use std::path::Path;

use crate::shader::luma;
use crate::support::*;

/// Writes the files that the page shows below `heading`, up to the next heading: each block begins with a comment that
/// names its file. Those without a folder go to `folder`.
pub fn write_styles_of_the_page(heading: &str, folder: &str, to: &Path) {
    let page = include_str!("../../../docs/writing-a-style.md");
    write_styles(page, heading, folder, to);
}

/// As [`write_styles_of_the_page`], of any page.
fn write_styles(page: &str, heading: &str, folder: &str, to: &Path) {
    let part = page.split(heading).nth(1).unwrap();
    let part = part.split("\n## ").next().unwrap();
    for block in part.split("```").skip(1).step_by(2) {
        let Some((_, text)) = block.split_once('\n') else {
            continue;
        };
        let first = text.lines().next().unwrap_or_default();
        let name = first.trim_start_matches(['#', '/', ' ']);
        if ![".toml", ".wgsl", ".cube"]
            .iter()
            .any(|ending| name.ends_with(ending))
        {
            continue;
        }
        let path = match name.contains('/') {
            true => to.join(name),
            false => to.join(folder).join(name),
        };
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[test]
fn the_styles_of_the_page_render() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let styles = folder.path("styles");
    write_styles_of_the_page("# Writing a style", "negative", &styles);
    write_styles_of_the_page("## A second style", "", &styles);
    assert_eq!(names(&styles), ["ghost", "negative"]);
    let clip = clip();
    let own = ["--style-path", "styles", "--device", "llvmpipe"];
    for (style, set) in [
        ("negative", "negative.amount=0.8"),
        ("ghost", "ghost.amount=1"),
    ] {
        let output = format!("{style}.mkv");
        let render = [text(&clip), "-s", style, "--set", set, "-o", &output];
        folder.run(&[&render[..], &own].concat()).succeeds();
        assert_eq!(times(&folder.path(&output)).len(), 25, "{style}");
        // It is no copy of its source.
        assert!(psnr(&folder.path(&output), &clip) < 35.0, "{style}");
    }
    let graph = [
        "graph",
        "ghost",
        "--size",
        "160x90",
        "--style-path",
        "styles",
    ];
    let passes = &folder.run(&graph).succeeds().stdout.clone();
    let small = passes.lines().find(|line| line.contains("ghost/small"));
    assert!(small.is_some_and(|line| line.contains("80x45")), "{passes}");
    // The folder of the one style does as well.
    let alone = ["styles", "ghost", "--style-path", "styles/ghost"];
    let shown = &folder.run(&alone).succeeds().stdout.clone();
    assert!(shown.contains("ghost.amount=0.5"), "{shown}");
}

/// Each step of the tutorial renders as it stands there, and its picture is what it makes. `UPDATE_DOCS=1` makes the pictures
/// anew.
#[test]
fn the_steps_of_the_tutorial_make_its_pictures() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let page = include_str!("../../../docs/tutorial.md");
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial");
    let scene = pictures.join("scene.jpg");
    let steps = page.matches("\n## Step ").count();
    assert_eq!(steps, 6);
    for step in 1..=steps {
        write_styles(
            page,
            &format!("\n## Step {step}: "),
            "xdog",
            &folder.path(""),
        );
        let made = format!("step{step}.png");
        let preview = [
            "preview",
            text(&scene),
            "--frame",
            "0",
            "-s",
            "./xdog",
            "-o",
            &made,
        ];
        let ran = folder.run(&[&preview[..], &["--device", "llvmpipe"]].concat());
        let stderr = &ran.succeeds().stderr;
        assert!(!stderr.contains("never read"), "step {step}: {stderr}");
        let kept = pictures.join(format!("step{step}.jpg"));
        let half = [
            "-vf",
            "scale=640:360:flags=area",
            "-pix_fmt",
            "yuvj444p",
            "-q:v",
            "4",
        ];
        let small = folder.path(&format!("step{step}.jpg"));
        let jpeg = ["-v", "error", "-y", "-i", text(&folder.path(&made))].map(str::to_owned);
        let mut arguments: Vec<&str> = jpeg.iter().map(String::as_str).collect();
        arguments.extend(half);
        arguments.push(text(&small));
        tool("ffmpeg", &arguments);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::copy(&small, &kept).unwrap();
        }
        let apart = psnr(&small, &kept);
        assert!(
            apart > 32.0,
            "step {step} makes another picture: {apart:.1} dB"
        );
    }
    // The steps differ.
    let first = pictures.join("step1.jpg");
    assert!(psnr(&folder.path("step6.jpg"), &first) < 20.0);
}

/// The recipes are sound, without advice, and each makes a picture of its own of every frame.
#[test]
fn the_recipes_render() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let page = include_str!("../../../docs/recipes.md");
    for part in page.split("\n## ").skip(1) {
        let heading = part.lines().next().unwrap_or_default();
        write_styles(page, &format!("\n## {heading}"), "", &folder.path("styles"));
    }
    let styles = names(&folder.path("styles"));
    assert_eq!(
        styles,
        [
            "blocks", "dawn", "even", "faded", "inked", "moved", "poster", "soft", "trails"
        ]
    );
    let moves = "testsrc2=size=192x108:rate=10:duration=0.5";
    let clip = made(
        "recipes.mkv",
        &[
            "-f", "lavfi", "-i", moves, "-pix_fmt", "yuv444p", "-c:v", "ffv1",
        ],
    );
    let mut pictures = Vec::new();
    for style in &styles {
        let row = format!("| [{style}](#{style}-");
        assert!(page.contains(&row), "the table names {style}");
        let path = format!("styles/{style}");
        let checked = folder.run(&["shader", "check", &path, "--deny", "warnings"]);
        assert_eq!(checked.code, Some(0), "{style}: {}", checked.stdout);
        let (output, report) = (format!("{style}.mkv"), format!("{style}.json"));
        let set: &[&str] = match style.as_str() {
            "dawn" => &["--set", "dawn.night=0:1,0.4s:0"],
            _ => &[],
        };
        let own = format!("./{path}");
        let render = [text(&clip), "-s", &own, "-o", &output, "--report", &report];
        let how = ["--codec", "ffv1", "--device", "llvmpipe"];
        folder.run(&[&render[..], &how, set].concat()).succeeds();
        let made = frames(&folder.path(&output), "rgb24");
        assert_eq!(made.len(), 5, "{style}");
        let apart = psnr(&folder.path(&output), &clip);
        assert!(apart < 45.0, "{style} changes nothing: {apart} dB");
        assert!(!pictures.contains(&made), "{style}");
        if style == "even" {
            let report = std::fs::read_to_string(folder.path(&report)).unwrap();
            assert!(report.contains("even/green"), "{report}");
        }
        if style == "dawn" {
            // Night at first, and the source at last.
            let light = |bytes: &[u8]| -> u64 {
                let above_black = bytes.iter().map(|code| u64::from(code.saturating_sub(16)));
                above_black.sum()
            };
            let (made, source) = (luma(&folder.path(&output)), luma(&clip));
            let (frame, last) = (192 * 108, 4 * 192 * 108);
            assert!(2 * light(&made[..frame]) < light(&source[..frame]));
            let (made, source) = (light(&made[last..]), light(&source[last..]));
            assert!(made.abs_diff(source) * 100 < source, "{made} {source}");
        }
        pictures.push(made);
    }
}

/// What the page says about motion, as it stands there.
#[test]
fn the_style_about_motion_renders() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let styles = folder.path("styles");
    write_styles_of_the_page("\n## Motion", "", &styles);
    assert_eq!(names(&styles), ["moving"]);
    let moves = "testsrc2=size=160x96:rate=5:duration=1,scroll=h=0.05";
    let clip = made(
        "pan.mkv",
        &[
            "-f", "lavfi", "-i", moves, "-pix_fmt", "yuv444p", "-c:v", "ffv1",
        ],
    );
    let own = ["--style-path", "styles", "--device", "llvmpipe"];
    let render = [
        text(&clip),
        "-s",
        "moving",
        "--codec",
        "ffv1",
        "-o",
        "moving.mkv",
    ];
    folder.run(&[&render[..], &own].concat()).succeeds();
    // The first frame, which nothing came before, is gray; the others move, and keep their colours.
    let stats = format!("movie={},signalstats", folder.path("moving.mkv").display());
    let entry = "frame_tags=lavfi.signalstats.SATAVG";
    let probe = [
        "-f",
        "lavfi",
        "-show_entries",
        entry,
        "-of",
        "csv=p=0",
        &stats,
    ];
    let said = tool("ffprobe", &probe);
    let saturation: Vec<f64> = said.lines().map(|line| line.parse().unwrap()).collect();
    let (first, later) = (saturation[0], saturation[3]);
    assert!(first < 4.0 && later > 40.0, "{first} {later}");
}

#[test]
fn a_folder_without_a_style_is_refused_with_what_is_wanted() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("empty")).unwrap();
    std::fs::create_dir(folder.path("mine")).unwrap();
    folder.write(
        "mine/style.toml",
        b"summary = 'm'\n[[pass]]\nkernel = 'k'\nin = { image = 'source' }\nout = 'result'\n",
    );
    folder.write(
        "mine/k.wgsl",
        b"fn pixel(at: vec2i) -> vec4f { return image_here() * package::engine::facts.tme; }",
    );
    let wanted = "a style's folder, which holds its style.toml, or a folder of such folders";
    for path in ["empty", "mine/style.toml"] {
        folder
            .run(&["styles", "--style-path", path])
            .says(2, &[&format!("there is no style in {path}"), wanted]);
    }
    folder
        .run(&["styles", "--style-path", "nowhere"])
        .says(2, &["cannot read nowhere"]);
    // A render takes the names of folders that it was told of; commands for authors those of folders here, too.
    folder
        .run(&["preview", "clip.mp4", "-s", "mine"])
        .says(2, &["there is no style \"mine\"", "--style-path FOLDER"]);
    folder
        .run(&["graph", "mine"])
        .says(2, &["facts.tme", "did you mean \"time\"?"]);
    folder
        .run(&["graph", "mine", "--style-path", "mine"])
        .says(2, &["facts.tme", "did you mean \"time\"?"]);
}
