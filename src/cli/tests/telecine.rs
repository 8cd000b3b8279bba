//! Film that was stretched to video: what a person with an old DVD sees.

use crate::support::*;

/// Four seconds of film.
fn film() -> std::path::PathBuf {
    shot("film24.mkv", "24000/1001")
}

/// The same at a tenth of the rate: long enough for chunks.
fn slow_film() -> std::path::PathBuf {
    shot("film2.mkv", "2400/1001")
}

fn shot(name: &str, rate: &str) -> std::path::PathBuf {
    let scene = format!(
        "mandelbrot=size=192x144:rate={rate}:start_scale=0.5:end_scale=0.1:end_pts=300,trim=end_frame=96,format=yuv420p"
    );
    made(name, &["-f", "lavfi", "-i", &scene, "-c:v", "ffv1"])
}

/// The clip through a filter, without loss.
fn filtered(name: &str, input: &std::path::Path, filter: &str) -> std::path::PathBuf {
    made(name, &["-i", text(input), "-vf", filter, "-c:v", "ffv1"])
}

fn run(folder: &Folder, input: &std::path::Path, style: &str, output: &str, more: &[&str]) -> Ran {
    let first = [
        text(input),
        "-s",
        style,
        "-o",
        output,
        "--codec",
        "ffv1",
        "-y",
    ];
    folder.run(&[&first[..], more].concat())
}

fn pictures(path: &std::path::Path) -> Vec<String> {
    frames(path, "yuv420p")
}

#[test]
fn film_comes_back_frame_for_frame() {
    let folder = Folder::new();
    let film = film();
    for first in ["top", "bottom"] {
        let name = format!("telecine-{first}.mkv");
        let video = filtered(
            &name,
            &film,
            &format!("telecine=pattern=23:first_field={first}"),
        );
        assert_eq!(times(&video).len(), 120);
        let ran = run(
            &folder,
            &video,
            "inverse_telecine",
            "out.mkv",
            &["--report", "r.json"],
        );
        assert!(
            ran.succeeds().stderr.contains("telecined film"),
            "{}",
            ran.stderr
        );
        let out = folder.path("out.mkv");
        assert_eq!(times(&out), times(&film), "{first}");
        assert_eq!(pictures(&out), pictures(&film), "{first}");
    }
    let rate = tool(
        "ffprobe",
        &[
            "-v",
            "error",
            "-show_entries",
            "stream=r_frame_rate,field_order",
            "-of",
            "csv=p=0",
            text(&folder.path("out.mkv")),
        ],
    );
    assert_eq!(rate.trim(), "progressive,24000/1001");
}

#[test]
fn chunks_of_film_are_as_the_whole() {
    let folder = Folder::new();
    let film = slow_film();
    let filter = "telecine=pattern=23:first_field=top,setpts=N*1001/3000/TB";
    let video = filtered("telecine-slow.mkv", &film, filter);
    let chunks = ["--chunk", "10", "--workers", "2"];
    run(&folder, &video, "inverse_telecine", "out.mkv", &chunks).succeeds();
    let out = folder.path("out.mkv");
    assert_eq!(times(&out), times(&film));
    assert_eq!(pictures(&out), pictures(&film));
    // Styles after it look at frames of film, also across the borders of chunks.
    let chain = "inverse_telecine+denoise";
    let whole = ["--set", "denoise.sigma=5", "--chunk", "none"];
    run(&folder, &video, chain, "whole.mkv", &whole).succeeds();
    let parts = [&whole[..2], &chunks].concat();
    run(&folder, &video, chain, "parts.mkv", &parts).succeeds();
    let [whole, parts] = ["whole.mkv", "parts.mkv"].map(|name| folder.path(name));
    assert_eq!(times(&parts), times(&film));
    assert_eq!(pictures(&parts), pictures(&whole));
}

#[test]
fn a_cycle_may_begin_anywhere_and_end_where_video_begins() {
    let folder = Folder::new();
    let film = film();
    let video = filtered(
        "telecine-top.mkv",
        &film,
        "telecine=pattern=23:first_field=top",
    );
    // The first three frames are gone: the film begins with its third frame.
    let late = filtered(
        "telecine-late.mkv",
        &video,
        "trim=start_frame=3,setpts=N/(30000/1001)/TB",
    );
    run(&folder, &late, "inverse_telecine", "late.mkv", &[]).succeeds();
    let made = pictures(&folder.path("late.mkv"));
    // Of frame C the first of these has one field alone: the frames after it are whole.
    assert_eq!(made[1..], pictures(&film)[3..]);
    // Film, and then video at its own rate.
    let scene = "testsrc2=size=192x144:rate=30000/1001,trim=end_frame=60,format=yuv420p";
    let own = made_video("video30.mkv", scene);
    let list = folder.path("list.txt");
    std::fs::write(
        &list,
        format!("file '{}'\nfile '{}'\n", text(&video), text(&own)),
    )
    .unwrap();
    let mixed = folder.path("mixed.nut");
    tool(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-f",
            "concat",
            "-safe",
            "0",
            "-i",
            text(&list),
            "-vf",
            "setpts=N/(30000/1001)/TB",
            "-c:v",
            "ffv1",
            text(&mixed),
        ],
    );
    run(&folder, &mixed, "inverse_telecine", "mixed.out.nut", &[]).succeeds();
    let out = folder.path("mixed.out.nut");
    let expected = [pictures(&film), pictures(&own)].concat();
    let found = pictures(&out);
    // Where video begins, one or two of its frames may be taken for film, which changes their times alone.
    assert_eq!(found.len(), expected.len());
    assert!(
        found == expected,
        "{:?}",
        (0..found.len()).find(|n| found[*n] != expected[*n])
    );
    let seconds: Vec<f64> = times(&out)
        .iter()
        .map(|time| time.parse().unwrap())
        .collect();
    assert!(
        (seconds[95] - 95.0 * 1001.0 / 24000.0).abs() < 1e-4,
        "{seconds:?}"
    );
    assert!(
        (seconds[155] - (120.0 + 59.0) * 1001.0 / 30000.0).abs() < 1e-4,
        "{seconds:?}"
    );
}

