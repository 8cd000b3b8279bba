//! Reads `.csp` files of Rising Sun Research's cineSpace (cineSpace LUT specification, 2007): for each channel a curve
//! before the table (its points need not be evenly spaced), then curves or a cube with red varying fastest.

use std::borrow::Cow;

use super::super::lut::{Cube, Curves, Domain, Lut};
use super::text::{all_numbers, at, lines, numbers, size, too_few};
use super::{LARGEST_CUBE, LARGEST_CURVES, LutError};

/// Entries, at least, of curves that stand for points which are not evenly spaced.
const RESAMPLED: usize = 4096;

/// The curve of one channel before the table.
struct Shaper {
    inputs: Vec<f32>,
    outputs: Vec<f32>,
}

impl Shaper {
    /// Whether it only scales a range to 0..1: a domain says the same exactly.
    fn is_range(&self) -> bool {
        self.inputs.len() == 2 && self.outputs == [0.0, 1.0]
    }

    /// Linear between the points, and held outside of them.
    fn apply(&self, x: f32) -> f32 {
        let last = self.inputs.len() - 1;
        let next = self
            .inputs
            .partition_point(|input| *input <= x)
            .clamp(1, last);
        let (a, b) = (self.inputs[next - 1], self.inputs[next]);
        let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
        self.outputs[next - 1] + (self.outputs[next] - self.outputs[next - 1]) * t
    }

    fn range(&self) -> (f32, f32) {
        (self.inputs[0], self.inputs[self.inputs.len() - 1])
    }

    /// Evenly spaced entries that are needed so that two of its points have one between them.
    fn entries(&self) -> f32 {
        let (first, last) = self.range();
        let steps = self.inputs.windows(2).map(|pair| pair[1] - pair[0]);
        (last - first) / steps.fold(f32::INFINITY, f32::min) + 1.0
    }
}

/// Entries of curves in place of the points of `shapers`, and what is said where they are too few.
fn entries_for(shapers: &[Shaper; 3]) -> (usize, Option<String>) {
    let needed = shapers.iter().map(Shaper::entries).fold(0.0, f32::max);
    let entries = (needed.ceil() as usize).clamp(RESAMPLED, LARGEST_CURVES);
    let coarse = (needed > LARGEST_CURVES as f32).then(|| {
        format!(
            "points before the table lie too close together for {LARGEST_CURVES} even steps, and are joined coarsely there"
        )
    });
    (entries, coarse)
}

/// The lines of the file, one after the other.
struct Lines<'a, I: Iterator<Item = (usize, Cow<'a, str>)>> {
    lines: I,
    last: usize,
}

impl<'a, I: Iterator<Item = (usize, Cow<'a, str>)>> Lines<'a, I> {
    fn next(&mut self, what: &str) -> Result<(usize, Cow<'a, str>), LutError> {
        let next = self.lines.next();
        let next = next.ok_or_else(|| at(self.last)(format!("the file ends before {what}")))?;
        self.last = next.0;
        Ok(next)
    }

    fn shaper(&mut self) -> Result<Shaper, LutError> {
        let (line, count) = self.next("the curves before the table")?;
        let count = size("the number of points", &count, LARGEST_CURVES).map_err(at(line))?;
        let mut row = |what: &str| {
            let (line, text) = self.next(what)?;
            let values = all_numbers(&text).map_err(at(line))?;
            match values.len() == count {
                true => Ok((line, values)),
                false => Err(at(line)(format!(
                    "{} numbers where {count} are needed",
                    values.len()
                ))),
            }
        };
        let (line, inputs) = row("a curve's inputs")?;
        if inputs.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(at(line)("the inputs of a curve must increase".to_owned()));
        }
        let (_, outputs) = row("a curve's outputs")?;
        Ok(Shaper { inputs, outputs })
    }
}

