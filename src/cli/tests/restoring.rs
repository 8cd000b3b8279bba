//! Styles that mend: what a person with an old tape or an interlaced file sees.

use serde_json::Value;

use crate::support::*;

/// A second of something that moves, 50 frames a second, without loss.
fn moving() -> std::path::PathBuf {
    let scene = "mandelbrot=size=192x144:rate=50:start_scale=0.5:end_scale=0.1:end_pts=200,trim=duration=1,format=yuv420p";
    made(
        "moving50.mkv",
        &["-f", "lavfi", "-i", scene, "-c:v", "ffv1"],
    )
}

/// The same as fields of 25 frames, the top field first.
fn interlaced() -> std::path::PathBuf {
    let whole = moving();
    let filter = "tinterlace=interleave_top,setfield=tff";
    made(
        "interlaced25.mkv",
        &[
            "-i",
            text(&whole),
            "-vf",
            filter,
            "-c:v",
            "ffv1",
            "-field_order",
            "tt",
        ],
    )
}

fn field_order(path: &std::path::Path) -> String {
    let entry = [
        "-select_streams",
        "v:0",
        "-show_entries",
        "stream=field_order",
        "-of",
        "csv=p=0",
    ];
    tool("ffprobe", &[&entry[..], &[text(path)]].concat())
        .trim()
        .to_owned()
}

const LOSSLESS: [&str; 3] = ["--codec", "ffv1", "-y"];

fn run(folder: &Folder, input: &std::path::Path, style: &str, output: &str, more: &[&str]) -> Ran {
    let first = [text(input), "-s", style, "-o", output];
    folder.run(&[&first[..], &LOSSLESS, more].concat())
}

#[test]
fn fields_become_whole_pictures_at_their_own_times() {
    let folder = Folder::new();
    let (whole, fields) = (moving(), interlaced());
    let ran = run(&folder, &fields, "deinterlace", "bob.mkv", &[]);
    assert!(
        !ran.succeeds().stderr.contains("interlaced"),
        "{}",
        ran.stderr
    );
    let bob = folder.path("bob.mkv");
    assert_eq!(times(&bob), times(&whole));
    assert_eq!(field_order(&bob), "progressive");
    let peer = folder.path("bwdif.mkv");
    tool(
        "ffmpeg",
        &[
            "-i",
            text(&fields),
            "-vf",
            "bwdif=mode=send_field",
            "-c:v",
            "ffv1",
            text(&peer),
        ],
    );
    let (own, other) = (psnr(&bob, &whole), psnr(&peer, &whole));
    assert!(own >= other, "{own} dB, bwdif {other}");
    run(
        &folder,
        &fields,
        "deinterlace",
        "single.mkv",
        &["--set", "deinterlace.mode=single"],
    )
    .succeeds();
    let single = folder.path("single.mkv");
    assert_eq!(times(&single), times(&fields));
    assert_eq!(field_order(&single), "progressive");
    // The first field of each frame.
    assert_eq!(
        frames(&single, "yuv420p"),
        frames(&bob, "yuv420p")
            .into_iter()
            .step_by(2)
            .collect::<Vec<_>>()
    );
    // What follows may change its size; what does not begin with it may not.
    run(
        &folder,
        &fields,
        "deinterlace",
        "small.mkv",
        &["--size", "96x72"],
    )
    .succeeds();
    run(
        &folder,
        &fields,
        "identity",
        "refused.mkv",
        &["--size", "96x72"],
    )
    .says(2, &["interlaced", "-s deinterlace+"]);
}

#[test]
fn a_still_picture_keeps_its_rows_and_whole_pictures_stay() {
    let folder = Folder::new();
    let still = made(
        "still.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=96x64:rate=25:duration=0.04,loop=11:1,setpts=N/25/TB,setfield=tff,format=yuv420p",
            "-c:v",
            "ffv1",
            "-field_order",
            "tt",
        ],
    );
    run(&folder, &still, "deinterlace", "out.mkv", &[]).succeeds();
    let source = frames(&still, "yuv420p");
    let twice: Vec<String> = source
        .iter()
        .flat_map(|frame| [frame.clone(), frame.clone()])
        .collect();
    assert_eq!(frames(&folder.path("out.mkv"), "yuv420p"), twice);
    let whole = moving();
    run(&folder, &whole, "deinterlace", "same.mkv", &[])
        .says(0, &["the pictures are not interlaced"]);
    assert_eq!(
        frames(&folder.path("same.mkv"), "yuv420p"),
        frames(&whole, "yuv420p")
    );
    // A picture has no rate.
    tool(
        "ffmpeg",
        &[
            "-y",
            "-i",
            text(&whole),
            "-frames:v",
            "1",
            text(&folder.path("in.png")),
        ],
    );
    folder
        .run(&["in.png", "-s", "deinterlace", "-o", "out.png"])
        .succeeds();
    assert_eq!(
        frames(&folder.path("out.png"), "rgb24"),
        frames(&folder.path("in.png"), "rgb24")
    );
}

