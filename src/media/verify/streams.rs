//! The other streams, chapters and tags.

use super::survey::{Packets, Survey};
use super::times;
use super::{NO_PLACE, Verdict, Verification};
use crate::media::info::{SourceInfo, StreamInfo, StreamKind};
use crate::media::part::Part;
use crate::media::plan::{Action, Leave, OutputPlan, StreamPlan};
use crate::media::sink::{APPLE_LOCATION, LOCATION};

/// Seconds by which subtitles in another form may come off their times: hundredths, in some forms.
const SUBTITLES_OFF: f64 = 0.05;
/// Seconds that the frames of an encoder may add to sound at its ends.
const SOUND_OFF: f64 = 0.3;

/// For each stream that the plan keeps, the source's and the output's index.
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

/// Streams that nothing in the source accounts for.
fn added(to: &mut Verification, before: &SourceInfo, after: &SourceInfo, plan: &OutputPlan) {
    let pairs = pairs(before, after, plan);
    let known = |index| pairs.iter().any(|(_, found)| *found == Some(index));
    for stream in &after.streams {
        // Chapters' names and timecodes are tracks of data in some containers.
        let ours = stream.index == after.video_stream || stream.kind == StreamKind::Data;
        if !ours && !known(stream.index) {
            let what = format!("added stream {} ({})", stream.index, stream.kind);
            let words = stream.codec.clone();
            to.add(&what, "none".into(), words, Verdict::Differs, "");
        }
    }
}

/// Which of several streams of a kind is played unless somebody chooses.
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
        // Where the source marks no subtitles, some containers mark the first.
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
        // The same bytes, for which MP4 has one name.
        _ if source.codec == "mp2" && output.codec == "mp3" => {
            to.add(
                what,
                a,
                b,
                Verdict::Allowed,
                "MPEG audio of any layer has one name there",
            );
        }
        _ => to.equal(what, a, b),
    }
    labels(to, what, source, output);
}

