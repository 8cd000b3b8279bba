//! Numbers, times and names as they stand in a page.

/// `text` as it stands in a page, in text and in attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(letter),
            // XML 1.0 does not allow these (clause 2.2), and they show nothing.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// A number with as many places as tell it from others over `range`: three digits of `range` at least. A negative one has
/// a minus sign, not a hyphen.
pub fn number(value: f64, range: f64) -> String {
    let digits = range.abs().clamp(1e-12, 1e12).log10().floor();
    with_places(value, (2.0 - digits).clamp(0.0, 6.0) as usize)
}

/// A number with three digits, but without zeros at the end of its places.
pub(super) fn short(value: f64) -> String {
    let text = number(value, value);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A number with so many places after the point.
pub(super) fn with_places(value: f64, places: usize) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    let size = match value.is_infinite() {
        true => "infinite".to_owned(),
        false => format!("{:.places$}", value.abs()),
    };
    let is_zero = size.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    match value < 0.0 && !is_zero {
        true => format!("−{size}"),
        false => size,
    }
}

/// `seconds` as `m:ss.t`, or as `h:mm:ss` from an hour on. Times before 0 are 0.
pub fn clock(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    match whole {
        0..3600 => format!("{}:{:02}.{tenth}", whole / 60, whole % 60),
        _ => hours(seconds),
    }
}

/// `seconds` as `m:ss`. Minutes go on beyond 59.
pub(super) fn minutes(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}

/// `seconds` as `h:mm:ss`.
pub(super) fn hours(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let minutes = whole / 60;
    format!("{}:{:02}:{:02}", minutes / 60, minutes % 60, whole % 60)
}

/// Words about a change, as what changed and by how much: `noise −65 %` is `noise` and `−65 %`. The second is empty where
/// there is no number, the first where there is nothing else.
pub(super) fn split_at_number(words: &str) -> (&str, &str) {
    let words = words.trim();
    let begins = |word: &str| {
        let bare = word.trim_start_matches(['+', '-', '−', '±', '×', '~']);
        bare.starts_with(|letter: char| letter.is_ascii_digit())
    };
    let mut starts = words
        .char_indices()
        .filter(|(at, _)| *at == 0 || words[..*at].ends_with(char::is_whitespace));
    match starts.find(|(at, _)| begins(&words[*at..])) {
        Some((at, _)) => (words[..at].trim_end(), &words[at..]),
        None => (words, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_is_markup() {
        assert_eq!(escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
        assert_eq!(
            escaped("x\u{0}\u{1b}\u{ffff}\ny"),
            "x\u{fffd}\u{fffd}\u{fffd}\ny"
        );
    }

    #[test]
    fn numbers_have_the_places_that_they_need() {
        assert_eq!(number(35.123_45, 10.0), "35.1");
        assert_eq!(number(0.987_654, 0.01), "0.9877");
        assert_eq!(number(1234.5, 2000.0), "1234");
        assert_eq!(number(-0.25, 1.0), "−0.25");
        assert_eq!(number(-1e-9, 1.0), "0.00");
        assert_eq!(
            [short(12.0), short(0.31), short(4.1), short(100.0)],
            ["12", "0.31", "4.1", "100"]
        );
        assert_eq!(number(f64::INFINITY, f64::INFINITY), "infinite");
        assert_eq!(number(f64::NAN, 1.0), "–");
    }

    #[test]
    fn times_are_read_as_on_a_player() {
        assert_eq!(clock(0.0), "0:00.0");
        assert_eq!(clock(59.96), "1:00.0");
        assert_eq!(clock(3599.99), "1:00:00");
        assert_eq!(minutes(75.2), "1:15");
        assert_eq!(hours(7325.0), "2:02:05");
        assert_eq!(clock(-1.0), "0:00.0");
    }

    #[test]
    fn a_change_is_split_before_its_number() {
        assert_eq!(split_at_number("noise −65 %"), ("noise", "−65 %"));
        assert_eq!(
            split_at_number("edges kept 0.9 → 0.8"),
            ("edges kept", "0.9 → 0.8")
        );
        assert_eq!(
            split_at_number("ssimulacra2 better"),
            ("ssimulacra2 better", "")
        );
        assert_eq!(split_at_number("12 scenes"), ("", "12 scenes"));
        assert_eq!(split_at_number(""), ("", ""));
    }
}
