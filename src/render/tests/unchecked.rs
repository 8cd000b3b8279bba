//! Outputs that cannot be checked, or are not what was rendered: nothing of the render is lost.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::graph::style::Library;
use crate::render::{
    Cancel, Event, Failure, Job, OutputLocation, RenderError, RenderRequest, Report,
};

/// What happens to a finished output before it is checked.
#[derive(Clone, Copy, PartialEq)]
enum Damage {
    None,
    /// The disk loses its second half.
    Truncated,
    /// The same, and a signal comes.
    TruncatedAndStopped,
    /// The check panics.
    Panic,
}

struct Render {
    dir: tempfile::TempDir,
    chunk: Option<u32>,
}

impl Render {
    fn new(chunk: Option<u32>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i"])
            .arg("testsrc2=size=64x48:rate=5:duration=25")
            .args(["-pix_fmt", "yuv420p", "-c:v", "ffv1"])
            .arg(dir.path().join("clip.mkv"))
            .status();
        assert!(made.unwrap().success());
        Self { dir, chunk }
    }

    /// Renders two outputs; `damage` is done to the first.
    fn run(&self, damage: Damage) -> Result<Report, RenderError> {
        let library = Library::built_in();
        let request = RenderRequest {
            style: Some("none,identity".into()),
            codec: Some("ffv1".into()),
            device: Some("cpu".into()),
            ..RenderRequest::default()
        };
        let mut settings = request.settings(&library)?;
        settings.job.chunk = self.chunk;
        let target = OutputLocation::default();
        let clip = self.dir.path().join("clip.mkv");
        let job = Job::prepare(&library, &settings, &clip, &target)?;
        let signal = Arc::new(AtomicUsize::new(0));
        let mut listener = |event: Event| match (event, damage) {
            (Event::Verify { output, .. }, Damage::Truncated | Damage::TruncatedAndStopped)
                if is_first(&output) =>
            {
                self.truncate_pending();
                if damage == Damage::TruncatedAndStopped {
                    signal.store(15, Ordering::Relaxed);
                }
            }
            (Event::Verify { output, .. }, Damage::Panic) if is_first(&output) => {
                panic!("as the test wants it")
            }
            _ => {}
        };
        job.run(&mut listener, &Cancel::new(signal.clone()))
    }

    /// Cuts the hidden file of the first output.
    fn truncate_pending(&self) {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let mut files = entries.map(|entry| entry.unwrap().path());
        let is_pending = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(".clip.none.mkv.") && name.ends_with(".partial")
        };
        let file = files.find(is_pending).unwrap();
        let file = std::fs::File::options().write(true).open(file).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

fn is_first(output: &Path) -> bool {
    output.ends_with("clip.none.mkv")
}

#[test]
fn an_output_that_fails_its_check_is_kept_and_named() {
    for chunk in [None, Some(10)] {
        for (damage, failure) in [
            (Damage::Truncated, Failure::Io),
            (Damage::TruncatedAndStopped, Failure::Io),
            (Damage::Panic, Failure::Fault),
        ] {
            let render = Render::new(chunk);
            let error = render.run(damage).unwrap_err();
            assert_eq!(error.failure(), failure, "{error}");
            let said = error.summary();
            let path = |name: &str| render.dir.path().join(name).display().to_string();
            for words in [
                format!(
                    "all that was rendered is kept in {}",
                    path("clip.none.unchecked.mkv")
                ),
                format!("{} is complete", path("clip.identity.mkv")),
            ] {
                assert!(said.contains(&words), "{said}");
            }
            assert!(!said.contains("nothing was written"), "{said}");
            assert!(
                error.advice().contains("look at what is kept"),
                "{}",
                error.advice()
            );
            let left = render.names();
            let outputs: Vec<&str> = left
                .iter()
                .map(String::as_str)
                .filter(|name| !name.starts_with('.'))
                .collect();
            let expected = ["clip.identity.mkv", "clip.mkv", "clip.none.unchecked.mkv"];
            assert_eq!(outputs, expected);
            assert!(
                !left.iter().any(|name| name.ends_with(".partial")),
                "{left:?}"
            );
        }
    }
}

#[test]
fn after_a_failed_check_the_same_job_in_chunks_joins_them_again() {
    let render = Render::new(Some(10));
    render.run(Damage::Truncated).unwrap_err();
    let report = render.run(Damage::None).unwrap();
    assert_eq!(report.frames_out, 125);
    assert_eq!(report.chunks.unwrap().resumed, 3);
    let expected = [
        "clip.identity.mkv",
        "clip.mkv",
        "clip.none.mkv",
        "clip.none.unchecked.mkv",
    ];
    assert_eq!(render.names(), expected);
}
