//! Graphics cards as a recorded session tells of them: what is said, what is reported, and that the pictures stay the same.
//! No card is needed: the session is given the name of the adapter that renders.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::support::*;

/// The name of the software adapter, which stands for a card.
fn adapter(folder: &Folder) -> Option<String> {
    if !software_vulkan(folder) {
        return None;
    }
    let devices: Value = serde_json::from_str(&folder.run(&["devices", "--json"]).stdout).unwrap();
    let mut devices = devices.as_array().unwrap().iter();
    let found = devices.find(|device| device["name"].as_str().unwrap().contains("llvmpipe"));
    Some(found.unwrap()["name"].as_str().unwrap().to_owned())
}

/// A recorded session of a card called `name`, with these readings 40 ms apart.
fn recorded(folder: &Folder, name: &str, readings: &[Value]) -> PathBuf {
    let recording = json!({
        "interval_ms": 40,
        "gpus": [{
            "facts": {
                "name": name, "memory": 8_u64 << 30, "uuid": "GPU-1", "pci": "0000:01:00.0", "driver": "550.1",
                "power_limits": {"least": 100.0, "usual": 220.0, "most": 240.0},
            },
            "readings": readings,
        }],
    });
    folder.write("session.json", recording.to_string().as_bytes())
}

fn reading(degrees: u32, used: u64) -> Value {
    json!({
        "temperature": degrees, "memory_used": used, "utilisation": 90, "power": 200.5, "power_limit": 220.0,
        "encoder_sessions": 1,
    })
}

fn with(folder: &Folder, recording: &std::path::Path, arguments: &[&str]) -> Ran {
    let mut command = folder.command(arguments);
    command.env("AQUATINT_GPU_RECORDING", recording);
    command.output().unwrap().into()
}

fn parsed(folder: &Folder, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.path(name)).unwrap()).unwrap()
}

#[test]
fn a_hot_card_with_little_memory_is_spared_and_the_pictures_stay_the_same() {
    let folder = Folder::new();
    let Some(name) = adapter(&folder) else { return };
    const FULL: u64 = (8 << 30) - (1 << 20);
    let mut readings = vec![reading(70, 1 << 30), reading(92, FULL)];
    // Long enough for shaders to compile before it is cool.
    readings.extend(vec![reading(88, FULL); 100]);
    readings.extend(vec![reading(84, FULL); 3]);
    let recording = recorded(&folder, &name, &readings);
    let clip = clip();
    let render = [
        text(&clip),
        "-s",
        "pencil",
        "--device",
        &name,
        "--codec",
        "ffv1",
        "--temporal",
        "ema",
    ];
    folder
        .run(&[&render[..], &["-o", "plain.mkv"]].concat())
        .succeeds();
    let more = [
        "-o",
        "spared.mkv",
        "--report",
        "report.json",
        "--progress",
        "json",
    ];
    let ran = with(&folder, &recording, &[&render[..], &more].concat());
    ran.succeeds();
    let events = ran.events();
    let said: Vec<&str> = events
        .iter()
        .filter(|event| event["event"] == "warning")
        .map(|event| event["message"].as_str().unwrap())
        .collect();
    for part in [
        "is at 92 °C: from 90 °C on, rendering pauses between frames; a lower power limit keeps it cooler: sudo nvidia-smi -i GPU-1 -pl 176",
        "is at 92 °C: rendering pauses until it is below 85 °C",
        "is at 84 °C: rendering goes on",
        "1 frame is in flight",
    ] {
        assert!(
            said.iter().any(|said| said.contains(part)),
            "no {part:?} in {said:#?}"
        );
    }
    let last = events
        .iter()
        .rfind(|event| event["event"] == "progress")
        .unwrap();
    assert_eq!(last["gpu"]["temperature"], 84);
    let report = parsed(&folder, "report.json");
    let gpu = &report["gpu"];
    assert_eq!(gpu["name"], name.as_str());
    assert_eq!(gpu["temperature"]["max"], 92.0);
    assert_eq!(gpu["frames_in_flight"], 1);
    assert!(gpu["readings"].as_u64().unwrap() >= 15, "{gpu}");
    // Twelve readings at 88 degrees lie 20 ms apart.
    assert!(gpu["paused_s"].as_f64().unwrap() > 0.15, "{gpu}");
    assert!(
        parsed(&folder, "report.json")["warnings"]
            .to_string()
            .contains("pauses")
    );
    let frames_of = |name: &str| frames(&folder.path(name), "yuv420p");
    assert_eq!(frames_of("spared.mkv"), frames_of("plain.mkv"));
}

