//! Models that were trained, and trainings.

use super::*;

/// A version of a model in the user's folder of models.
fn version(folder: &Folder, name: &str, version: &str, meta: Value) {
    let path = folder.path(&format!("data/aquatint/models/{name}/{version}"));
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("meta.json"), meta.to_string()).unwrap();
    std::fs::write(path.join("model.onnx"), crate::onnx::identity()).unwrap();
    let contract = "task = \"style\"\nfile = \"model.onnx\"\n";
    std::fs::write(path.join("contract.toml"), contract).unwrap();
}

fn meta(status: &str, best: f64) -> Value {
    let lesson = json!({"style": {"image": "/secret/night.jpg", "scale": 4.0, "content_weight": 0.5, "content": ["/secret/photos"]}});
    let recipe = json!({"lesson": lesson, "from": null, "steps": 20, "size": 64, "seed": 1});
    let curve = [
        json!({"step": 10, "loss": 1.0, "validation": 0.9}),
        json!({"step": 20, "loss": 0.7, "validation": best}),
    ];
    let why = if status == "rejected" {
        "it is no better"
    } else {
        ""
    };
    json!({"status": status, "why": why, "recipe": recipe, "steps": 20, "best_step": 20, "best_loss": best, "first_loss": 1.5, "curve": curve})
}

/// A model with two versions, and one whose training was stopped.
pub fn night(folder: &Folder) {
    version(folder, "night", "v0001", meta("promoted", 0.5));
    version(folder, "night", "v0002", meta("rejected", 1.49));
    version(folder, "half", "v0001", meta("unfinished", 0.9));
}

/// Every request of this room but those that need the trainer.
pub fn walk(studio: &Studio, folder: &Folder) {
    let get = |status, path: &str| studio.gives(status, "GET", path, None);
    let post = |status, path: &str, body| studio.gives(status, "POST", path, Some(body));
    let put = |status, path: &str, body| studio.gives(status, "PUT", path, Some(body));
    assert_eq!(get(200, "/trainings")["items"], json!([]));
    night(folder);
    let mut unreadable = meta("unfinished", 0.9);
    unreadable["recipe"] = json!({"lesson": "none"});
    version(folder, "odd", "v0001", unreadable);

    let all = get(200, "/trainings");
    let names: Vec<&Value> = (0..3).map(|at| &all["items"][at]["name"]).collect();
    assert_eq!(names, ["half", "night", "odd"]);
    assert_eq!(all["items"][0]["state"], "stopped");
    let night = get(200, "/trainings/night");
    assert_eq!(
        (&night["state"], &night["current"]),
        (&json!("ended"), &Value::Null)
    );
    let first = &night["versions"][0];
    assert_eq!(first["learns_from"], json!(["night.jpg", "photos"]));
    assert_eq!(first["curve"][1]["validation"], 0.5);
    assert!(!night.to_string().contains("secret"), "{night}");
    get(404, "/trainings/none");

    // What cannot be read is told, here and there.
    version(folder, "night", "v0003", json!("no meta"));
    let damaged = get(200, "/trainings/night");
    assert_eq!(damaged["versions"][2]["state"], "damaged", "{damaged}");
    let listed = folder.run(&["models", "versions", "night"]);
    assert!(
        listed.succeeds().stdout.contains("v0003  damaged"),
        "{}",
        listed.stdout
    );
    put(422, "/trainings/night/current", json!({"version": "v0003"}));
    std::fs::remove_dir_all(folder.path("data/aquatint/models/night/v0003")).unwrap();

    // Promoted in the studio, seen by the command line, and the other way round.
    let promoted = put(200, "/trainings/night/current", json!({"version": "v0001"}));
    assert_eq!(promoted["current"], "v0001");
    let listed = folder
        .run(&["models", "versions", "night"])
        .succeeds()
        .stdout
        .clone();
    assert!(
        listed.contains("v0001  in use") && listed.contains("it is no better"),
        "{listed}"
    );
    folder
        .run(&["models", "promote", "night", "v0002"])
        .succeeds();
    assert_eq!(get(200, "/trainings/night")["current"], "v0002");
    let back = post(200, "/trainings/night/rollback", json!({}));
    assert_eq!(back["current"], "v0001");
    post(422, "/trainings/night/rollback", json!({}));
    post(404, "/trainings/none/rollback", json!({}));
    put(422, "/trainings/night/current", json!({"version": "v0009"}));
    put(404, "/trainings/none/current", json!({"version": "v0001"}));
    let said = put(422, "/trainings/half/current", json!({"version": "v0001"}));
    assert!(
        said["title"].as_str().unwrap().contains("not ended"),
        "{said}"
    );
    let listed = folder
        .run(&["models", "versions", "half", "--json"])
        .succeeds()
        .stdout
        .clone();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(
        (&listed[0]["version"], &listed[0]["status"]),
        (&json!("v0001"), &json!("unfinished"))
    );
    folder
        .run(&["models", "versions", "none"])
        .says(2, &["there are no versions of none"]);
    folder
        .run(&["models", "promote", "night", "v7"])
        .says(2, &["v0001, v0002"]);

    post(409, "/trainings/night/stop", json!({}));
    post(404, "/trainings/none/stop", json!({}));
    post(409, "/trainings/night/resume", json!({}));
    post(404, "/trainings/none/resume", json!({}));
    post(422, "/trainings/odd/resume", json!({}));
    let look = json!({"name": "dusk", "style_image": "films/a.mp4", "content": ["films"]});
    if !cfg!(feature = "train") {
        let said = post(501, "/trainings", look.clone());
        assert!(
            said["detail"]
                .as_str()
                .unwrap()
                .contains("--features train"),
            "{said}"
        );
        post(501, "/trainings/half/resume", json!({}));
    }
    // What names files outside of the folders, or nothing at all.
    let with = |name: &str, value: Value| {
        let mut body = look.clone();
        body[name] = value;
        body
    };
    post(
        422,
        "/trainings",
        with("style_image", json!("films/../../etc/passwd")),
    );
    post(404, "/trainings", with("content", json!(["films/none"])));
    post(422, "/trainings", with("from", json!("/etc/passwd")));
    post(422, "/trainings", with("name", json!("../up")));
    post(422, "/trainings", with("data", json!("films")));
    post(422, "/trainings", json!({"name": "dusk"}));
    let kind = "Content-Type: application/json\r\n";
    for (method, path) in [("POST", "/trainings"), ("PUT", "/trainings/night/current")] {
        assert_eq!(studio.ask_with(method, path, kind, b"{").status, 400);
        assert_eq!(studio.ask_with(method, path, "", b"{}").status, 415);
    }
}

