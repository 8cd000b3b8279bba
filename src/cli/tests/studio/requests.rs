//! Frames, values, presets and refusals, by the requests that the page sends.

use serde_json::{Value, json};

use super::*;

#[test]
fn frames_are_those_of_a_render_in_any_order_and_with_any_values() {
    let folder = Folder::new();
    let clip = clip();
    let studio = Studio::start(&folder, &[text(&clip), "-s", "pencil", "--device", "cpu"]);
    let style = studio.style();
    let input = &style["input"];
    assert_eq!(
        (&input["frames"], &input["width"]),
        (&json!(8), &json!(192))
    );
    assert_eq!(input["fps"], 25.0);
    let on_cpu = ["-s", "pencil", "--device", "cpu"];
    for frame in [0, 5, 2, 7] {
        let made = studio.frame(frame, json!({}));
        assert_eq!(made.header("x-frame"), Some(frame.to_string().as_str()));
        assert_eq!(
            made.picture(),
            rendered(&folder, &clip, frame, &on_cpu),
            "{frame}"
        );
    }
    // A value, and a parameter that follows keys.
    for value in ["45", "0:5,0.2s:45"] {
        let made = studio.frame(3, json!({"pencil.blur_sigma": value}));
        let set = format!("pencil.blur_sigma={value}");
        let flags = [&on_cpu[..], &["--set", &set]].concat();
        assert_eq!(
            made.picture(),
            rendered(&folder, &clip, 3, &flags),
            "{value}"
        );
    }
    // The frame after one with other values.
    studio.frame(2, json!({}));
    let made = studio.frame(3, json!({"pencil.blur_sigma": "45"}));
    let flags = [&on_cpu[..], &["--set", "pencil.blur_sigma=45"]].concat();
    assert_eq!(made.picture(), rendered(&folder, &clip, 3, &flags));
    // The clip's own frame, and the last one for a number beyond the end.
    let source = studio.post(
        "/api/v1/lab/s1/frame",
        &json!({"frame": 3, "side": "source"}),
    );
    assert_eq!(
        source.picture(),
        rendered(&folder, &clip, 3, &["-s", "identity"])
    );
    let beyond = studio.frame(1000, json!({}));
    assert_eq!(beyond.header("x-frame"), Some("7"));
    // A draft is smaller, and says so; no draft is larger than the clip.
    for (lines, expected) in [(54, (96, 54)), (540, (192, 108))] {
        let draft = studio.post(
            "/api/v1/lab/s1/frame",
            &json!({"frame": 3, "lines": lines, "draft": true}),
        );
        let (width, height, _) = draft.picture();
        assert_eq!((width, height), expected);
        assert_eq!(draft.header("x-lines"), Some(height.to_string().as_str()));
    }
}

#[test]
fn drafts_of_a_style_with_a_history_carry_it_from_value_to_value() {
    let folder = Folder::new();
    let clip = clip();
    folder
        .run(&["shader", "new", "trail", "--from", "temporal"])
        .succeeds();
    let studio = Studio::start(&folder, &[text(&clip), "-s", "./trail", "--device", "cpu"]);
    let style = studio.style();
    let param = &style["params"][0];
    let name = param["name"].as_str().unwrap();
    let (low, high) = (param["min"].to_string(), param["max"].to_string());
    let ask = |value: &str, lines: Option<u32>| {
        let mut values = json!({});
        values[name] = json!(value);
        studio.post(
            "/api/v1/lab/s1/frame",
            &json!({"frame": 6, "lines": lines, "values": values, "draft": lines.is_some()}),
        )
    };
    let draft = ask(&low, Some(54));
    assert_eq!(draft.header("x-frames-before"), Some("3"));
    let (first, second) = (draft.picture(), ask(&high, Some(54)).picture());
    let difference = |a: &[u8], b: &[u8]| {
        let sum: u64 = a
            .iter()
            .zip(b)
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        sum as f64 / a.len() as f64
    };
    let apart = difference(&first.2, &second.2);
    assert!(apart > 0.5, "{name}: {apart}");
    let again = ask(&low, Some(54)).picture();
    assert!(difference(&first.2, &again.2) < apart / 4.0);
    // A history of other values is not gone on with.
    let with = |frame: u64, value: &str| {
        let mut values = json!({});
        values[name] = json!(value);
        studio.frame(frame, values)
    };
    with(2, &low);
    let set = format!("{name}={high}");
    let flags = ["-s", "./trail", "--device", "cpu", "--set", &set];
    assert_eq!(
        with(3, &high).picture(),
        rendered(&folder, &clip, 3, &flags)
    );
    // At full size it has all frames before it, and is that of a render.
    let whole = ask(&high, None);
    assert_eq!(whole.header("x-frames-before"), None);
    assert_eq!(whole.picture(), rendered(&folder, &clip, 6, &flags));
}

