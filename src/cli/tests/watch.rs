//! `aquatint preview --watch`: a frame in the terminal, rendered again when the style is saved.

use std::time::{Duration, Instant};

use crate::support::*;

fn clip() -> std::path::PathBuf {
    let source = "testsrc2=size=160x90:rate=25:duration=0.2";
    let codec = ["-pix_fmt", "yuv420p", "-c:v", "ffv1"];
    made(
        "watch.mkv",
        &[&["-f", "lavfi", "-i", source][..], &codec].concat(),
    )
}

#[cfg(unix)]
#[test]
fn the_picture_is_written_again_when_the_style_is_saved() {
    let folder = Folder::new();
    if !software_vulkan(&folder) {
        return;
    }
    folder
        .run(&["shader", "new", "mine", "--from", "blur"])
        .succeeds();
    let kernel = folder.path("mine/blend.wgsl");
    let good = std::fs::read_to_string(&kernel).unwrap();
    let clip = clip();
    let arguments = [
        "preview",
        text(&clip),
        "-s",
        "./mine",
        "--frame",
        "2",
        "--watch",
        "--terminal",
        "kitty",
        "-o",
        "look.png",
    ];
    let child = folder.start(&arguments);
    let look = folder.path("look.png");
    let changed_from = |before: &[u8]| {
        let begun = Instant::now();
        loop {
            // A picture that is complete ends in this way.
            let now = std::fs::read(&look).unwrap_or_default();
            if now != before && now.ends_with(b"IEND\xaeB`\x82") {
                return now;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "nothing was written"
            );
            std::thread::sleep(Duration::from_millis(30));
        }
    };
    let first = changed_from(&[]);
    std::fs::write(&kernel, "fn pixel(").unwrap();
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(
        std::fs::read(&look).unwrap(),
        first,
        "a mistake leaves the picture"
    );
    std::fs::write(&kernel, good.replace("return ", "return 0.5 * ")).unwrap();
    changed_from(&first);
    send_signal(&child, "-INT");
    let ran: Ran = child.wait_with_output().unwrap().into();
    ran.says(0, &["blend.wgsl:1:", "frame 2, "]);
    assert_eq!(
        ran.stdout.matches("a=T,f=100").count(),
        2,
        "two pictures were drawn"
    );
}

#[test]
fn a_terminal_without_pictures_is_told_so() {
    let folder = Folder::new();
    let clip = clip();
    let watch = ["preview", text(&clip), "-s", "pencil", "--watch"];
    folder
        .run(&watch)
        .says(2, &["shows no pictures", "aquatint studio"]);
    folder
        .run(&[&watch[..], &["-o", "look.mp4"]].concat())
        .says(2, &["look.mp4 is no picture"]);
    folder.write("look.png", b"mine");
    folder
        .run(&[&watch[..], &["-o", "look.png", "--device", "cpu"]].concat())
        .says(73, &["already exists"]);
    assert_eq!(std::fs::read(folder.path("look.png")).unwrap(), b"mine");
}
