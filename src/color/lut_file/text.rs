//! Lines, words and numbers of look-up tables that are text.

use std::borrow::Cow;

use super::LutError;

/// The lines of a file that are not empty, without spaces around them, and their numbers from 1. A line ends with LF, CR LF
/// or CR.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Of CR LF, the LF ends an empty line that has no number of its own.
    let pairs = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
    let only_lf = pairs > 0 || !bytes.contains(&b'\r');
    let ends = move |byte: &u8| *byte == b'\n' || (!only_lf && *byte == b'\r');
    let lines = bytes.split(ends).enumerate();
    let lines = lines.map(|(index, line)| (index + 1, line.trim_ascii()));
    lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| (number, String::from_utf8_lossy(line)))
}

/// An error in the line of this number.
pub fn at(line: usize) -> impl Fn(String) -> LutError {
    move |what| LutError { line, what }
}

/// The first word of a line, and the rest of it.
pub fn first_word(line: &str) -> (&str, &str) {
    line.split_once(|c: char| c.is_ascii_whitespace())
        .map_or((line, ""), |(word, rest)| (word, rest.trim()))
}

/// A whole number from 2 to `most`: the number of entries of a table.
pub fn size(word: &str, rest: &str, most: usize) -> Result<usize, String> {
    match without_comment(rest).trim().parse::<usize>() {
        Ok(size) if (2..=most).contains(&size) => Ok(size),
        _ => Err(format!(
            "{word} is {}, but must be a whole number from 2 to {most}",
            shown(rest)
        )),
    }
}

pub fn without_comment(text: &str) -> &str {
    text.split('#').next().unwrap_or_default()
}

/// A finite number.
pub fn number(word: &str) -> Result<f32, String> {
    word.parse::<f32>()
        .ok()
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("{} is not a finite number", shown(word)))
}

/// Exactly `N` finite numbers.
pub fn numbers<const N: usize>(text: &str) -> Result<[f32; N], String> {
    let mut numbers = [0.0; N];
    let mut count = 0;
    for word in without_comment(text).split_ascii_whitespace() {
        let number = number(word)?;
        if let Some(place) = numbers.get_mut(count) {
            *place = number;
        }
        count += 1;
    }
    if count == N {
        Ok(numbers)
    } else {
        Err(format!("{count} numbers where {N} are needed"))
    }
}

/// Any number of finite numbers.
pub fn all_numbers(text: &str) -> Result<Vec<f32>, String> {
    let words = without_comment(text).split_ascii_whitespace();
    words.map(number).collect()
}

/// A word of the file, shortened and quoted for a message.
pub fn shown(word: &str) -> String {
    const LONGEST: usize = 40;
    let start: String = word.chars().take(LONGEST).collect();
    let dots = if start.len() < word.len() { "…" } else { "" };
    format!("{start:?}{dots}")
}

/// What is said where a file has too few rows.
pub fn too_few(rows: usize, of: usize) -> String {
    format!("the file ends after {rows} of {of} rows of numbers")
}