#[test]
fn passes_pixels_the_plan_and_the_command_are_told() {
    let folder = Folder::new();
    let clip = clip();
    let studio = Studio::start(
        &folder,
        &[
            text(&clip),
            "-s",
            "pencil",
            "--device",
            "cpu",
            "--set",
            "pencil.blur_sigma=20",
        ],
    );
    let style = studio.style();
    assert_eq!(style["set"], json!({"pencil.blur_sigma": "20"}));
    let names: Vec<&str> = style["params"]
        .as_array()
        .unwrap()
        .iter()
        .map(|param| param["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "pencil.blur_sigma",
            "pencil.use_texture",
            "pencil.texture_path",
            "pencil.strength"
        ]
    );
    // Each pass is what `inspect` gives.
    let output = folder.path("luma.png");
    let flags = [
        "--pass",
        "luma/result",
        "--frame",
        "2",
        "--device",
        "cpu",
        "-y",
        "-o",
    ];
    folder
        .run(
            &[
                &["inspect", text(&clip), "-s", "pencil"][..],
                &flags,
                &[text(&output)],
            ]
            .concat(),
        )
        .succeeds();
    let pass = studio.post(
        "/api/v1/lab/s1/frame",
        &json!({"frame": 2, "pass": "pencil/luma/result"}),
    );
    assert_eq!(pass.picture(), png(&std::fs::read(&output).unwrap()));
    let white: f32 = pass.header("x-white").unwrap().parse().unwrap();
    assert!(white > 0.9 && white < 1.2, "{white}");
    for pass in style["passes"].as_array().unwrap() {
        let shown = studio.post(
            "/api/v1/lab/s1/frame",
            &json!({"frame": 2, "lines": 108, "pass": pass["name"]}),
        );
        let expected = if pass["words"] == true { 422 } else { 200 };
        assert_eq!(shown.status, expected, "{pass}");
    }
    // The samples of the file, as ffmpeg reads them.
    let pixel = studio
        .post(
            "/api/v1/lab/s1/pixel",
            &json!({"frame": 2, "x": 71, "y": 33}),
        )
        .json();
    let crop = "select=eq(n\\,2),extractplanes=y,crop=1:1:71:33";
    let raw = std::process::Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-i",
            text(&clip),
            "-vf",
            crop,
            "-frames:v",
            "1",
            "-pix_fmt",
            "gray",
            "-f",
            "rawvideo",
            "-",
        ])
        .output()
        .unwrap()
        .stdout;
    assert_eq!(pixel["source"][0], json!({"name": "Y", "value": raw[0]}));
    let (width, _, picture) = studio.frame(2, json!({})).picture();
    let at = 3 * (33 * width as usize + 71);
    assert_eq!(pixel["result"], json!(picture[at..at + 3]));
    // The plan is connected from the source to the output.
    let plan = studio
        .post("/api/v1/lab/s1/plan", &json!({"frame": 2, "lines": 54}))
        .json();
    let steps = plan["steps"].as_array().unwrap();
    let edges = plan["edges"].as_array().unwrap();
    assert!(
        edges.contains(&json!([steps.len() - 1, steps.len()])),
        "{plan}"
    );
    assert!(edges.iter().any(|edge| edge[0] == -1), "{plan}");
    assert!(
        steps
            .iter()
            .any(|step| step["milliseconds"].as_f64() > Some(0.0)),
        "{plan}"
    );
    assert!(!plan["histories"].as_array().unwrap().is_empty(), "{plan}");
    // The browser's own card gets the style at the clip's size, and the script that runs it.
    let style = studio.post(
        "/api/v1/lab/s1/browser",
        &json!({"values": {"pencil.use_texture": "true"}}),
    );
    let style = style.json();
    assert_eq!(style["name"], "pencil", "{style}");
    assert_eq!(
        (&style["plans"][0]["width"], &style["plans"][0]["height"]),
        (&json!(192), &json!(108))
    );
    let script = studio.get("/runtime.js");
    assert!(String::from_utf8_lossy(&script.body).contains("AquatintRuntime"));
    // The command renders what was seen.
    let values = json!({"pencil.blur_sigma": "45", "pencil.strength": "0.5"});
    let told = studio
        .post("/api/v1/lab/s1/command", &json!({"values": values}))
        .json();
    let command = told["command"].as_str().unwrap();
    assert_eq!(
        command,
        format!(
            "aquatint {} --device cpu -s pencil --set pencil.blur_sigma=45 --set pencil.strength=0.5",
            text(&clip)
        )
    );
    let saved = studio.post(
        "/api/v1/lab/s1/preset",
        &json!({"name": "soft", "values": values}),
    );
    assert_eq!(saved.status, 200, "{}", saved.json());
    assert_eq!(saved.json()["file"], "soft.toml");
    let preset = std::fs::read_to_string(folder.path("soft.toml")).unwrap();
    assert_eq!(told["preset"], preset);
    let seen = studio.frame(4, values.clone()).picture();
    let again = rendered(
        &folder,
        &clip,
        4,
        &["--preset", "soft.toml", "--device", "cpu"],
    );
    assert_eq!(seen, again);
    // An existing preset stays, and a name is no path.
    assert_eq!(
        studio
            .post(
                "/api/v1/lab/s1/preset",
                &json!({"name": "soft", "values": {}})
            )
            .status,
        409
    );
    for name in ["../x", "", "a/b", ".hidden"] {
        let refused = studio.post(
            "/api/v1/lab/s1/preset",
            &json!({"name": name, "values": {}}),
        );
        assert_eq!(refused.status, 422, "{name}");
    }
    assert_eq!(
        std::fs::read_to_string(folder.path("soft.toml")).unwrap(),
        preset
    );
}

