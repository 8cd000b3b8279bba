//! Jobs whose hardware decoder fails in the middle.

use std::path::{Path, PathBuf};

use crate::graph::gpu::Wanted;
use crate::graph::style::Library;
use crate::media::Decode;
use crate::render::error::Result;
use crate::render::event::{Cancel, Event};
use crate::render::job::Job;
use crate::render::naming::OutputLocation;
use crate::render::request::RenderRequest;
use crate::render::{Failure, Report};

/// A render of 22 seconds at five frames a second by a decoder that fails after so many pictures, and what was said.
fn run(
    folder: &Path,
    name: &str,
    chunk: Option<u32>,
    (decode, pretend): (Decode, Option<u32>),
) -> Result<(Report, Vec<String>)> {
    let clip: PathBuf = folder.join("clip.mkv");
    if !clip.exists() {
        let made = std::process::Command::new("ffmpeg")
            .args(["-v", "error", "-f", "lavfi", "-i"])
            .arg("testsrc2=size=64x48:rate=5:duration=22")
            .args(["-pix_fmt", "yuv420p", "-c:v", "ffv1"])
            .arg(&clip)
            .status();
        assert!(made.unwrap().success());
    }
    let library = Library::built_in();
    let request = RenderRequest {
        style: Some("identity".to_owned()),
        codec: Some("ffv1".to_owned()),
        decode: Some(decode),
        ..RenderRequest::default()
    };
    let mut settings = request.settings(&library)?;
    settings.device = Wanted::Cpu;
    settings.pretend = pretend;
    settings.job.chunk = chunk;
    let target = OutputLocation {
        out: Some(folder.join(name)),
        ..OutputLocation::default()
    };
    let mut said = Vec::new();
    let report = Job::prepare(&library, &settings, &clip, &target)?.run(
        &mut |event| {
            if let Event::Warning { message, .. } = event {
                said.push(message);
            }
        },
        &Cancel::default(),
    )?;
    Ok((report, said))
}

#[test]
fn the_processor_goes_on_where_the_decoder_of_auto_fails() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    for (chunk, what) in [(None, "the render"), (Some(10), "chunk ")] {
        let run = |name: &str, how| run(folder.path(), name, chunk, how);
        let plain = format!("plain{}.nut", chunk.unwrap_or(0));
        let failed = format!("failed{}.nut", chunk.unwrap_or(0));
        let whole = format!("whole{}.nut", chunk.unwrap_or(0));
        let (report, _) = run(&plain, (Decode::Software, None)).unwrap();
        assert!(report.retries.is_empty() && report.input.decoder.is_none());
        let (report, said) = run(&failed, (Decode::Auto, Some(60))).unwrap();
        assert_eq!(report.retries.len(), 1, "{:?}", report.retries);
        for part in [
            what,
            "is tried again: the hardware decoder cuda cannot decode",
            "now on the decoder of the processor",
        ] {
            assert!(said.iter().any(|words| words.contains(part)), "{said:?}");
        }
        assert_eq!(report.fallbacks, report.retries);
        assert_eq!(report.input.decoder, None);
        assert!(bytes(&failed) == bytes(&plain), "{failed}");
        let (report, said) = run(&whole, (Decode::Auto, Some(9999))).unwrap();
        assert!(said.is_empty() && report.retries.is_empty(), "{said:?}");
        assert_eq!(report.input.decoder, Some("cuda"));
        assert!(bytes(&whole) == bytes(&plain), "{whole}");
    }
}

#[test]
fn a_decoder_that_was_asked_for_by_name_ends_the_render() {
    let folder = tempfile::tempdir().unwrap();
    for (chunk, pictures) in [(None, 20), (Some(10), 60)] {
        let error = run(
            folder.path(),
            "out.nut",
            chunk,
            (Decode::Vaapi, Some(pictures)),
        );
        let error = error.err().unwrap();
        assert_eq!(error.failure(), Failure::Unavailable);
        assert!(
            error.summary().contains("the hardware decoder vaapi"),
            "{error}"
        );
        assert!(
            error.advice().contains("--decode auto"),
            "{}",
            error.advice()
        );
        assert!(!folder.path().join("out.nut").exists());
    }
}
