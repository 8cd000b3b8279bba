//! What a request, a file or an upload may reach: allowed folders, and nothing else.

use super::*;

/// A look-up table that leaves colours, but for one factor.
fn table(factor: f64) -> String {
    let mut text = "LUT_3D_SIZE 2\n".to_owned();
    for index in 0..8 {
        let value = |bit: u32| factor * f64::from(index >> bit & 1);
        text += &format!("{} {} {}\n", value(0), value(1), value(2));
    }
    text
}

#[test]
fn a_preset_in_a_file_says_no_more_than_a_request() {
    let folder = Folder::new();
    film(&folder, "a.mp4", 2);
    let studio = Studio::serve(&folder, &[]);
    let written = folder.path("written.txt");
    let evil = format!(
        "codec = 'libx264'\n[encoder_opts]\nx264-params = 'pass=1:stats={}'\n",
        written.display()
    );
    for name in ["evil.toml", "evil.onnx"] {
        std::fs::write(folder.path(&format!("films/{name}")), &evil).unwrap();
        let request = json!({"style": "pencil", "preset": format!("films/{name}")});
        let body = json!({"files": ["films/a.mp4"], "request": request});
        studio.gives(422, "POST", "/jobs", Some(body));
    }
    std::fs::write(
        folder.path("films/outside.toml"),
        "style = 'cinematic'\n[set.cinematic]\nlut_path = '../secret.cube'\n",
    )
    .unwrap();
    std::fs::write(folder.path("secret.cube"), table(1.0)).unwrap();
    let body = json!({"files": ["films/a.mp4"], "request": {"preset": "films/outside.toml"}});
    let told = studio.gives(422, "POST", "/jobs", Some(body));
    assert!(
        told["title"].as_str().unwrap().contains("may not be read"),
        "{told}"
    );
    assert!(!written.exists());
    // A table beside the preset is read, in a job and in a clip; a clip is made anew when the table has changed.
    std::fs::write(
        folder.path("films/look.toml"),
        "style = 'cinematic'\n[set.cinematic]\nlut_path = 'warm.cube'\n",
    )
    .unwrap();
    std::fs::write(folder.path("films/warm.cube"), table(1.0)).unwrap();
    let request = json!({"preset": "films/look.toml", "device": "cpu"});
    let clip = json!({"file": "films/a.mp4", "request": request, "duration": 0.2});
    let key = || {
        let begun = studio.gives(202, "POST", "/clips", Some(clip.clone()));
        studio.task(&begun)["result"]["key"].clone()
    };
    let first = key();
    let again = studio.gives(200, "POST", "/clips", Some(clip.clone()));
    assert_eq!(again["result"]["key"], first);
    std::fs::write(folder.path("films/warm.cube"), table(0.5) + "\n").unwrap();
    assert_ne!(key(), first);
    let body = json!({"files": ["films/a.mp4"], "request": request});
    let id = studio.gives(201, "POST", "/jobs", Some(body))["items"][0]["id"]
        .as_i64()
        .unwrap();
    studio.job_becomes(id, "done");
}

#[test]
fn a_playlist_has_no_other_file_read() {
    let folder = Folder::new();
    film(&folder, "a.mp4", 2);
    std::fs::create_dir(folder.path("private")).unwrap();
    std::fs::rename(
        folder.path("films/a.mp4"),
        folder.path("private/secret.mp4"),
    )
    .unwrap();
    let list = "ffconcat version 1.0\nfile private/secret.mp4\n";
    std::fs::write(folder.path("films/list.mp4"), list).unwrap();
    // The command line, whose user names files anyway, follows it.
    folder.run(&["probe", "films/list.mp4"]).succeeds();
    let studio = Studio::serve(&folder, &[]);
    studio.gives(422, "GET", "/files/probe?file=films/list.mp4", None);
    studio.gives(422, "GET", "/files/picture?file=films/list.mp4", None);
    let body =
        json!({"files": ["films/list.mp4"], "request": {"style": "pencil", "device": "cpu"}});
    let id = studio.gives(201, "POST", "/jobs", Some(body))["items"][0]["id"]
        .as_i64()
        .unwrap();
    studio.job_becomes(id, "failed");
}

#[test]
fn the_lab_takes_models_by_their_names() {
    let folder = Folder::new();
    film(&folder, "a.mp4", 2);
    let studio = Studio::serve(&folder, &[]);
    let body = json!({"file": "films/a.mp4", "request": {"style": "upscale", "device": "cpu"}});
    let id = studio.gives(201, "POST", "/lab", Some(body))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for place in ["/etc/passwd", "../a.onnx", "a.onnx"] {
        let values = json!({"upscale.kind": "ai", "upscale.model": place});
        let body = json!({"frame": 0, "values": values});
        let told = studio.gives(422, "POST", &format!("/lab/{id}/frame"), Some(body));
        assert!(
            told["title"].as_str().unwrap().contains("there is no file"),
            "{told}"
        );
    }
}

#[test]
fn one_output_is_written_by_one_job() {
    let folder = Folder::new();
    let input = film(&folder, "clip.mp4", 2);
    for name in ["a", "b", "out"] {
        std::fs::create_dir_all(folder.path(&format!("films/{name}"))).unwrap();
    }
    for name in ["a", "b"] {
        std::fs::copy(&input, folder.path(&format!("films/{name}/clip.mp4"))).unwrap();
    }
    let studio = Studio::serve(&folder, &[]);
    studio.gives(200, "POST", "/queue/pause", None);
    let request = json!({"style": "pencil", "device": "cpu", "existing": "replace"});
    let both = json!({"files": ["films/a/clip.mp4", "films/b/clip.mp4"], "folder": "films/out", "request": request});
    studio.gives(422, "POST", "/jobs", Some(both));
    assert_eq!(
        studio.gives(200, "GET", "/jobs?state=queued", None)["items"],
        json!([])
    );
    let one = |name: &str| json!({"files": [format!("films/{name}/clip.mp4")], "folder": "films/out", "request": request});
    let first = studio.gives(201, "POST", "/jobs", Some(one("a")))["items"][0]["id"].clone();
    let told = studio.gives(423, "POST", "/jobs", Some(one("b")));
    assert!(
        told["title"]
            .as_str()
            .unwrap()
            .contains(&format!("job {first}")),
        "{told}"
    );
    studio.gives(423, "POST", &format!("/jobs/{first}/duplicate"), None);
    studio.gives(200, "POST", &format!("/jobs/{first}/cancel"), None);
    studio.gives(201, "POST", "/jobs", Some(one("b")));
}

/// A pause and a cancellation that come close to each other, and to the end of the chunk, leave no job between two states.
#[test]
fn changes_that_come_close_together_all_count() {
    let folder = Folder::new();
    film(&folder, "long.mp4", 40);
    let studio = Studio::serve(&folder, &[]);
    for round in 0..12 {
        let request = json!({"style": "oil", "device": "cpu", "scale": "2"});
        let id = studio.add(&["long.mp4"], request)[0];
        studio.job_when(id, |job| job["progress"]["frame"].as_u64().unwrap_or(0) > 0);
        studio.gives(
            200,
            "POST",
            &format!("/jobs/{id}/pause"),
            Some(json!({"now": true})),
        );
        std::thread::sleep(Duration::from_millis(10 * round));
        studio.gives(200, "POST", &format!("/jobs/{id}/cancel"), None);
        studio.job_becomes(id, "cancelled");
        assert!(!folder.path("films/.long.oil.mp4.aquatint").exists());
    }
}
