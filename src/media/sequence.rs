//! Image sequences: pictures in numbered files, such as `frame_%04d.png`.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::frame::Rational;

/// Frames per second of a sequence if no rate is given. The same as FFmpeg's default.
pub const SEQUENCE_RATE: Rational = Rational::new(25, 1);
/// Digits in a number at most.
const MAX_DIGITS: usize = 18;
/// Bytes of one picture at most: the limit of a packet.
const MAX_BYTES: u64 = (i32::MAX - (1 << 16)) as u64;
/// Gaps named in a warning at most.
const MAX_GAPS_NAMED: usize = 8;

/// The name pattern of a sequence: a folder, and a file name that contains one `%d` or `%0Nd`. `%%` means a percent
/// sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    folder: PathBuf,
    before: Vec<u8>,
    /// Minimum number of digits; shorter numbers are padded with zeros.
    digits: usize,
    after: Vec<u8>,
}

impl Pattern {
    /// Reads the file name of `path` as a pattern; `None` if it is not one.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.as_encoded_bytes();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut digits = None;
        let mut rest = name;
        while let Some((&byte, next)) = rest.split_first() {
            let literal = if digits.is_some() {
                &mut after
            } else {
                &mut before
            };
            rest = next;
            if byte != b'%' {
                literal.push(byte);
            } else if let Some(next) = rest.strip_prefix(b"%") {
                literal.push(b'%');
                rest = next;
            } else {
                let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
                let width = std::str::from_utf8(&rest[..end]).ok()?;
                // Only padding with zeros is supported.
                let width = match width.strip_prefix('0') {
                    _ if width.is_empty() => 1,
                    Some(width) if !width.is_empty() => width.parse().ok()?,
                    _ => return None,
                };
                let fits =
                    rest[end] == b'd' && digits.is_none() && (1..=MAX_DIGITS).contains(&width);
                digits = fits.then_some(width);
                digits?;
                rest = &rest[end + 1..];
            }
        }
        Some(Self {
            folder: path.parent().unwrap_or(Path::new("")).into(),
            before,
            digits: digits?,
            after,
        })
    }

    /// As [`Self::of`], but `None` if a file of exactly that name exists: then that file is meant.
    pub fn meant_by(path: &Path) -> Option<Self> {
        Self::of(path).filter(|_| path.symlink_metadata().is_err())
    }

    /// The folder of the pictures.
    pub fn folder(&self) -> &Path {
        match self.folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => &self.folder,
        }
    }

    /// The path of picture `number`.
    pub fn file(&self, number: u64) -> PathBuf {
        let digits = format!("{number:0width$}", width = self.digits);
        let name = [&self.before, digits.as_bytes(), &self.after].concat();
        self.folder.join(os_string(name))
    }

    /// The number of the file called `name`; `None` if it is not part of the sequence.
    pub fn number(&self, name: &std::ffi::OsStr) -> Option<u64> {
        let digits = self.digits_of(name)?;
        let padded = digits.len() == self.digits;
        let longer = digits.len() > self.digits && digits[0] != b'0';
        (padded || longer).then_some(())?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// The digits in the place of the number, with any padding.
    fn digits_of<'n>(&self, name: &'n std::ffi::OsStr) -> Option<&'n [u8]> {
        let rest = name.as_encoded_bytes().strip_prefix(&self.before[..])?;
        let digits = rest.strip_suffix(&self.after[..])?;
        let all = digits.iter().all(u8::is_ascii_digit);
        (all && (1..=MAX_DIGITS).contains(&digits.len())).then_some(digits)
    }

    /// The numbers of the existing files, in order.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn numbers(&self) -> io::Result<Vec<u64>> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(self.folder())? {
            let entry = entry?;
            let number = self.number(&entry.file_name());
            if let Some(number) = number.filter(|_| !entry.file_type().is_ok_and(|t| t.is_dir())) {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The name without the number and its separator: `frame` for `frame_%04d.png`.
    pub fn stem(&self) -> String {
        let before = String::from_utf8_lossy(&self.before);
        let stem = before.trim_end_matches(['_', '-', '.', ' ']);
        match stem {
            "" => "frames".to_owned(),
            stem => stem.to_owned(),
        }
    }

    /// Whether `path` is in the sequence's folder and its name matches the pattern.
    pub fn holds(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| self.number(name));
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let same = match (folder.canonicalize(), self.folder().canonicalize()) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        };
        name.is_some() && same
    }

    /// The error text if no file matches. Suggests the pattern that would match.
    pub(crate) fn no_match(&self) -> String {
        let example = self.file(1);
        let example = example.file_name().unwrap_or_default().to_string_lossy();
        let mut words = format!(
            "no file of the image sequence (such as {example}) exists in {}",
            self.folder().display()
        );
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten();
        let other = entries
            .flatten()
            .find_map(|entry| Some(self.digits_of(&entry.file_name())?.len()));
        if let Some(digits) = other {
            let place = match digits {
                1 => "%d".to_owned(),
                digits => format!("%0{digits}d"),
            };
            let name = [&self.before, place.as_bytes(), &self.after].concat();
            words += &format!("; did you mean {}?", os_string(name).to_string_lossy());
        }
        words
    }
}