#[test]
#[cfg(unix)]
fn a_render_that_waits_for_a_card_to_cool_can_be_stopped() {
    let folder = Folder::new();
    let Some(name) = adapter(&folder) else { return };
    let recording = recorded(&folder, &name, &[reading(95, 1 << 30)]);
    let clip = clip();
    let mut command = folder.command(&[text(&clip), "--device", &name, "-o", "out.mkv"]);
    command.env("AQUATINT_GPU_RECORDING", &recording);
    let mut child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    let asked = Instant::now();
    send_signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(asked.elapsed() < Duration::from_secs(5));
    assert!(!folder.path("out.mkv").exists());
}

#[test]
fn the_processor_is_not_held_up_by_a_hot_card() {
    let folder = Folder::new();
    let recording = recorded(&folder, "A card", &[reading(99, 1 << 30)]);
    let clip = clip();
    let arguments = [
        text(&clip),
        "--device",
        "cpu",
        "-o",
        "out.mkv",
        "--report",
        "r.json",
    ];
    with(&folder, &recording, &arguments).succeeds();
    assert!(parsed(&folder, "r.json").get("gpu").is_none());
}

#[test]
fn devices_and_doctor_tell_of_processor_memory_and_cards() {
    let folder = Folder::new();
    let listed = folder.run(&["devices", "--json"]);
    let listed: Value = serde_json::from_str(&listed.succeeds().stdout).unwrap();
    let cpu = listed.as_array().unwrap().last().unwrap().clone();
    assert_eq!(cpu["tier"], "cpu");
    assert!(cpu["cpu"]["threads"].as_u64().unwrap() > 0, "{cpu}");
    assert!(!cpu["cpu"]["model"].as_str().unwrap().is_empty());
    if cfg!(target_os = "linux") {
        let memory = |key: &str| cpu["memory"][key].as_u64().unwrap();
        assert!(memory("available") > 0 && memory("total") >= memory("available"));
    }
    let plain = folder.run(&["devices"]);
    assert!(
        plain.succeeds().stdout.contains("tier cpu"),
        "{}",
        plain.stdout
    );

    let mut hot = reading(83, 4 << 30);
    hot["throttled"] = json!(["power-cap", "software-thermal"]);
    let recording = recorded(&folder, "A card", &[hot]);
    let doctor = with(&folder, &recording, &["doctor"]);
    for part in [
        "0 A card, driver 550.1, PCI 0000:01:00.0, GPU-1",
        "83 °C, 90 %, 4.3 of 8.6 GB, 200 of 220 W",
        "slower than it could be: it is at its power limit",
        "a lower power limit keeps it cooler and costs little speed: sudo nvidia-smi -i GPU-1 -pl 176",
    ] {
        assert!(
            doctor.succeeds().stdout.contains(part),
            "no {part:?} in {}",
            doctor.stdout
        );
    }
    if let Some(name) = adapter(&folder) {
        let recording = recorded(&folder, &name, &[reading(50, 1 << 30)]);
        let listed = with(&folder, &recording, &["devices", "--json"]);
        let listed: Value = serde_json::from_str(&listed.succeeds().stdout).unwrap();
        let device = &listed[0];
        assert_eq!(
            (&device["card"]["uuid"], &device["now"]["temperature"]),
            (&json!("GPU-1"), &json!(50))
        );
        // It is software, whatever the recording says.
        assert_eq!(device["tier"], "cpu");
        let plain = with(&folder, &recording, &["devices"]).stdout;
        assert!(plain.contains("now 50 °C, 90 %, 1.1 of 8.6 GB"), "{plain}");
    }
}