/// Reads a `.csp` file.
///
/// # Errors
/// The first error in the file, with its line.
pub fn parse(bytes: &[u8]) -> Result<Lut, LutError> {
    let mut lines = Lines {
        lines: lines(bytes),
        last: 1,
    };
    let (line, magic) = lines.next("CSPLUTV100: this is not a .csp file")?;
    if !magic.to_ascii_uppercase().starts_with("CSPLUTV100") {
        return Err(at(line)(
            "it must begin with CSPLUTV100: this is not a .csp file".to_owned(),
        ));
    }
    let (line, kind) = lines.next("1D or 3D")?;
    let is_cube = match kind.to_ascii_uppercase().as_str() {
        "1D" => false,
        "3D" => true,
        _ => return Err(at(line)(format!("{kind} must be 1D or 3D"))),
    };
    let mut lines = Lines {
        last: lines.last,
        lines: without_metadata(lines.lines),
    };
    let shapers = [lines.shaper()?, lines.shaper()?, lines.shaper()?];
    let (line, sizes) = lines.next("the size of the table")?;
    let fail = at(line);
    let table = match is_cube {
        true => {
            let [r, g, b] = numbers::<3>(&sizes).map_err(&fail)?;
            if r != g || g != b {
                return Err(fail(format!(
                    "the sizes {sizes} differ: only cubes are read"
                )));
            }
            size("the size", &r.to_string(), LARGEST_CUBE).map_err(fail)?
        }
        false => size("the size", &sizes, LARGEST_CURVES).map_err(fail)?,
    };
    let rows = if is_cube { table.pow(3) } else { table };
    let mut entries: Vec<[f32; 3]> = Vec::new();
    for (line, text) in &mut lines.lines {
        let fail = at(line);
        lines.last = line;
        if entries.len() == rows {
            return Err(fail(format!(
                "there are more rows of numbers than the {rows} declared"
            )));
        }
        entries.push(numbers(&text).map_err(fail)?);
    }
    let fail = at(lines.last);
    if entries.len() < rows {
        return Err(fail(too_few(entries.len(), rows)));
    }
    range_of(&shapers).check(LARGEST_CURVES).map_err(fail)?;
    Ok(match is_cube {
        true => with_cube(&shapers, table, &entries),
        false => with_curves(&shapers, entries),
    })
}

/// The lines outside of `BEGIN METADATA` to `END METADATA`.
fn without_metadata<'a>(
    lines: impl Iterator<Item = (usize, Cow<'a, str>)>,
) -> impl Iterator<Item = (usize, Cow<'a, str>)> {
    let mut inside = false;
    lines.filter(move |(_, line)| {
        let upper = line.to_ascii_uppercase();
        let (begins, ends) = (
            upper.starts_with("BEGIN METADATA"),
            upper.starts_with("END METADATA"),
        );
        inside = (inside || begins) && !ends;
        !inside && !ends
    })
}

fn range_of(shapers: &[Shaper; 3]) -> Domain {
    Domain {
        min: [0, 1, 2].map(|c| shapers[c].range().0),
        max: [0, 1, 2].map(|c| shapers[c].range().1),
    }
}

/// What `value` gives, sampled evenly over the domain.
fn sampled(domain: Domain, count: usize, value: impl Fn(usize, f32) -> f32) -> Curves {
    let entry = |index: usize| {
        let t = index as f32 / (count - 1) as f32;
        [0, 1, 2].map(|c| value(c, domain.min[c] + (domain.max[c] - domain.min[c]) * t))
    };
    Curves {
        domain,
        entries: (0..count).map(entry).collect(),
    }
}

fn with_cube(shapers: &[Shaper; 3], size: usize, rows: &[[f32; 3]]) -> Lut {
    let range = range_of(shapers);
    let simple = shapers.iter().all(Shaper::is_range);
    let cube = Cube {
        domain: if simple { range } else { Domain::default() },
        size,
        entries: rows.iter().map(|[r, g, b]| [*r, *g, *b, 0.0]).collect(),
    };
    let (count, note) = entries_for(shapers);
    Lut {
        notes: note.filter(|_| !simple).into_iter().collect(),
        curves: (!simple).then(|| sampled(range, count, |c, x| shapers[c].apply(x))),
        cube: Some(cube),
        ..Lut::default()
    }
}

