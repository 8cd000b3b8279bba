//! The order of names in which `clip 2` comes before `clip 10`.

use std::cmp::Ordering;

/// Compares names as people do: numbers by their value, letters without their case. Names that are the same for people
/// come by their bytes, so that only equal names are equal.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut rest_a, mut rest_b) = (a, b);
    loop {
        let (one, other) = match (next(&mut rest_a), next(&mut rest_b)) {
            (None, None) => return a.cmp(b),
            (one, other) => (one, other),
        };
        match one.cmp(&other) {
            Ordering::Equal => (),
            unequal => return unequal,
        }
    }
}

/// A piece of a name. Punctuation before the digits of ASCII comes before numbers, all else after them: `a.mp4`,
/// `a1.mp4`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    Before(char),
    /// The count of digits without leading zeros, and the digits.
    Number(usize, &'a str),
    After(char, char),
}

/// Takes the first piece off `rest`.
fn next<'a>(rest: &mut &'a str) -> Option<Piece<'a>> {
    let first = rest.chars().next()?;
    let digits = rest
        .bytes()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits > 0 {
        let (number, after) = rest.split_at(digits);
        *rest = after;
        let number = number.trim_start_matches('0');
        return Some(Piece::Number(number.len(), number));
    }
    *rest = &rest[first.len_utf8()..];
    if first < '0' {
        return Some(Piece::Before(first));
    }
    // The rare letters with two lower-case ones keep both.
    let mut lower = first.to_lowercase();
    let letter = lower.next().unwrap_or(first);
    Some(Piece::After(letter, lower.next().unwrap_or('\0')))
}
