//! Pictures in numbered files, `frame_%04d.png`: which there are, and reading them one after the other.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::frame::Rational;

/// Frames a second of a sequence for which nobody names a rate: FFmpeg's choice.
pub const SEQUENCE_RATE: Rational = Rational::new(25, 1);
/// Digits that a number may have.
const MOST_DIGITS: usize = 18;
/// Bytes of one picture at most: what fits into a packet.
const LONGEST: u64 = (i32::MAX - (1 << 16)) as u64;
/// Gaps that are named.
const GAPS_NAMED: usize = 8;

/// The names of a sequence: a folder, and a file name with one `%d` or `%0Nd` in it; `%%` is a percent sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    folder: PathBuf,
    before: Vec<u8>,
    /// Digits at least, filled up with zeros.
    digits: usize,
    after: Vec<u8>,
}

impl Pattern {
    /// The pattern that the file name of `path` is, if it is one.
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
                // Only zeros fill a number up.
                let width = match width.strip_prefix('0') {
                    _ if width.is_empty() => 1,
                    Some(width) if !width.is_empty() => width.parse().ok()?,
                    _ => return None,
                };
                let fits =
                    rest[end] == b'd' && digits.is_none() && (1..=MOST_DIGITS).contains(&width);
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

    /// As [`Self::of`], unless a file of that very name is there: then that is meant.
    pub fn meant_by(path: &Path) -> Option<Self> {
        Self::of(path).filter(|_| path.symlink_metadata().is_err())
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        match self.folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => &self.folder,
        }
    }

    /// The file of a number.
    pub fn file(&self, number: u64) -> PathBuf {
        let digits = format!("{number:0width$}", width = self.digits);
        let name = [&self.before, digits.as_bytes(), &self.after].concat();
        self.folder.join(os_string(name))
    }

    /// The number of the file called `name`, if it belongs to the sequence.
    pub fn number(&self, name: &std::ffi::OsStr) -> Option<u64> {
        let digits = self.digits_of(name)?;
        let padded = digits.len() == self.digits;
        let longer = digits.len() > self.digits && digits[0] != b'0';
        (padded || longer).then_some(())?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// The digits in the place of the number, however many.
    fn digits_of<'n>(&self, name: &'n std::ffi::OsStr) -> Option<&'n [u8]> {
        let rest = name.as_encoded_bytes().strip_prefix(&self.before[..])?;
        let digits = rest.strip_suffix(&self.after[..])?;
        let all = digits.iter().all(u8::is_ascii_digit);
        (all && (1..=MOST_DIGITS).contains(&digits.len())).then_some(digits)
    }

    /// The numbers of the files that are there, in order.
    ///
    /// # Errors
    /// Those of reading the folder.
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

    /// The name, but for the number and what sets it apart: `frame` for `frame_%04d.png`.
    pub fn stem(&self) -> String {
        let before = String::from_utf8_lossy(&self.before);
        let stem = before.trim_end_matches(['_', '-', '.', ' ']);
        match stem {
            "" => "frames".to_owned(),
            stem => stem.to_owned(),
        }
    }

    /// Whether `path` has a name of the sequence, in its folder.
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

    /// Why there is no file of it, and what may be meant.
    pub(crate) fn nothing(&self) -> String {
        let example = self.file(1);
        let example = example.file_name().unwrap_or_default().to_string_lossy();
        let mut words = format!(
            "no file of the image sequence is there, {example} or another number, in {}",
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

/// Which pictures a sequence has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SequenceInfo {
    /// Number of the first picture.
    pub first: u64,
    /// Number of the last picture.
    pub last: u64,
    /// How many there are.
    pub pictures: u64,
    /// Numbers in between that are missing, each as its first and last.
    pub missing: Vec<(u64, u64)>,
    /// Whether nobody named the rate.
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

    /// The missing numbers in words: `7, 9 to 12`; none where nothing is missing.
    pub fn missing_words(&self) -> Option<String> {
        let named = self.missing.iter().take(GAPS_NAMED);
        let words: Vec<String> = named
            .map(|&(first, last)| match first == last {
                true => first.to_string(),
                false => format!("{first} to {last}"),
            })
            .collect();
        let more = self.missing.len().saturating_sub(GAPS_NAMED);
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} gaps more"),
        };
        (!words.is_empty()).then(|| {
            format!(
                "the image sequence has gaps, through which the picture before is shown: missing {}{more}",
                words.join(", ")
            )
        })
    }
}

/// A sequence being read.
pub(crate) struct SequenceReader {
    pattern: Pattern,
    numbers: Vec<u64>,
    next: usize,
    /// Frames a second.
    pub rate: Rational,
    rate_assumed: bool,
}

/// A picture of a sequence, as its file holds it.
pub(crate) struct Still {
    /// Its place, counted in pictures from the first, gaps included.
    pub at: i64,
    /// Pictures until the next.
    pub length: i64,
    pub bytes: Vec<u8>,
}

impl SequenceReader {
    /// The files of `pattern` that are there, at `rate` frames a second.
    pub fn open(pattern: Pattern, rate: Option<Rational>) -> io::Result<Self> {
        Ok(Self {
            numbers: pattern.numbers()?,
            pattern,
            next: 0,
            rate: rate.unwrap_or(SEQUENCE_RATE),
            rate_assumed: rate.is_none(),
        })
    }

    /// What is there; `None` where nothing is.
    pub fn info(&self) -> Option<SequenceInfo> {
        SequenceInfo::of(&self.numbers, self.rate_assumed)
    }

    /// Its files, in order.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.numbers.iter().map(|&number| self.pattern.file(number))
    }

    /// Bytes of all files together.
    pub fn size(&self) -> u64 {
        let sizes = self
            .files()
            .map(|file| file.metadata().map_or(0, |m| m.len()));
        sizes.sum()
    }

    fn place(&self, index: usize) -> Option<i64> {
        let number = self.numbers.get(index)? - self.numbers.first()?;
        i64::try_from(number).ok()
    }

    /// The next picture; `None` at the end. What fails is passed over by the next call.
    pub fn read(&mut self) -> Option<io::Result<Still>> {
        let at = self.place(self.next)?;
        let file = self.pattern.file(self.numbers[self.next]);
        self.next += 1;
        let length = self.place(self.next).map_or(1, |next| next - at);
        let mut bytes = Vec::new();
        let read = File::open(file).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
        Some(match read {
            Ok(_) => Ok(Still { at, length, bytes }),
            Err(error) => Err(error),
        })
    }

    /// Goes to the last picture at or before the place `at`, or to the first.
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
        assert!(none.pattern.nothing().ends_with("did you mean p%02d.png?"));
    }
}