fn made_video(name: &str, scene: &str) -> std::path::PathBuf {
    made(name, &["-f", "lavfi", "-i", scene, "-c:v", "ffv1"])
}

#[test]
fn styles_after_it_see_film() {
    let folder = Folder::new();
    let film = film();
    let video = filtered(
        "telecine-top.mkv",
        &film,
        "telecine=pattern=23:first_field=top",
    );
    let chain = "inverse_telecine+denoise";
    let noise = ["--set", "denoise.sigma=5"];
    run(&folder, &film, "denoise", "film.mkv", &noise).succeeds();
    run(&folder, &video, chain, "out.mkv", &noise).succeeds();
    let [alone, after] = ["film.mkv", "out.mkv"].map(|name| folder.path(name));
    assert_eq!(times(&after), times(&film));
    // The chain rounds once less.
    assert!(psnr(&after, &alone) > 50.0, "{}", psnr(&after, &alone));
    // By the shaders, too.
    let shaders = [&noise[..], &["--device", "llvmpipe"]].concat();
    run(&folder, &video, chain, "shaders.mkv", &shaders).succeeds();
    let shaders = folder.path("shaders.mkv");
    assert_eq!(times(&shaders), times(&film));
    assert!(psnr(&shaders, &after) > 50.0, "{}", psnr(&shaders, &after));
}

#[test]
fn video_without_film_stays_and_that_is_said() {
    let folder = Folder::new();
    let own = made_video(
        "video30.mkv",
        "testsrc2=size=192x144:rate=30000/1001,trim=end_frame=60,format=yuv420p",
    );
    let ran = run(&folder, &own, "inverse_telecine", "out.mkv", &[]);
    assert!(
        ran.succeeds().stderr.contains("no film in fields"),
        "{}",
        ran.stderr
    );
    let out = folder.path("out.mkv");
    assert_eq!(times(&out), times(&own));
    assert_eq!(pictures(&out), pictures(&own));
    // Set by hand, no file is looked through.
    let set = ["--set", "inverse_telecine.cadence=AA"];
    let ran = run(&folder, &own, "inverse_telecine", "out.mkv", &set);
    assert!(
        !ran.succeeds().stderr.contains("no film in fields"),
        "{}",
        ran.stderr
    );
    assert_eq!(times(&out).len(), 48);
}

#[test]
fn cuts_within_a_cycle_part_no_frame() {
    let folder = Folder::new();
    // Scenes of 21, 22, 23 and 30 frames: cuts come at other places of the cycle.
    let scene = |source: &str, frames: u32| {
        format!(
            "{source}=size=192x144:rate=24000/1001,trim=end_frame={frames},format=yuv420p[{frames}]"
        )
    };
    let filter = format!(
        "{};{};{};{};[21][22][23][30]concat=n=4,setpts=N*1001/24000/TB",
        scene("testsrc2", 21),
        scene("mandelbrot", 22),
        scene("rgbtestsrc", 23).replace("trim", "hue=h=20*n,rotate=n/20,trim"),
        scene("testsrc2", 30).replace("trim", "negate,hflip,trim"),
    );
    let film = made(
        "scenes24.mkv",
        &[
            "-filter_complex",
            &filter,
            "-r",
            "24000/1001",
            "-c:v",
            "ffv1",
        ],
    );
    let video = filtered(
        "scenes-telecine.mkv",
        &film,
        "telecine=pattern=23:first_field=top",
    );
    run(&folder, &video, "inverse_telecine", "out.mkv", &[]).succeeds();
    let (made, film) = (pictures(&folder.path("out.mkv")), pictures(&film));
    assert_eq!(made.len(), film.len());
    let differ: Vec<usize> = (0..film.len()).filter(|n| made[*n] != film[*n]).collect();
    assert_eq!(differ, Vec::<usize>::new());
}

#[test]
fn what_cannot_be_put_out_together_is_refused() {
    let folder = Folder::new();
    let video = filtered(
        "telecine-top.mkv",
        &film(),
        "telecine=pattern=23:first_field=top",
    );
    let ran = run(
        &folder,
        &video,
        "identity,inverse_telecine+denoise",
        "out",
        &[],
    );
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("one after the other"), "{}", ran.stderr);
    // The rate of the video is one for all of it.
    let moving = ["--set", "inverse_telecine.fps=0:20,1s:30"];
    let ran = run(&folder, &video, "inverse_telecine", "out.mkv", &moving);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("when its frames are shown"),
        "{}",
        ran.stderr
    );
}
