//! What goes in comes out: frames, times, sound; and samples, where the style is none.

use std::path::Path;

use crate::support::*;

#[test]
fn a_drawing_keeps_frames_times_and_sound() {
    let folder = Folder::new();
    let clip = clip();
    std::fs::copy(&clip, folder.path("clip.mp4")).unwrap();
    // The short form, with the default style and the default name.
    let ran = folder.run(&["clip.mp4"]);
    ran.succeeds();
    assert!(ran.stdout.is_empty());
    let drawn = folder.path("clip.pencil.mp4");
    assert_eq!(folder.names(), ["clip.mp4", "clip.pencil.mp4"]);
    assert_eq!(times(&drawn), times(&clip));
    assert_eq!(sound(&drawn), sound(&clip));
    // It is a drawing: not the clip, and without colour.
    let chroma = tool(
        "ffmpeg",
        &[
            "-i",
            text(&drawn),
            "-vf",
            "extractplanes=u,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
            "-f",
            "null",
            "-",
        ],
    );
    let average = chroma
        .lines()
        .find_map(|line| line.split("YAVG=").nth(1))
        .unwrap();
    assert!(
        (average.parse::<f64>().unwrap() - 128.0).abs() < 0.5,
        "{average}"
    );
    assert!(psnr(&drawn, &clip) < 20.0);
}

#[test]
fn uneven_times_pass_untouched() {
    let folder = Folder::new();
    let uneven = made(
        "uneven.mkv",
        &[
            "-i",
            text(&clip()),
            "-vf",
            "select='not(eq(mod(n,5),3))',setpts=PTS+0.01*mod(N\\,3)/TB",
            "-fps_mode",
            "vfr",
            "-c:a",
            "copy",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
        ],
    );
    for ending in ["mkv", "mp4"] {
        let name = format!("out.{ending}");
        folder
            .run(&[text(&uneven), "-o", &name, "-s", "pencil"])
            .succeeds();
        let (given, made) = (times(&uneven), times(&folder.path(&name)));
        assert_eq!(given.len(), 20);
        assert_eq!(given, made, "{ending}");
    }
}

/// Whether `-s none`, `identity` and a style at strength 0 give the samples of `source` through FFV1.
fn exact(source: &Path, pix_fmt: &str) {
    let folder = Folder::new();
    folder
        .run(&[
            text(source),
            "-s",
            "none,identity,pencil",
            "--set",
            "pencil.strength=0",
            "--codec",
            "ffv1",
            "-o",
            "out",
            "--audio",
            "none",
        ])
        .succeeds();
    let given = frames(source, pix_fmt);
    assert!(!given.is_empty());
    let outputs = names(&folder.path("out"));
    assert_eq!(outputs.len(), 3);
    for name in outputs {
        assert_eq!(
            frames(&folder.path("out").join(&name), pix_fmt),
            given,
            "{name} {pix_fmt}"
        );
    }
}

#[test]
fn samples_come_out_as_they_went_in() {
    for pix_fmt in [
        "yuv420p",
        "yuv422p10le",
        "yuv444p",
        "gray",
        "bgr0",
        "gbrp12le",
    ] {
        let source = made(
            &format!("exact-{pix_fmt}.mkv"),
            &[
                "-i",
                text(&clip()),
                "-an",
                "-frames:v",
                "3",
                "-vf",
                "noise=alls=40:allf=t",
                "-c:v",
                "ffv1",
                "-pix_fmt",
                pix_fmt,
            ],
        );
        exact(&source, pix_fmt);
    }
}

#[test]
fn llvmpipe_is_used_when_asked_for_and_agrees_with_the_processor() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    let clip = clip();
    for device in ["cpu", "llvmpipe"] {
        let (output, report) = (format!("{device}.mkv"), format!("{device}.json"));
        folder
            .run(&[
                text(&clip),
                "--device",
                device,
                "--codec",
                "ffv1",
                "-o",
                &output,
                "--report",
                &report,
            ])
            .succeeds();
    }
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path("llvmpipe.json")).unwrap()).unwrap();
    assert_eq!(report["device"]["executor"], "gpu");
    assert!(
        report["device"]["name"]
            .as_str()
            .unwrap()
            .contains("llvmpipe")
    );
    assert_eq!(report["frames_out"], 25);
    let (cpu, gpu) = (folder.path("cpu.mkv"), folder.path("llvmpipe.mkv"));
    assert_eq!(times(&cpu), times(&gpu));
    let likeness = psnr(&cpu, &gpu);
    assert!(likeness >= 50.0, "{likeness} dB");
}

#[test]
fn one_decode_gives_what_two_renders_give() {
    let folder = Folder::new();
    let clip = clip();
    let mkv = made("clip.mkv", &["-i", text(&clip), "-c", "copy"]);
    folder
        .run(&[
            text(&mkv),
            "-s",
            "pencil,identity+pencil",
            "--codec",
            "ffv1",
            "-o",
            "both",
        ])
        .succeeds();
    folder
        .run(&[
            text(&mkv),
            "-s",
            "pencil",
            "--codec",
            "ffv1",
            "-o",
            "alone.mkv",
        ])
        .succeeds();
    assert_eq!(
        names(&folder.path("both")),
        ["clip.identity+pencil.mkv", "clip.pencil.mkv"]
    );
    let alone = frames(&folder.path("alone.mkv"), "yuv420p");
    assert_eq!(
        frames(&folder.path("both/clip.pencil.mkv"), "yuv420p"),
        alone
    );
    assert_eq!(sound(&folder.path("both/clip.pencil.mkv")), sound(&mkv));
    assert_eq!(
        sound(&folder.path("both/clip.identity+pencil.mkv")),
        sound(&mkv)
    );
}

