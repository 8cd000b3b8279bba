//! Watched folders: what arrives is rendered once, when it has stopped growing.

use std::io::Write as _;

use super::*;

/// A copy that stops for longer than a file needs to be taken as whole: what comes after is rendered, too.
#[test]
fn a_file_that_goes_on_growing_is_rendered_again() {
    let folder = Folder::new();
    let input = film(&folder, "source.mp4", 3);
    let stream = folder.path("films/source.ts");
    tool("ffmpeg", &["-i", text(&input), "-c", "copy", text(&stream)]);
    std::fs::create_dir_all(folder.path("films/in")).unwrap();
    let studio = Studio::serve(&folder, &[]);
    let body = json!({"folder": "films/in", "request": {"style": "identity", "device": "cpu", "codec": "ffv1"}, "to": "films"});
    studio.gives(201, "POST", "/watches", Some(body));
    let bytes = std::fs::read(&stream).unwrap();
    let arriving = folder.path("films/in/new.ts");
    std::fs::write(&arriving, &bytes[..bytes.len() / 2]).unwrap();
    let done = |count: usize| {
        let begun = Instant::now();
        loop {
            let jobs = studio.gives(200, "GET", "/jobs?state=done", None);
            if jobs["items"].as_array().unwrap().len() == count {
                return jobs["items"][0]["outputs"][0]["file"]
                    .as_str()
                    .unwrap()
                    .to_owned();
            }
            assert!(begun.elapsed() < LONG, "{jobs}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let output = done(1);
    let output = folder.path(&output);
    let part = frames(&output, "yuv420p").len();
    std::fs::write(&arriving, &bytes).unwrap();
    done(2);
    let whole = frames(&output, "yuv420p").len();
    assert!(whole == 75 && part < whole, "{part} of {whole}");
}

#[test]
fn what_arrives_is_rendered_once_it_has_stopped_growing() {
    let folder = Folder::new();
    let input = film(&folder, "source.mp4", 2);
    std::fs::create_dir_all(folder.path("films/in")).unwrap();
    std::fs::create_dir_all(folder.path("films/out")).unwrap();
    std::fs::copy(&input, folder.path("films/in/before.mp4")).unwrap();
    let studio = Studio::serve(&folder, &[]);
    let body = json!({"folder": "films/in", "request": {"style": "pencil", "device": "cpu"}, "to": "films/out"});
    let watch = studio.gives(201, "POST", "/watches", Some(body));
    let id = watch["id"].as_i64().unwrap();
    // A copy that takes its time.
    let bytes = std::fs::read(&input).unwrap();
    let mut growing = std::fs::File::create(folder.path("films/in/new.mp4")).unwrap();
    for part in bytes.chunks(bytes.len() / 3) {
        growing.write_all(part).unwrap();
        std::thread::sleep(Duration::from_millis(1200));
        let queued = studio.gives(200, "GET", "/jobs", None);
        assert!(!queued.to_string().contains("new.mp4"), "{queued}");
    }
    drop(growing);
    let begun = Instant::now();
    let origin = format!("folder:{id}");
    let job = loop {
        let jobs = studio.gives(200, "GET", &format!("/jobs?origin={origin}"), None);
        if let Some(job) = jobs["items"].as_array().unwrap().first() {
            break job["id"].as_i64().unwrap();
        }
        assert!(begun.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(50));
    };
    let job = studio.job_becomes(job, "done");
    assert_eq!(job["outputs"][0]["file"], "films/out/new.pencil.mp4");
    std::thread::sleep(Duration::from_secs(6));
    let watches = studio.gives(200, "GET", "/watches", None);
    assert_eq!(watches["items"][0]["jobs"], 1, "{watches}");
    let off = Some(json!({"on": false}));
    let off = studio.gives(200, "PATCH", &format!("/watches/{id}"), off);
    assert_eq!(off["on"], false);
    studio.gives(204, "DELETE", &format!("/watches/{id}"), None);
    studio.gives(404, "DELETE", &format!("/watches/{id}"), None);
    let to = json!({"folder": "films/in", "request": {}, "to": "films/nowhere"});
    studio.gives(404, "POST", "/watches", Some(to));
}
