//! Names of files that come from elsewhere, made harmless.

/// The most bytes of a name.
pub(super) const NAME_BYTES: usize = 200;
/// The most bytes of an extension that is kept when a name is cut.
const EXTENSION_BYTES: usize = 20;
/// Names of devices on Windows, whatever extension they have.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// `name` as the name of a file that every system can hold: the last part of a path, without control characters,
/// characters that turn the direction of text or are not seen, and those that Windows reserves (`<>:"|?*`); not
/// hidden, no device, not empty (`upload` then), and of at most 200 bytes with its extension kept.
pub fn sanitised(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|letter| is_harmless(*letter)).collect();
    // Windows drops dots and blanks at the end.
    let is_edge = |letter: char| letter == '.' || letter.is_whitespace();
    let kept = kept.trim_start_matches(is_edge).trim_end_matches(is_edge);
    if kept.is_empty() {
        return "upload".to_owned();
    }
    let mut kept = kept.to_owned();
    if is_device(&kept) {
        kept.insert(0, '_');
    }
    numbered(&kept, 1)
}

/// `name` with `number` before its extension from 2 on, of at most 200 bytes: `clip (2).mp4`.
pub(super) fn numbered(name: &str, number: u32) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= EXTENSION_BYTES => name.split_at(dot),
        _ => (name, ""),
    };
    let number = match number {
        0 | 1 => String::new(),
        number => format!(" ({number})"),
    };
    let room = NAME_BYTES - extension.len() - number.len();
    let mut end = stem.len().min(room);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let mut stem = &stem[..end];
    if extension.is_empty() {
        // What was cut off may have stood after a dot or a blank.
        stem = stem.trim_end_matches(|letter: char| letter == '.' || letter.is_whitespace());
    }
    format!("{stem}{number}{extension}")
}

fn is_harmless(letter: char) -> bool {
    let is_hidden = matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{e0000}'..='\u{e007f}');
    !letter.is_control() && !is_hidden && !"<>:\"|?*/\\".contains(letter)
}

fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_uppercase();
    let is_port = ["COM", "LPT"].iter().any(|port| {
        let number = stem.strip_prefix(port);
        number.is_some_and(|number| number.chars().count() == 1 && "0123456789¹²³".contains(number))
    });
    is_port || DEVICES.contains(&stem.as_str())
}
