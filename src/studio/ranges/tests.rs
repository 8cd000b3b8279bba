//! Tests of ranges.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const TAG: &str = "\"10-20\"";

fn part(start: u64, end_inclusive: u64) -> Answer {
    Answer::Part {
        start,
        end_inclusive,
    }
}

#[test]
fn ranges_of_the_standard_are_answered() {
    // RFC 9110, 14.1.2, on a file of 10000 bytes.
    let cases = [
        ("bytes=0-499", part(0, 499)),
        ("bytes=500-999", part(500, 999)),
        ("bytes=-500", part(9500, 9999)),
        ("bytes=9500-", part(9500, 9999)),
        ("bytes=0-0", part(0, 0)),
        ("bytes=-1", part(9999, 9999)),
        ("bytes=9999-", part(9999, 9999)),
        ("bytes=0-10000", part(0, 9999)),
        ("bytes=0-99999999999999999999999999", part(0, 9999)),
        ("bytes=-10001", part(0, 9999)),
        ("bytes=-99999999999999999999999999", part(0, 9999)),
        ("BYTES=1-2", part(1, 2)),
        ("bytes= 1-2 ", part(1, 2)),
        ("bytes=,1-2,", part(1, 2)),
        ("bytes=10000-", Answer::Unsatisfiable),
        ("bytes=10000-10001", Answer::Unsatisfiable),
        ("bytes=99999999999999999999999999-", Answer::Unsatisfiable),
        ("bytes=-0", Answer::Unsatisfiable),
        ("bytes=0-0,-1", Answer::Whole),
        ("bytes= 0-999, 4500-5499, -1000", Answer::Whole),
        ("bytes=500-600,601-999", Answer::Whole),
    ];
    for (header, expected) in cases {
        assert_eq!(range(Some(header), None, TAG, 10_000), expected, "{header}");
    }
}

#[test]
fn what_is_malformed_is_ignored() {
    let bad = [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=5",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=--5",
        "bytes=1 - 2",
        "bytes=0x1-2",
        "seconds=1-2",
        "bytes:1-2",
        "=1-2",
        "bytes=1-\u{662}",
    ];
    for header in bad {
        assert_eq!(
            range(Some(header), None, TAG, 100),
            Answer::Whole,
            "{header}"
        );
    }
    assert_eq!(range(None, None, TAG, 100), Answer::Whole);
    assert_eq!(range(None, Some(TAG), TAG, 100), Answer::Whole);
}

#[test]
fn a_range_without_an_end_is_answered_in_pieces() {
    let mib = 1024 * 1024;
    let open = |start| range(Some(&format!("bytes={start}-")), None, TAG, 5 * mib);
    assert_eq!(open(0), part(0, 2 * mib - 1));
    assert_eq!(open(2 * mib), part(2 * mib, 4 * mib - 1));
    assert_eq!(open(4 * mib), part(4 * mib, 5 * mib - 1));
    assert_eq!(open(5 * mib), Answer::Unsatisfiable);
    // The others are as long as was asked for.
    let all = part(0, 5 * mib - 1);
    assert_eq!(range(Some("bytes=0-5242879"), None, TAG, 5 * mib), all);
    assert_eq!(range(Some("bytes=-5242880"), None, TAG, 5 * mib), all);
    let header = format!("bytes={}-", u64::MAX - 1);
    let last = range(Some(&header), None, TAG, u64::MAX);
    assert_eq!(last, part(u64::MAX - 1, u64::MAX - 1));
}

#[test]
fn nothing_is_a_part_of_an_empty_file() {
    let cases = [
        ("bytes=0-", Answer::Unsatisfiable),
        ("bytes=0-5", Answer::Unsatisfiable),
        ("bytes=-5", Answer::Whole),
    ];
    for (header, expected) in cases {
        assert_eq!(range(Some(header), None, TAG, 0), expected, "{header}");
    }
}

#[test]
fn a_part_of_another_version_is_not_given() {
    let given = |tag| range(Some("bytes=5-"), Some(tag), TAG, 10);
    assert_eq!(given(TAG), part(5, 9));
    for other in [
        "\"10-21\"",
        "W/\"10-20\"",
        "10-20",
        "Sat, 29 Oct 1994 19:43:31 GMT",
        "",
        "*",
    ] {
        assert_eq!(given(other), Answer::Whole, "{other}");
    }
    let weak = "W/\"1\"";
    assert_eq!(range(Some("bytes=5-"), Some(weak), weak, 10), Answer::Whole);
    // Also where the range would be refused.
    assert_eq!(
        range(Some("bytes=50-"), Some("\"x\""), TAG, 10),
        Answer::Whole
    );
}

#[test]
fn answers_are_told_in_headers() {
    assert_eq!(
        part(0, 499).content_range(1000).as_deref(),
        Some("bytes 0-499/1000")
    );
    assert_eq!(
        Answer::Unsatisfiable.content_range(7).as_deref(),
        Some("bytes */7")
    );
    assert_eq!(Answer::Whole.content_range(7), None);
    let bytes = [part(5, 9), Answer::Whole, Answer::Unsatisfiable].map(|answer| answer.bytes(20));
    assert_eq!(bytes, [5, 20, 0]);
}

#[test]
fn tags_tell_sizes_and_times_apart() {
    let time = UNIX_EPOCH + Duration::new(5, 1);
    let tags = [
        etag(10, time),
        etag(11, time),
        etag(10, time + Duration::from_nanos(1)),
        etag(10, UNIX_EPOCH - Duration::new(5, 1)),
    ];
    assert_eq!(tags[0], "\"a-12a05f201\"");
    for (index, tag) in tags.iter().enumerate() {
        assert!(!tags[..index].contains(tag));
        assert!(tag.starts_with('"') && tag.ends_with('"') && !tag[1..tag.len() - 1].contains('"'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_part_is_within_the_file(header in "(bytes=)?[0-9, -]{0,30}|\\PC*", len in prop_oneof![0..100_u64, any::<u64>()]) {
        let answer = range(Some(&header), None, TAG, len);
        if let Answer::Part { start, end_inclusive } = answer {
            prop_assert!(start <= end_inclusive && end_inclusive < len);
            prop_assert!(answer.bytes(len) <= len);
        }
    }

    #[test]
    fn pieces_make_up_the_file(len in 1..20_000_000_u64) {
        let mut start = 0;
        while start < len {
            match range(Some(&format!("bytes={start}-")), Some(TAG), TAG, len) {
                Answer::Part { start: from, end_inclusive } => {
                    prop_assert_eq!(from, start);
                    prop_assert!(end_inclusive - from < OPEN_ENDED_BYTES);
                    start = end_inclusive + 1;
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
        prop_assert_eq!(start, len);
    }

    #[test]
    fn two_numbers_are_the_part_between_them(a in 0..200_u64, b in 0..200_u64, len in 1..200_u64) {
        let expected = match (a <= b, a < len) {
            (false, _) => Answer::Whole,
            (true, false) => Answer::Unsatisfiable,
            (true, true) => part(a, b.min(len - 1)),
        };
        prop_assert_eq!(range(Some(&format!("bytes={a}-{b}")), None, TAG, len), expected);
    }
}
