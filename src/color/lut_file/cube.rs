//! Reads `.cube` files: Adobe's format (Cube LUT Specification 1.0, 2013) and that of DaVinci Resolve, which adds input
//! ranges and curves before a cube.

use super::super::lut::{Cube, Curves, Domain, Lut};
use super::text::{at, first_word, lines, numbers, shown, size, too_few};
use super::{LARGEST_CUBE, LARGEST_CURVES, LutError};

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
    /// Inputs are code values of video range.
    video_in: bool,
    /// Outputs are.
    video_out: bool,
    /// Keywords that are not known, with their lines.
    unknown: Vec<(usize, String)>,
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
        domain.check(size)?;
        Ok(domain)
    }
}

/// Where code values of video range begin, and their number, of 10 bits: the keywords do not name the depth.
const VIDEO: (f32, f32) = (64.0 / 1023.0, 876.0 / 1023.0);

/// Reads a `.cube` file.
///
/// Accepts `LUT_1D_SIZE` 2 to 65 536, `LUT_3D_SIZE` 2 to 129, or both (the curves come first), `DOMAIN_MIN`,
/// `DOMAIN_MAX`, `LUT_1D_INPUT_RANGE`, `LUT_3D_INPUT_RANGE`, `LUT_IN_VIDEO_RANGE`, `LUT_OUT_VIDEO_RANGE`, `TITLE`, in any
/// case, comments, all line ends and a byte-order mark. Other keywords are noted in the table, and not applied.
///
/// # Errors
/// The first error in the file, with its line.
pub fn parse(bytes: &[u8]) -> Result<Lut, LutError> {
    let mut header = Header::default();
    let mut rows: Vec<[f32; 3]> = Vec::new();
    let mut last = 1;
    for (line, text) in lines(bytes) {
        if text.starts_with('#') {
            continue;
        }
        last = line;
        let fail = at(line);
        let (word, rest) = first_word(&text);
        if word.parse::<f32>().is_ok() {
            if rows.len() == header.rows() {
                return Err(fail(match (header.rows(), header.unknown.first()) {
                    (0, Some((line, word))) => return Err(unknown(*line, word)),
                    (0, None) => "numbers come before LUT_1D_SIZE or LUT_3D_SIZE".to_owned(),
                    (rows, _) => {
                        format!("there are more rows of numbers than the {rows} declared")
                    }
                }));
            }
            rows.push(numbers(&text).map_err(fail)?);
        } else if !rows.is_empty() {
            return Err(fail(format!(
                "{} comes after numbers: keywords must come before all numbers",
                shown(word)
            )));
        } else if !keyword(&mut header, word, rest).map_err(fail)? {
            // A file of another kind may have any number of them.
            if header.unknown.len() == MOST_UNKNOWN {
                return Err(unknown(line, word));
            }
            header.unknown.push((line, shown(word)));
        }
    }
    match header.unknown.first() {
        Some((line, word)) if header.rows() == 0 => Err(unknown(*line, word)),
        _ => finish(header, rows).map_err(at(last)),
    }
}

/// Keywords that are not known, at most.
const MOST_UNKNOWN: usize = 16;

fn unknown(line: usize, word: &str) -> LutError {
    let word = if word.starts_with('"') {
        word.to_owned()
    } else {
        shown(word)
    };
    at(line)(format!("{word} is not a keyword of .cube files"))
}

/// Whether `word` is known.
fn keyword(header: &mut Header, word: &str, rest: &str) -> Result<bool, String> {
    fn set<T>(place: &mut Option<T>, word: &str, value: T) -> Result<(), String> {
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(format!("{word} is given twice")),
        }
    }
    match word.to_ascii_uppercase().as_str() {
        "TITLE" => set(&mut header.title, word, rest.trim_matches('"').to_owned())?,
        "LUT_1D_SIZE" => {
            let size = size(word, rest, LARGEST_CURVES)?;
            set(&mut header.curves, word, size)?;
        }
        "LUT_3D_SIZE" => {
            let size = size(word, rest, LARGEST_CUBE)?;
            set(&mut header.cube, word, size)?;
        }
        "DOMAIN_MIN" => set(&mut header.min, word, numbers(rest)?)?,
        "DOMAIN_MAX" => set(&mut header.max, word, numbers(rest)?)?,
        "LUT_1D_INPUT_RANGE" => set(&mut header.curves_range, word, numbers(rest)?)?,
        "LUT_3D_INPUT_RANGE" => set(&mut header.cube_range, word, numbers(rest)?)?,
        "LUT_IN_VIDEO_RANGE" => header.video_in = true,
        "LUT_OUT_VIDEO_RANGE" => header.video_out = true,
        _ => return Ok(false),
    }
    Ok(true)
}