/// Mean luma of each frame.
fn lumas(path: &std::path::Path) -> Vec<f64> {
    let arguments = [
        "-i",
        text(path),
        "-vf",
        "signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
        "-f",
        "null",
        "-",
    ];
    let said = tool("ffmpeg", &arguments);
    let values = said.lines().filter_map(|line| line.split_once("YAVG="));
    values.map(|(_, value)| value.parse().unwrap()).collect()
}

/// The mean square of the change from frame to frame.
fn flicker(path: &std::path::Path) -> f64 {
    let lumas = lumas(path);
    let steps = lumas.windows(2).map(|two| (two[1] - two[0]).powi(2));
    steps.sum::<f64>() / (lumas.len() - 1) as f64
}

#[test]
fn brightness_that_pumps_is_evened_and_scenes_are_not() {
    let folder = Folder::new();
    let scene =
        "testsrc2=size=320x180:rate=25:duration=2.4,format=yuv420p,boxblur=2,eq=contrast=0.7";
    let clean = made("calm.mkv", &["-f", "lavfi", "-i", scene, "-c:v", "ffv1"]);
    let pumps = made(
        "pumps.mkv",
        &[
            "-i",
            text(&clean),
            "-vf",
            "lutyuv=y=val,geq=lum='clip(lum(X,Y)*(1+0.06*sin(2.7*N)+0.03*cos(1.1*N)),16,235)':cb='cb(X,Y)':cr='cr(X,Y)'",
            "-c:v",
            "ffv1",
        ],
    );
    run(
        &folder,
        &pumps,
        "deflicker",
        "out.mkv",
        &["--report", "r.json"],
    )
    .succeeds();
    let (before, after) = (flicker(&pumps), flicker(&folder.path("out.mkv")));
    assert!(after < 0.1 * before, "{before} became {after}");
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.path("r.json")).unwrap()).unwrap();
    assert_eq!(
        report["outputs"][0]["found_first"]["deflicker"]["scenes_corrected"], 1,
        "{report}"
    );
    run(&folder, &clean, "deflicker", "same.mkv", &[]).succeeds();
    assert_eq!(
        frames(&folder.path("same.mkv"), "yuv420p"),
        frames(&clean, "yuv420p")
    );
    let two = made(
        "two.mkv",
        &[
            "-i",
            text(&clean),
            "-vf",
            "lutyuv=y='if(lt(val,0),0,val)',geq=lum='if(lt(N,30),lum(X,Y),16+(lum(X,Y)-16)*0.5)':cb='cb(X,Y)':cr='cr(X,Y)'",
            "-c:v",
            "ffv1",
        ],
    );
    run(&folder, &two, "deflicker", "two-out.mkv", &[]).succeeds();
    assert_eq!(
        frames(&folder.path("two-out.mkv"), "yuv420p"),
        frames(&two, "yuv420p")
    );
}

