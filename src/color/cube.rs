//! Reads `.cube` files: Adobe's format (Cube LUT Specification 1.0, 2013) and that of DaVinci Resolve, which adds input
//! ranges and curves before a cube.

use super::lut::{Cube, Curves, Domain, Lut};

/// Maximum entries on each side of a cube, and of a curve. (Adobe allows cubes of 256, which are not used in practice.)
pub const LARGEST_CUBE: usize = 129;
pub const LARGEST_CURVES: usize = 65_536;

/// Bytes read from a file at most: enough for the largest cube with more digits than floats need.
pub const LARGEST_FILE: u64 = 256 << 20;

/// What is wrong with a `.cube` file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct CubeError {
    /// Line number, counted from 1.
    pub line: usize,
    pub what: String,
}

/// The values of the keywords.
#[derive(Default)]
struct Header {
    title: Option<String>,
    curves: Option<usize>,
    cube: Option<usize>,
    min: Option<[f32; 3]>,
    max: Option<[f32; 3]>,
    curves_range: Option<[f32; 2]>,
    cube_range: Option<[f32; 2]>,
}

impl Header {
    /// Number of rows of numbers that the file must contain.
    fn rows(&self) -> usize {
        self.curves.unwrap_or(0) + self.cube.map_or(0, |size| size.pow(3))
    }

    /// Domain of the table whose input range is `range`. `DOMAIN_MIN` and `DOMAIN_MAX` apply to the first table.
    fn domain(
        &self,
        size: usize,
        first: bool,
        range: Option<[f32; 2]>,
        keyword: &str,
    ) -> Result<Domain, String> {
        let stated = first && (self.min.is_some() || self.max.is_some());
        let domain = match range {
            Some(_) if stated => {
                return Err(format!(
                    "{keyword} and DOMAIN_MIN, DOMAIN_MAX describe the same table: keep only one of them"
                ));
            }
            Some([min, max]) => Domain {
                min: [min; 3],
                max: [max; 3],
            },
            None if first => Domain {
                min: self.min.unwrap_or([0.0; 3]),
                max: self.max.unwrap_or([1.0; 3]),
            },
            None => Domain::default(),
        };
        for c in 0..3 {
            let (min, max) = (domain.min[c], domain.max[c]);
            if min >= max {
                return Err(format!(
                    "the minimum of the domain, {min}, is not below its maximum, {max}"
                ));
            }
        }
        if domain.scale(size).iter().any(|scale| !scale.is_finite()) {
            return Err("the range of the domain is too narrow".to_owned());
        }
        Ok(domain)
    }
}

/// Reads a `.cube` file.
///
/// Accepts `LUT_1D_SIZE` 2 to 65 536, `LUT_3D_SIZE` 2 to 129, or both (the curves come first), `DOMAIN_MIN`,
/// `DOMAIN_MAX`, `LUT_1D_INPUT_RANGE`, `LUT_3D_INPUT_RANGE`, `TITLE`, comments, CRLF and a byte-order mark. Memory is
/// allocated for the numbers in the file, never for the size it declares.
///
/// # Errors
/// The first error in the file, with its line.
pub fn parse(bytes: &[u8]) -> Result<Lut, CubeError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut header = Header::default();
    let mut rows: Vec<[f32; 3]> = Vec::new();
    let mut last = 1;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line[0] == b'#' {
            continue;
        }
        last = index + 1;
        let fail = |what| CubeError {
            line: index + 1,
            what,
        };
        let line = String::from_utf8_lossy(line);
        let (word, rest) = line
            .split_once(|c: char| c.is_ascii_whitespace())
            .unwrap_or((&line, ""));
        if word.parse::<f32>().is_ok() {
            if rows.len() == header.rows() {
                return Err(fail(if header.rows() == 0 {
                    "numbers come before LUT_1D_SIZE or LUT_3D_SIZE".to_owned()
                } else {
                    format!(
                        "there are more rows of numbers than the {} declared",
                        header.rows()
                    )
                }));
            }
            rows.push(numbers(&line).map_err(fail)?);
        } else if !rows.is_empty() {
            return Err(fail(format!(
                "{} comes after numbers: keywords must come before all numbers",
                shown(word)
            )));
        } else {
            keyword(&mut header, word, rest.trim()).map_err(fail)?;
        }
    }
    finish(header, rows).map_err(|what| CubeError { line: last, what })
}

fn keyword(header: &mut Header, word: &str, rest: &str) -> Result<(), String> {
    fn set<T>(place: &mut Option<T>, word: &str, value: T) -> Result<(), String> {
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(format!("{word} is given twice")),
        }
    }
    match word {
        "TITLE" => set(&mut header.title, word, rest.trim_matches('"').to_owned()),
        "LUT_1D_SIZE" => {
            let size = size(word, rest, LARGEST_CURVES)?;
            set(&mut header.curves, word, size)
        }
        "LUT_3D_SIZE" => {
            let size = size(word, rest, LARGEST_CUBE)?;
            set(&mut header.cube, word, size)
        }
        "DOMAIN_MIN" => set(&mut header.min, word, numbers(rest)?),
        "DOMAIN_MAX" => set(&mut header.max, word, numbers(rest)?),
        "LUT_1D_INPUT_RANGE" => set(&mut header.curves_range, word, numbers(rest)?),
        "LUT_3D_INPUT_RANGE" => set(&mut header.cube_range, word, numbers(rest)?),
        _ => Err(format!("{} is not a keyword of .cube files", shown(word))),
    }
}

