//! Compares the other streams, chapters and tags.

use super::{NO_PLACE, Verdict, Verification};
use crate::media::info::{SourceInfo, StreamInfo, StreamKind};
use crate::media::metadata::{APPLE_LOCATION, LOCATION, is_about_the_file};
use crate::media::part::Part;
use crate::media::plan::{Action, Dropped, OutputPlan, StreamPlan};

/// For each stream that the plan keeps: its plan, and its index in the output (`None` if missing).
pub(super) fn pairs(
    before: &SourceInfo,
    after: &SourceInfo,
    plan: &OutputPlan,
) -> Vec<(StreamPlan, Option<usize>)> {
    let mut taken = vec![false; after.streams.len()];
    if let Some(video) = taken.get_mut(after.video_stream) {
        *video = true;
    }
    let kept = |stream: &&StreamPlan| {
        !matches!(stream.action, Action::Drop | Action::Render)
            && stream.index < before.streams.len()
    };
    let mut pairs = Vec::new();
    for stream in plan.streams.iter().filter(kept) {
        let found = after
            .streams
            .iter()
            .position(|other| other.kind == stream.kind && !taken[other.index]);
        if let Some(found) = found {
            taken[found] = true;
        }
        pairs.push((stream.clone(), found));
    }
    pairs
}

pub(super) fn compare(
    to: &mut Verification,
    before: &SourceInfo,
    after: &SourceInfo,
    plan: &OutputPlan,
) {
    for stream in plan.streams.iter().filter(|s| s.action == Action::Drop) {
        let what = format!("stream {} ({})", stream.index, stream.kind);
        let words = stream.codec.clone();
        to.add(
            &what,
            words,
            "left out".into(),
            Verdict::Allowed,
            &stream.why,
        );
    }
    for (planned, found) in pairs(before, after, plan) {
        let source = &before.streams[planned.index];
        let what = format!("stream {} ({})", source.index, source.kind);
        match found {
            None => to.add(
                &what,
                source.codec.clone(),
                "missing".into(),
                Verdict::Differs,
                "",
            ),
            Some(found) => stream(to, &what, &planned, source, &after.streams[found]),
        }
    }
    added(to, before, after, plan);
    defaults(to, before, after, plan);
    let rendered = (before.video(), after.video());
    let first = to.checks.len();
    labels(to, "video", rendered.0, rendered.1);
    chapters(to, before, after, plan);
    metadata(to, "tags", &before.metadata, &after.metadata);
    if plan.is_pictures() {
        super::allow(&mut to.checks[first..], NO_PLACE);
    }
}

/// Reports streams that do not come from the source.
fn added(to: &mut Verification, before: &SourceInfo, after: &SourceInfo, plan: &OutputPlan) {
    let pairs = pairs(before, after, plan);
    let known = |index| pairs.iter().any(|(_, found)| *found == Some(index));
    for stream in &after.streams {
        // Some containers store chapter names and timecodes as data tracks.
        let ours = stream.index == after.video_stream || stream.kind == StreamKind::Data;
        if !ours && !known(stream.index) {
            let what = format!("added stream {} ({})", stream.index, stream.kind);
            let words = stream.codec.clone();
            to.add(&what, "none".into(), words, Verdict::Differs, "");
        }
    }
}

/// Compares which stream of a kind is played by default.
fn defaults(to: &mut Verification, before: &SourceInfo, after: &SourceInfo, plan: &OutputPlan) {
    for kind in [StreamKind::Audio, StreamKind::Subtitle] {
        let pairs = pairs(before, after, plan);
        let pairs: Vec<(usize, usize)> = pairs
            .iter()
            .filter(|(planned, _)| planned.kind == kind)
            .filter_map(|(planned, found)| Some((planned.index, (*found)?)))
            .collect();
        if pairs.len() < 2 {
            continue;
        }
        let marked = |stream: &StreamInfo| stream.dispositions.iter().any(|name| name == "default");
        let first = (kind == StreamKind::Audio).then_some(0);
        let of = |marks: Vec<bool>| marks.iter().position(|&mark| mark).or(first);
        let source = of(pairs
            .iter()
            .map(|&(a, _)| marked(&before.streams[a]))
            .collect());
        let output = of(pairs
            .iter()
            .map(|&(_, b)| marked(&after.streams[b]))
            .collect());
        // If the source marks no subtitles, some containers mark the first.
        if source.is_some() {
            let name = |place: Option<usize>| match place {
                Some(place) => format!("stream {}", pairs[place].0),
                None => "none".to_owned(),
            };
            to.equal(&format!("default {kind}"), name(source), name(output));
        }
    }
}

fn stream(
    to: &mut Verification,
    what: &str,
    planned: &StreamPlan,
    source: &StreamInfo,
    output: &StreamInfo,
) {
    let words = |stream: &StreamInfo| match &stream.audio {
        Some(audio) => format!("{} {} Hz {}", stream.codec, audio.rate, audio.layout),
        None => stream.codec.clone(),
    };
    let (a, b) = (words(source), words(output));
    match planned.action {
        Action::Reencode => to.add(what, a, b, Verdict::Allowed, &planned.why),
        // The bytes are the same, but MP4 has one name for both codecs.
        _ if source.codec == "mp2" && output.codec == "mp3" => {
            to.add(
                what,
                a,
                b,
                Verdict::Allowed,
                "MP4 has one codec name for all layers of MPEG audio",
            );
        }
        _ => to.equal(what, a, b),
    }
    labels(to, what, source, output);
}

