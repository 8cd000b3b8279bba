//! The studio is killed again and again while it renders: nothing is lost, and the outputs are the same bytes.

use super::*;

/// How often it is killed: more with AQUATINT_KILLS.
fn kills() -> u32 {
    let asked = std::env::var("AQUATINT_KILLS").ok();
    asked.and_then(|kills| kills.parse().ok()).unwrap_or(4)
}

#[test]
fn nothing_is_lost_where_the_studio_is_killed() {
    let folder = Folder::new();
    let names = ["a.mp4", "b.mp4", "c.mp4"];
    let request = json!({"style": "pencil", "device": "cpu", "chunk": 10, "scale": "2"});
    let expected: Vec<Vec<u8>> = names
        .iter()
        .zip([25, 2, 12])
        .map(|(name, seconds)| {
            let input = film(&folder, name, seconds);
            let output = folder.path(&format!("expected.{name}"));
            let flags = [
                "-s", "pencil", "--device", "cpu", "--chunk", "10", "--scale", "2",
            ];
            folder
                .run(&[&[text(&input), "-o", text(&output)][..], &flags].concat())
                .succeeds();
            std::fs::read(output).unwrap()
        })
        .collect();
    let mut studio = Studio::serve(&folder, &[]);
    let ids = studio.add(&names, request);
    for kill in 0..kills() {
        // Now and then at once, else after some work.
        std::thread::sleep(Duration::from_millis(u64::from(kill % 4) * 350));
        // As kill -9.
        drop(studio);
        studio = Studio::serve(&folder, &[]);
        let states = ids.iter().map(|id| studio.job(*id)["state"].clone());
        for state in states {
            assert!(
                ["queued", "running", "done"]
                    .map(Value::from)
                    .contains(&state),
                "{state}"
            );
        }
    }
    for ((id, name), expected) in ids.iter().zip(names).zip(expected) {
        studio.job_becomes(*id, "done");
        let made = name.replace(".mp4", ".pencil.mp4");
        let made = std::fs::read(folder.path("films").join(made)).unwrap();
        assert!(made == expected, "{name}");
    }
    let left = std::fs::read_dir(folder.path("films")).unwrap();
    assert_eq!(left.count(), 6, "inputs and outputs, and nothing else");
}
