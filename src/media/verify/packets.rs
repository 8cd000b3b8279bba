//! Compares the packets of the other streams, and attached files.

use super::file_scan::{FileScan, Packets};
use super::streams::pairs;
use super::{Verdict, Verification, times};
use crate::media::info::StreamKind;
use crate::media::plan::{Action, OutputPlan, StreamPlan};

/// Accepted difference of converted subtitles, in seconds: some formats store hundredths.
const SUBTITLES_OFF: f64 = 0.05;
/// Accepted difference at the ends of re-encoded audio, in seconds: encoders add samples to fill their frames.
const SOUND_OFF: f64 = 0.3;

/// Copied packets must have the same bytes and times.
pub(super) fn compare(
    to: &mut Verification,
    before: &FileScan,
    after: &FileScan,
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
            reencoded(to, &planned, (before, planned.index), (after, found), shift);
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
                format!("their times differ by up to {:.3} ms", off * 1e3),
            ),
            (true, _) => (Verdict::Same, String::new()),
            (false, _) => (Verdict::Differs, "their bytes differ".to_owned()),
        };
        to.add(&what, words(a), words(b), verdict, &why);
    }
}

/// A cover picture or attachment must have the same bytes and name.
fn attached(
    to: &mut Verification,
    planned: &StreamPlan,
    (before, a): (&FileScan, usize),
    (after, b): (&FileScan, usize),
) {
    let content = |scan: &FileScan, index: usize| {
        let stream = &scan.header.streams[index];
        match &stream.cover {
            Some(cover) => cover.data().to_vec(),
            None => stream.params.extradata(),
        }
    };
    let name = |scan: &FileScan, index: usize| {
        let tags = &scan.info.streams[index].metadata;
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

/// A re-encoded stream must have the same start and end; subtitles the same number and times.
fn reencoded(
    to: &mut Verification,
    planned: &StreamPlan,
    (before, a): (&FileScan, usize),
    (after, b): (&FileScan, usize),
    shift: f64,
) {
    let (x, y) = (&before.packets[a], &after.packets[b]);
    let begin = |packets: &Packets| packets.times.iter().copied().fold(f64::INFINITY, f64::min);
    let words = |packets: &Packets| match planned.kind {
        StreamKind::Subtitle => format!("{} subtitles", packets.count),
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

/// The largest difference between the times of two packets, in seconds, apart from the common shift.
fn offset(a: &Packets, b: &Packets, shift: f64) -> Option<f64> {
    let pairs = a.times.iter().zip(&b.times);
    pairs.map(|(a, b)| (b - a - shift).abs()).reduce(f64::max)
}