/// What is described of this room and cannot be given by this build.
pub fn cannot_be_given(one: &str) -> bool {
    match cfg!(feature = "train") {
        true => one.contains("/trainings") && one.ends_with("501"),
        false => {
            let needs_trainer = [
                "POST /trainings 202",
                "POST /trainings 409",
                "stop 202",
                "resume 202",
            ];
            one.contains("/trainings") && needs_trainer.iter().any(|end| one.ends_with(end))
        }
    }
}

#[cfg(feature = "train")]
#[test]
fn a_training_runs_is_stopped_goes_on_after_a_kill_and_is_used() {
    let folder = Folder::new();
    film(&folder, "a.mp4", 6);
    let studio = Studio::serve(&folder, &[]);
    let body = |steps: u64| json!({"name": "dusk", "style_image": "films/a.mp4", "content": ["films"], "size": 64, "steps": steps});
    let get = |studio: &Studio| studio.gives(200, "GET", "/trainings/dusk", None);
    let wait = |studio: &Studio, until: &dyn Fn(&Value) -> bool| {
        let begun = Instant::now();
        loop {
            let now = get(studio);
            if until(&now) {
                return now;
            }
            assert!(begun.elapsed() < LONG, "{now}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let has_points = |count: usize| {
        move |now: &Value| {
            now["versions"][0]["curve"]
                .as_array()
                .is_some_and(|curve| curve.len() >= count)
        }
    };
    studio.gives(202, "POST", "/trainings", Some(body(40)));
    studio.gives(409, "POST", "/trainings", Some(body(40)));
    let now = wait(&studio, &has_points(1));
    assert_eq!(now["state"], "running");
    assert!(now["progress"]["steps_per_second"].as_f64().unwrap() > 0.0);
    studio.gives(202, "POST", "/trainings/dusk/stop", None);
    wait(&studio, &|now| now["state"] == "stopped");
    studio.gives(202, "POST", "/trainings/dusk/resume", None);
    let points = now["versions"][0]["curve"].as_array().unwrap().len();
    wait(&studio, &has_points(points + 1));
    drop(studio);
    // The studio was killed.
    let studio = Studio::serve(&folder, &[]);
    assert_eq!(get(&studio)["state"], "stopped");
    studio.gives(202, "POST", "/trainings/dusk/resume", None);
    let ended = wait(&studio, &|now| now["state"] == "ended");
    assert_eq!(ended["error"], Value::Null);
    let version = &ended["versions"][0];
    let steps = version["curve"].as_array().unwrap().iter();
    let steps: Vec<u64> = steps.map(|point| point["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, (1..=10).map(|ten| 4 * ten).collect::<Vec<_>>());
    assert_eq!(ended["current"], "v0001", "{ended}");
    let none =
        json!({"name": "dusk", "style_image": "films/a.mp4", "content": ["films"], "steps": 0});
    studio.gives(422, "POST", "/trainings", Some(none));
    // What cannot be trained on is told.
    let small = json!({"name": "dusk", "style_image": "films/a.mp4", "content": ["films"], "size": 1024, "steps": 1});
    studio.gives(202, "POST", "/trainings", Some(small));
    let failed = wait(&studio, &|now| {
        now["state"] == "ended" && now["error"].is_object()
    });
    assert!(
        failed["error"]["title"]
            .as_str()
            .unwrap()
            .contains("too small"),
        "{failed}"
    );
}