fn finish(header: Header, mut rows: Vec<[f32; 3]>) -> Result<Lut, String> {
    if header.rows() == 0 {
        return Err(
            "there is neither LUT_1D_SIZE nor LUT_3D_SIZE: this is not a .cube file".to_owned(),
        );
    }
    if rows.len() < header.rows() {
        return Err(too_few(rows.len(), header.rows()));
    }
    let mut notes: Vec<String> = Vec::new();
    for (table, range, keyword) in [
        (header.curves, header.curves_range, "LUT_1D_INPUT_RANGE"),
        (header.cube, header.cube_range, "LUT_3D_INPUT_RANGE"),
    ] {
        // Some programs write both ranges for either kind of table.
        if table.is_none() && range.is_some_and(|range| range != [0.0, 1.0]) {
            notes.push(format!(
                "{keyword} is not applied: there is no such table in the file"
            ));
        }
    }
    for (line, word) in &header.unknown {
        notes.push(format!(
            "{word} in line {line} is not known and not applied"
        ));
    }
    let (start, length) = VIDEO;
    if header.video_out {
        // The rows of the last table are the outputs.
        let first = if header.cube.is_some() {
            header.curves.unwrap_or(0)
        } else {
            0
        };
        for value in rows[first..].as_flattened_mut() {
            *value = (*value - start) / length;
        }
    }
    let (head, tail) = rows.split_at(header.curves.unwrap_or(0));
    let mut curves = match header.curves {
        Some(size) => Some(Curves {
            domain: header.domain(size, true, header.curves_range, "LUT_1D_INPUT_RANGE")?,
            entries: head.to_vec(),
        }),
        None => None,
    };
    let mut cube = match header.cube {
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
    let first = match (&mut curves, &mut cube) {
        (Some(curves), _) => Some(&mut curves.domain),
        (None, Some(cube)) => Some(&mut cube.domain),
        (None, None) => None,
    };
    if let (Some(domain), true) = (first, header.video_in) {
        // What is looked up is the code value of video range that stands for a value of full range.
        for bound in domain.min.iter_mut().chain(&mut domain.max) {
            *bound = (*bound - start) / length;
        }
    }
    Ok(Lut {
        title: header.title.unwrap_or_default(),
        notes,
        curves,
        cube,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::lut::Interpolation;
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
    fn what_vendors_write_is_read() {
        let plain = parse(format!("LUT_3D_SIZE 2\n{CORNERS}").as_bytes()).unwrap();
        for text in [
            format!("lut_3d_size 2\nLut_1d_Input_Range 0 1\n{CORNERS}"),
            format!("LUT_3D_SIZE 2\n{CORNERS}").replace('\n', "\r"),
            format!("LUT_3D_SIZE 2\n{CORNERS}").replace('\n', "\r\n"),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), plain, "{text:?}");
        }
        let text = format!("GAMMA 2.2\nLUT_3D_SIZE 2\nLUT_1D_INPUT_RANGE 0 4\n{CORNERS}");
        let lut = parse(text.as_bytes()).unwrap();
        assert_eq!((&lut.cube, &lut.curves), (&plain.cube, &plain.curves));
        let notes = [
            "LUT_1D_INPUT_RANGE is not applied: there is no such table in the file",
            "\"GAMMA\" in line 1 is not known and not applied",
        ];
        assert_eq!(lut.notes, notes);
        // A table of video range that changes nothing changes nothing of full range either.
        let text = format!("LUT_3D_SIZE 2\nLUT_IN_VIDEO_RANGE\nLUT_OUT_VIDEO_RANGE\n{CORNERS}");
        let lut = parse(text.as_bytes()).unwrap();
        for value in [0.0, 0.25, 0.7, 1.0] {
            let rgb = [value, 1.0 - value, 0.5];
            let got = lut.apply(rgb, Interpolation::Tetrahedral);
            assert!(
                got.iter().zip(rgb).all(|(a, b)| (a - b).abs() < 1e-6),
                "{got:?}"
            );
        }
        // Of the input alone: black is looked up at 64 of 1023, white at 940.
        let text = format!("LUT_3D_SIZE 2\nLUT_IN_VIDEO_RANGE\n{CORNERS}");
        let lut = parse(text.as_bytes()).unwrap();
        let [black, white] = [0.0, 1.0].map(|v| lut.apply([v; 3], Interpolation::Trilinear)[0]);
        assert!((black - 64.0 / 1023.0).abs() < 1e-6 && (white - 940.0 / 1023.0).abs() < 1e-6);
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
                format!("LUT_3D_SIZE 2\nDOMAIN_MIN -3e38 0 0\nDOMAIN_MAX 3e38 1 1\n{CORNERS}"),
                "too wide",
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
                format!("LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n{CORNERS}"),
                "line 2: LUT_3D_SIZE is given twice",
            ),
            (
                format!("TITLE \"x\"\nGAMMA 2.2\n{CORNERS}"),
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
                Just("LUT_1D_INPUT_RANGE"), Just("LUT_3D_INPUT_RANGE"), Just("lut_in_video_range"), Just("VENDOR"), Just("\n"), Just("\n"), Just("\r\n"), Just("#"),
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