#[test]
fn a_saved_style_is_rendered_again_and_a_mistake_leaves_the_last_picture() {
    let folder = Folder::new();
    let clip = clip();
    folder
        .run(&["shader", "new", "mine", "--from", "blur"])
        .succeeds();
    let kernel = folder.path("mine/blend.wgsl");
    let text_of = || std::fs::read_to_string(&kernel).unwrap();
    let good = text_of();
    if !software_vulkan(&folder) {
        return;
    }
    let studio = Studio::start(&folder, &[text(&clip), "-s", "./mine"]);
    assert_eq!(studio.style()["folder"], "./mine");
    let before = studio.frame(2, json!({})).picture();
    // Pages are told.
    let mut events = TcpStream::connect(("127.0.0.1", studio.port)).unwrap();
    events.set_read_timeout(Some(LONG)).unwrap();
    write!(
        events,
        "GET /api/v1/events HTTP/1.1\r\nHost: localhost:{}\r\n\r\n",
        studio.port
    )
    .unwrap();
    let mut events = BufReader::new(events);
    let mut told = |event: &str| {
        let mut line = String::new();
        while !line.contains(&format!("event: {event}")) {
            line.clear();
            assert!(events.read_line(&mut line).unwrap() > 0, "the events ended");
        }
    };
    std::fs::write(&kernel, good.replace("return ", "return 0.5 * ")).unwrap();
    told("style");
    let style = studio.style_when(|style| style["version"] == 2);
    assert_eq!(style["error"], Value::Null);
    let after = studio.frame(2, json!({}));
    assert_eq!(after.header("x-version"), Some("2"));
    let after = after.picture();
    // A kernel without a twin needs an adapter: where that is the processor's, it is said.
    let style = studio.style();
    let said = style["notes"].to_string().contains("there is no GPU");
    assert_eq!(style["software"], said, "{style}");
    assert_eq!(style["device"]["executor"], "gpu");
    let mean = |pixels: &[u8]| {
        pixels.iter().map(|&code| f64::from(code)).sum::<f64>() / pixels.len() as f64
    };
    assert!(mean(&after.2) < 0.6 * mean(&before.2));
    // A mistake, at its line.
    std::fs::write(
        &kernel,
        good.replacen("return ", "let x = nonsense;\n    return ", 1),
    )
    .unwrap();
    let style = studio.style_when(|style| style["version"] == 3);
    let line = 1 + good.split("return ").next().unwrap().matches('\n').count();
    let error = &style["error"];
    assert_eq!(error["line"], line, "{error}");
    assert!(
        error["file"].as_str().unwrap().ends_with("mine/blend.wgsl"),
        "{error}"
    );
    assert!(
        error["text"].as_str().unwrap().contains("nonsense"),
        "{error}"
    );
    assert!(!style["params"].as_array().unwrap().is_empty());
    assert_eq!(studio.frame(2, json!({})).picture(), after);
    // Mended, with a new parameter.
    std::fs::write(&kernel, good.replace("return ", "return params.gain * ")).unwrap();
    let manifest = folder.path("mine/style.toml");
    let with = std::fs::read_to_string(&manifest).unwrap();
    let gain = "[param.gain]\ndefault = 1.0\nrange = [0.0, 2.0]\nhelp = \"Gain\"\n\n[[pass]]";
    std::fs::write(&manifest, with.replacen("[[pass]]", gain, 1)).unwrap();
    let has_gain = |style: &Value| {
        style["params"].to_string().contains("mine.gain") && style["error"].is_null()
    };
    studio.style_when(has_gain);
    assert_eq!(studio.frame(2, json!({})).picture(), before);
    let half = studio.frame(2, json!({"mine.gain": "0.5"})).picture();
    assert_eq!(half, after);
    // A broken manifest, and a style that is gone and comes back.
    std::fs::write(&manifest, "summary = ").unwrap();
    let style = studio.style_when(|style| !style["error"].is_null());
    assert!(
        style["error"]["file"]
            .as_str()
            .unwrap()
            .ends_with("style.toml"),
        "{style}"
    );
    std::fs::rename(folder.path("mine"), folder.path("away")).unwrap();
    studio.style_when(|style| style["error"]["text"].to_string().contains("mine"));
    std::fs::rename(folder.path("away"), folder.path("mine")).unwrap();
    std::fs::write(&manifest, with.replacen("[[pass]]", gain, 1)).unwrap();
    studio.style_when(|style| style["error"].is_null());
    // Presets of an own style lie beside it.
    let saved = studio.post(
        "/api/v1/lab/s1/preset",
        &json!({"name": "dim", "values": {"mine.gain": "0.5"}}),
    );
    assert_eq!(saved.status, 200, "{}", saved.json());
    let again = rendered(&folder, &clip, 2, &["--preset", "mine/presets/dim.toml"]);
    assert_eq!(again, half);
    // The end is told, and comes although a page listens.
    send_signal(&studio.child, "-INT");
    told("bye");
}