fn with_curves(shapers: &[Shaper; 3], entries: Vec<[f32; 3]>) -> Lut {
    let range = range_of(shapers);
    if shapers.iter().all(Shaper::is_range) {
        let curves = Curves {
            domain: range,
            entries,
        };
        return Lut {
            curves: Some(curves),
            ..Lut::default()
        };
    }
    let own = Curves {
        domain: Domain::default(),
        entries,
    };
    let scale = own.domain.scale(own.entries.len());
    let (count, note) = entries_for(shapers);
    let count = count.max(own.entries.len());
    Lut {
        notes: note.into_iter().collect(),
        curves: Some(sampled(range, count, |c, x| {
            own.apply([shapers[c].apply(x); 3], scale)[c]
        })),
        ..Lut::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_that_are_not_evenly_spaced_are_joined_by_lines() {
        let shaper = "3\n0 0.25 2\n0 0.5 1\n".repeat(3);
        let curves = format!("CSPLUTV100\n1D\n{shaper}2\n0 0 0\n1 2 3\n");
        let lut = parse(curves.as_bytes()).unwrap();
        for (x, y) in [
            (-1.0, 0.0),
            (0.0, 0.0),
            (0.125, 0.25),
            (1.125, 0.75),
            (2.0, 1.0),
            (9.0, 1.0),
        ] {
            let got = lut.apply([x; 3], crate::color::lut::Interpolation::Trilinear);
            for c in 0..3 {
                let wanted = y * (c + 1) as f32;
                assert!((got[c] - wanted).abs() < 1e-3, "{x}: {got:?}, not {wanted}");
            }
        }
    }

    #[test]
    fn points_close_together_get_more_steps_or_are_named() {
        let lut = |inputs: &str| {
            let shaper = format!("4\n{inputs}\n0 0.3 0.6 1\n").repeat(3);
            let text = format!("CSPLUTV100\n1D\n{shaper}2\n0 0 0\n1 1 1\n");
            parse(text.as_bytes()).unwrap()
        };
        let fine = lut("0 0.001 0.01 16");
        assert!(fine.notes.is_empty());
        for (x, y) in [(0.001, 0.3), (0.0055, 0.45), (0.01, 0.6)] {
            let got = fine.apply([x; 3], crate::color::lut::Interpolation::Trilinear)[0];
            assert!((got - y).abs() < 0.03, "{x}: {got}, not {y}");
        }
        let coarse = lut("0 0.000001 0.01 256");
        assert!(
            coarse.notes[0].contains("too close together"),
            "{:?}",
            coarse.notes
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let head = "CSPLUTV100\n3D\n\nBEGIN METADATA\nanything\nEND METADATA\n";
        let shaper = "2\n0 1\n0 1\n";
        let shapers = format!("{head}{}", shaper.repeat(3));
        for (text, said) in [
            (String::new(), "the file ends before CSPLUTV100"),
            ("LUT".to_owned(), "line 1: it must begin with CSPLUTV100"),
            ("CSPLUTV100\n2D\n".to_owned(), "line 2: 2D must be 1D or 3D"),
            (
                head.to_owned(),
                "the file ends before the curves before the table",
            ),
            (format!("{head}2\n0 1 2\n"), "line 8: 3 numbers where 2"),
            (
                format!("{head}2\n1 0\n0 1\n"),
                "line 8: the inputs of a curve must increase",
            ),
            (format!("{shapers}2 2 3\n"), "the sizes 2 2 3 differ"),
            (format!("{shapers}2 2 2\n0 0 0\n"), "ends after 1 of 8"),
            (
                format!("{shapers}2 2 2\n{}", "0 0 0\n".repeat(9)),
                "more rows of numbers than the 8",
            ),
            (
                format!("{shapers}2 2 2\n0 0 inf\n"),
                "\"inf\" is not a finite",
            ),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error} should contain {said}");
        }
    }
}
