//! Requests: read, merged, resolved, stored.

use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::graph::plan::Temporal;
use crate::graph::style::Library;
use crate::render::OutputLocation;

fn request(value: Value) -> RenderRequest {
    serde_json::from_value(value).unwrap()
}

/// A request that sets every key.
fn full() -> Value {
    let mut all = json!({
        "preset": "speed", "style": "pencil", "set": ["pencil.strength=0.5"], "style_path": ["styles"], "seed": 3,
        "scale": 1.5, "size": "1280x-2", "fit": "pad", "square_pixels": true, "interlaced_anyway": true,
        "temporal": "ema", "temporal_alpha": 0.25, "device": "cpu", "codec": "libx264", "crf": 18.5, "bitrate": "8M",
        "encoder_preset": "slow", "pix_fmt": "yuv420p", "encoder_opts": ["tune=film"], "audio": "aac", "rotation": "apply",
        "drop": ["covers"], "frame": 7, "start": 1.5, "duration": "10:00", "to": "1:00:00", "input_fps": "30000/1001", "fps": 50, "fps_mode": "blend",
        "existing": "skip", "strict": true, "report": "r.json", "chunk": "none", "resume": false, "work_dir": "w",
        "on_low_disk": "fail", "workers": 2, "lut": "l.cube", "keep_chunks": true, "verify": true, "check_executors": 3,
    });
    let more = json!({
        "gpu_share": true, "video": 1, "close_gaps": true, "decode": "auto", "aspect_changes": "fit",
        "engine": "rten", "metrics": "psnr,noise", "metrics_every": 5, "consistency": 0.5, "recipe": false,
        "restore": "auto", "time_budget": "1h30m", "auto_without": "upscale",
    });
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

#[test]
fn the_table_holds_every_field() {
    let all = request(full());
    let written = serde_json::to_value(&all).unwrap();
    let mut fields: Vec<&str> = written
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut table: Vec<&str> = keys().iter().map(|key| key.name).collect();
    fields.sort_unstable();
    table.sort_unstable();
    assert_eq!(fields, table);
    assert_eq!(request(written), all);
    for key in keys() {
        assert!(!key.help().contains('{') && !key.accepts().is_empty());
    }
    // A merge loses no field, either way.
    let nothing = RenderRequest::default();
    assert_eq!(serde_json::to_value(&nothing).unwrap(), json!({}));
    for (name, value) in full().as_object().unwrap() {
        let one = request(json!({ name: value }));
        assert_eq!(RenderRequest::merge(&one, &nothing), one, "{name}");
        assert_eq!(RenderRequest::merge(&nothing, &one), one, "{name}");
    }
}

#[test]
fn mistakes_are_taught() {
    for (value, part) in [
        (json!({"tempral": "off"}), "did you mean \"temporal\""),
        (json!({"chunk": 5}), "whole seconds from 10 to 120, or none"),
        (json!({"chunk": [30]}), "chunk cannot be a list"),
        (json!({"input_fps": 0}), "0.001 to 1000"),
        (json!({"existing": "keep"}), "refuse, replace or skip"),
        (json!({"resume": "maybe"}), "true or false"),
        (json!({"start": -1}), "MM:SS"),
        (json!({"encoder_opts": {"a": {"b": 1}}}), "[encoder_opts]"),
    ] {
        let error = serde_json::from_value::<RenderRequest>(value).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    // What is null was not asked for.
    assert_eq!(request(json!({"crf": null})), RenderRequest::default());
}

#[test]
fn one_request_goes_over_another() {
    let lower = request(json!({
        "style": "comic", "codec": "libx264", "crf": 20, "encoder_preset": "slow", "encoder_opts": {"tune": "film"},
        "set": {"comic": {"dot_size": 4}}, "to": 9, "seed": 1,
    }));
    let over = |upper: Value| RenderRequest::merge(&lower, &request(upper));
    assert_eq!(over(json!({})), lower);
    let finer = over(json!({"crf": 12, "seed": 2}));
    assert_eq!(finer.crf, Quality::parse("12"));
    assert_eq!(finer.encoder_preset.as_deref(), Some("slow"));
    assert_eq!(finer.seed, Some(2));
    // Another codec has another scale and other words.
    let other = over(json!({"codec": "libvpx-vp9"}));
    assert_eq!(
        (other.crf, other.encoder_preset, other.encoder_opts),
        (None, None, None)
    );
    assert_eq!(over(json!({"codec": "libx264"})), lower);
    // A bitrate replaces a quality.
    let rate = over(json!({"bitrate": "8M"}));
    assert_eq!((rate.crf, rate.bitrate.as_deref()), (None, Some("8M")));
    let quality = RenderRequest::merge(&rate, &request(json!({"crf": 3})));
    assert_eq!(quality.bitrate, None);
    let options = over(json!({"encoder_opts": ["tune=grain"]})).encoder_opts;
    assert_eq!(options.unwrap().0, ["tune=film", "tune=grain"]);
    let length = over(json!({"duration": 2}));
    assert_eq!((length.duration, length.to), (Time::parse("2"), None));

    let set = over(json!({"set": ["comic.dot_size=7"]})).set.unwrap();
    assert_eq!(set.0, ["comic.dot_size=4", "comic.dot_size=7"]);
    // Another list of styles has other values.
    let style = over(json!({"style": "pencil"}));
    assert_eq!((style.style.as_deref(), style.set), (Some("pencil"), None));
}

#[test]
fn a_request_becomes_settings() {
    let library = Library::built_in();
    let empty = RenderRequest::default().settings(&library).unwrap();
    let defaults = RenderRequest::defaults().settings(&library).unwrap();
    assert_eq!(json!(empty), json!(defaults));
    assert_eq!(empty.job.chunk, defaults.job.chunk);
    assert_eq!(empty.temporal, Temporal::Adaptive { alpha: 0.3 });
    assert_eq!(empty.styles[0].name(), "pencil");
    let style = |request_of: Value| {
        let settings = request(request_of).settings(&library).unwrap();
        settings.styles[0].name()
    };
    assert_eq!(style(json!({"scale": 2})), "resize");
    assert_eq!(style(json!({"size": "64x-2"})), "resize");
    assert_eq!(style(json!({"style": "pencil", "scale": 2})), "pencil");

    let preset = json!({"preset": "speed", "temporal": "ema", "temporal_alpha": 0.5});
    let settings = request(preset).settings(&library).unwrap();
    assert_eq!(settings.preset.as_deref(), Some("speed"));
    assert_eq!(settings.temporal, Temporal::Ema { alpha: 0.5 });
    assert_eq!(settings.output.codec.as_deref(), Some("libx264"));
    // For a container that cannot hold the preset's codec.
    let elsewhere = settings.output_elsewhere.unwrap();
    assert_eq!((elsewhere.codec, elsewhere.crf), (None, None));

    for (value, part) in [
        (json!({"start": 3, "to": 2}), "the part to render is empty"),
        (json!({"encoder_opts": ["tune"]}), "the encoder option"),
        (json!({"style": "pencli"}), "did you mean \"pencil\""),
        (json!({"preset": "sped"}), "did you mean \"speed\""),
    ] {
        let error = request(value).settings(&library).unwrap_err();
        assert!(error.summary().contains(part), "{error}");
    }
}

#[test]
fn a_style_named_by_its_folder_is_known_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("my-glow");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(
        folder.join("style.toml"),
        "summary = 's'\n[param.amount]\ndefault = 1\nrange = [0, 2]\nhelp = 'h'\n\
         [[pass]]\nuse = 'common/gaussian'\nin = { image = 'source' }\nset = { sigma = 'amount' }\nout = 'result'",
    )
    .unwrap();
    let asked = request(json!({
        "style": format!("pencil,{}+comic", folder.display()), "set": ["my-glow.amount=2"],
    }));
    let library = asked.library().unwrap();
    let settings = asked.settings(&library).unwrap();
    let names: Vec<String> = settings.styles.iter().map(|style| style.name()).collect();
    assert_eq!(names, ["pencil", "my-glow+comic"]);
    let stored = asked.absolute(&library).unwrap();
    assert_eq!(stored.style.as_deref(), Some("pencil,my-glow+comic"));
    assert_eq!(stored.style_path, Some(vec![folder]));
    assert_eq!(json!(stored.settings(&library).unwrap()), json!(settings));
}

#[test]
fn a_stored_job_means_the_same_from_any_folder() {
    let library = Library::built_in();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mine.toml");
    std::fs::write(
        &file,
        "style = 'cinematic'\n[set.cinematic]\nlut_path = 'a.cube'\ncontrast = 0\n",
    )
    .unwrap();
    let asked = request(json!({
        "preset": file, "set": ["cinematic.lut_path = b.cube", "cinematic.contrast=1"], "report": "r.json",
        "style_path": ["styles"], "resume": false,
    }));
    let location = OutputLocation {
        out: Some("out/".into()),
        ..OutputLocation::default()
    };
    let stored = asked.absolute(&library).unwrap();
    let job = StoredJob::new(&stored, Path::new("in.mp4"), &location).unwrap();
    let whole = |path: &str| std::path::absolute(path).unwrap();
    assert_eq!(job.input, whole("in.mp4"));
    assert_eq!(job.output.out, Some(whole("out/")));
    assert!(
        job.output
            .out
            .as_ref()
            .unwrap()
            .to_string_lossy()
            .ends_with('/')
    );
    assert_eq!(job.request.report, Some(whole("r.json")));
    assert_eq!(job.request.style_path, Some(vec![whole("styles")]));
    assert_eq!(job.request.resume, None);
    assert_eq!(
        job.request.set.as_ref().unwrap().0,
        [
            // It lies beside the preset.
            format!("cinematic.lut_path={}", dir.path().join("a.cube").display()),
            format!("cinematic.lut_path ={}", whole("b.cube").display()),
            "cinematic.contrast=1".to_owned(),
        ]
    );
    let read: StoredJob = serde_json::from_value(serde_json::to_value(&job).unwrap()).unwrap();
    assert_eq!(read, job);
    // Settings do not depend on how a path is written.
    let settings = |request: &RenderRequest| {
        let mut settings = json!(request.settings(&library).unwrap());
        settings.as_object_mut().unwrap().remove("preset");
        settings
    };
    assert_eq!(settings(&asked), settings(&job.request));
}

#[test]
fn a_size_replaces_a_size() {
    let merged = |lower: Value, upper: Value| {
        let merged = RenderRequest::merge(&request(lower), &request(upper));
        serde_json::to_value(&merged).unwrap()
    };
    let pad = json!({"size": "9x9", "fit": "pad"});
    for (lower, upper, expected) in [
        (&pad, json!({"scale": 2}), json!({"scale": 2})),
        (&pad, json!({"size": "9x-2"}), json!({"size": "9x-2"})),
        (
            &pad,
            json!({"size": "5x5"}),
            json!({"size": "5x5", "fit": "pad"}),
        ),
        (&json!({"scale": 2}), pad.clone(), pad.clone()),
    ] {
        assert_eq!(merged(lower.clone(), upper), expected);
    }
    let both = request(json!({"size": "9x9", "scale": 2}));
    let error = both.settings(&Library::built_in()).unwrap_err();
    assert!(error.summary().contains("scale and size"), "{error}");
}