#[test]
fn weave_is_taken_back_and_a_still_frame_stays() {
    let folder = Folder::new();
    let picture = "mandelbrot=size=480x320:rate=5:start_scale=0.3:end_scale=0.3,trim=end_frame=1,loop=59:1,setpts=N/5/TB,format=yuv420p";
    let path = "crop=400:260:'40+6*sin(2.1*n)+3*cos(0.9*n)':'30+5*cos(1.7*n)+3*sin(1.3*n)'";
    let weaves = made(
        "weaves.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            &format!("{picture},{path}"),
            "-c:v",
            "ffv1",
        ],
    );
    let still = made(
        "framed.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            &format!("{picture},crop=400:260:40:30"),
            "-c:v",
            "ffv1",
        ],
    );
    let set = ["--set", "steady.mode=weave"];
    run(&folder, &weaves, "steady", "out.mkv", &set).succeeds();
    // How much frames differ from those before, away from the borders.
    let moves = |path: &std::path::Path| {
        let filter = "crop=300:180,format=gray,tblend=all_mode=difference,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-";
        let said = tool(
            "ffmpeg",
            &["-i", text(path), "-vf", filter, "-f", "null", "-"],
        );
        let values = said.lines().filter_map(|line| line.split_once("YAVG="));
        let values: Vec<f64> = values.map(|(_, value)| value.parse().unwrap()).collect();
        values[1..].iter().sum::<f64>() / (values.len() - 1) as f64
    };
    let (before, after) = (moves(&weaves), moves(&folder.path("out.mkv")));
    assert!(after < 0.4 * before, "{before} became {after}");
    run(&folder, &still, "steady", "same.mkv", &set).succeeds();
    assert_eq!(
        frames(&folder.path("same.mkv"), "yuv420p"),
        frames(&still, "yuv420p")
    );
    // Several styles that measure first, in one piece and in chunks.
    let chain = "deflicker+steady+levels";
    run(&folder, &weaves, chain, "one.mkv", &["--chunk", "none"]).succeeds();
    run(&folder, &weaves, chain, "chunks.mkv", &["--chunk", "10"]).succeeds();
    assert_eq!(
        frames(&folder.path("chunks.mkv"), "yuv420p"),
        frames(&folder.path("one.mkv"), "yuv420p")
    );
}

#[test]
fn coders_traces_are_smoothed_and_clean_pictures_stay() {
    let folder = Folder::new();
    let clean = moving();
    let blocky = made(
        "blocky.mpg",
        &[
            "-i",
            text(&clean),
            "-c:v",
            "mpeg2video",
            "-b:v",
            "250k",
            "-r",
            "50",
        ],
    );
    let decoded = made("blocky.mkv", &["-i", text(&blocky), "-c:v", "ffv1"]);
    run(&folder, &decoded, "deblock", "out.mkv", &[]).succeeds();
    let (before, after) = (
        psnr(&decoded, &clean),
        psnr(&folder.path("out.mkv"), &clean),
    );
    assert!(after > before, "{before} dB became {after}");
    run(&folder, &clean, "deblock", "same.mkv", &[]).succeeds();
    assert!(psnr(&folder.path("same.mkv"), &clean) > 50.0);
    // Bands of a gradient, in 8 bits.
    let ramp = made(
        "ramp.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "color=black:size=320x180:rate=25:duration=0.2,format=yuv420p,geq=lum='60+floor(X/20)':cb=128:cr=128",
            "-c:v",
            "ffv1",
        ],
    );
    run(&folder, &ramp, "deband", "smooth.mkv", &[]).succeeds();
    let banding = |path: &str| {
        let said = folder.run(&["measure", path, "--metrics", "banding", "--json"]);
        let lines = said
            .succeeds()
            .stdout
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let numbers: Vec<f64> = lines
            .filter_map(|line| line["summary"]["banding"].as_f64())
            .collect();
        *numbers.last().unwrap_or_else(|| panic!("{}", said.stdout))
    };
    let (before, after) = (banding(text(&ramp)), banding("smooth.mkv"));
    assert!(after < 0.5 * before, "{before} became {after}");
}

#[test]
fn tape_mends_lines_and_leaves_clean_frames() {
    let folder = Folder::new();
    let clean = made(
        "tape-clean.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=size=320x240:rate=25:start_scale=0.4:end_scale=0.3:end_pts=100,trim=end_frame=6,format=yuv444p",
            "-c:v",
            "ffv1",
        ],
    );
    let jitter = "geq=lum='lum(X+2*sin(Y*91.7+N*3.1),Y)':cb='cb(X+2*sin(Y*91.7+N*3.1),Y)':cr='cr(X+2*sin(Y*91.7+N*3.1),Y)'";
    let displaced = made(
        "tape-jitter.mkv",
        &["-i", text(&clean), "-vf", jitter, "-c:v", "ffv1"],
    );
    run(&folder, &displaced, "tape", "out.mkv", &[]).succeeds();
    let (before, after) = (
        psnr(&displaced, &clean),
        psnr(&folder.path("out.mkv"), &clean),
    );
    assert!(after > before + 3.0, "{before} dB became {after}");
    run(&folder, &clean, "tape", "same.mkv", &[]).succeeds();
    assert_eq!(
        frames(&folder.path("same.mkv"), "yuv444p"),
        frames(&clean, "yuv444p")
    );
}