#[test]
fn cards_can_be_recorded_and_a_bad_recording_is_refused() {
    let folder = Folder::new();
    let recording = recorded(
        &folder,
        "A card",
        &[reading(50, 1), reading(51, 1), reading(52, 1)],
    );
    let arguments = ["devices", "--record", "again.json", "--seconds", "2"];
    with(&folder, &recording, &arguments).succeeds();
    let (first, again) = (
        parsed(&folder, "session.json"),
        parsed(&folder, "again.json"),
    );
    assert_eq!(first["gpus"], again["gpus"]);
    let bad = folder.write("bad.json", b"{}");
    with(&folder, &bad, &["devices"]).says(66, &["bad.json cannot be used", "--record"]);
    with(&folder, &folder.path("none.json"), &["devices"]).says(66, &["none.json"]);
}

#[test]
fn a_preset_for_a_larger_machine_warns_and_renders() {
    let folder = Folder::new();
    let clip = clip();
    folder.write("big.toml", b"tier = 'gpu-12'\nstyle = 'pencil'\n");
    folder.write("small.toml", b"tier = 'cpu'\nstyle = 'pencil'\n");
    folder.write("wrong.toml", b"tier = 'huge'\n");
    let render = |preset: &str, out: &str| {
        folder.run(&[
            text(&clip),
            "--preset",
            preset,
            "--device",
            "cpu",
            "-o",
            out,
        ])
    };
    let words = "the preset big is meant for a machine of the tier gpu-12, and the processor is of the tier cpu";
    render("big.toml", "a.mkv").says(0, &[words, "another --device"]);
    let small = render("small.toml", "b.mkv");
    assert!(
        !small.succeeds().stderr.contains("tier"),
        "{}",
        small.stderr
    );
    render("wrong.toml", "c.mkv").says(2, &["tier cannot be huge", "gpu-24+ or apple"]);
}

#[test]
fn an_encoder_is_chosen_and_named() {
    let folder = Folder::new();
    let clip = clip();
    let arguments = [
        text(&clip),
        "-s",
        "none",
        "--codec",
        "auto",
        "--crf",
        "30",
        "--encoder-preset",
        "ultrafast",
        "-o",
        "a.mp4",
        // It has what was asked for.
        "--no-recipe",
        "--report",
        "r.json",
        "--progress",
        "json",
    ];
    let ran = folder.run(&arguments);
    ran.succeeds();
    let events = ran.events();
    let chosen = events
        .iter()
        .find(|event| event["event"] == "encoder")
        .unwrap();
    let encoder = chosen["encoder"].as_str().unwrap();
    let plan = &parsed(&folder, "r.json")["outputs"][0]["plan"];
    assert_eq!(
        (plan["video"]["encoder"].as_str(), &plan["chosen"]),
        (Some(encoder), &chosen["message"])
    );
    let codec = tool(
        "ffprobe",
        &[
            "-select_streams",
            "v",
            "-show_entries",
            "stream=codec_name",
            "-of",
            "csv=p=0",
            text(&folder.path("a.mp4")),
        ],
    );
    assert_eq!(codec.trim(), "h264");
    if encoder == "libx264" {
        // No hardware here: each encoder that was tried is named with its reason, and the flags are those of libx264.
        let message = chosen["message"].as_str().unwrap();
        assert!(
            message.contains("no hardware encoder works here ("),
            "{message}"
        );
        let options = plan["video"]["options"].to_string();
        assert!(
            options.contains("[\"crf\",\"30\"]") && options.contains("ultrafast"),
            "{options}"
        );
        // As if it had been named.
        folder
            .run(&[
                text(&clip),
                "-s",
                "none",
                "--codec",
                "libx264",
                "--crf",
                "30",
                "--encoder-preset",
                "ultrafast",
                "-o",
                "b.mp4",
                "--no-recipe",
            ])
            .succeeds();
        let read = |name: &str| std::fs::read(folder.path(name)).unwrap();
        assert!(read("a.mp4") == read("b.mp4"));
    }
}

