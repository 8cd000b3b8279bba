//! Several inputs in one command: the result of each is shown, and one that fails does not stop the others.

use crate::long::source;
use crate::support::*;

#[test]
fn a_folder_and_a_list_are_rendered_and_summarised() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("films")).unwrap();
    for name in ["films/a.mp4", "films/b.mp4", "c.mp4"] {
        std::fs::copy(clip(), folder.path(name)).unwrap();
    }
    folder.write("films/notes.txt", b"not a film\n");
    folder.write("list.txt", b"# what is left\nc.mp4\nmissing.mp4\n");
    let ran = folder.run(&["films", "--list", "list.txt", "-s", "none"]);
    ran.says(
        66,
        &[
            "skipped: no picture can be read from films/notes.txt",
            "rendered   films/a.mp4",
            "failed     missing.mp4",
            "5 inputs: 3 rendered, 1 failed, 1 skipped",
        ],
    );
    let outputs = ["a.mp4", "a.none.mp4", "b.mp4", "b.none.mp4", "notes.txt"];
    assert_eq!(names(&folder.path("films")), outputs);
    assert!(folder.names().contains(&"c.none.mp4".to_owned()));
    // The same command again renders only new files, and does not use an output as an input.
    std::fs::copy(clip(), folder.path("films/d.mp4")).unwrap();
    let ran = folder.run(&["films", "-s", "none", "-n", "--progress", "json"]);
    let events = ran.says(0, &[]).events();
    let summary = events.last().unwrap();
    assert_eq!(summary["event"], "summary");
    let results: Vec<&str> = summary["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| input["result"].as_str().unwrap())
        .collect();
    assert_eq!(results, ["skipped", "skipped", "rendered", "skipped"]);
    assert_eq!(names(&folder.path("films")).len(), 7);
}

#[test]
fn folders_within_folders_are_found_again_in_the_output() {
    let folder = Folder::new();
    for inner in ["films/one/deep", "films/two", "films/.hidden"] {
        std::fs::create_dir_all(folder.path(inner)).unwrap();
        std::fs::copy(clip(), folder.path(inner).join("clip.mp4")).unwrap();
    }
    let none = ["-s", "none"];
    folder
        .run(&[&["films"], &none[..]].concat())
        .says(66, &["nothing to render in films", "--recursive"]);
    std::fs::copy(clip(), folder.path("films/clip.mp4")).unwrap();
    folder
        .run(&[&["films", "-o", "flat"], &none[..]].concat())
        .says(
            0,
            &["subfolders are not searched without --recursive: films/one, films/two"],
        );
    assert_eq!(names(&folder.path("flat")), ["clip.none.mp4"]);
    // All files have the same name.
    let all = ["films", "--recursive", "-o", "out", "-s", "none"];
    folder.run(&all).says(0, &["3 inputs: 3 rendered"]);
    assert_eq!(names(&folder.path("out")), ["clip.none.mp4", "one", "two"]);
    for inner in ["out/one/deep", "out/two"] {
        assert_eq!(names(&folder.path(inner)), ["clip.none.mp4"]);
    }
    // In one folder, no output replaces another.
    let two = ["films/clip.mp4", "films/two/clip.mp4", "-o", "two/"];
    let ran = folder.run(&[&two[..], &none].concat());
    ran.says(
        2,
        &["two inputs have the same output", "1 rendered, 1 failed"],
    );
    // New folders that stay empty are removed.
    folder.write("films/two/clip.mp4", b"no film");
    std::fs::remove_file(folder.path("films/clip.mp4")).unwrap();
    std::fs::remove_dir_all(folder.path("films/one")).unwrap();
    folder.run(&["films", "--recursive", "-o", "none/", "-s", "none"]);
    assert!(!folder.path("none").exists());
}

#[test]
fn the_log_of_the_day_names_the_job_on_every_line() {
    let folder = Folder::new();
    let state = folder.path("state");
    let clip = clip();
    let run = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_aquatint"))
            .args(arguments)
            .env("XDG_STATE_HOME", &state)
            .current_dir(folder.path(""))
            .status()
            .unwrap()
    };
    assert!(run(&[text(&clip), "-o", "out.mp4", "-q"]).success());
    assert!(!run(&[text(&clip), "-o", "no/out.mp4", "-q"]).success());
    assert!(run(&["styles"]).success());
    let logs = names(&state.join("aquatint/log"));
    assert_eq!(logs.len(), 1, "{logs:?}");
    assert!(
        logs[0].starts_with("aquatint.") && logs[0].ends_with(".log"),
        "{logs:?}"
    );
    let log = std::fs::read_to_string(state.join("aquatint/log").join(&logs[0])).unwrap();
    let told: Vec<&str> = log
        .lines()
        .filter(|line| line.contains(" console: "))
        .collect();
    assert!(
        told.len() >= 2 && told.iter().all(|line| line.contains("job{id=")),
        "{log}"
    );
    assert!(log.contains("rendered 25 frames"), "{log}");
}