#[test]
fn grain_is_measured_kept_in_the_recipe_and_put_back() {
    let folder = Folder::new();
    let grainy = made(
        "grainy.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "gradients=size=320x240:rate=25:duration=0.8:speed=0.00001:c0=0x303030:c1=0xc0c0c0:x0=0:y0=0:x1=319:y1=239,format=yuv420p,noise=alls=14:allf=t:all_seed=7",
            "-c:v",
            "ffv1",
        ],
    );
    run(
        &folder,
        &grainy,
        "grain",
        "same.mkv",
        &["--set", "grain.mode=measure", "--report", "r.json"],
    )
    .succeeds();
    assert_eq!(
        frames(&folder.path("same.mkv"), "yuv420p"),
        frames(&grainy, "yuv420p")
    );
    let report = std::fs::read_to_string(folder.path("r.json")).unwrap();
    assert!(report.contains("grain.level_4"), "{report}");
    // A photo has no frames to compare.
    tool(
        "ffmpeg",
        &[
            "-y",
            "-i",
            text(&grainy),
            "-frames:v",
            "1",
            text(&folder.path("in.png")),
        ],
    );
    folder
        .run(&["in.png", "-s", "grain", "-o", "out.png"])
        .succeeds();
    assert_eq!(
        frames(&folder.path("out.png"), "rgb24"),
        frames(&folder.path("in.png"), "rgb24")
    );
}

#[test]
fn fields_are_whole_before_the_size_changes() {
    let folder = Folder::new();
    let scaled = |chain: &str| {
        run(
            &folder,
            &interlaced(),
            chain,
            "large.mkv",
            &["--scale", "2"],
        )
    };
    scaled("deinterlace+upscale").succeeds();
    for chain in ["upscale+deinterlace", "pencil"] {
        scaled(chain).says(2, &["would mix the two fields", "deinterlace"]);
    }
}

#[test]
fn light_that_flickers_is_no_grain() {
    let folder = Folder::new();
    let clip = |name: &str, light: &str| {
        let scene = format!(
            "gradients=size=320x240:rate=25:duration=0.8:speed=0.00001:c0=0x303030:c1=0xc0c0c0:x0=0:y0=0:x1=319:y1=239,format=yuv420p,{light}noise=alls=14:allf=t:all_seed=7"
        );
        made(name, &["-f", "lavfi", "-i", &scene, "-c:v", "ffv1"])
    };
    let steady = clip("grain-steady.mkv", "");
    let flickering = clip(
        "grain-flicker.mkv",
        "geq=lum='lum(X,Y)*(1+0.05*sin(N*2.3))':cb=128:cr=128,",
    );
    for input in [steady, flickering] {
        let more = ["--set", "grain.mode=measure", "--report", "r.json"];
        run(&folder, &input, "grain", "same.mkv", &more).succeeds();
        let report = std::fs::read_to_string(folder.path("r.json")).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        let profile = &report["outputs"][0]["found_first"]["grain"]["profile"];
        for axis in ["across", "down"] {
            for lag in 1..=5 {
                // The noise is white.
                let weight = profile[format!("{axis}_{lag}")].as_f64();
                let weight = weight.unwrap_or_else(|| panic!("{report}"));
                assert!(
                    weight.abs() < 0.08,
                    "{axis}_{lag}: {weight} of {}",
                    input.display()
                );
            }
        }
    }
}