/// Language, title and dispositions.
fn labels(to: &mut Verification, what: &str, source: &StreamInfo, output: &StreamInfo) {
    let words = |stream: &StreamInfo| {
        let language = stream
            .language
            .as_deref()
            .filter(|&language| language != "und");
        // An output's only stream of a kind is marked as the default in some containers.
        let dispositions: Vec<&str> = stream.dispositions.iter().map(String::as_str).collect();
        let dispositions = dispositions.into_iter().filter(|&name| name != "default");
        // MP4 keeps a title as the name of the track's handler.
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
    // Containers keep milliseconds, and the shift of all streams moves chapters or not.
    let near = |a: f64, b: f64| (a - b).abs() < 0.05;
    let same = expected.len() == found.len()
        && expected
            .iter()
            .zip(&found)
            .all(|(a, b)| near(a.0, b.0) && near(a.1, b.1) && a.2 == b.2);
    let verdict = match same {
        true => Verdict::Same,
        false if plan.drop.contains(&Leave::Chapters) => Verdict::Allowed,
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

/// A span in seconds, cut to the part and moved as it is in the output.
fn moved(part: Option<&Part>, start: f64, end: f64) -> Option<(f64, f64)> {
    let Some(part) = part else {
        return Some((start, end));
    };
    let micro = crate::frame::Rational::new(1, 1_000_000);
    let ticks = |seconds: f64| (seconds * 1e6).round() as i64;
    let (start, end) = part.span(ticks(start), ticks(end), micro)?;
    Some((micro.seconds(start), micro.seconds(end)))
}

/// Every tag of the source must be in the output; those about the file itself are its own.
fn metadata(
    to: &mut Verification,
    what: &str,
    source: &[(String, String)],
    output: &[(String, String)],
) {
    let kept: Vec<&(String, String)> = source
        .iter()
        .filter(|(key, value)| !crate::media::sink::is_about_the_file(key) && !value.is_empty())
        .collect();
    let has = |key: &str, value: &str| {
        let same = |(k, v): &(String, String)| k.eq_ignore_ascii_case(key) && v == value;
        output.iter().any(same)
    };
    // MP4 rounds a place, and says it again as players of Apple's want it.
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

/// Packets that were copied have the same bytes, at the same times.
pub(super) fn compare_packets(
    to: &mut Verification,
    before: &Survey,
    after: &Survey,
    plan: &OutputPlan,
) {
    let shift = times::shift(before, after);
    for (planned, found) in pairs(&before.info, &after.info, plan) {
        let Some(found) = found else { continue };
        if [StreamKind::Cover, StreamKind::Attachment].contains(&planned.kind) {
            attached(to, &planned, (before, planned.index), (after, found));
            continue;
        }
        if planned.action == Action::Reencode {
            recoded(to, &planned, (before, planned.index), (after, found), shift);
            continue;
        }
        let (a, b) = (&before.packets[planned.index], &after.packets[found]);
        let what = format!("stream {} ({}): packets", planned.index, planned.kind);
        let words = |packets: &Packets| format!("{} with {} bytes", packets.count, packets.bytes);
        let tick = before.header.streams[planned.index].time_base.to_f64();
        let tick = tick.max(after.header.streams[found].time_base.to_f64());
        let (same, off) = (
            a.digest == b.digest && a.count == b.count,
            offset(a, b, shift),
        );
        let (verdict, why) = match (same, off) {
            (_, Some(off)) if off > tick + 0.001 => (
                Verdict::Differs,
                format!("their times are up to {:.3} ms off", off * 1e3),
            ),
            (true, _) => (Verdict::Same, String::new()),
            (false, _) => (Verdict::Differs, "their bytes differ".to_owned()),
        };
        to.add(&what, words(a), words(b), verdict, &why);
    }
}

/// A cover picture or attachment has the same bytes, under the same name.
fn attached(
    to: &mut Verification,
    planned: &StreamPlan,
    (before, a): (&Survey, usize),
    (after, b): (&Survey, usize),
) {
    let content = |survey: &Survey, index: usize| {
        let stream = &survey.header.streams[index];
        match &stream.cover {
            Some(cover) => cover.data().to_vec(),
            None => stream.params.extradata(),
        }
    };
    let name = |survey: &Survey, index: usize| {
        let tags = &survey.info.streams[index].metadata;
        let name = tags
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case("filename"));
        name.filter(|_| planned.kind == StreamKind::Attachment)
            .map_or(String::new(), |(_, name)| format!("{name}, "))
    };
    let (x, y) = (content(before, a), content(after, b));
    let same = x == y && name(before, a) == name(after, b);
    let words = |name: String, bytes: &[u8]| format!("{name}{} bytes", bytes.len());
    let verdict = match same {
        true => Verdict::Same,
        false => Verdict::Differs,
    };
    to.add(
        &format!("stream {} ({}): content", planned.index, planned.kind),
        words(name(before, a), &x),
        words(name(after, b), &y),
        verdict,
        if same || x.len() != y.len() {
            ""
        } else {
            "its bytes or name differ"
        },
    );
}

/// A stream that was encoded anew lasts as long; subtitles are as many, at the same times.
fn recoded(
    to: &mut Verification,
    planned: &StreamPlan,
    (before, a): (&Survey, usize),
    (after, b): (&Survey, usize),
    shift: f64,
) {
    let (x, y) = (&before.packets[a], &after.packets[b]);
    let begin = |packets: &Packets| packets.times.iter().copied().fold(f64::INFINITY, f64::min);
    let words = |packets: &Packets| match planned.kind {
        StreamKind::Subtitle => format!("{} of them", packets.count),
        _ => format!("{:.3} to {:.3} s", begin(packets), packets.end),
    };
    let same = match planned.kind {
        StreamKind::Subtitle => {
            x.count == y.count && offset(x, y, shift).is_none_or(|off| off <= SUBTITLES_OFF)
        }
        _ if x.count == 0 || y.count == 0 => x.count == y.count,
        _ => {
            let late = begin(y) - shift - begin(x);
            let off = (y.end - shift - x.end).abs();
            late <= SOUND_OFF && off <= SOUND_OFF
        }
    };
    let verdict = match same {
        true => Verdict::Same,
        false => Verdict::Differs,
    };
    let what = format!("stream {} ({}): extent", planned.index, planned.kind);
    to.add(&what, words(x), words(y), verdict, "");
}

/// Seconds by which the times of packets differ at most, but for the shift of the pictures.
fn offset(a: &Packets, b: &Packets, shift: f64) -> Option<f64> {
    let pairs = a.times.iter().zip(&b.times);
    pairs.map(|(a, b)| (b - a - shift).abs()).reduce(f64::max)
}