#[test]
fn a_style_that_is_broken_at_first_is_mended_while_the_studio_runs() {
    let folder = Folder::new();
    let clip = clip();
    folder.run(&["shader", "new", "mine"]).succeeds();
    let manifest = folder.path("mine/style.toml");
    let good = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, good.replace("[[pass]]", "[[pas]]")).unwrap();
    let studio = Studio::start(&folder, &[text(&clip), "-s", "./mine"]);
    let style = studio.style();
    assert!(
        style["error"]["text"].as_str().unwrap().contains("pas"),
        "{style}"
    );
    let refused = studio.frame(0, json!({}));
    assert_eq!(refused.status, 422);
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("loaded again")
    );
    std::fs::write(&manifest, good).unwrap();
    studio.style_when(|style| style["error"].is_null());
    assert_eq!(studio.frame(0, json!({})).status, 200);
    // What nobody could mend ends it at once.
    folder
        .run(&[
            "studio",
            text(&clip),
            "-s",
            "pencli",
            "--no-browser",
            "--port",
            "0",
        ])
        .says(2, &["pencil"]);
    folder
        .run(&[
            "studio",
            "missing.mp4",
            "-s",
            "pencil",
            "--no-browser",
            "--port",
            "0",
        ])
        .says(66, &["missing.mp4"]);
    folder
        .run(&[
            "studio",
            text(&clip),
            "-s",
            "pencil",
            "--no-browser",
            "--data",
            "other",
            "--port",
            &studio.port.to_string(),
        ])
        .says(69, &["--port"]);
    // Of the same queue there is one.
    let second = ["studio", text(&clip), "-s", "pencil", "--no-browser"];
    folder
        .run(&[&second[..], &["--port", "0"]].concat())
        .says(75, &["running already", &studio.port.to_string()]);
}

