//! The API as programs use it: every request once, with what can go wrong, against its description.

use super::*;

/// Other tests of this room see some of what is described, too; all of it is walked here, in one process.
#[test]
fn every_answer_that_is_described_is_given() {
    let folder = Folder::new();
    film(&folder, "a.mp4", 2);
    film(&folder, "b.mp4", 3);
    std::fs::write(folder.path("films/text.txt"), "no video").unwrap();
    std::fs::write(folder.path("films/broken.mp4"), "no video").unwrap();
    let studio = Studio::serve(&folder, &["--upload-limit", "1"]);
    what_there_is(&studio);
    wrong_bodies(&studio);
    tasks(&studio);
    labs(&studio);
    presets();
    opinions_and_models(&studio, &folder);
    super::trainings::walk(&studio, &folder);
    jobs(&studio);
    // Where the machine itself fails, no test goes.
    let unseen: Vec<String> = super::description::unseen()
        .into_iter()
        .filter(|one| !["503", "507"].iter().any(|status| one.ends_with(status)))
        .filter(|one| !super::trainings::cannot_be_given(one))
        .collect();
    // Uploads, watched folders and what a change refuses are seen by tests of their own.
    let elsewhere = ["/uploads", "/watches"];
    let unseen: Vec<&String> = unseen
        .iter()
        .filter(|one| !elsewhere.iter().any(|path| one.contains(path)))
        .collect();
    assert!(unseen.is_empty(), "described and never given:\n{unseen:#?}");
}

fn get(studio: &Studio, status: u16, path: &str) -> Value {
    studio.gives(status, "GET", path, None)
}

fn bytes(studio: &Studio, method: &str, path: &str, body: Option<Value>, kind: &str) {
    let answer = studio.ask(method, path, body.as_ref());
    let said = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, 200, "{path}: {said}");
    assert_eq!(answer.header("content-type"), Some(kind), "{path}");
    assert!(answer.body.len() > 100, "{path}");
}