#[test]
fn several_jobs_at_a_time_are_told_apart() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("films")).unwrap();
    for name in ["a.mp4", "b.mp4", "d.mp4"] {
        std::fs::copy(clip(), folder.path("films").join(name)).unwrap();
    }
    folder.write("films/c.mp4", &beginning(&clip(), 0.3));
    folder.write("films/notes.txt", b"not a film\n");
    let arguments = [
        "films",
        "missing.mp4",
        "--device",
        "cpu",
        "--progress",
        "json",
        "-o",
    ];
    let one = folder.run(&[&arguments[..], &["one", "--jobs", "1"]].concat());
    let many = folder.run(&[&arguments[..], &["many", "--jobs", "3"]].concat());
    assert_eq!(one.code, many.code, "{}", many.stderr);
    // The table is in the order of the inputs.
    let results = |ran: &Ran| -> Vec<(String, String)> {
        let events = ran.events();
        let inputs = events.last().unwrap()["inputs"].as_array().unwrap().clone();
        let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        inputs
            .iter()
            .map(|input| (word(&input["input"]), word(&input["result"])))
            .collect()
    };
    assert_eq!(results(&one), results(&many));
    assert_eq!(results(&many)[5], ("missing.mp4".into(), "failed".into()));
    let outputs = names(&folder.path("one"));
    assert_eq!(outputs, names(&folder.path("many")));
    assert!(outputs.len() >= 3, "{outputs:?}");
    for name in outputs {
        let [a, b] = ["one", "many"].map(|out| std::fs::read(folder.path(out).join(&name)));
        assert!(a.unwrap() == b.unwrap(), "{name}");
    }
    // Every event names its input, and a second job started before the first ended.
    let events = many.events();
    let of = |word: &str| {
        let word = word.to_owned();
        events
            .iter()
            .enumerate()
            .filter(move |(_, event)| event["event"] == *word)
    };
    for (_, progress) in of("progress") {
        assert!(progress["input"].as_str().unwrap().starts_with("films/"));
    }
    assert!(of("start").count() >= 3);
    let second = of("start").nth(1).unwrap().0;
    let over = of("done").next().unwrap().0;
    assert!(second < over, "{}", many.stderr);
    folder
        .run(&["films", "--jobs", "none"])
        .says(2, &["--jobs", "a number from 1 on, or auto"]);
}

#[test]
fn inputs_of_one_name_do_not_overwrite_each_other() {
    let folder = Folder::new();
    for (name, from) in [("a", clip()), ("b", source("one-key.mp4"))] {
        std::fs::create_dir(folder.path(name)).unwrap();
        std::fs::copy(from, folder.path(name).join("x.mp4")).unwrap();
    }
    std::fs::create_dir(folder.path("out")).unwrap();
    let jobs = ["-s", "none", "--jobs", "2", "-y"];
    for order in [["a/x.mp4", "b/x.mp4"], ["b/x.mp4", "a/x.mp4"]] {
        let ran = folder.run(&[&order[..], &["-o", "out"], &jobs].concat());
        ran.says(2, &["two inputs have the same output", order[1]]);
        assert_eq!(names(&folder.path("out")), ["x.none.mp4"]);
        let [output, input] = ["out/x.none.mp4", order[0]].map(|name| times(&folder.path(name)));
        assert_eq!(output.len(), input.len());
    }
    // Also where a link hides that both outputs are in one folder.
    std::os::unix::fs::symlink("a", folder.path("link")).unwrap();
    std::fs::rename(folder.path("b/x.mp4"), folder.path("a/x.mkv")).unwrap();
    let ran = folder.run(&[&["a/x.mp4", "link/x.mp4"][..], &jobs].concat());
    ran.says(2, &["two inputs have the same output"]);
    assert_eq!(names(&folder.path("a")), ["x.mkv", "x.mp4", "x.none.mp4"]);
}

#[test]
fn several_inputs_need_a_folder() {
    let folder = Folder::new();
    for name in ["a.mp4", "b.mp4"] {
        std::fs::copy(clip(), folder.path(name)).unwrap();
    }
    folder
        .run(&["a.mp4", "b.mp4", "-s", "none", "-o", "two.mkv"])
        .says(
            2,
            &["two.mkv is the name of one file, but there are several inputs"],
        );
    assert_eq!(folder.names(), ["a.mp4", "b.mp4"]);
}