#[test]
fn frames_of_another_size_are_scaled_with_a_warning() {
    let folder = Folder::new();
    let other = made(
        "other-size.h264",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=96x64:rate=25:duration=0.4",
            "-pix_fmt",
            "yuv420p",
            "-c:v",
            "libx264",
            "-bf",
            "0",
        ],
    );
    let first = made(
        "first-size.h264",
        &[
            "-i",
            text(&clip()),
            "-an",
            "-c:v",
            "libx264",
            "-bf",
            "0",
            "-pix_fmt",
            "yuv420p",
        ],
    );
    let mut both = std::fs::read(first).unwrap();
    both.extend(std::fs::read(other).unwrap());
    folder.write("both.h264", &both);
    folder
        .run(&["both.h264", "-o", "out.mkv"])
        .says(0, &["warning: 10 pictures have another size", "scaled"]);
    let size = tool(
        "ffprobe",
        &[
            "-show_entries",
            "frame=width,height",
            "-of",
            "csv=p=0",
            text(&folder.path("out.mkv")),
        ],
    );
    // (Side data of a frame makes a line of its own.)
    let size: Vec<&str> = size.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(size.len(), 35);
    assert!(
        size.iter().all(|line| line.starts_with("160,90")),
        "{size:?}"
    );
    folder
        .run(&["both.h264", "-o", "strict.mkv", "--strict"])
        .says(65, &["is damaged"]);
    assert_eq!(folder.names(), ["both.h264", "out.mkv"]);
}

#[test]
fn real_clips_keep_frames_times_and_sound() {
    for name in [
        "clips/mdn_frog.mp4",
        "clips/intel_asl_book.mkv",
        "odd/am_sample_with_srt.mkv",
        "odd/decord_rot90.mov",
    ] {
        let Some(source) = media(name) else { continue };
        let folder = Folder::new();
        let start = folder.path(&format!(
            "start.{}",
            source.extension().unwrap().to_string_lossy()
        ));
        // A second of it, cut by FFmpeg without re-encoding.
        tool(
            "ffmpeg",
            &[
                "-i",
                text(&source),
                "-t",
                "1",
                "-map",
                "0:v",
                "-map",
                "0:a?",
                "-map",
                "0:s?",
                "-c",
                "copy",
                text(&start),
            ],
        );
        let output = folder.path(&format!(
            "out.{}",
            start.extension().unwrap().to_string_lossy()
        ));
        folder
            .run(&[
                text(&start),
                "-o",
                text(&output),
                "--encoder-preset",
                "ultrafast",
            ])
            .succeeds();
        assert_eq!(times(&output), times(&start), "{name}");
        let streams = |path: &Path| {
            tool(
                "ffprobe",
                &[
                    "-show_entries",
                    "stream=codec_type",
                    "-of",
                    "csv=p=0",
                    text(path),
                ],
            )
        };
        assert_eq!(streams(&output), streams(&start), "{name}");
        if streams(&start).contains("audio") {
            assert_eq!(sound(&output), sound(&start), "{name}");
        }
    }
}

#[test]
fn frames_of_unequal_lengths_keep_their_times_in_avi() {
    let folder = Folder::new();
    let uneven = made(
        "uneven.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=160x90:rate=25:duration=2",
            "-vf",
            "select=not(eq(mod(n\\,3)\\,1))",
            "-fps_mode",
            "vfr",
            "-c:v",
            "ffv1",
        ],
    );
    folder.run(&[text(&uneven), "-s", "none", "-o", "out.avi", "--verify"]);
    let ran = folder.run(&["verify", text(&uneven), "out.avi"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("differs by at most 0.000 ms"),
        "{}",
        ran.stdout
    );
}

/// AVI has no times: pictures and sound begin with the file, whatever the clock of the source says.
#[test]
fn an_avi_begins_at_zero_and_says_what_it_cannot_hold() {
    let folder = Folder::new();
    let late = made(
        "late.ts",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=96x64:rate=25:duration=2",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:duration=2",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-c:a",
            "aac",
            "-output_ts_offset",
            "50000",
        ],
    );
    let mp4 = made(
        "late.mp4",
        &["-i", text(&late), "-c", "copy", "-bsf:a", "aac_adtstoasc"],
    );
    let packets = |path: &std::path::Path| -> Vec<String> {
        // Side data of a packet are in further fields.
        let hash = |line: &String| line.split(',').nth(5).unwrap().to_owned();
        sound(path).iter().map(hash).collect()
    };
    for (index, input) in [&late, &mp4].into_iter().enumerate() {
        let out = format!("out{index}.avi");
        let ran = folder.run(&[text(input), "-s", "none", "-o", &out]);
        ran.says(0, &["ms before the pictures, which .avi cannot hold"]);
        let expected: Vec<String> = (0..50)
            .map(|n| format!("{:.6}", f64::from(n) / 25.0))
            .collect();
        let probe = [
            "-select_streams",
            "v:0",
            "-show_entries",
            "packet=dts_time",
            "-of",
            "csv=p=0",
        ];
        let path = folder.path(&out);
        let slots = tool("ffprobe", &[&probe[..], &[text(&path)]].concat());
        let slots: Vec<&str> = slots
            .lines()
            .map(|line| line.trim_end_matches(','))
            .collect();
        assert_eq!(slots, expected, "{}", input.display());
        assert!(packets(&path) == packets(input), "{}", input.display());
    }
}
