//! The queue: jobs are rendered as the command line does, ordered, paused, cancelled, tried again, and survive the end.

use super::*;

#[test]
fn jobs_are_rendered_as_the_command_line_renders_them() {
    let folder = Folder::new();
    let (one, two) = (
        film(&folder, "one.mp4", 2),
        film(&folder, "two words.mp4", 3),
    );
    let studio = Studio::serve(&folder, &[]);
    let request = json!({"style": "pencil,identity", "device": "cpu", "metrics": "psnr"});
    let ids = studio.add(&["one.mp4", "two words.mp4"], request);
    for (id, input) in ids.iter().zip([&one, &two]) {
        let job = studio.job_becomes(*id, "done");
        let expected = folder.path(&format!("expected{id}"));
        std::fs::create_dir(&expected).unwrap();
        let style = ["-s", "pencil,identity", "--device", "cpu", "--metrics=psnr"];
        folder
            .run(&[&[text(input), "-o", text(&expected)][..], &style].concat())
            .succeeds();
        let outputs = job["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), 2, "{job}");
        for output in outputs {
            let name = output["name"].as_str().unwrap();
            let made = std::fs::read(folder.path("films").join(name)).unwrap();
            assert!(
                made == std::fs::read(expected.join(name)).unwrap(),
                "{name}"
            );
            assert_eq!(output["bytes"], made.len(), "{job}");
            // It is sent whole, and in parts.
            let file = output["file"].as_str().unwrap().replace(' ', "%20");
            let path = format!("/files/content?file={file}");
            let whole = studio.ask("GET", &path, None);
            assert!(whole.status == 200 && whole.body == made);
            let part = studio.ask_with("GET", &path, "Range: bytes=10-19\r\n", b"");
            assert_eq!((part.status, part.body.as_slice()), (206, &made[10..20]));
            let range = format!("bytes 10-19/{}", made.len());
            assert_eq!(part.header("content-range"), Some(range.as_str()));
            let beyond = format!("Range: bytes={}-\r\n", made.len());
            assert_eq!(studio.ask_with("GET", &path, &beyond, b"").status, 416);
            let tag = format!("If-None-Match: {}\r\n", whole.header("etag").unwrap());
            assert_eq!(studio.ask_with("GET", &path, &tag, b"").status, 304);
        }
        let report = studio.gives(200, "GET", &format!("/jobs/{id}/report"), None);
        let psnr = &report["outputs"][0]["metrics"];
        assert!(psnr.is_object(), "{report}");
        let history = studio.gives(200, "GET", &format!("/jobs/{id}/history"), None);
        let states = history["items"].as_array().unwrap().iter();
        let states: Vec<&str> = states.map(|line| line["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["queued", "running", "done"]);
        // The same answer again is none.
        let tag = studio.ask("GET", &format!("/jobs/{id}"), None);
        let tag = format!("If-None-Match: {}\r\n", tag.header("etag").unwrap());
        let same = studio.ask_with("GET", &format!("/jobs/{id}"), &tag, b"");
        assert_eq!(same.status, 304);
    }
    // An output that exists is not replaced, unless that is asked for.
    let again =
        json!({"files": ["films/one.mp4"], "request": {"style": "pencil", "device": "cpu"}});
    let told = studio.gives(409, "POST", "/jobs", Some(again));
    let title = told["title"].as_str().unwrap();
    assert_eq!(title, "the output already exists: films/one.pencil.mp4");
    let path = format!("/jobs/{}/duplicate", ids[0]);
    studio.gives(409, "POST", &path, None);
    let changes = json!({"request": {"existing": "replace"}});
    let copy = studio.gives(201, "POST", &path, Some(changes))["id"]
        .as_i64()
        .unwrap();
    studio.job_becomes(copy, "done");
    // Nothing hidden is left, and the history is there after a restart.
    drop(studio);
    let left: Vec<_> = std::fs::read_dir(folder.path("films")).unwrap().collect();
    let hidden = left.iter().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with('.')
    });
    assert_eq!(hidden.count(), 0);
    let studio = Studio::serve(&folder, &[]);
    let all = studio.gives(200, "GET", "/jobs?origin=api", None);
    let states: Vec<(i64, &str)> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| (job["id"].as_i64().unwrap(), job["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [(copy, "done"), (ids[1], "done"), (ids[0], "done")]);
}

#[test]
fn the_same_request_adds_its_jobs_once() {
    let folder = Folder::new();
    film(&folder, "a.mp4", 2);
    let studio = Studio::serve(&folder, &[]);
    studio.gives(200, "POST", "/queue/pause", None);
    let add = |style: &str, key: &str| {
        let body = json!({"files": ["films/a.mp4"], "request": {"style": style}});
        let headers = format!("Content-Type: application/json\r\nIdempotency-Key: {key}\r\n");
        let answer = studio.ask_with("POST", "/jobs", &headers, body.to_string().as_bytes());
        (answer.status, answer.json())
    };
    let (status, first) = add("pencil", "k1");
    assert_eq!(status, 201);
    let (status, second) = add("pencil", "k1");
    assert_eq!(
        (status, &second["items"][0]["id"]),
        (200, &first["items"][0]["id"])
    );
    assert_eq!(add("oil", "k1").0, 422);
    // Another key is another request, and its output would be the same.
    assert_eq!(add("pencil", "k2").0, 423);
    assert_eq!(add("oil", "k3").0, 201);
    let counts = studio.gives(200, "GET", "/status", None)["jobs"].clone();
    assert_eq!(counts["queued"], 2);
}

#[test]
fn waiting_jobs_are_ordered_paused_and_cancelled() {
    let folder = Folder::new();
    film(&folder, "a.mp4", 2);
    let studio = Studio::serve(&folder, &[]);
    studio.gives(200, "POST", "/queue/pause", None);
    let add = |style: &str| studio.add(&["a.mp4"], json!({"style": style, "device": "cpu"}))[0];
    let ids = ["pencil", "oil", "cartoon", "comic"].map(add);
    let order = || -> Vec<i64> {
        let jobs = studio.gives(200, "GET", "/jobs?state=queued,paused", None);
        let items = jobs["items"].as_array().unwrap();
        items
            .iter()
            .map(|job| job["id"].as_i64().unwrap())
            .collect()
    };
    let [a, b, c, d] = ids;
    assert_eq!(order(), [a, b, c, d]);
    let change = |id: i64, change: Value| {
        studio.gives(200, "PATCH", &format!("/jobs/{id}"), Some(change));
    };
    change(d, json!({"place": "first"}));
    assert_eq!(order(), [d, a, b, c]);
    change(a, json!({"after": c}));
    assert_eq!(order(), [d, b, c, a]);
    change(c, json!({"before": b}));
    assert_eq!(order(), [d, c, b, a]);
    change(d, json!({"place": "last"}));
    assert_eq!(order(), [c, b, a, d]);
    change(b, json!({"priority": 5}));
    assert_eq!(order(), [b, c, a, d]);
    assert_eq!(studio.job(b)["position"], 1);
    let wrong = Some(json!({"priority": 1, "place": "first"}));
    studio.gives(422, "PATCH", &format!("/jobs/{a}"), wrong);
    studio.gives(404, "PATCH", "/jobs/999", Some(json!({"place": "first"})));
    let act = |status: u16, id: i64, what: &str| {
        studio.gives(status, "POST", &format!("/jobs/{id}/{what}"), None)
    };
    assert_eq!(act(200, b, "pause")["state"], "paused");
    assert_eq!(act(200, c, "cancel")["state"], "cancelled");
    act(409, c, "pause");
    act(409, c, "resume");
    studio.gives(
        409,
        "PATCH",
        &format!("/jobs/{c}"),
        Some(json!({"place": "first"})),
    );
    studio.gives(409, "DELETE", &format!("/jobs/{a}"), None);
    studio.gives(204, "DELETE", &format!("/jobs/{c}"), None);
    act(404, c, "retry");
    studio.gives(200, "POST", "/queue/resume", None);
    // What is paused waits, and those behind it are rendered.
    studio.job_becomes(d, "done");
    assert_eq!(studio.job(b)["state"], "paused");
    assert_eq!(act(200, b, "resume")["state"], "queued");
    studio.job_becomes(b, "done");
    // In their order: each begins after the one before has ended.
    let begun = |id: i64| studio.job(id)["started"].as_str().unwrap().to_owned();
    assert!(begun(a) <= begun(d) && begun(d) <= begun(b));
    act(409, b, "cancel");
    assert_eq!(act(200, b, "retry")["attempts"], 2);
    let job = studio.job_becomes(b, "failed");
    assert!(
        job["error"]["title"]
            .as_str()
            .unwrap()
            .contains("already exists")
    );
    std::fs::remove_file(folder.path("films/a.oil.mp4")).unwrap();
    assert_eq!(
        studio.gives(200, "POST", "/queue/retry-failed", None)["retried"],
        1
    );
    studio.job_becomes(b, "done");
}

/// A request that takes a while, in chunks of a second.
fn slow(style: &str) -> Value {
    json!({"style": style, "device": "cpu", "chunk": 10, "scale": "3", "workers": 1})
}

#[test]
fn a_job_that_is_paused_or_cancelled_goes_on_from_its_last_chunk() {
    let folder = Folder::new();
    let input = film(&folder, "long.mp4", 40);
    let expected = folder.path("expected.mp4");
    let flags = [
        "-s",
        "oil",
        "--device",
        "cpu",
        "--chunk",
        "10",
        "--scale",
        "3",
        "--workers",
        "1",
    ];
    folder
        .run(&[&[text(&input), "-o", text(&expected)][..], &flags].concat())
        .succeeds();
    let studio = Studio::serve(&folder, &[]);
    let id = studio.add(&["long.mp4"], slow("oil"))[0];
    let chunks = |job: &Value| job["progress"]["chunks"]["done"].as_u64().unwrap_or(0);
    studio.job_when(id, |job| chunks(job) >= 1);
    // The newest frame, as it is rendered.
    let picture = studio.ask("GET", &format!("/jobs/{id}/picture?lines=100"), None);
    assert!(picture.status == 200 && picture.body.starts_with(&[0xff, 0xd8]));
    let pausing = studio.gives(200, "POST", &format!("/jobs/{id}/pause"), None);
    assert_eq!(pausing["state"], "pausing");
    studio.job_becomes(id, "paused");
    let kept = folder.path("films/.long.oil.mp4.aquatint");
    assert!(kept.is_dir());
    studio.gives(200, "POST", &format!("/jobs/{id}/resume"), None);
    studio.job_when(id, |job| chunks(job) >= 3);
    let keep = Some(json!({"keep": true}));
    studio.gives(200, "POST", &format!("/jobs/{id}/cancel"), keep);
    studio.job_becomes(id, "cancelled");
    assert!(kept.is_dir());
    studio.gives(200, "POST", &format!("/jobs/{id}/retry"), None);
    let job = studio.job_when(id, |job| job["state"] == "done");
    let report = studio.gives(200, "GET", &format!("/jobs/{id}/report"), None);
    assert!(
        report["chunks"]["resumed"].as_u64().unwrap() >= 3,
        "{report}"
    );
    let made = std::fs::read(folder.path("films/long.oil.mp4")).unwrap();
    assert!(made == std::fs::read(&expected).unwrap(), "{job}");
    assert!(!kept.exists());
    // Without what was done.
    let id = studio.add(&["long.mp4"], slow("pencil"))[0];
    studio.job_when(id, |job| chunks(job) >= 1);
    studio.gives(200, "POST", &format!("/jobs/{id}/cancel"), None);
    studio.job_becomes(id, "cancelled");
    assert!(!folder.path("films/.long.pencil.mp4.aquatint").exists());
    assert!(!folder.path("films/long.pencil.mp4").exists());
}

#[test]
fn a_job_of_the_command_line_is_seen() {
    let folder = Folder::new();
    let input = film(&folder, "seen.mp4", 40);
    let studio = Studio::serve(&folder, &[]);
    let mut child = folder.start(&[text(&input), "-s", "oil", "--scale", "3", "--device", "cpu"]);
    let begun = Instant::now();
    let job = loop {
        let jobs = studio.gives(200, "GET", "/jobs", None);
        let mut items = jobs["items"].as_array().unwrap().iter();
        let seen = items.find(|job| job["name"] == "seen.mp4" && job["progress"]["frame"] != 0);
        if let Some(job) = seen {
            break job.clone();
        }
        assert!(begun.elapsed() < LONG, "{jobs}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(
        (&job["read_only"], &job["origin"]),
        (&json!(true), &json!("command"))
    );
    assert_eq!(job["file"], "films/seen.mp4");
    assert!(job["command"].as_str().unwrap().contains("-s oil"), "{job}");
    let path = format!("/jobs/{}/cancel", job["id"]);
    studio.gives(404, "POST", &path, None);
    child.kill().unwrap();
    child.wait().unwrap();
    let begun = Instant::now();
    while studio.gives(200, "GET", "/jobs", None)["items"]
        .as_array()
        .unwrap()
        .iter()
        .any(|job| job["name"] == "seen.mp4")
    {
        assert!(begun.elapsed() < LONG, "it is seen after its end");
        std::thread::sleep(Duration::from_millis(50));
    }
}
