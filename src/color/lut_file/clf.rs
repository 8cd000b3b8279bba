//! Reads `.clf` files: the Academy/ASC Common LUT Format (S-2014-006, version 3), where their list of processes is what a
//! [`Lut`] holds: at most one `Range`, one `LUT1D` and one `LUT3D`, in this order.

use roxmltree::{Document, Node, ParsingOptions};

use super::super::lut::{Curves, Domain, Lut};
use super::text::{all_numbers, at};
use super::{LARGEST_CUBE, LARGEST_CURVES, LutError, blue_fastest};

/// Elements, texts and comments of a file at most: each takes memory.
const MOST_NODES: u32 = 10_000;

/// An element of the file, with its line for messages.
#[derive(Clone, Copy)]
struct Element<'a>(Node<'a, 'a>);

impl<'a> Element<'a> {
    fn fail(self, what: impl Into<String>) -> LutError {
        let node = self.0;
        let place = node.document().text_pos_at(node.range().start);
        at(place.row as usize)(what.into())
    }

    fn name(self) -> &'a str {
        self.0.tag_name().name()
    }

    fn children(self) -> impl Iterator<Item = Self> {
        self.0.children().filter(Node::is_element).map(Self)
    }

    /// All of its text, without comments.
    fn text(self) -> String {
        let texts = self.0.children().filter(Node::is_text);
        texts.filter_map(|text| text.text()).collect()
    }

    fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// What the code values of a bit depth are divided by.
    fn scale(self, attribute: &str) -> Result<f32, LutError> {
        match self.0.attribute(attribute) {
            Some("8i") => Ok(255.0),
            Some("10i") => Ok(1023.0),
            Some("12i") => Ok(4095.0),
            Some("16i") => Ok(65535.0),
            Some("16f" | "32f") => Ok(1.0),
            other => Err(self.fail(format!(
                "{attribute} of {} is {:?}: 8i, 10i, 12i, 16i, 16f and 32f are known",
                self.name(),
                other.unwrap_or_default()
            ))),
        }
    }

    /// The numbers of its `Array`, each divided by the scale of its outputs, and the array's dimensions.
    fn array(self) -> Result<(Vec<usize>, Vec<f32>), LutError> {
        let known = ["Array", "Description"];
        if let Some(other) = self.children().find(|child| !known.contains(&child.name())) {
            return Err(other.fail(format!(
                "{} in {} cannot be applied",
                other.name(),
                self.name()
            )));
        }
        let array = self.child("Array");
        let array = array.ok_or_else(|| self.fail(format!("{} has no Array", self.name())))?;
        let dims = array.0.attribute("dim").unwrap_or_default();
        let dims: Result<Vec<usize>, _> = dims.split_ascii_whitespace().map(str::parse).collect();
        let dims = dims.map_err(|_| array.fail("dim must be whole numbers"))?;
        let scale = self.scale("outBitDepth")?;
        let values = all_numbers(&array.text());
        let values = values.map_err(|what| array.fail(what))?;
        Ok((
            dims,
            values.into_iter().map(|value| value / scale).collect(),
        ))
    }

    /// Rows of three numbers, of which the array must have this many.
    fn rows(self, values: &[f32], rows: usize) -> Result<Vec<[f32; 3]>, LutError> {
        let (found, left) = values.as_chunks::<3>();
        match left.is_empty() && found.len() == rows {
            true => Ok(found.to_vec()),
            false => Err(self.fail(format!(
                "the Array of {} has {} numbers, its dim says {}",
                self.name(),
                values.len(),
                3 * rows
            ))),
        }
    }
}

/// Reads a `.clf` file.
///
/// # Errors
/// What is no XML, and a process that a table cannot stand for, with the line.
pub fn parse(bytes: &[u8]) -> Result<Lut, LutError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()]
            .split(|byte| *byte == b'\n')
            .count();
        at(line)("it is no text in UTF-8".to_owned())
    })?;
    let options = ParsingOptions {
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| at(error.pos().row as usize)(format!("it is no XML: {error}")))?;
    let root = Element(document.root_element());
    if root.name() != "ProcessList" {
        return Err(root.fail(format!(
            "its root is {:?}, not ProcessList: this is not a .clf file",
            root.name()
        )));
    }
    let mut lut = Lut {
        title: root
            .0
            .attribute("name")
            .or(root.0.attribute("id"))
            .unwrap_or_default()
            .to_owned(),
        ..Lut::default()
    };
    let mut range = None;
    for process in root.children() {
        match process.name() {
            "Description" | "InputDescriptor" | "OutputDescriptor" | "Info" => {}
            "Range" if range.is_none() && lut.curves.is_none() && lut.cube.is_none() => {
                range = Some(domain(process)?);
            }
            "LUT1D" if lut.curves.is_none() && lut.cube.is_none() => {
                lut.curves = Some(curves(process)?);
            }
            "LUT3D" if lut.cube.is_none() => {
                let (dims, values) = process.array()?;
                let size = match dims[..] {
                    [r, g, b, 3] if r == g && g == b && (2..=LARGEST_CUBE).contains(&r) => r,
                    _ => {
                        return Err(process.fail(format!(
                            "dim is {dims:?}: a cube of 2 to {LARGEST_CUBE} entries on each side is known"
                        )));
                    }
                };
                lut.cube = Some(blue_fastest(size, &process.rows(&values, size.pow(3))?));
            }
            other => {
                return Err(process.fail(format!(
                    "{other} in this place cannot be applied: one Range, one LUT1D and one LUT3D in this order can. Export it as a .cube file"
                )));
            }
        }
    }
    let first = match (&mut lut.curves, &mut lut.cube) {
        (Some(curves), _) => &mut curves.domain,
        (None, Some(cube)) => &mut cube.domain,
        (None, None) => return Err(root.fail("it has no LUT1D and no LUT3D")),
    };
    if let Some(range) = range {
        *first = range;
    }
    Ok(lut)
}