fn what_there_is(studio: &Studio) {
    let status = get(studio, 200, "/status");
    assert_eq!(status["features"]["train"], cfg!(feature = "train"));
    let hardware = get(studio, 200, "/hardware");
    assert!(
        hardware["devices"]
            .as_array()
            .unwrap()
            .iter()
            .any(|device| device["name"] == "cpu")
    );
    let roots = get(studio, 200, "/roots");
    assert_eq!(roots["items"][0]["id"], "films");
    let list = get(studio, 200, "/files?folder=films");
    let names = list["items"].as_array().unwrap().iter();
    let names: Vec<&str> = names.map(|entry| entry["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a.mp4", "b.mp4", "broken.mp4"]);
    let first = get(studio, 200, "/files?folder=films&limit=1");
    let next = first["next"].as_str().unwrap();
    let second = get(
        studio,
        200,
        &format!("/files?folder=films&limit=1&cursor={next}"),
    );
    assert_eq!(second["items"][0]["name"], "b.mp4");
    get(studio, 404, "/files?folder=films/nothing");
    get(studio, 422, "/files?folder=films/a.mp4");
    get(studio, 400, "/files?limit=x");
    let probe = get(studio, 200, "/files/probe?file=films/a.mp4");
    assert_eq!(
        (&probe["video"]["width"], &probe["playable"]),
        (&json!(192), &json!(true))
    );
    for request in ["probe", "picture"] {
        get(
            studio,
            404,
            &format!("/files/{request}?file=films/nothing.mp4"),
        );
        get(
            studio,
            422,
            &format!("/files/{request}?file=films/broken.mp4"),
        );
        get(studio, 400, &format!("/files/{request}"));
    }
    bytes(
        studio,
        "GET",
        "/files/picture?file=films/a.mp4&time=1&lines=54",
        None,
        "image/jpeg",
    );
    let picture = "/files/picture?file=films/a.mp4";
    let tag = studio.ask("GET", picture, None);
    let tag = format!("If-None-Match: {}\r\n", tag.header("etag").unwrap());
    assert_eq!(studio.ask_with("GET", picture, &tag, b"").status, 304);
    bytes(
        studio,
        "GET",
        "/files/content?file=films/a.mp4",
        None,
        "video/mp4",
    );
    let content = "/files/content?file=films/a.mp4";
    let part = studio.ask_with("GET", content, "Range: bytes=0-3\r\n", b"");
    assert_eq!((part.status, part.body.len()), (206, 4));
    assert_eq!(
        studio
            .ask_with("GET", content, "Range: bytes=99999999-\r\n", b"")
            .status,
        416
    );
    let tag = format!("If-None-Match: {}\r\n", part.header("etag").unwrap());
    assert_eq!(studio.ask_with("GET", content, &tag, b"").status, 304);
    get(studio, 404, "/files/content?file=films/nothing.mp4");
    get(studio, 415, "/files/content?file=films/text.txt");
    get(studio, 422, "/files/content?file=films");
    get(studio, 400, "/files/content");
    let styles = get(studio, 200, "/styles");
    let pencil = styles["items"].as_array().unwrap().iter();
    let pencil = pencil
        .clone()
        .find(|style| style["name"] == "pencil")
        .unwrap();
    let sigma = &pencil["schema"]["properties"]["blur_sigma"];
    assert_eq!(
        (&sigma["type"], &sigma["minimum"]),
        (&json!("number"), &json!(5.0))
    );
    assert_eq!(get(studio, 200, "/styles/pencil"), *pencil);
    get(studio, 404, "/styles/pencli");
    assert_eq!(get(studio, 200, "/presets")["items"][0]["name"], "auto");
    assert_eq!(
        get(studio, 200, "/qualities")["items"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    let settings = get(studio, 200, "/settings");
    assert_eq!(settings["theme"], "system");
    let dark = Some(json!({"theme": "dark"}));
    assert_eq!(
        studio.gives(200, "PATCH", "/settings", dark)["theme"],
        "dark"
    );
    studio.gives(422, "PATCH", "/settings", Some(json!({"theme": "pink"})));
    assert!(
        String::from_utf8(studio.get("/").body)
            .unwrap()
            .contains("dark")
    );
    get(studio, 404, "/nothing");
    assert_eq!(studio.ask("PUT", "/settings", None).status, 405);
    // The stream of events begins.
    let mut events = TcpStream::connect(("127.0.0.1", studio.port)).unwrap();
    let head = format!(
        "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nLast-Event-ID: 1-1\r\n\r\n",
        studio.port
    );
    events.write_all(head.as_bytes()).unwrap();
    events.set_read_timeout(Some(LONG)).unwrap();
    let mut lines = BufReader::new(events).lines();
    assert!(lines.next().unwrap().unwrap().contains("200 OK"));
    assert!(
        lines
            .map_while(Result::ok)
            .any(|line| line == "event: reset")
    );
    super::description::saw("GET", "/events", 200);
    get(studio, 400, "/events?last=1&last=2");
    assert_eq!(get(studio, 200, "/jobs?origin=api")["items"], json!([]));
}

/// Bodies that are damaged, of another kind, or say something else.
fn wrong_bodies(studio: &Studio) {
    let posts = [
        "/jobs",
        "/estimates",
        "/analyses",
        "/measures",
        "/comparisons",
        "/clips",
        "/previews",
        "/lab",
        "/ratings",
        "/preferences",
        "/models",
    ];
    for path in posts {
        let kind = "Content-Type: application/json\r\n";
        assert_eq!(
            studio.ask_with("POST", path, kind, b"{").status,
            400,
            "{path}"
        );
        assert_eq!(
            studio
                .ask_with("POST", path, "Content-Type: text/plain\r\n", b"{}")
                .status,
            415,
            "{path}"
        );
        assert_eq!(
            studio.ask_with("POST", path, kind, b"[1]").status,
            422,
            "{path}"
        );
    }
    let kind = "Content-Type: application/json\r\n";
    assert_eq!(
        studio.ask_with("PATCH", "/settings", kind, b"{").status,
        400
    );
    assert_eq!(studio.ask_with("PATCH", "/settings", "", b"{}").status, 415);
    let missing = json!({"file": "films/nothing.mp4", "ways": [], "request": {}});
    let with = |keys: &[&str]| {
        let mut body = json!({});
        keys.iter().for_each(|key| body[key] = missing[key].clone());
        Some(body)
    };
    for path in ["/estimates", "/analyses", "/clips", "/previews", "/lab"] {
        studio.gives(404, "POST", path, with(&["file"]));
    }
    studio.gives(404, "POST", "/comparisons", with(&["file", "ways"]));
    let no_file = "films/nothing.mp4";
    studio.gives(404, "POST", "/measures", Some(json!({"output": no_file})));
    studio.gives(404, "POST", "/models", Some(json!({"file": no_file})));
    studio.gives(
        404,
        "POST",
        "/ratings",
        Some(json!({"output": no_file, "stars": 3})),
    );
    let none = json!({"better": no_file, "other": no_file});
    studio.gives(404, "POST", "/preferences", Some(none));
    studio.gives(404, "POST", "/jobs", Some(json!({"files": [no_file]})));
    let one = json!({"file": "films/a.mp4", "ways": [{"label": "a"}]});
    studio.gives(422, "POST", "/comparisons", Some(one));
    let long = json!({"file": "films/a.mp4", "duration": 1e9});
    studio.gives(422, "POST", "/clips", Some(long));
    let wrong = json!({"file": "films/a.mp4", "request": {"style": "pencli"}});
    let told = studio.gives(422, "POST", "/estimates", Some(wrong.clone()));
    assert!(told["title"].as_str().unwrap().contains("pencil"), "{told}");
    studio.gives(422, "POST", "/previews", Some(wrong));
}

fn tasks(studio: &Studio) {
    let begin = |path: &str, body: Value| studio.gives(202, "POST", path, Some(body));
    let analysis = begin("/analyses", json!({"file": "films/a.mp4", "fast": true}));
    let measure = begin(
        "/measures",
        json!({"output": "films/a.mp4", "reference": "films/a.mp4"}),
    );
    let ways = json!([{"label": "one", "request": {"style": "pencil", "device": "cpu"}}, {"label": "two", "request": {"style": "identity"}}]);
    let comparison = begin(
        "/comparisons",
        json!({"file": "films/b.mp4", "start": 0, "duration": 0.4, "ways": ways}),
    );
    let ask = json!({"file": "films/a.mp4", "request": {"style": "pencil", "device": "cpu"}, "start": 0.5, "duration": 0.5, "lines": 54});
    let clip = begin("/clips", ask.clone());
    let waits = begin("/analyses", json!({"file": "films/b.mp4"}));
    let id = waits["id"].as_str().unwrap();
    studio.gives(204, "DELETE", &format!("/tasks/{id}"), None);
    let found = studio.task(&analysis);
    assert!(found["result"]["findings"].as_array().unwrap().len() > 20);
    assert_eq!(found["result"]["input"], "films/a.mp4");
    bytes(
        studio,
        "GET",
        &found["page"].as_str().unwrap()["/api/v1".len()..],
        None,
        "text/html; charset=utf-8",
    );
    let measured = studio.task(&measure);
    let text = measured["result"].to_string();
    assert!(text.contains("psnr") && text.contains("ssim"), "{text}");
    let compared = studio.task(&comparison);
    assert_eq!(compared["result"]["ways"][1]["label"], "two");
    let id = comparison["id"].as_str().unwrap();
    bytes(
        studio,
        "GET",
        &format!("/tasks/{id}/sheet.png"),
        None,
        "image/png",
    );
    let made = studio.task(&clip);
    let path = made["result"]["clip"].as_str().unwrap()["/api/v1".len()..].to_owned();
    bytes(studio, "GET", &path, None, "video/mp4");
    let whole = studio.ask("GET", &path, None);
    let part = studio.ask_with("GET", &path, "Range: bytes=4-7\r\n", b"");
    assert_eq!((part.status, part.body.as_slice()), (206, &b"ftyp"[..]));
    assert_eq!(
        studio
            .ask_with("GET", &path, "Range: bytes=99999999-\r\n", b"")
            .status,
        416
    );
    let tag = format!("If-None-Match: {}\r\n", whole.header("etag").unwrap());
    assert_eq!(studio.ask_with("GET", &path, &tag, b"").status, 304);
    // It is there already.
    let again = studio.gives(200, "POST", "/clips", Some(ask));
    assert_eq!(again["result"]["clip"], made["result"]["clip"]);
    get(studio, 404, "/clips/00000000000000000000000000000000");
    assert!(
        get(studio, 200, "/tasks")["items"]
            .as_array()
            .unwrap()
            .len()
            >= 4
    );
    for path in ["/tasks/t99", "/tasks/t99/page", "/tasks/t99/sheet.png"] {
        get(studio, 404, path);
    }
    studio.gives(404, "DELETE", "/tasks/t99", None);
    for body in [json!({"output": "films"}), json!({"output": "films/../a"})] {
        studio.gives(422, "POST", "/measures", Some(body));
    }
}

fn labs(studio: &Studio) {
    let body = json!({"file": "films/a.mp4", "request": {"style": "pencil", "device": "cpu"}});
    let opened = studio.gives(201, "POST", "/lab", Some(body));
    assert_eq!(opened["file"], "films/a.mp4");
    let id = opened["id"].as_str().unwrap().to_owned();
    assert_eq!(
        get(studio, 200, "/lab")["items"].as_array().unwrap().len(),
        1
    );
    let lab = |name: &str| format!("/lab/{id}/{name}");
    let style = get(studio, 200, &lab("style"));
    assert_eq!(
        (&style["input"]["file"], &style["request"]["style"]),
        (&json!("films/a.mp4"), &json!("pencil"))
    );
    let post =
        |status: u16, name: &str, body: Value| studio.gives(status, "POST", &lab(name), Some(body));
    bytes(
        studio,
        "POST",
        &lab("frame"),
        Some(json!({"frame": 2})),
        "image/png",
    );
    bytes(
        studio,
        "POST",
        &lab("frame"),
        Some(json!({"frame": 2, "format": "jpeg"})),
        "image/jpeg",
    );
    assert!(post(200, "pixel", json!({"frame": 2, "x": 1, "y": 1}))["source"].is_array());
    assert!(post(200, "plan", json!({"frame": 2}))["steps"].is_array());
    assert!(post(200, "browser", json!({}))["plans"].is_array());
    assert!(
        post(200, "command", json!({}))["command"]
            .as_str()
            .unwrap()
            .contains("-s pencil")
    );
    let wrong = json!({"values": {"pencil.nothing": "1"}, "frame": 0, "x": 0, "y": 0});
    for name in ["frame", "pixel", "plan", "browser", "command", "preset"] {
        let mut body = wrong.clone();
        if name == "preset" {
            body["name"] = json!("mine");
        }
        post(422, name, body);
        studio.gives(
            404,
            "POST",
            &format!("/lab/s99/{name}"),
            Some(json!({"frame": 0, "x": 0, "y": 0, "name": "a"})),
        );
        let kind = "Content-Type: application/json\r\n";
        assert_eq!(studio.ask_with("POST", &lab(name), kind, b"{").status, 400);
        assert_eq!(studio.ask_with("POST", &lab(name), "", b"{}").status, 415);
    }
    get(studio, 404, "/lab/s99/style");
    bytes(
        studio,
        "POST",
        "/previews",
        Some(
            json!({"file": "films/a.mp4", "request": {"style": "pencil", "device": "cpu"}, "frame": 3, "lines": 54}),
        ),
        "image/png",
    );
    studio.gives(204, "DELETE", &format!("/lab/{id}"), None);
    studio.gives(404, "DELETE", &format!("/lab/{id}"), None);
}

/// A style of one's own keeps presets, and none is replaced.
fn presets() {
    let folder = Folder::new();
    folder.run(&["shader", "new", "mine"]).succeeds();
    let studio = Studio::start(&folder, &["-s", "./mine"]);
    let body = Some(json!({"name": "soft"}));
    let saved = studio.gives(200, "POST", "/lab/s1/preset", body.clone());
    assert!(
        folder.path(saved["file"].as_str().unwrap()).is_file(),
        "{saved}"
    );
    studio.gives(409, "POST", "/lab/s1/preset", body);
}

fn opinions_and_models(studio: &Studio, folder: &Folder) {
    let stars = json!({"output": "films/a.mp4", "stars": 4, "note": "good"});
    assert_eq!(
        studio.gives(201, "POST", "/ratings", Some(stars))["ratings"],
        1
    );
    studio.gives(
        422,
        "POST",
        "/ratings",
        Some(json!({"output": "films/a.mp4", "stars": 9})),
    );
    let better = json!({"better": "films/a.mp4", "other": "films/b.mp4"});
    studio.gives(201, "POST", "/preferences", Some(better));
    let same = json!({"better": "films/a.mp4", "other": "films/a.mp4"});
    studio.gives(422, "POST", "/preferences", Some(same));
    let rated = get(studio, 200, "/ratings");
    assert_eq!(
        (&rated["items"][0]["name"], &rated["items"][0]["stars"]),
        (&json!("a.mp4"), &json!(4.0))
    );
    // They are those of the command line.
    let listed = folder.run(&["ratings", "--json"]);
    assert!(listed.succeeds().stdout.contains("a.mp4"));
    assert!(
        !get(studio, 200, "/models")["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    std::fs::write(folder.path("films/model.onnx"), "no model").unwrap();
    studio.gives(
        422,
        "POST",
        "/models",
        Some(json!({"file": "films/model.onnx"})),
    );
    studio.gives(422, "DELETE", "/models/nothing", None);
    std::fs::write(folder.path("films/calm.onnx"), crate::onnx::identity()).unwrap();
    let added = studio.gives(
        201,
        "POST",
        "/models",
        Some(json!({"file": "films/calm.onnx"})),
    );
    assert_eq!(
        (&added["name"], &added["path"]),
        (&json!("calm"), &Value::Null)
    );
    studio.gives(204, "DELETE", "/models/calm", None);
}

fn jobs(studio: &Studio) {
    let estimate = json!({"file": "films/b.mp4", "request": {"style": "pencil", "device": "cpu"}});
    let estimate = studio.gives(200, "POST", "/estimates", Some(estimate));
    assert_eq!(estimate["frames"], 75);
    assert!(
        estimate["bytes"].as_u64().unwrap() > 1000 && estimate["seconds"].as_f64().unwrap() > 0.0
    );
    let id = studio.add(&["a.mp4"], json!({"style": "pencil", "device": "cpu"}))[0];
    studio.job_becomes(id, "done");
    let again = json!({"files": ["films/a.mp4"], "request": {"style": "pencil"}});
    studio.gives(409, "POST", "/jobs", Some(again));
    studio.gives(409, "POST", &format!("/jobs/{id}/duplicate"), None);
    get(studio, 200, &format!("/jobs/{id}/report"));
    get(studio, 200, &format!("/jobs/{id}/history"));
    get(studio, 404, &format!("/jobs/{id}/picture"));
    get(studio, 422, "/jobs?state=nonsense");
    get(studio, 400, "/jobs?limit=x");
    for path in ["", "/report", "/history", "/picture"] {
        get(studio, 404, &format!("/jobs/99{path}"));
        get(studio, 400, &format!("/jobs/x{path}"));
    }
    let kind = "Content-Type: application/json\r\n";
    for what in ["pause", "cancel", "duplicate", "resume", "retry"] {
        studio.gives(404, "POST", &format!("/jobs/99/{what}"), None);
        studio.gives(400, "POST", &format!("/jobs/x/{what}"), None);
        if !["resume", "retry"].contains(&what) {
            let path = format!("/jobs/{id}/{what}");
            assert_eq!(studio.ask_with("POST", &path, kind, b"{").status, 400);
            assert_eq!(studio.ask_with("POST", &path, kind, b"[1]").status, 422);
            assert_eq!(
                studio
                    .ask_with("POST", &path, "Content-Type: text/plain\r\n", b"{}")
                    .status,
                415
            );
        }
    }
    for what in ["pause", "cancel", "resume"] {
        studio.gives(409, "POST", &format!("/jobs/{id}/{what}"), None);
    }
    let patch = format!("/jobs/{id}");
    assert_eq!(studio.ask_with("PATCH", &patch, kind, b"{").status, 400);
    assert_eq!(studio.ask_with("PATCH", &patch, "", b"{}").status, 415);
    studio.gives(422, "PATCH", &patch, Some(json!({})));
    studio.gives(404, "PATCH", "/jobs/99", Some(json!({"priority": 1})));
    studio.gives(409, "PATCH", &patch, Some(json!({"priority": 1})));
    studio.gives(200, "POST", "/queue/pause", None);
    let waits = studio.add(&["b.mp4"], json!({"style": "oil"}))[0];
    studio.gives(
        200,
        "PATCH",
        &format!("/jobs/{waits}"),
        Some(json!({"priority": 1})),
    );
    studio.gives(409, "DELETE", &format!("/jobs/{waits}"), None);
    studio.gives(409, "POST", &format!("/jobs/{waits}/retry"), None);
    studio.gives(200, "POST", &format!("/jobs/{waits}/pause"), None);
    studio.gives(200, "POST", &format!("/jobs/{waits}/resume"), None);
    studio.gives(423, "POST", &format!("/jobs/{waits}/duplicate"), None);
    let same = json!({"files": ["films/b.mp4"], "request": {"style": "oil"}});
    studio.gives(423, "POST", "/jobs", Some(same));
    let other = json!({"request": {"style": "ink"}});
    studio.gives(
        201,
        "POST",
        &format!("/jobs/{waits}/duplicate"),
        Some(other),
    );
    // Some programs say that they send JSON, and send nothing.
    let path = format!("/jobs/{waits}/pause");
    assert_eq!(studio.ask_with("POST", &path, kind, b"").status, 200);
    studio.gives(200, "POST", &format!("/jobs/{waits}/resume"), None);
    studio.gives(200, "POST", &format!("/jobs/{waits}/cancel"), None);
    studio.gives(200, "POST", &format!("/jobs/{waits}/retry"), None);
    studio.gives(200, "POST", &format!("/jobs/{waits}/cancel"), None);
    studio.gives(200, "POST", "/queue/retry-failed", None);
    let key = json!({"files": ["films/a.mp4"], "request": {"style": "ink"}}).to_string();
    let keyed = format!("{kind}Idempotency-Key: one\r\n");
    assert_eq!(
        studio
            .ask_with("POST", "/jobs", &keyed, key.as_bytes())
            .status,
        201
    );
    assert_eq!(
        studio
            .ask_with("POST", "/jobs", &keyed, key.as_bytes())
            .status,
        200
    );
    let one = studio.ask("GET", &format!("/jobs/{id}"), None);
    let tag = format!("If-None-Match: {}\r\n", one.header("etag").unwrap());
    assert_eq!(
        studio
            .ask_with("GET", &format!("/jobs/{id}"), &tag, b"")
            .status,
        304
    );
    studio.gives(204, "DELETE", &format!("/jobs/{id}"), None);
    studio.gives(404, "DELETE", &format!("/jobs/{id}"), None);
    studio.gives(400, "DELETE", "/jobs/x", None);
    studio.gives(400, "PATCH", "/jobs/x", Some(json!({"priority": 1})));
    studio.gives(200, "POST", "/queue/resume", None);
    // The picture of one that runs.
    let request = json!({"style": "oil", "device": "cpu", "scale": "3", "existing": "replace"});
    let body = json!({"files": ["films/b.mp4"], "request": request, "priority": 9});
    let id = studio.gives(201, "POST", "/jobs", Some(body))["items"][0]["id"]
        .as_i64()
        .unwrap();
    let begun = Instant::now();
    loop {
        let picture = studio.ask("GET", &format!("/jobs/{id}/picture"), None);
        if picture.status == 200 {
            assert!(picture.body.starts_with(&[0xff, 0xd8]));
            break;
        }
        assert!(begun.elapsed() < LONG, "{}", studio.job(id));
        std::thread::sleep(Duration::from_millis(20));
    }
}