#[cfg(unix)]
fn os_string(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// The numbers of an image sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SequenceInfo {
    /// Number of the first picture.
    pub first: u64,
    /// Number of the last picture.
    pub last: u64,
    /// Number of pictures.
    pub pictures: u64,
    /// Missing numbers in between, as ranges (first, last).
    pub missing: Vec<(u64, u64)>,
    /// Whether no rate was given, so that [`SEQUENCE_RATE`] is used.
    pub rate_assumed: bool,
}

impl SequenceInfo {
    fn of(numbers: &[u64], rate_assumed: bool) -> Option<Self> {
        let pairs = numbers.windows(2);
        let gap = |pair: &[u64]| (pair[1] > pair[0] + 1).then(|| (pair[0] + 1, pair[1] - 1));
        Some(Self {
            first: *numbers.first()?,
            last: *numbers.last()?,
            pictures: numbers.len() as u64,
            missing: pairs.filter_map(gap).collect(),
            rate_assumed,
        })
    }

    /// A warning that names the missing numbers (`7, 9 to 12`); `None` if none is missing.
    pub fn missing_words(&self) -> Option<String> {
        let named = self.missing.iter().take(MAX_GAPS_NAMED);
        let words: Vec<String> = named
            .map(|&(first, last)| match first == last {
                true => first.to_string(),
                false => format!("{first} to {last}"),
            })
            .collect();
        let more = self.missing.len().saturating_sub(MAX_GAPS_NAMED);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more gaps"),
        };
        (!words.is_empty()).then(|| {
            format!(
                "the image sequence has gaps, in which the previous picture stays on screen: missing {}{more}",
                words.join(", ")
            )
        })
    }
}

/// Reads the pictures of a sequence one after the other.
pub(crate) struct SequenceReader {
    pattern: Pattern,
    numbers: Vec<u64>,
    next: usize,
    /// Frames per second.
    pub rate: Rational,
    rate_assumed: bool,
}

/// One picture of a sequence: its encoded file.
pub(crate) struct SequencePicture {
    /// Position, counted in pictures from the first one, gaps included.
    pub at: i64,
    /// Number of positions until the next picture; 1 for the last.
    pub length: i64,
    pub bytes: Vec<u8>,
}

impl SequenceReader {
    /// Opens the existing files of `pattern`, at `rate` frames per second.
    pub fn open(pattern: Pattern, rate: Option<Rational>) -> io::Result<Self> {
        Ok(Self {
            numbers: pattern.numbers()?,
            pattern,
            next: 0,
            rate: rate.unwrap_or(SEQUENCE_RATE),
            rate_assumed: rate.is_none(),
        })
    }

    /// The numbers of the sequence; `None` if no file exists.
    pub fn info(&self) -> Option<SequenceInfo> {
        SequenceInfo::of(&self.numbers, self.rate_assumed)
    }

