//! A style of an author's own that looks back: chunks, previews and other containers' times change nothing of what its
//! kernels know.

use std::path::PathBuf;

use crate::authors::write_styles_of_the_page;
use crate::support::*;

/// Two scenes of 13 and 11 seconds, 96 × 54 at 10 frames a second, with key frames every second.
fn two_scenes() -> PathBuf {
    made(
        "two-small-scenes.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=96x54:rate=10:duration=13",
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=size=96x54:rate=10:start_scale=0.3",
            "-filter_complex",
            "[1:v]trim=duration=11[b];[0:v][b]concat[v]",
            "-map",
            "[v]",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "10",
            "-sc_threshold",
            "0",
        ],
    )
}

/// The picture of two frames before, tinted by the number of the frame and by the time in the scene.
const MANIFEST: &str = "summary = \"What was two frames before\"\n[param.ink]\ndefault = \"#202000\"\nhelp = \"tint\"\n\
    [history.older]\nof = \"last\"\n[history.last]\nof = \"source\"\n\
    [[pass]]\nkernel = \"k\"\nin = { image = \"source\", older = \"older\" }\nout = \"result\"\n";
const KERNEL: &str = "fn pixel(at: vec2i) -> vec4f {
    let f = package::engine::facts;
    var c = select(image_here(), older_here(), f.age >= 2u).rgb;
    c += params.ink * f.time_in_scene;
    if (at.y < i32(round(200.0 * f.scale)) && at.x < i32(f.frame)) { c = vec3f(1.0); }
    if (at.y >= 27 && at.y < 37 && at.x < i32(f.age)) { c = vec3f(0.0, f.fps / 50.0, 0.0); }
    return vec4f(c, 1.0);
}";

fn with_style() -> Folder {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("styles/older")).unwrap();
    folder.write("styles/older/style.toml", MANIFEST.as_bytes());
    folder.write("styles/older/k.wgsl", KERNEL.as_bytes());
    folder
}

const OWN: [&str; 6] = [
    "-s",
    "older",
    "--style-path",
    "styles",
    "--device",
    "llvmpipe",
];

#[test]
fn chunks_and_exact_previews_show_what_the_whole_render_shows() {
    let folder = with_style();
    if !software_vulkan(&folder) {
        return;
    }
    let clip = two_scenes();
    let lossless = ["--codec", "ffv1", "-o"];
    let render = |more: &[&str], out: &str| {
        let all = [&[text(&clip)][..], &OWN, more, &lossless, &[out]].concat();
        folder.run(&all).succeeds();
        frames(&folder.path(out), "yuv420p")
    };
    let whole = render(&[], "whole.mkv");
    assert_eq!(whole.len(), 240);
    assert_eq!(render(&["--chunk", "10"], "chunks.mkv"), whole);
    let pictures = [&[text(&clip), "-o", "all_%03d.png"][..], &OWN].concat();
    folder.run(&pictures).succeeds();
    for frame in [1, 129, 131, 215] {
        let (number, out) = (frame.to_string(), format!("look{frame}.png"));
        let preview = [
            "preview",
            text(&clip),
            "--frame",
            &number,
            "--exact",
            "-o",
            &out,
        ];
        folder.run(&[&preview[..], &OWN].concat()).succeeds();
        let whole = folder.path(&format!("all_{:03}.png", frame + 1));
        let shown = frames(&folder.path(&out), "rgb24");
        assert_eq!(shown, frames(&whole, "rgb24"), "frame {frame}");
    }
}

#[test]
fn a_kernel_that_does_not_compile_is_shown_with_its_file_and_line() {
    let folder = with_style();
    if !software_vulkan(&folder) {
        return;
    }
    let wrong = KERNEL.replace("params.ink * f.time_in_scene", "params.ink * f.frame");
    folder.write("styles/older/k.wgsl", wrong.as_bytes());
    let clip = two_scenes();
    let all = [&[text(&clip)][..], &OWN, &["-o", "out.mkv"]].concat();
    let said = folder.run(&all);
    let file = format!(
        "styles{0}older{0}k.wgsl:4:10: vec3f and u32 do not go together",
        std::path::MAIN_SEPARATOR
    );
    said.says(
        2,
        &[
            &file,
            "  4 |     c += params.ink * f.frame;",
            "write f32(…) around it",
        ],
    );
    assert!(!folder.path("out.mkv").exists());
}

#[test]
fn the_echo_of_the_page_is_the_mean_of_three_pictures() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    write_styles_of_the_page("## What a manifest may say", "", &folder.path("styles"));
    // Grays of 40, 46, 52, …: a mean of three is the one in the middle, and no step is a cut.
    let clip = made(
        "gray-steps-of-6.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "color=gray:size=64x36:rate=10:duration=0.6",
            "-vf",
            "format=gray,geq=lum='40+6*N'",
            "-c:v",
            "ffv1",
        ],
    );
    let own = [
        "-s",
        "echo",
        "--style-path",
        "styles",
        "--device",
        "llvmpipe",
    ];
    let all = [
        &[text(&clip)][..],
        &own,
        &["--codec", "ffv1", "-o", "out.mkv"],
    ]
    .concat();
    folder.run(&all).succeeds();
    let out = folder.path("out.mkv");
    let values = tool(
        "ffprobe",
        &[
            "-f",
            "lavfi",
            "-i",
            &format!("movie={},signalstats", text(&out)),
            "-show_entries",
            "frame_tags=lavfi.signalstats.YAVG",
            "-of",
            "csv=p=0",
        ],
    );
    let values: Vec<f64> = values
        .lines()
        .filter_map(|line| line.trim_end_matches(',').parse().ok())
        .collect();
    // The first two have no older picture of their scene, and take their own instead.
    let expected = [40.0, 44.0, 46.0, 52.0, 58.0, 64.0];
    assert_eq!(values.len(), 6);
    for (found, expected) in values.iter().zip(expected) {
        assert!((found - expected).abs() < 1.0, "{values:?}");
    }
}