fn size(word: &str, rest: &str, most: usize) -> Result<usize, String> {
    match without_comment(rest).trim().parse::<usize>() {
        Ok(size) if (2..=most).contains(&size) => Ok(size),
        _ => Err(format!(
            "{word} is {}, but must be a whole number from 2 to {most}",
            shown(rest)
        )),
    }
}

fn without_comment(text: &str) -> &str {
    text.split('#').next().unwrap_or_default()
}

/// Exactly `N` finite numbers.
fn numbers<const N: usize>(text: &str) -> Result<[f32; N], String> {
    let mut numbers = [0.0; N];
    let mut count = 0;
    for word in without_comment(text).split_ascii_whitespace() {
        let number = word
            .parse::<f32>()
            .ok()
            .filter(|number| number.is_finite())
            .ok_or_else(|| format!("{} is not a finite number", shown(word)))?;
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

/// A word of the file, shortened and quoted for a message.
fn shown(word: &str) -> String {
    const LONGEST: usize = 40;
    let start: String = word.chars().take(LONGEST).collect();
    let dots = if start.len() < word.len() { "…" } else { "" };
    format!("{start:?}{dots}")
}

fn finish(header: Header, rows: Vec<[f32; 3]>) -> Result<Lut, String> {
    if header.rows() == 0 {
        return Err(
            "there is neither LUT_1D_SIZE nor LUT_3D_SIZE: this is not a .cube file".to_owned(),
        );
    }
    if rows.len() < header.rows() {
        return Err(format!(
            "the file ends after {} of {} rows of numbers",
            rows.len(),
            header.rows()
        ));
    }
    if header.curves.is_none() && header.curves_range.is_some()
        || header.cube.is_none() && header.cube_range.is_some()
    {
        return Err(
            "an input range is given for a table that the file does not contain".to_owned(),
        );
    }
    let (head, tail) = rows.split_at(header.curves.unwrap_or(0));
    let curves = match header.curves {
        Some(size) => Some(Curves {
            domain: header.domain(size, true, header.curves_range, "LUT_1D_INPUT_RANGE")?,
            entries: head.to_vec(),
        }),
        None => None,
    };
    let cube = match header.cube {
        Some(size) => Some(Cube {
            domain: header.domain(
                size,
                curves.is_none(),
                header.cube_range,
                "LUT_3D_INPUT_RANGE",
            )?,
            size,
            entries: tail.iter().map(|[r, g, b]| [*r, *g, *b, 0.0]).collect(),
        }),
        None => None,
    };
    Ok(Lut {
        title: header.title.unwrap_or_default(),
        curves,
        cube,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CORNERS: &str = "0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 1\n";

    #[test]
    fn what_programs_write_is_read() {
        let text = format!(
            "\u{feff}# made by hand\r\nTITLE \"A # look\"\r\n\r\nLUT_3D_SIZE 2 # small\r\nDOMAIN_MIN -1 0 0\r\nDOMAIN_MAX 1 2 3\r\n{}",
            CORNERS.replace('\n', "\r\n\t")
        );
        let lut = parse(text.as_bytes()).unwrap();
        assert_eq!(lut.title, "A # look");
        let cube = lut.cube.unwrap();
        assert_eq!(
            (cube.size, cube.domain.min[0], cube.domain.max[2]),
            (2, -1.0, 3.0)
        );
        assert_eq!(cube.entries[6], [0.0, 1.0, 1.0, 0.0]);
        assert!(lut.curves.is_none());
        let text = format!(
            "LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE -0.5 2\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 4\n0 0 0\n.5 1e-1 -2\n1 1 1\n{CORNERS}"
        );
        let lut = parse(text.as_bytes()).unwrap();
        let (curves, cube) = (lut.curves.unwrap(), lut.cube.unwrap());
        assert_eq!((curves.domain.min, cube.domain.max), ([-0.5; 3], [4.0; 3]));
        assert_eq!(curves.entries[1], [0.5, 0.1, -2.0]);
        // A title in another encoding is accepted.
        assert!(
            parse(
                format!("TITLE \"x\"\nLUT_3D_SIZE 2\n{CORNERS}")
                    .replace('x', "\u{fffd}")
                    .as_bytes()
            )
            .is_ok()
        );
        assert!(parse(&[b"TITLE \xe9\xff\nLUT_3D_SIZE 2\n", CORNERS.as_bytes()].concat()).is_ok());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let few = &CORNERS[..CORNERS.len() - 6];
        for (text, said) in [
            (String::new(), "line 1: there is neither"),
            (
                "LUT_3D_SIZE 1\n".to_owned(),
                "line 1: LUT_3D_SIZE is \"1\", but must be a whole number from 2 to 129",
            ),
            (
                "LUT_1D_SIZE 2147483648\n".to_owned(),
                "line 1: LUT_1D_SIZE is \"2147483648\"",
            ),
            (
                "LUT_3D_SIZE 99999999999999999999999\n".to_owned(),
                "from 2 to 129",
            ),
            ("LUT_3D_SIZE -2\n".to_owned(), "\"-2\""),
            (
                format!("LUT_3D_SIZE 2\n{few}"),
                "line 8: the file ends after 7 of 8 rows",
            ),
            (
                format!("LUT_3D_SIZE 2\n{CORNERS}\n1 1 1"),
                "line 11: there are more rows of numbers than the 8",
            ),
            (
                format!("LUT_3D_SIZE 2\n{}", CORNERS.replace("0 1 1", "0 nan 1")),
                "line 8: \"nan\" is not a finite",
            ),
            (
                format!("LUT_3D_SIZE 2\n{}", CORNERS.replace("0 1 1", "inf 1 1")),
                "line 8: \"inf\" is not a finite",
            ),
            (
                format!("LUT_3D_SIZE 2\n{}", CORNERS.replace("0 1 1", "1e39 1 1")),
                "line 8: \"1e39\"",
            ),
            (
                format!("LUT_3D_SIZE 2\n{}", CORNERS.replace("0 1 1", "0 1")),
                "line 8: 2 numbers where 3 are needed",
            ),
            (
                format!("LUT_3D_SIZE 2\n{}", CORNERS.replace("0 1 1", "0 1 1 1")),
                "line 8: 4 numbers",
            ),
            (
                format!("LUT_3D_SIZE 2\nDOMAIN_MAX 1 0 1\n{CORNERS}"),
                "the minimum of the domain, 0, is not below its maximum, 0",
            ),
            (
                format!("LUT_3D_SIZE 2\nDOMAIN_MAX 1e-45 1 1\n{CORNERS}"),
                "too narrow",
            ),
            (
                format!("LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 1 0\n{CORNERS}"),
                "the minimum of the domain, 1,",
            ),
            (
                format!("LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 1\nDOMAIN_MIN 0 0 0\n{CORNERS}"),
                "keep only one",
            ),
            (
                format!("LUT_3D_SIZE 2\nLUT_1D_INPUT_RANGE 0 1\n{CORNERS}"),
                "does not contain",
            ),
            (
                format!("LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n{CORNERS}"),
                "line 2: LUT_3D_SIZE is given twice",
            ),
            (
                format!("LUT_3D_SIZE 2\nGAMMA 2.2\n{CORNERS}"),
                "line 2: \"GAMMA\" is not a keyword",
            ),
            (
                format!("LUT_3D_SIZE 2\n{CORNERS}TITLE \"x\"\n"),
                "line 10: \"TITLE\" comes after numbers",
            ),
            ("0 0 0\n".to_owned(), "line 1: numbers come before"),
            ("\0\u{1}binary".to_owned(), "is not a keyword"),
            ("x".repeat(1 << 20), "…"),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(
                error.contains(said) && error.len() < 300,
                "{error} should contain {said}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn no_words_panic_or_take_memory(words in prop::collection::vec(
            prop_oneof![
                Just("LUT_1D_SIZE"), Just("LUT_3D_SIZE"), Just("DOMAIN_MIN"), Just("DOMAIN_MAX"), Just("TITLE"),
                Just("LUT_1D_INPUT_RANGE"), Just("LUT_3D_INPUT_RANGE"), Just("\n"), Just("\n"), Just("\r\n"), Just("#"),
                Just("0"), Just("1"), Just("2"), Just("129"), Just("65536"), Just("4294967297"), Just("nan"), Just("-1e38"),
                Just("1e38"), Just("."), Just("é"),
            ], 0..60)) {
            let text = words.join(" ");
            if let Ok(lut) = parse(text.as_bytes()) {
                let entries = lut.curves.map_or(0, |c| c.entries.len()) + lut.cube.map_or(0, |c| c.entries.len());
                // A row has at least six bytes.
                prop_assert!(entries * 6 <= text.len());
            }
        }

        #[test]
        fn what_is_written_is_read(size in 2usize..5, values in prop::collection::vec(-100.0f32..100.0, 64 * 3)) {
            let rows: Vec<[f32; 3]> = values.chunks_exact(3).take(size.pow(3)).map(|v| [v[0], v[1], v[2]]).collect();
            let mut text = format!("LUT_3D_SIZE {size}\n");
            for [r, g, b] in &rows {
                text.push_str(&format!("{r} {g} {b}\n"));
            }
            let cube = parse(text.as_bytes()).unwrap().cube.unwrap();
            prop_assert!(cube.entries.iter().zip(&rows).all(|(e, [r, g, b])| *e == [*r, *g, *b, 0.0]));
        }
    }
}