    /// The files, in order.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.numbers.iter().map(|&number| self.pattern.file(number))
    }

    /// Size of all files together, in bytes.
    pub fn size(&self) -> u64 {
        let sizes = self
            .files()
            .map(|file| file.metadata().map_or(0, |m| m.len()));
        sizes.sum()
    }

    fn position(&self, index: usize) -> Option<i64> {
        let number = self.numbers.get(index)? - self.numbers.first()?;
        i64::try_from(number).ok()
    }

    /// Reads the next picture; `None` at the end. A file that cannot be read is skipped by the next call.
    pub fn read(&mut self) -> Option<io::Result<SequencePicture>> {
        let at = self.position(self.next)?;
        let file = self.pattern.file(self.numbers[self.next]);
        self.next += 1;
        let length = self.position(self.next).map_or(1, |next| next - at);
        let mut bytes = Vec::new();
        let read = File::open(file).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes));
        Some(match read {
            Ok(_) => Ok(SequencePicture { at, length, bytes }),
            Err(error) => Err(error),
        })
    }

    /// Moves to the last picture at or before position `at`, or to the first one.
    pub fn seek(&mut self, at: i64) {
        let first = self.numbers.first().copied().unwrap_or(0);
        let wanted = first.saturating_add_signed(at);
        let after = self.numbers.partition_point(|&number| number <= wanted);
        self.next = after.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_told_from_names() {
        let pattern = |name: &str| Pattern::of(Path::new(name));
        for name in [
            "frame.png",
            "100%.png",
            "%s.png",
            "%4d.png",
            "%0d.png",
            "%d_%d.png",
            "%099d.png",
            "a%",
        ] {
            assert_eq!(pattern(name), None, "{name}");
        }
        let file = |name: &str, number| pattern(name).unwrap().file(number);
        assert_eq!(file("a/f_%04d.png", 7), Path::new("a/f_0007.png"));
        assert_eq!(file("f%d.png", 7), Path::new("f7.png"));
        assert_eq!(file("50%%_%03d.png", 12_345), Path::new("50%_12345.png"));
        let stem = |name: &str| pattern(name).unwrap().stem();
        assert_eq!(
            (stem("f_%d.png"), stem("%d.png")),
            ("f".into(), "frames".into())
        );
    }

    #[test]
    fn names_belong_to_one_number() {
        let number = |pattern: &str, name: &str| {
            Pattern::of(Path::new(pattern))
                .unwrap()
                .number(name.as_ref())
        };
        assert_eq!(number("f%03d.png", "f007.png"), Some(7));
        assert_eq!(number("f%03d.png", "f1007.png"), Some(1007));
        for name in [
            "f07.png",
            "f0007.png",
            "f007.jpg",
            "g007.png",
            "f.png",
            "f00x.png",
        ] {
            assert_eq!(number("f%03d.png", name), None, "{name}");
        }
        assert_eq!(number("f%d.png", "f0.png"), Some(0));
        assert_eq!(number("f%d.png", "f01.png"), None);
    }

    #[test]
    fn gaps_are_named() {
        let info = SequenceInfo::of(&[3, 4, 6, 7, 12], true).unwrap();
        assert_eq!(info.missing, [(5, 5), (8, 11)]);
        assert!(
            info.missing_words()
                .unwrap()
                .ends_with("missing 5, 8 to 11")
        );
        assert_eq!(
            SequenceInfo::of(&[3, 4], true).unwrap().missing_words(),
            None
        );
    }

    #[test]
    fn pictures_are_read_by_their_numbers() {
        let dir = tempfile::tempdir().unwrap();
        for number in [5, 6, 9] {
            std::fs::write(dir.path().join(format!("p{number:02}.png")), [number]).unwrap();
        }
        std::fs::create_dir(dir.path().join("p07.png")).unwrap();
        let open = |name: &str| {
            SequenceReader::open(Pattern::of(&dir.path().join(name)).unwrap(), None).unwrap()
        };
        let mut sequence = open("p%02d.png");
        let next = |sequence: &mut SequenceReader| {
            let still = sequence.read()?.unwrap();
            Some((still.at, still.length, still.bytes))
        };
        assert_eq!(next(&mut sequence), Some((0, 1, vec![5])));
        assert_eq!(next(&mut sequence), Some((1, 3, vec![6])));
        assert_eq!(next(&mut sequence), Some((4, 1, vec![9])));
        assert_eq!(next(&mut sequence), None);
        for (at, first) in [(3, 6), (-1, 5), (4, 9), (99, 9)] {
            sequence.seek(at);
            assert_eq!(next(&mut sequence).unwrap().2, [first], "{at}");
        }
        let none = open("p%04d.png");
        assert_eq!(none.info(), None);
        assert!(none.pattern.no_match().ends_with("did you mean p%02d.png?"));
    }
}