#[test]
fn frames_that_froze_are_rebuilt_and_all_others_stay() {
    let folder = Folder::new();
    let whole = made(
        "panning.mkv",
        &[
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=size=640x240:rate=25:start_scale=0.4:end_scale=0.4,trim=end_frame=24,scroll=horizontal=0.006,crop=320:240:0:0,format=yuv420p",
            "-c:v",
            "ffv1",
        ],
    );
    // Frames 7 and 15 are those before once more, and one later two in a row.
    let filter = "[0][0]freezeframes=first=7:last=7:replace=6[a];[a][0]freezeframes=first=15:last=16:replace=14";
    let frozen = made(
        "frozen.mkv",
        &[
            "-i",
            text(&whole),
            "-filter_complex",
            filter,
            "-c:v",
            "ffv1",
        ],
    );
    run(
        &folder,
        &frozen,
        "repair",
        "out.mkv",
        &["--report", "r.json"],
    )
    .succeeds();
    let out = folder.path("out.mkv");
    let (before, after) = (psnr(&frozen, &whole), psnr(&out, &whole));
    assert!(after > before + 5.0, "{before} dB became {after}");
    let (given, rebuilt) = (frames(&frozen, "yuv420p"), frames(&out, "yuv420p"));
    for (index, (given, made)) in given.iter().zip(&rebuilt).enumerate() {
        assert_eq!(given != made, [7, 15, 16].contains(&index), "{index}");
    }
    assert!(
        std::fs::read_to_string(folder.path("r.json"))
            .unwrap()
            .contains("repair/")
    );
    // In chunks; and what has lost nothing stays.
    let slow = ["-i", text(&frozen), "-vf", "setpts=N/TB", "-c:v", "ffv1"];
    let slow = made("frozen-slow.mkv", &slow);
    run(
        &folder,
        &slow,
        "repair",
        "chunks.mkv",
        &["--chunk", "10", "--workers", "2"],
    )
    .succeeds();
    assert_eq!(frames(&folder.path("chunks.mkv"), "yuv420p"), rebuilt);
    run(&folder, &whole, "repair", "same.mkv", &[]).succeeds();
    assert_eq!(
        frames(&folder.path("same.mkv"), "yuv420p"),
        frames(&whole, "yuv420p")
    );
    // A still picture, and one whose frames are shown twice on purpose.
    for (name, filter) in [
        ("still.mkv", "loop=loop=20:size=1,trim=end_frame=20"),
        ("twos.mkv", "fps=12.5,fps=25"),
    ] {
        let input = made(name, &["-i", text(&whole), "-vf", filter, "-c:v", "ffv1"]);
        run(&folder, &input, "repair", "same.mkv", &[]).succeeds();
        assert_eq!(
            frames(&folder.path("same.mkv"), "yuv420p"),
            frames(&input, "yuv420p"),
            "{name}"
        );
    }
}

#[test]
fn black_and_torn_frames_are_rebuilt_and_cuts_stay() {
    let folder = Folder::new();
    let scene = "mandelbrot=size=640x240:rate=25:start_scale=0.4:end_scale=0.4,trim=end_frame=30,scroll=horizontal=0.006,crop=320:240:0:0,format=yuv420p";
    let whole = made(
        "panning30.mkv",
        &["-f", "lavfi", "-i", scene, "-c:v", "ffv1"],
    );
    // Frame 7 is black, and two frames later are; most of frame 23 is grey.
    let filter = "drawbox=enable='eq(n,7)+between(n,15,16)':color=black:t=fill,drawbox=enable='eq(n,23)':h=ih*0.9:color=gray:t=fill";
    let lost = made(
        "lost30.mkv",
        &["-i", text(&whole), "-vf", filter, "-c:v", "ffv1"],
    );
    run(&folder, &lost, "repair", "out.mkv", &["--report", "r.json"]).succeeds();
    let out = folder.path("out.mkv");
    let (given, rebuilt) = (frames(&lost, "yuv420p"), frames(&out, "yuv420p"));
    for (index, (given, made)) in given.iter().zip(&rebuilt).enumerate() {
        assert_eq!(given != made, [7, 15, 16, 23].contains(&index), "{index}");
    }
    // A peer repeats the frames before.
    let repeat = "[0][0]freezeframes=first=7:last=7:replace=6[a];[a][0]freezeframes=first=15:last=16:replace=14[b];[b][0]freezeframes=first=23:last=23:replace=22";
    let repeated = made(
        "repeated30.mkv",
        &[
            "-i",
            text(&whole),
            "-filter_complex",
            repeat,
            "-c:v",
            "ffv1",
        ],
    );
    let (before, after) = (psnr(&repeated, &whole), psnr(&out, &whole));
    assert!(after > before + 5.0, "{before} dB of repeats, {after}");
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path("r.json")).unwrap()).unwrap();
    let text_of = report.to_string();
    assert!(text_of.contains("rebuilt"), "{text_of}");
    // In chunks.
    run(
        &folder,
        &lost,
        "repair",
        "chunks.mkv",
        &["--chunk", "10", "--workers", "2"],
    )
    .succeeds();
    assert_eq!(frames(&folder.path("chunks.mkv"), "yuv420p"), rebuilt);
    // By the shaders, too.
    let shaders = ["--device", "llvmpipe"];
    run(&folder, &lost, "repair", "shaders.mkv", &shaders).succeeds();
    let agreed = psnr(&folder.path("shaders.mkv"), &out);
    assert!(agreed > 50.0, "{agreed}");
    // A cut, and a scene of two black frames between two others: nothing is rebuilt.
    let other = "testsrc2=size=320x240:rate=25,trim=end_frame=12,format=yuv420p";
    let cuts = made(
        "cuts30.mkv",
        &[
            "-i",
            text(&whole),
            "-f",
            "lavfi",
            "-i",
            other,
            "-f",
            "lavfi",
            "-i",
            "color=black:size=320x240:rate=25,trim=end_frame=2,format=yuv420p",
            "-filter_complex",
            "[0]trim=end_frame=12,setpts=N/25/TB[a];[a][2][1]concat=n=3,setpts=N/25/TB",
            "-c:v",
            "ffv1",
        ],
    );
    run(&folder, &cuts, "repair", "same.mkv", &[]).succeeds();
    assert_eq!(
        frames(&folder.path("same.mkv"), "yuv420p"),
        frames(&cuts, "yuv420p")
    );
}