/// Compares language, title and dispositions.
fn labels(to: &mut Verification, what: &str, source: &StreamInfo, output: &StreamInfo) {
    let words = |stream: &StreamInfo| {
        let language = stream
            .language
            .as_deref()
            .filter(|&language| language != "und");
        // Some containers mark an output's only stream of a kind as the default.
        let dispositions: Vec<&str> = stream.dispositions.iter().map(String::as_str).collect();
        let dispositions = dispositions.into_iter().filter(|&name| name != "default");
        // MP4 stores a title as the name of the track's handler.
        let handler = stream
            .metadata
            .iter()
            .find(|(key, _)| key == "handler_name");
        let handler = handler.map(|(_, name)| name.as_str());
        let handler = handler.filter(|&name| source.title.as_deref() == Some(name));
        let title = stream.title.as_deref().or(handler);
        let parts: Vec<&str> = language
            .into_iter()
            .chain(title)
            .chain(dispositions)
            .collect();
        match parts.is_empty() {
            true => "none".to_owned(),
            false => parts.join(", "),
        }
    };
    to.equal(&format!("{what}: labels"), words(source), words(output));
}

fn chapters(to: &mut Verification, before: &SourceInfo, after: &SourceInfo, plan: &OutputPlan) {
    let part = before.part.as_ref();
    let expected: Vec<(f64, f64, &str)> = before
        .chapters
        .iter()
        .filter_map(|chapter| {
            let (start, end) = moved(part, chapter.start, chapter.end)?;
            Some((start, end, chapter.title.as_deref().unwrap_or("")))
        })
        .collect();
    if expected.is_empty() && after.chapters.is_empty() {
        return;
    }
    let found: Vec<(f64, f64, &str)> = after
        .chapters
        .iter()
        .map(|chapter| {
            (
                chapter.start,
                chapter.end,
                chapter.title.as_deref().unwrap_or(""),
            )
        })
        .collect();
    // Containers store milliseconds, and not all of them shift chapters with the streams.
    let near = |a: f64, b: f64| (a - b).abs() < 0.05;
    let same = expected.len() == found.len()
        && expected
            .iter()
            .zip(&found)
            .all(|(a, b)| near(a.0, b.0) && near(a.1, b.1) && a.2 == b.2);
    let verdict = match same {
        true => Verdict::Same,
        false if plan.drop.contains(&Dropped::Chapters) => Verdict::Allowed,
        false => Verdict::Differs,
    };
    let words = |chapters: &[(f64, f64, &str)]| {
        let each = chapters
            .iter()
            .map(|(start, _, title)| format!("{title} at {start:.3} s"));
        format!(
            "{}: {}",
            chapters.len(),
            each.collect::<Vec<_>>().join(", ")
        )
    };
    to.add("chapters", words(&expected), words(&found), verdict, "");
}

/// A time span in seconds, clipped to the part and converted to the output's time.
fn moved(part: Option<&Part>, start: f64, end: f64) -> Option<(f64, f64)> {
    let Some(part) = part else {
        return Some((start, end));
    };
    let micro = crate::frame::Rational::new(1, 1_000_000);
    let ticks = |seconds: f64| (seconds * 1e6).round() as i64;
    let (start, end) = part.clip(ticks(start), ticks(end), micro)?;
    Some((micro.seconds(start), micro.seconds(end)))
}

/// Every tag of the source must be in the output, except those about the source file itself.
fn metadata(
    to: &mut Verification,
    what: &str,
    source: &[(String, String)],
    output: &[(String, String)],
) {
    let kept: Vec<&(String, String)> = source
        .iter()
        .filter(|(key, value)| !is_about_the_file(key) && !value.is_empty())
        .collect();
    let has = |key: &str, value: &str| {
        let same = |(k, v): &(String, String)| k.eq_ignore_ascii_case(key) && v == value;
        output.iter().any(same)
    };
    // MP4 rounds the location, and stores it again under Apple's name.
    let elsewhere =
        |key: &str, value: &str| key.eq_ignore_ascii_case(LOCATION) && has(APPLE_LOCATION, value);
    let lost: Vec<&str> = kept
        .iter()
        .filter(|(key, value)| !has(key, value) && !elsewhere(key, value))
        .map(|(key, _)| key.as_str())
        .collect();
    let (verdict, why) = match lost.is_empty() {
        true => (Verdict::Same, String::new()),
        false => (
            Verdict::Differs,
            format!("lost or changed: {}", lost.join(", ")),
        ),
    };
    let count = |n: usize| format!("{n}");
    to.add(
        what,
        count(kept.len()),
        count(kept.len() - lost.len()),
        verdict,
        &why,
    );
}
