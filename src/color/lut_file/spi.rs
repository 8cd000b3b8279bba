//! Reads `.spi1d` and `.spi3d` files of Sony Pictures Imageworks, as OpenColorIO's documentation describes them.

use super::super::lut::{Cube, Curves, Domain, Lut};
use super::text::{all_numbers, at, first_word, lines, numbers, size, too_few};
use super::{LARGEST_CUBE, LARGEST_CURVES, LutError};

/// Reads curves: `Version`, `From`, `Length`, `Components`, and the numbers between braces.
///
/// # Errors
/// The first error in the file, with its line.
pub fn parse_1d(bytes: &[u8]) -> Result<Lut, LutError> {
    let (mut from, mut length, mut components) = ([0.0, 1.0], None, 1);
    let mut rows: Vec<[f32; 3]> = Vec::new();
    let mut inside = false;
    let mut last = 1;
    for (line, text) in lines(bytes) {
        let fail = at(line);
        last = line;
        let (word, rest) = first_word(&text);
        if text.starts_with('#') || word == "}" {
            continue;
        }
        if word == "{" {
            inside = true;
            continue;
        }
        if inside {
            let values = all_numbers(&text).map_err(&fail)?;
            let row = match (components, values.as_slice()) {
                (1, &[value]) => [value; 3],
                (3, &[r, g, b]) => [r, g, b],
                (_, values) => {
                    return Err(fail(format!(
                        "{} numbers where {components} are needed",
                        values.len()
                    )));
                }
            };
            if Some(rows.len()) == length {
                return Err(fail(format!(
                    "there are more rows of numbers than the {} declared",
                    rows.len()
                )));
            }
            rows.push(row);
            continue;
        }
        match word.to_ascii_lowercase().as_str() {
            "version" if rest == "1" => {}
            "version" => return Err(fail(format!("version {rest} is not known, only 1"))),
            "from" => from = numbers(rest).map_err(&fail)?,
            "length" => length = Some(size(word, rest, LARGEST_CURVES).map_err(&fail)?),
            "components" => match rest {
                "1" => components = 1,
                "3" => components = 3,
                _ => return Err(fail(format!("{rest} components: 1 or 3 are known"))),
            },
            _ => {
                return Err(fail(format!(
                    "{} is not a keyword of .spi1d files",
                    super::text::shown(word)
                )));
            }
        }
    }
    let fail = at(last);
    let Some(length) = length else {
        return Err(fail(
            "there is no Length: this is not an .spi1d file".to_owned(),
        ));
    };
    if rows.len() < length {
        return Err(fail(too_few(rows.len(), length)));
    }
    let [min, max] = from;
    let domain = Domain {
        min: [min; 3],
        max: [max; 3],
    };
    domain.check(length).map_err(fail)?;
    Ok(Lut {
        curves: Some(Curves {
            domain,
            entries: rows,
        }),
        ..Lut::default()
    })
}

