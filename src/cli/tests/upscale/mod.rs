//! The style `upscale`: what it makes larger, and what it refuses.

use std::path::{Path, PathBuf};

use crate::support::*;

mod kind;
mod models;
mod onnx;

/// The kinds that need no model, with what is set besides.
const KINDS: [&str; 10] = [
    "auto",
    "lanczos",
    "ewa",
    "fast",
    "live",
    "live effort=medium",
    "live effort=high",
    "anime",
    "anime effort=low",
    "live chroma=plain",
];

/// The flags that set `upscale` to one of [`KINDS`].
fn set(kind: &str) -> Vec<String> {
    let (kind, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    let mut flags = vec!["-s".to_owned(), "upscale".to_owned()];
    flags.extend(["--set".to_owned(), format!("upscale.kind={kind}")]);
    for more in rest.split_whitespace() {
        flags.extend(["--set".to_owned(), format!("upscale.{more}")]);
    }
    flags
}

/// Renders `source` by `kind` as `out`, which must succeed.
#[track_caller]
fn render(folder: &Folder, source: &Path, kind: &str, more: &[&str], out: &str) -> PathBuf {
    let set = set(kind);
    let mut arguments = vec![text(source), "-y", "-o", out, "--device", "cpu"];
    arguments.extend(set.iter().map(String::as_str));
    arguments.extend(more);
    folder.run(&arguments).succeeds();
    folder.path(out)
}

/// A picture of `pixels` by their column and row, as PNG in the folder.
fn drawn<const CHANNELS: usize>(
    folder: &Folder,
    name: &str,
    (width, height): (usize, usize),
    pixels: impl Fn(f64, f64) -> [f64; CHANNELS],
) -> PathBuf {
    let places = (0..width * height).map(|at| ((at % width) as f64, (at / width) as f64));
    let code = |value: f64| value.clamp(0.0, 255.0).round() as u8;
    let codes: Vec<u8> = places.flat_map(|(x, y)| pixels(x, y).map(code)).collect();
    let raw = folder.write("drawn.raw", &codes);
    let (size, out) = (format!("{width}x{height}"), folder.path(name));
    let pix_fmt = if CHANNELS == 4 { "rgba" } else { "rgb24" };
    let from = ["-y", "-f", "rawvideo", "-pix_fmt", pix_fmt, "-s", &size];
    tool(
        "ffmpeg",
        &[from.as_slice(), &["-i", text(&raw), text(&out)]].concat(),
    );
    std::fs::remove_file(raw).unwrap();
    out
}

/// 255 where it is true, else 0.
fn lit(condition: bool) -> f64 {
    if condition { 255.0 } else { 0.0 }
}

/// Samples of a picture as red, green and blue, or in another packed format.
fn samples(path: &Path, pix_fmt: &str) -> Vec<u8> {
    let raw = tempfile::NamedTempFile::new().unwrap();
    let arguments = [
        "-y",
        "-i",
        text(path),
        "-frames:v",
        "1",
        "-pix_fmt",
        pix_fmt,
    ];
    let end = ["-f", "rawvideo", text(raw.path())];
    tool("ffmpeg", &[arguments.as_slice(), &end].concat());
    std::fs::read(raw.path()).unwrap()
}

/// The mean of every 2 by 2 pixels of `width` columns, of `channels` values each.
fn halved(large: &[u8], width: usize, channels: usize) -> Vec<f64> {
    let line = width * channels;
    let rows = large.chunks_exact(2 * line);
    rows.flat_map(|pair| {
        (0..width / 2 * channels).map(move |at| {
            let (x, c) = (at / channels, at % channels);
            let at = |y: usize, dx: usize| f64::from(pair[y * line + (2 * x + dx) * channels + c]);
            (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4.0
        })
    })
    .collect()
}

/// A half-pixel shift would be seen here: what was enlarged is the source again when it is halved.
#[test]
fn twice_the_size_and_half_again_is_the_source() {
    let folder = Folder::new();
    for (width, height) in [(96, 64), (97, 61)] {
        let source = drawn(&folder, "smooth.png", (width, height), |x, y| {
            [
                128.0 + 70.0 * (x / 9.0).sin() * (y / 7.0).cos(),
                128.0 + 60.0 * ((x + y) / 11.0).cos(),
                128.0 - 50.0 * (y / 8.0).sin(),
            ]
        });
        let before = samples(&source, "rgb24");
        for kind in KINDS {
            let out = render(&folder, &source, kind, &["--scale", "2"], "out.png");
            let after = halved(&samples(&out, "rgb24"), 2 * width, 3);
            assert_eq!(after.len(), before.len(), "{kind}");
            for (at, (before, after)) in before.iter().zip(&after).enumerate() {
                let (x, y) = (at / 3 % width, at / 3 / width);
                let apart = (f64::from(*before) - after).abs();
                // At the border nobody knows how the picture goes on.
                let border = x < 2 || y < 2 || x + 2 >= width || y + 2 >= height;
                let most = if border { 4.0 } else { 1.01 };
                assert!(
                    apart <= most,
                    "{kind}: {apart} at {x}, {y} of {width}x{height}"
                );
            }
        }
    }
}

/// Colour lies where it lay, wherever the samples of colour are sited.
#[test]
fn colour_stays_in_its_place_for_every_siting() {
    let folder = Folder::new();
    for siting in ["left", "center", "topleft"] {
        let source = made(
            &format!("sited-{siting}.mkv"),
            &[
                "-f",
                "lavfi",
                "-i",
                "color=size=96x64:rate=5:duration=0.4",
                "-vf",
                "format=yuv420p,geq=lum='128+50*sin(X/9)':cb='128+60*sin(X/5)*cos(Y/6)':cr='128+60*cos(X/6)*sin(Y/5)'",
                "-c:v",
                "ffv1",
                "-chroma_sample_location",
                siting,
            ],
        );
        let before = samples(&source, "yuv420p");
        for kind in ["live", "live chroma=plain", "lanczos", "fast"] {
            let out = render(
                &folder,
                &source,
                kind,
                &["--scale", "2", "--codec", "ffv1"],
                "out.mkv",
            );
            let after = samples(&out, "yuv420p");
            let small = 96 * 64;
            let (large, quarter) = (4 * small, small / 4);
            for plane in 0..2 {
                let before = &before[small + plane * quarter..][..quarter];
                let after = &after[large + plane * small..][..small];
                let apart = apart_at_half(before, after, 48, siting);
                // With another siting it is 0.5 or more.
                assert!(apart < 0.35, "{kind}, {siting}: {apart} codes");
            }
        }
    }
}

/// The mean difference between samples and those of twice the size at the same places of the picture.
fn apart_at_half(before: &[u8], after: &[u8], width: usize, siting: &str) -> f64 {
    let (x_between, y_between) = match siting {
        "left" => (false, true),
        "center" => (true, true),
        _ => (false, false),
    };
    let height = before.len() / width;
    let large = |x: usize, y: usize| f64::from(after[y * 2 * width + x]);
    let mut sum = 0.0;
    let mut count = 0.0;
    for y in 4..height - 4 {
        for x in 4..width - 4 {
            // Half a small sample is a whole large one: a centred sample lies between two of the large ones, and one that is
            // sited on the first luma sample lies a quarter of a large one after every second one.
            let across = |x: usize, y: usize| match x_between {
                true => (large(2 * x, y) + large(2 * x + 1, y)) / 2.0,
                false => 0.75 * large(2 * x, y) + 0.25 * large(2 * x + 1, y),
            };
            let value = match y_between {
                true => (across(x, 2 * y) + across(x, 2 * y + 1)) / 2.0,
                false => 0.75 * across(x, 2 * y) + 0.25 * across(x, 2 * y + 1),
            };
            sum += (f64::from(before[y * width + x]) - value).abs();
            count += 1.0;
        }
    }
    sum / count
}

#[test]
fn at_its_own_size_every_sample_stays() {
    let folder = Folder::new();
    let source = clip();
    for kind in KINDS.into_iter().chain(["pixel"]) {
        let out = render(
            &folder,
            &source,
            kind,
            &["--scale", "1", "--codec", "ffv1"],
            "out.mkv",
        );
        assert_eq!(
            frames(&out, "yuv420p"),
            frames(&source, "yuv420p"),
            "{kind}"
        );
    }
}

#[test]
fn any_size_is_made_by_every_kind() {
    let folder = Folder::new();
    let source = drawn(&folder, "tiny.png", (7, 5), |x, y| {
        [30.0 * x, 40.0 * y, 128.0]
    });
    let one = drawn(&folder, "one.png", (1, 1), |_, _| [200.0, 100.0, 50.0]);
    for kind in KINDS {
        for (source, size) in [
            (&source, "11x9"),
            (&source, "14x10"),
            (&source, "40x33"),
            (&source, "3x2"),
            (&source, "7x10"),
            (&one, "2x2"),
            (&one, "5x3"),
        ] {
            let flags = ["--size", size, "--fit", "stretch"];
            let out = render(&folder, source, kind, &flags, "out.png");
            let (width, height) = size.split_once('x').unwrap();
            let pixels = width.parse::<usize>().unwrap() * height.parse::<usize>().unwrap();
            let made = samples(&out, "rgb24");
            assert_eq!(made.len(), 3 * pixels, "{kind} {size}");
            if source == &one {
                assert!(
                    made.chunks(3).all(|pixel| pixel == [200, 100, 50]),
                    "{kind} {size}"
                );
            }
        }
    }
}

/// Beside a hard edge nothing is darker than the dark side, and nothing brighter than the bright one.
#[test]
fn lanczos_does_not_ring() {
    let folder = Folder::new();
    let side = |bright: bool| if bright { 230.0 } else { 30.0 };
    let source = drawn(&folder, "edge.png", (48, 40), |x, y| {
        [side(x > 23.0), side(y > 19.0), side(x + y > 43.0)]
    });
    let out = render(&folder, &source, "lanczos", &["--scale", "2"], "out.png");
    let made = samples(&out, "rgb24");
    let (least, most) = (made.iter().min().unwrap(), made.iter().max().unwrap());
    assert!(
        (28..=30).contains(least) && (230..=232).contains(most),
        "{least} to {most}"
    );
}

#[test]
fn pixel_art_has_no_new_colours() {
    let folder = Folder::new();
    let source = drawn(&folder, "sprite.png", (25, 21), |x, y| {
        let disc = (x - 12.0).hypot(y - 10.0) < 8.0;
        [
            lit(disc),
            lit((x - y).abs() < 4.0) / 2.0,
            lit(y > 9.0) / 4.0,
        ]
    });
    let colours = |path: &Path| {
        let made = samples(path, "rgb24");
        let mut colours: Vec<[u8; 3]> = made.as_chunks::<3>().0.to_vec();
        colours.sort_unstable();
        colours.dedup();
        colours
    };
    for scale in ["2", "3", "4"] {
        let out = render(&folder, &source, "pixel", &["--scale", scale], "out.png");
        assert_eq!(colours(&out), colours(&source), "{scale}");
    }
    let ran = folder.run(&[
        text(&source),
        "-o",
        "no.png",
        "-s",
        "upscale",
        "--set",
        "upscale.kind=pixel",
        "--scale",
        "1.5",
    ]);
    ran.says(
        2,
        &["kind=pixel", "38 columns from 25", "--scale 2, 3 or 4"],
    );
    assert!(!folder.path("no.png").exists());
}

/// Colours under transparent pixels do not come to light, and alpha is enlarged with the picture.
#[test]
fn transparent_edges_have_no_fringe() {
    let folder = Folder::new();
    let source = drawn(&folder, "disc.png", (40, 40), |x, y| {
        match (x - 20.0).hypot(y - 20.0) < 12.0 {
            true => [200.0, 60.0, 60.0, 255.0],
            false => [0.0, 255.0, 0.0, 0.0],
        }
    });
    for kind in KINDS {
        let out = render(&folder, &source, kind, &["--scale", "2"], "out.png");
        let made = samples(&out, "rgba");
        assert_eq!(made.len(), 4 * 80 * 80, "{kind}");
        let mut partly = 0;
        for pixel in made.as_chunks::<4>().0 {
            partly += i32::from((1..255).contains(&pixel[3]));
            if pixel[3] > 24 {
                let apart = pixel[0].abs_diff(200).max(pixel[1].abs_diff(60));
                assert!(apart < 24, "{kind}: {pixel:?}");
            }
        }
        assert!(partly > 40, "{kind}: {partly}");
    }
}

#[test]
fn strength_mixes_with_plain_resampling() {
    let folder = Folder::new();
    let source = clip();
    let made = |kind: &str, strength: &str| {
        let strength = format!("upscale.strength={strength}");
        let flags = ["--set", &strength, "--scale", "2", "--codec", "ffv1"];
        let out = render(&folder, &source, kind, &flags, "out.mkv");
        samples(&out, "gray")
    };
    let plain = folder.run(&[
        text(&source),
        "-s",
        "resize",
        "--scale",
        "2",
        "--codec",
        "ffv1",
        "-o",
        "plain.mkv",
        "--device",
        "cpu",
    ]);
    plain.succeeds();
    let plain = samples(&folder.path("plain.mkv"), "gray");
    let (none, half, whole) = (made("live", "0"), made("live", "0.5"), made("live", "1"));
    assert_eq!(none, plain);
    assert_ne!(whole, plain);
    for ((none, half), whole) in none.iter().zip(&half).zip(&whole) {
        let between = (f64::from(*none) + f64::from(*whole)) / 2.0;
        // What is cut off at black and white is no mean any more.
        let inside = [none, whole].iter().all(|code| (9..247).contains(*code));
        assert!(!inside || (f64::from(*half) - between).abs() <= 2.0);
    }
}

#[test]
fn it_follows_other_styles_and_keeps_depth_and_tags() {
    let folder = Folder::new();
    let source = made(
        "deep.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=64x48:rate=5:duration=0.4",
            "-vf",
            "format=yuv420p10le",
            "-c:v",
            "ffv1",
            "-color_primaries",
            "bt2020",
            "-color_trc",
            "smpte2084",
            "-colorspace",
            "bt2020nc",
        ],
    );
    let out = folder.run(&[
        text(&source),
        "-s",
        "despeckle+upscale",
        "--scale",
        "2",
        "--codec",
        "ffv1",
        "-o",
        "out.mkv",
        "--device",
        "cpu",
    ]);
    out.succeeds();
    let shown = |path: &Path| {
        let entries = "stream=width,height,pix_fmt,color_transfer,color_space,color_primaries";
        tool(
            "ffprobe",
            &[
                "-select_streams",
                "v",
                "-show_entries",
                entries,
                "-of",
                "csv=p=0",
                text(path),
            ],
        )
    };
    let (before, after) = (shown(&source), shown(&folder.path("out.mkv")));
    assert_eq!(before.replace("64,48", "128,96"), after);
}

#[test]
fn what_cannot_be_made_is_refused_with_the_way_out() {
    let folder = Folder::new();
    let source = drawn(&folder, "small.png", (20, 16), |x, y| [x, y, 9.0]);
    let run = |more: &[&str]| {
        let mut arguments = vec![text(&source), "-o", "no.png", "-s", "upscale"];
        arguments.extend(more);
        folder.run(&arguments)
    };
    run(&["--set", "upscale.kind=ai"]).says(2, &["no model is given", "upscale.model_path"]);
    run(&["--set", "upscale.kind=best"]).says(2, &["auto, lanczos, ewa, fast"]);
    run(&["--size", "16384x16384", "--fit", "stretch"]).says(2, &["too many pixels"]);
    run(&[
        "--set",
        "upscale.kind=ai",
        "--set",
        "upscale.model_path=none.onnx",
    ])
    .says(65, &["none.onnx"]);
    assert_eq!(folder.names(), ["small.png"]);
}

/// Peak signal-to-noise ratio of luma in codes of studio range, as the literature on enlarging gives it, without four pixels at each border.
fn psnr_of_luma(a: &[u8], b: &[u8], width: usize) -> f64 {
    let luma = |rgb: &[u8; 3]| {
        let [r, g, b] = rgb.map(f64::from);
        (16.0 + (65.481 * r + 128.553 * g + 24.966 * b) / 255.0).round()
    };
    let height = a.len() / 3 / width;
    let mut sum = 0.0;
    let mut count = 0.0;
    for (at, (a, b)) in a
        .as_chunks::<3>()
        .0
        .iter()
        .zip(b.as_chunks::<3>().0)
        .enumerate()
    {
        let (x, y) = (at % width, at / width);
        if (4..width - 4).contains(&x) && (4..height - 4).contains(&y) {
            sum += (luma(a) - luma(b)).powi(2);
            count += 1.0;
        }
    }
    10.0 * (255f64.powi(2) / (sum / count)).log10()
}

/// A photograph and a drawing are halved by the mean of 2 by 2, and enlarged again: what has learnt is nearer to them than resampling.
#[test]
fn what_has_learnt_is_nearer_to_the_truth() {
    let folder = Folder::new();
    // What each gains in dB over lanczos, at least: of the photograph, and of the drawing.
    let gains = [
        ("live", 0.25, 0.6),
        ("live effort=medium", 0.05, 0.7),
        ("live effort=high", 0.2, 1.1),
        ("anime", -0.3, 1.0),
    ];
    let pictures = ["photos/chelsea.png", "vectors/realesrgan/gt_comic.png"];
    for (place, picture) in pictures.into_iter().enumerate() {
        let Some(picture) = media(picture) else {
            return;
        };
        let truth = made(
            &format!("truth-{place}.png"),
            &[
                "-i",
                text(&picture),
                "-vf",
                "crop=trunc(iw/2)*2:trunc(ih/2)*2,format=rgb24",
            ],
        );
        let size = tool(
            "ffprobe",
            &[
                "-show_entries",
                "stream=width",
                "-of",
                "csv=p=0",
                text(&truth),
            ],
        );
        let width: usize = size.trim().parse().unwrap();
        let truth = samples(&truth, "rgb24");
        let small = halved(&truth, width, 3);
        let small: Vec<u8> = small.iter().map(|value| value.round() as u8).collect();
        let raw = folder.write("small.raw", &small);
        let size = format!("{}x{}", width / 2, truth.len() / 6 / width);
        let png = folder.path("small.png");
        tool(
            "ffmpeg",
            &[
                "-y",
                "-f",
                "rawvideo",
                "-pix_fmt",
                "rgb24",
                "-s",
                &size,
                "-i",
                text(&raw),
                text(&png),
            ],
        );
        let score = |kind: &str| {
            let out = render(&folder, &png, kind, &["--scale", "2"], "out.png");
            psnr_of_luma(&truth, &samples(&out, "rgb24"), width)
        };
        let lanczos = score("lanczos");
        for (kind, photo, drawing) in gains {
            let (gain, least) = (score(kind) - lanczos, [photo, drawing][place]);
            assert!(
                gain >= least,
                "{kind}: {gain:.2} dB over lanczos of picture {place}"
            );
        }
    }
}

/// Soft dark lines get thinner and darker; a line of a pixel is not washed out.
#[test]
fn lines_get_thinner_and_darker() {
    let folder = Folder::new();
    let source = drawn(&folder, "lines.png", (96, 64), |x, _| {
        let far = x % 16.0 - 8.0;
        let depth = if x < 64.0 {
            (-far * far / 2.25).exp()
        } else {
            lit(far.abs() < 0.6) / 255.0
        };
        [200.0 - 110.0 * depth; 3]
    });
    let plain = samples(&render(&folder, &source, "anime", &[], "plain.png"), "gray");
    let thin = samples(
        &render(&folder, &source, "anime lines=0.7", &[], "thin.png"),
        "gray",
    );
    let row = |pixels: &[u8], columns: std::ops::Range<usize>| pixels[64 * 192..][columns].to_vec();
    let [soft_before, soft_after] = [&plain, &thin].map(|pixels| row(pixels, 0..128));
    let dark = |row: &[u8]| row.iter().filter(|value| **value < 190).count();
    let (before, after) = (dark(&soft_before), dark(&soft_after));
    assert!(10 * after < 9 * before, "{after} of {before} pixels");
    for columns in [0..128, 128..192] {
        let [before, after] = [&plain, &thin].map(|pixels| row(pixels, columns.clone()));
        let (before, after) = (before.iter().min(), after.iter().min());
        assert!(
            after.unwrap() + 5 < *before.unwrap(),
            "{after:?} of {before:?}"
        );
    }
    // Far from lines nothing changes.
    let far = 64 * 192 + 64;
    assert!(thin[far].abs_diff(plain[far]) <= 1);
}

/// The losses of a coder beside edges are smaller after `repair`, and what is clean stays.
#[test]
fn repair_takes_ringing_away() {
    let folder = Folder::new();
    let clean = drawn(&folder, "clean.png", (128, 96), |x, y| {
        let inside = ((x - 60.0).powi(2) + (y - 50.0).powi(2)).sqrt() < 33.0;
        let line = (x - 0.7 * y - 20.0).abs() < 1.5;
        let value = if line {
            20.0
        } else if inside {
            215.0
        } else {
            120.0
        };
        [value; 3]
    });
    let coded = folder.path("coded.jpg");
    tool(
        "ffmpeg",
        &["-y", "-i", text(&clean), "-q:v", "14", text(&coded)],
    );
    let truth = samples(&render(&folder, &clean, "anime", &[], "truth.png"), "rgb24");
    let score = |kind: &str| {
        let out = render(&folder, &coded, kind, &[], "out.png");
        psnr_of_luma(&truth, &samples(&out, "rgb24"), 256)
    };
    let (plain, repaired) = (score("anime"), score("anime repair=0.7"));
    assert!(
        repaired > plain + 0.5,
        "{repaired:.2} dB after, {plain:.2} dB before"
    );
    let kept = render(&folder, &clean, "anime repair=0.7", &[], "kept.png");
    let kept = psnr_of_luma(&truth, &samples(&kept, "rgb24"), 256);
    assert!(kept > 38.0, "{kept:.2} dB");
}

/// Hard edges, which move by half a pixel a frame: a whole pixel of twice the size.
fn panned(x: f64, y: f64, frame: usize) -> f64 {
    let x = x + 0.5 * frame as f64;
    let bright = (x * 0.12).sin() + (y * 0.17).cos() > 0.3;
    let slow = (x * 0.05).sin() + (y * 0.07).cos();
    (96.0 + lit(bright) / 4.0 + 10.0 * slow).round()
}

/// Edges crawl less where the frame before counts, and nothing is left behind.
#[test]
fn steady_pictures_crawl_less() {
    const SIZE: (usize, usize) = (160, 96);
    const FRAMES: usize = 10;
    let folder = Folder::new();
    let mut raw = Vec::new();
    for frame in 0..FRAMES {
        let places = (0..SIZE.0 * SIZE.1).map(|at| (at % SIZE.0, at / SIZE.0));
        raw.extend(places.map(|(x, y)| panned(x as f64, y as f64, frame) as u8));
    }
    let raw = folder.write("pan.raw", &raw);
    let pan = folder.path("pan.mkv");
    tool(
        "ffmpeg",
        &[
            "-y",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "gray",
            "-s",
            "160x96",
            "-r",
            "10",
            "-i",
            text(&raw),
            "-c:v",
            "ffv1",
            text(&pan),
        ],
    );
    let made = |steady: &str| {
        let steady = format!("upscale.steady={steady}");
        let flags = ["--set", &steady, "--scale", "2", "--codec", "ffv1"];
        let out = render(&folder, &pan, "live", &flags, "out.mkv");
        let raw = folder.path("out.raw");
        tool(
            "ffmpeg",
            &[
                "-y",
                "-i",
                text(&out),
                "-pix_fmt",
                "gray",
                "-f",
                "rawvideo",
                text(&raw),
            ],
        );
        std::fs::read(raw).unwrap()
    };
    // The mean difference of a frame from the one before, moved by a pixel, and of a frame from what it is of.
    let (width, height) = (2 * SIZE.0, 2 * SIZE.1);
    let measured = |frames: &[u8]| {
        let at =
            |frame: usize, x: usize, y: usize| f64::from(frames[(frame * height + y) * width + x]);
        let (mut crawl, mut wrong, mut count) = (0.0, 0.0, 0.0);
        for frame in FRAMES - 3..FRAMES {
            for y in 16..height - 16 {
                for x in 16..width - 16 {
                    crawl += (at(frame, x, y) - at(frame - 1, x + 1, y)).abs();
                    let place = |at: usize| (at as f64 + 0.5) / 2.0 - 0.5;
                    wrong += (at(frame, x, y) - panned(place(x), place(y), frame)).abs();
                    count += 1.0;
                }
            }
        }
        (crawl / count, wrong / count)
    };
    let (plain, steady) = (measured(&made("0")), measured(&made("0.5")));
    assert!(steady.0 < 0.7 * plain.0, "{} of {}", steady.0, plain.0);
    assert!(steady.1 < 1.05 * plain.1, "{} of {}", steady.1, plain.1);
}