#[test]
fn what_hardware_would_harm_is_encoded_as_usual() {
    let folder = Folder::new();
    let clip = clip();
    let dry = |more: &[&str]| {
        folder.run(
            &[
                &[
                    text(&clip),
                    "-s",
                    "identity",
                    "--codec",
                    "auto",
                    "--dry-run",
                ],
                more,
            ]
            .concat(),
        )
    };
    for (more, encoder, why) in [
        (
            &["-o", "a.webm"][..],
            "libvpx-vp9",
            "hardware is tried only for .mp4, .mov and .mkv",
        ),
        (
            &["-o", "a.mkv", "--pix-fmt", "yuv444p"],
            "libx264",
            "only 4:2:0",
        ),
        (
            &["-o", "a.mkv", "--size", "63x49", "--fit", "stretch"],
            "libx264",
            "even widths",
        ),
    ] {
        let ran = dry(more);
        let said = &ran.succeeds().stdout;
        let words = format!("--codec auto: {encoder} encodes: ");
        assert!(said.contains(&words) && said.contains(why), "{said}");
    }
    let ten = dry(&["-o", "a.mkv", "--pix-fmt", "yuv420p10le"]);
    let said = &ten.succeeds().stdout;
    assert!(said.contains("libx265") || said.contains("hevc_"), "{said}");
    dry(&["-o", "a.mkv", "--encoder-opt", "tune=film"])
        .says(2, &["tune is for one encoder", "name the encoder"]);
    let named = dry(&["-o", "a.mkv", "--encoder-preset", "p5"]);
    named.says(2, &["no preset called p5"]);
    dry(&["-o", "a.mkv", "--crf", "70"]).says(2, &["out of range"]);
}

#[test]
fn an_encoder_is_tried_with_the_frame_that_it_is_for() {
    let folder = Folder::new();
    let trial = |encoder: &str, width: u32, options: Value| {
        let trial = json!({"encoder": encoder, "width": width, "height": 64, "pix_fmt": "yuv420p", "options": options});
        let ran = folder.run(&["try-encoder", encoder, "--trial", &trial.to_string()]);
        let status: Value = serde_json::from_str(&ran.succeeds().stdout).unwrap();
        status
    };
    assert_eq!(trial("libx264", 64, json!([]))["works"], true);
    // An odd width is too much for 4:2:0, and an option may be unknown.
    let odd = trial("libx264", 65, json!([]));
    assert!(
        odd["works"] == false && odd["reason"].as_str().unwrap().contains("width"),
        "{odd}"
    );
    let unknown = trial("libx264", 64, json!([["no_such_option", "1"]]));
    assert!(
        unknown["reason"]
            .as_str()
            .unwrap()
            .contains("no_such_option"),
        "{unknown}"
    );
    folder
        .run(&["try-encoder", "libx264", "--trial", "{}"])
        .says(2, &["cannot be read"]);
    let doctor = folder.run(&["doctor"]).succeeds().stdout.clone();
    for part in [
        "encoders that --codec auto takes",
        "  8 bits: ",
        "  10 bits: ",
    ] {
        assert!(doctor.contains(part), "{doctor}");
    }
}

#[test]
fn a_decoder_by_name_must_be_there_and_auto_goes_on_without() {
    let folder = Folder::new();
    let clip = clip();
    let render = |decode: &str, out: &str| {
        folder.run(&[
            text(&clip),
            "-s",
            "identity",
            "--codec",
            "ffv1",
            "--decode",
            decode,
            "-o",
            out,
            "--report",
            "r.json",
        ])
    };
    render("software", "plain.mkv").succeeds();
    assert!(parsed(&folder, "r.json")["input"].get("decoder").is_none());
    let expected = frames(&folder.path("plain.mkv"), "yuv420p");
    for decode in ["cuda", "vaapi"] {
        let ran = render(decode, &format!("{decode}.mkv"));
        if ran.code == Some(0) {
            assert_eq!(
                frames(&folder.path(&format!("{decode}.mkv")), "yuv420p"),
                expected
            );
        } else {
            let words = format!("the hardware decoder {decode} cannot decode");
            ran.says(
                69,
                &[
                    &words,
                    "use --decode auto, which goes on with the processor",
                ],
            );
            assert!(!folder.path(&format!("{decode}.mkv")).exists());
        }
    }
    let auto = render("auto", "auto.mkv");
    auto.succeeds();
    assert_eq!(frames(&folder.path("auto.mkv"), "yuv420p"), expected);
    let report = parsed(&folder, "r.json");
    if report["input"].get("decoder").is_none() {
        auto.says(
            0,
            &["is decoded by the processor: no hardware decoder can be used (cuda: "],
        );
        assert!(
            report["fallbacks"][0]
                .as_str()
                .unwrap()
                .contains("by the processor")
        );
    }
    render("gpu", "x.mkv").says(2, &["software, auto, cuda, vaapi"]);
}