/// Reads a cube: `SPILUT 1.0`, the numbers of components, the sizes, then each entry after its three indices.
///
/// # Errors
/// The first error in the file, with its line.
pub fn parse_3d(bytes: &[u8]) -> Result<Lut, LutError> {
    let mut lines = lines(bytes).filter(|(_, line)| !line.starts_with('#'));
    let mut next = |what: &str| {
        lines.next().ok_or_else(|| {
            at(1)(format!(
                "the file ends before {what}: this is not an .spi3d file"
            ))
        })
    };
    let (line, first) = next("SPILUT")?;
    if !first.to_ascii_uppercase().starts_with("SPILUT") {
        return Err(at(line)(
            "it must begin with SPILUT: this is not an .spi3d file".to_owned(),
        ));
    }
    let (line, channels) = next("the numbers of components")?;
    if numbers::<2>(&channels).map_err(at(line))? != [3.0, 3.0] {
        return Err(at(line)(format!(
            "{channels} components: only 3 3 is known"
        )));
    }
    let (line, sizes) = next("the sizes")?;
    let fail = at(line);
    let [r, g, b] = numbers::<3>(&sizes).map_err(&fail)?;
    if r != g || g != b {
        return Err(fail(format!(
            "the sizes {sizes} differ: only cubes are read"
        )));
    }
    let size = size("the size", &r.to_string(), LARGEST_CUBE).map_err(fail)?;
    let mut last = line;
    let mut rows: Vec<(usize, [f32; 3])> = Vec::new();
    for (line, text) in lines {
        let fail = at(line);
        last = line;
        let [r, g, b, red, green, blue] = numbers::<6>(&text).map_err(&fail)?;
        let index = [r, g, b].map(|index| index as usize);
        let whole = [r, g, b]
            .iter()
            .all(|index| index.fract() == 0.0 && *index >= 0.0);
        if !whole || index.iter().any(|index| *index >= size) {
            return Err(fail(format!(
                "there is no entry {r} {g} {b} in a cube of {size}"
            )));
        }
        rows.push((
            (index[2] * size + index[1]) * size + index[0],
            [red, green, blue],
        ));
        if rows.len() > size.pow(3) {
            return Err(fail(format!(
                "there are more entries than the {} of the cube",
                size.pow(3)
            )));
        }
    }
    let fail = at(last);
    if rows.len() < size.pow(3) {
        return Err(fail(too_few(rows.len(), size.pow(3))));
    }
    rows.sort_by_key(|(index, _)| *index);
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let index = pair[0].0;
        let (r, g, b) = (index % size, index / size % size, index / size / size);
        return Err(fail(format!("the entry {r} {g} {b} is given twice")));
    }
    Ok(Lut {
        cube: Some(Cube {
            domain: Domain::default(),
            size,
            entries: rows
                .iter()
                .map(|(_, [r, g, b])| [*r, *g, *b, 0.0])
                .collect(),
        }),
        ..Lut::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, said) in [
            ("", "there is no Length"),
            ("Version 2\n", "line 1: version 2 is not known"),
            ("Length 1\n", "line 1: Length is \"1\""),
            ("Length 2\nComponents 2\n", "line 2: 2 components"),
            ("Length 2\n{\n0\n}\n", "ends after 1 of 2"),
            ("Length 2\n{\n0\n1\n2\n}\n", "line 5: there are more rows"),
            (
                "Length 2\nComponents 3\n{\n0\n",
                "line 4: 1 numbers where 3",
            ),
            (
                "From 1 1\nLength 2\n{\n0\n1\n}\n",
                "minimum of the domain, 1,",
            ),
            ("Gamma 2\n", "line 1: \"Gamma\" is not a keyword"),
        ] {
            let error = parse_1d(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error} should contain {said}");
        }
        let head = "SPILUT 1.0\n3 3\n2 2 2\n";
        let row = "0 0 0 0 0 0\n";
        for (text, said) in [
            (String::new(), "the file ends before SPILUT"),
            ("SPILOT".to_owned(), "line 1: it must begin with SPILUT"),
            ("SPILUT 1.0\n1 3\n".to_owned(), "line 2: 1 3 components"),
            (
                "SPILUT 1.0\n3 3\n2 3 2\n".to_owned(),
                "line 3: the sizes 2 3 2 differ",
            ),
            (
                "SPILUT 1.0\n3 3\n500 500 500\n".to_owned(),
                "line 3: the size is \"500\"",
            ),
            (format!("{head}{row}"), "line 4: the file ends after 1 of 8"),
            (
                format!("{head}0 0 2 0 0 0\n"),
                "line 4: there is no entry 0 0 2",
            ),
            (
                format!("{head}0.5 0 0 0 0 0\n"),
                "there is no entry 0.5 0 0",
            ),
            (
                format!("{head}{}", row.repeat(8)),
                "the entry 0 0 0 is given twice",
            ),
            (
                format!("{head}{}", row.repeat(9)),
                "line 12: there are more entries than the 8",
            ),
        ] {
            let error = parse_3d(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error} should contain {said}");
        }
    }
}