#[test]
fn only_its_own_pages_are_answered() {
    let folder = Folder::new();
    let clip = clip();
    let secret = folder.write("secret.cube", b"not for pages");
    std::fs::create_dir(folder.path("elsewhere")).unwrap();
    let copy = folder.path("elsewhere/clip.mp4");
    std::fs::copy(&clip, &copy).unwrap();
    let studio = Studio::start(
        &folder,
        &[text(&copy), "-s", "cinematic", "--device", "cpu"],
    );
    let page = studio.get("/");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert!(page.header("access-control-allow-origin").is_none());
    // All that the page names is served.
    let html = String::from_utf8(page.body).unwrap();
    let mut named = 0;
    for part in html
        .split(['"', '\''])
        .filter(|part| part.ends_with(".js") || part.ends_with(".css"))
    {
        assert_eq!(
            studio
                .get(&format!("/{}", part.trim_start_matches(['.', '/'])))
                .status,
            200,
            "{part}"
        );
        named += 1;
    }
    assert!(named >= 2, "{html}");
    let port = studio.port;
    let with = |line: &str| {
        let request =
            format!("GET /api/v1/lab/s1/style HTTP/1.1\r\n{line}\r\nConnection: close\r\n\r\n");
        studio.raw(request.as_bytes()).status
    };
    assert_eq!(with(&format!("Host: localhost:{port}")), 200);
    assert_eq!(with(&format!("Host: evil.test:{port}")), 421);
    assert_eq!(
        with(&format!(
            "Host: 127.0.0.1:{port}\r\nOrigin: http://evil.test"
        )),
        403
    );
    assert_eq!(
        with(&format!("Host: 127.0.0.1:{port}\r\nOrigin: null")),
        403
    );
    let body = json!({"frame": 0}).to_string();
    let post = |headers: &str| {
        studio
            .post_with("/api/v1/lab/s1/frame", headers, &body)
            .status
    };
    let json_kind = "Content-Type: application/json\r\n";
    assert_eq!(post(json_kind), 200);
    // A form of another page.
    assert_eq!(post("Content-Type: text/plain\r\n"), 415);
    assert_eq!(
        post(&format!("{json_kind}Sec-Fetch-Site: cross-site\r\n")),
        403
    );
    // Nothing but the page's own files.
    for path in [
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e/secret.cube",
        "/page/lab.html",
        "/api/nothing",
        "/lab.html/x",
    ] {
        assert_eq!(studio.get(path).status, 404, "{path}");
    }
    // No file but those beside the clip and the style.
    let outside = json!({"cinematic.lut_path": text(&secret)});
    let refused = studio.frame(0, outside);
    assert_eq!(refused.status, 422);
    assert!(
        refused.json()["title"]
            .as_str()
            .unwrap()
            .contains("there is no file")
    );
    let track = studio.frame(
        0,
        json!({"cinematic.contrast": format!("@{}", secret.display())}),
    );
    assert_eq!(track.status, 422);
    // Bodies that are too long, damaged, or of another shape.
    let long = format!(
        "{{\"frame\": 0, \"values\": {{\"a\": \"{}\"}}}}",
        "x".repeat(3 << 20)
    );
    assert_eq!(
        studio
            .post_with("/api/v1/lab/s1/frame", json_kind, &long)
            .status,
        413
    );
    assert_eq!(
        studio
            .post_with("/api/v1/lab/s1/frame", json_kind, "{\"frame\": ")
            .status,
        400
    );
    assert_eq!(
        studio
            .post("/api/v1/lab/s1/frame", &json!({"frame": -1}))
            .status,
        422
    );
    assert_eq!(
        studio
            .post("/api/v1/lab/s1/frame", &json!({"frame": 0, "lines": 0}))
            .status,
        200
    );
    let unknown = studio.frame(0, json!({"cinematic.contrats": "1"}));
    assert_eq!(unknown.status, 422);
    assert!(
        unknown.json()["title"]
            .as_str()
            .unwrap()
            .contains("contrats")
    );
    assert_eq!(
        unknown.header("content-type"),
        Some("application/problem+json")
    );
}

#[test]
fn odd_inputs_are_shown() {
    let folder = Folder::new();
    let photo = folder.path("photo.png");
    tool(
        "ffmpeg",
        &[
            "-f",
            "lavfi",
            "-i",
            "rgbtestsrc=size=7x5",
            "-frames:v",
            "1",
            text(&photo),
        ],
    );
    let studio = Studio::start(&folder, &["photo.png", "-s", "pencil", "--device", "cpu"]);
    assert_eq!(studio.style()["input"]["frames"], 1);
    let (width, height, _) = studio.frame(0, json!({})).picture();
    assert_eq!((width, height), (7, 5));
    drop(studio);
    // The generated scene.
    let studio = Studio::start(&folder, &["-s", "pencil", "--device", "cpu"]);
    let scene = studio.post(
        "/api/v1/lab/s1/frame",
        &json!({"frame": 10, "lines": 90, "side": "source"}),
    );
    let (width, height, pixels) = scene.picture();
    assert_eq!((width, height), (160, 90));
    assert!(pixels.iter().max().unwrap() - pixels.iter().min().unwrap() > 100);
}

