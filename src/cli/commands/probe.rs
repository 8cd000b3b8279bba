//! `aquatint probe`: what a file contains.

use std::fmt::Write;

use super::super::args::Probe;
use super::super::problem::Problem;
use super::{print, print_json};
use crate::media::{SEQUENCE_RATE, SourceInfo, StreamInfo, probe_at};
use crate::render::request::FrameRate;

pub fn run(args: &Probe) -> Result<u8, Problem> {
    let rate = args.rate.input_fps.map(FrameRate::get);
    let info = probe_at(&args.input, args.film.reading(rate))?;
    if args.json {
        print_json(&info)?;
    } else {
        print(&text(&info))?;
    }
    Ok(0)
}

fn text(info: &SourceInfo) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write!(out, "{}: {}", info.path.display(), info.container);
    if let Some(duration) = info.duration {
        let _ = write!(out, ", {duration:.3} s");
    }
    let _ = write!(out, ", {} bytes", info.size);
    if let Some(rate) = info.bit_rate {
        let _ = write!(out, ", {} kb/s", rate / 1000);
    }
    out.push('\n');
    if let Some(sequence) = &info.sequence {
        let _ = writeln!(
            out,
            "  image sequence: {} pictures, {} to {}",
            sequence.pictures, sequence.first, sequence.last
        );
        let words = sequence.missing_words();
        let _ = words.map(|words| writeln!(out, "  {words}"));
        if sequence.rate_assumed {
            let _ = writeln!(
                out,
                "  it has no frame rate: {} frames a second are assumed",
                SEQUENCE_RATE.to_f64()
            );
        }
    }
    if let Some(choice) = &info.choice {
        let _ = writeln!(out, "  {choice}");
    }
    for stream in &info.streams {
        let rendered = stream.index == info.video_stream;
        let _ = writeln!(out, "  {}", stream_text(stream, rendered));
    }
    for chapter in &info.chapters {
        let title = chapter.title.as_deref().unwrap_or("");
        let _ = writeln!(
            out,
            "  chapter {:.3} to {:.3} s {title}",
            chapter.start, chapter.end
        );
    }
    for (key, value) in &info.metadata {
        let _ = writeln!(out, "  {key}: {value}");
    }
    out
}

fn stream_text(stream: &StreamInfo, rendered: bool) -> String {
    let mut parts = vec![format!(
        "stream {} {} {}",
        stream.index, stream.kind, stream.codec
    )];
    if let Some(video) = &stream.video {
        parts.push(format!(
            "{}x{} {}",
            video.width, video.height, video.pix_fmt
        ));
        if video.frame_rate.num > 0 {
            parts.push(format!("{:.3} fps", video.frame_rate.to_f64()));
        }
        let named = |name: &str, code: u8| {
            (code != crate::color::Color::UNSPECIFIED).then(|| format!("{name} {code}"))
        };
        let color = video.color;
        parts.extend(named("matrix", color.matrix));
        parts.extend(named("primaries", color.primaries));
        parts.extend(named("transfer", color.transfer));
        if color.range != crate::color::Range::Unspecified {
            parts.push(format!("{:?} range", color.range).to_lowercase());
        }
        parts.extend(
            video
                .rotation_text()
                .map(|turn| format!("turned by {turn}")),
        );
        parts.extend(video.conversion.clone());
    }
    if let Some(audio) = &stream.audio {
        parts.push(format!("{} Hz {}", audio.rate, audio.layout));
    }
    if let Some(frames) = stream.frames {
        parts.push(format!("{frames} frames"));
    }
    parts.extend(stream.language.clone());
    parts.extend(stream.title.clone());
    if rendered {
        parts.push("rendered".to_owned());
    }
    parts.join(", ")
}