#[test]
fn what_is_dithered_keeps_its_alpha() {
    let folder = Folder::new();
    let ramps = "nullsrc=size=96x64:rate=1,format=rgba,geq=r='X':g='Y':b='100':a='2*X+Y/2',trim=end_frame=1";
    let input = made("ramps.png", &["-f", "lavfi", "-i", ramps, "-frames:v", "1"]);
    folder
        .run(&[text(&input), "-s", "deband", "-o", "out.png", "-y"])
        .succeeds();
    let alpha = |path: &std::path::Path| {
        tool(
            "ffmpeg",
            &[
                "-i",
                text(path),
                "-vf",
                "alphaextract",
                "-f",
                "framemd5",
                "-",
            ],
        )
    };
    assert_eq!(alpha(&folder.path("out.png")), alpha(&input));
    assert_ne!(
        frames(&folder.path("out.png"), "rgba"),
        frames(&input, "rgba")
    );
}

#[test]
fn the_first_field_can_be_said_and_mixed_fields_are_told() {
    let folder = Folder::new();
    let fields = interlaced();
    run(
        &folder,
        &fields,
        "deinterlace",
        "set.mkv",
        &["--set", "deinterlace.field_order=bottom"],
    )
    .succeeds();
    let flag = ["--field-order", "bottom"];
    let ran = run(&folder, &fields, "deinterlace", "flag.mkv", &flag);
    assert!(!ran.succeeds().stderr.contains("may mix"), "{}", ran.stderr);
    let [set, flag] = ["set.mkv", "flag.mkv"].map(|name| frames(&folder.path(name), "yuv420p"));
    assert_eq!(flag, set);
    run(&folder, &fields, "deinterlace", "tags.mkv", &[]).succeeds();
    assert_ne!(frames(&folder.path("tags.mkv"), "yuv420p"), set);
    let ran = run(&folder, &fields, "denoise+deinterlace", "late.mkv", &[]);
    assert!(
        ran.succeeds()
            .stderr
            .contains("put deinterlace before denoise"),
        "{}",
        ran.stderr
    );
}

#[test]
fn steps_of_any_height_are_smoothed_by_a_threshold_that_is_found() {
    let folder = Folder::new();
    // A slope in steps of six codes.
    let scene = "nullsrc=size=640x360:rate=10,format=gray,geq=lum='60+6*floor(X/40)',trim=end_frame=12,format=yuv420p";
    let input = made("steps6.mkv", &["-f", "lavfi", "-i", scene, "-c:v", "ffv1"]);
    let fixed = ["--set", "deband.threshold=0.012"];
    run(&folder, &input, "deband", "fixed.mkv", &fixed).succeeds();
    let ran = run(&folder, &input, "deband", "found.mkv", &[]);
    assert!(ran.succeeds().stderr.contains("bands"), "{}", ran.stderr);
    // How far the result is from the slope itself.
    let slope = "nullsrc=size=640x360:rate=10,format=gray,geq=lum='57+6*X/40',trim=end_frame=12,format=yuv420p";
    let slope = made("slope6.mkv", &["-f", "lavfi", "-i", slope, "-c:v", "ffv1"]);
    let [fixed, found] = ["fixed.mkv", "found.mkv"].map(|name| psnr(&folder.path(name), &slope));
    assert!(found > fixed + 2.0, "{found} dB, and {fixed} as it was");
}