#[test]
fn what_the_studio_is_started_with_is_where_it_begins() {
    let folder = Folder::new();
    let clip = clip();
    let table = "LUT_3D_SIZE 2\n1 1 1\n0 1 1\n1 0 1\n0 0 1\n1 1 0\n0 1 0\n1 0 0\n0 0 0\n";
    std::fs::create_dir(folder.path("elsewhere")).unwrap();
    let table = folder.write("elsewhere/negative.cube", table.as_bytes());
    folder.write(
        "p.toml",
        b"description = 'd'\nstyle = 'cinematic'\nseed = 7\n[set.cinematic]\ncontrast = 0.9\n",
    );
    let set = format!("cinematic.lut_path={}", text(&table));
    let begun = ["--preset", "p.toml", "--set", &set, "--device", "cpu"];
    let studio = Studio::start(&folder, &[&[text(&clip)][..], &begun].concat());
    let style = studio.style();
    assert_eq!(style["set"]["cinematic.contrast"], "0.9", "{style}");
    assert_eq!(style["set"]["cinematic.lut_path"], text(&table), "{style}");
    let expected = rendered(&folder, &clip, 2, &begun);
    assert_eq!(studio.frame(2, json!({})).picture(), expected);
    // As the page sends what it began with.
    let again = studio.frame(2, style["set"].clone());
    assert_eq!(again.picture(), expected);
    // The command and the preset say all of it, and the preset is the same from another folder.
    let values = json!({"cinematic.grain_strength": "0"});
    let told = studio
        .post("/api/v1/lab/s1/command", &json!({"values": values}))
        .json();
    let command = told["command"].as_str().unwrap();
    for words in [
        "--preset p.toml",
        "--device cpu",
        &set,
        "cinematic.grain_strength=0",
    ] {
        assert!(command.contains(words), "{words}: {command}");
    }
    let elsewhere = folder.path("elsewhere/copy.toml");
    std::fs::write(&elsewhere, told["preset"].as_str().unwrap()).unwrap();
    let seen = studio.frame(2, values).picture();
    let flags = ["--preset", text(&elsewhere), "--device", "cpu"];
    assert_eq!(rendered(&folder, &clip, 2, &flags), seen);
    assert_ne!(seen, expected);
}

#[test]
fn frames_of_files_without_times_are_found() {
    let folder = Folder::new();
    let clip = clip();
    // Packets of a bare stream have no times, and those of AVI none to show frames by.
    for (name, codec) in [("bare.h264", "copy"), ("old.avi", "mpeg4")] {
        let path = folder.path(name);
        tool(
            "ffmpeg",
            &["-i", text(&clip), "-c:v", codec, "-bf", "2", text(&path)],
        );
        let studio = Studio::start(&folder, &[text(&path), "-s", "identity", "--device", "cpu"]);
        assert_eq!(studio.style()["input"]["frames"], 8, "{name}");
        for frame in [5, 1] {
            let expected = rendered(
                &folder,
                &path,
                frame,
                &["-s", "identity", "--device", "cpu"],
            );
            assert_eq!(
                studio.frame(frame, json!({})).picture(),
                expected,
                "{name} {frame}"
            );
        }
    }
}

#[test]
fn what_is_shown_in_another_way_than_a_player_does_is_said() {
    let folder = Folder::new();
    let wide = folder.path("wide.mp4");
    let source = "testsrc2=size=64x48:duration=0.1,setsar=4/3,format=yuv420p10le";
    let codec = ["-c:v", "libx264", "-color_trc", "smpte2084"];
    tool(
        "ffmpeg",
        &[&["-f", "lavfi", "-i", source][..], &codec, &[text(&wide)]].concat(),
    );
    let studio = Studio::start(&folder, &[text(&wide), "-s", "pencil", "--device", "cpu"]);
    let notes = studio.style()["notes"].to_string();
    for words in ["players show them 4:3", "the clip is HDR"] {
        assert!(notes.contains(words), "{words}: {notes}");
    }
}