fn curves(process: Element<'_>) -> Result<Curves, LutError> {
    for attribute in ["halfDomain", "rawHalfs"] {
        if process.0.has_attribute(attribute) {
            return Err(process.fail(format!("a LUT1D with {attribute} cannot be applied")));
        }
    }
    let (dims, values) = process.array()?;
    let (size, components) = match dims[..] {
        [size, components @ (1 | 3)] if (2..=LARGEST_CURVES).contains(&size) => (size, components),
        _ => {
            return Err(process.fail(format!(
                "dim is {dims:?}: 2 to {LARGEST_CURVES} entries of 1 or 3 components are known"
            )));
        }
    };
    let values = match components {
        1 => values.iter().flat_map(|value| [*value; 3]).collect(),
        _ => values,
    };
    Ok(Curves {
        domain: Domain::default(),
        entries: process.rows(&values, size)?,
    })
}

/// The inputs that a `Range` maps to 0 and 1, which are the bounds of the table after it.
fn domain(process: Element<'_>) -> Result<Domain, LutError> {
    if process.0.attribute("style") == Some("noClamp") {
        return Err(process.fail("a Range with noClamp cannot be applied"));
    }
    let (input, output) = (process.scale("inBitDepth")?, process.scale("outBitDepth")?);
    let value = |name: &str, scale: f32| {
        let child = process.child(name);
        let child = child
            .ok_or_else(|| process.fail(format!("a Range without {name} cannot be applied")))?;
        let numbers = all_numbers(&child.text());
        match numbers.map_err(|what| child.fail(what))?[..] {
            [number] => Ok(number / scale),
            _ => Err(child.fail(format!("{name} must be one number"))),
        }
    };
    let (low, high) = (value("minInValue", input)?, value("maxInValue", input)?);
    let (to_low, to_high) = (value("minOutValue", output)?, value("maxOutValue", output)?);
    if (to_low, to_high) != (0.0, 1.0) {
        return Err(process.fail(format!(
            "a Range to {to_low} … {to_high} cannot be applied, only one to 0 … 1"
        )));
    }
    let domain = Domain {
        min: [low; 3],
        max: [high; 3],
    };
    domain
        .check(LARGEST_CURVES)
        .map_err(|what| process.fail(what))?;
    Ok(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(inner: &str) -> String {
        format!("<ProcessList id=\"1\" compCLFversion=\"3\">\n{inner}\n</ProcessList>")
    }

    #[test]
    fn a_comment_in_an_array_is_no_number() {
        let text = list(
            "<LUT1D inBitDepth='8i' outBitDepth='8i'><Array dim='2 1'>0 <!-- white: --> 255</Array></LUT1D>",
        );
        let curves = parse(text.as_bytes()).unwrap().curves.unwrap();
        assert_eq!(curves.entries, [[0.0; 3], [1.0; 3]]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let depths = "inBitDepth=\"32f\" outBitDepth=\"32f\"";
        let lut = |more: &str, dim: &str, numbers: &str| {
            list(&format!(
                "<LUT1D {depths} {more}><Array dim=\"{dim}\">{numbers}</Array></LUT1D>"
            ))
        };
        for (text, said) in [
            (String::new(), "line 1: it is no XML"),
            ("<a>\n</b>".to_owned(), "line 2: it is no XML"),
            (
                list(&"<Info/>".repeat(20_000)),
                "it is no XML: nodes limit reached",
            ),
            (
                lut("", "2 1", "0 1")
                    .replace("<Array", "<IndexMap dim=\"2\">0@0 9@1</IndexMap><Array"),
                "line 2: IndexMap in LUT1D cannot be applied",
            ),
            (
                "<a/>".to_owned(),
                "line 1: its root is \"a\", not ProcessList",
            ),
            (list(""), "line 1: it has no LUT1D"),
            (
                list("<Matrix/>"),
                "line 2: Matrix in this place cannot be applied",
            ),
            (
                lut("halfDomain=\"true\"", "2 1", "0 1"),
                "line 2: a LUT1D with halfDomain",
            ),
            (lut("", "2 2", "0 1"), "line 2: dim is [2, 2]"),
            (lut("", "9999999 1", "0 1"), "line 2: dim is [9999999, 1]"),
            (lut("", "2 3", "0 1"), "has 2 numbers, its dim says 6"),
            (lut("", "2 1", "0 nan"), "\"nan\" is not a finite"),
            (
                list("<LUT1D inBitDepth=\"9i\" outBitDepth=\"9i\"><Array dim=\"2 1\"/></LUT1D>"),
                "outBitDepth of LUT1D is \"9i\"",
            ),
            (
                list(&format!("<Range {depths} style=\"noClamp\"/>")),
                "noClamp",
            ),
            (
                list(&format!(
                    "<Range {depths}><minInValue>0</minInValue></Range>"
                )),
                "without maxInValue",
            ),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error} should contain {said}");
        }
    }
}
