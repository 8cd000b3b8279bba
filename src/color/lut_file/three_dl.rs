//! Reads `.3dl` files of Autodesk Lustre and Flame: whole numbers, a line with the input's code values, then the cube with
//! blue varying fastest. No specification is published; the rules are those that OpenColorIO follows (its documentation of
//! the format `flame/lustre`).

use super::super::lut::{Curves, Domain, Lut};
use super::text::{all_numbers, at, first_word, lines, numbers, too_few, without_comment};
use super::{LARGEST_CUBE, LutError, blue_fastest, unless_identity};

/// Reads a `.3dl` file. Outputs are of the depth that `Mesh` names, else of the smallest that holds the largest value.
///
/// # Errors
/// The first error in the file, with its line.
pub fn parse(bytes: &[u8]) -> Result<Lut, LutError> {
    let mut output_bits = None;
    let mut input: Option<Vec<f32>> = None;
    let mut rows: Vec<[f32; 3]> = Vec::new();
    let mut last = 1;
    for (line, text) in lines(bytes) {
        let fail = at(line);
        let text = without_comment(&text).trim();
        let (word, rest) = first_word(text);
        if word.is_empty() || word.starts_with('<') {
            continue;
        }
        last = line;
        if word.parse::<f32>().is_err() {
            // Keywords of several programs: only `Mesh` says something that the numbers do not.
            if word.eq_ignore_ascii_case("mesh") {
                let [_, bits] = numbers::<2>(rest).map_err(&fail)?;
                if !(8.0..=16.0).contains(&bits) || bits.fract() != 0.0 {
                    return Err(fail(format!(
                        "Mesh has outputs of {bits} bits: 8 to 16 are known"
                    )));
                }
                output_bits = Some(bits as u32);
            }
            continue;
        }
        let values = all_numbers(text).map_err(&fail)?;
        match (&input, values.as_slice()) {
            (None, values) if values.len() > 3 => {
                if values.len() > LARGEST_CUBE {
                    return Err(fail(format!(
                        "the cube has {} entries on each side, more than {LARGEST_CUBE}",
                        values.len()
                    )));
                }
                input = Some(values.to_vec());
            }
            (None, _) => {
                return Err(fail(
                    "the first line of numbers must be the code values of the input, at least four of them"
                        .to_owned(),
                ));
            }
            (Some(input), &[r, g, b]) => {
                if rows.len() == input.len().pow(3) {
                    return Err(fail(format!(
                        "there are more rows of numbers than the {} that {} input values need",
                        rows.len(),
                        input.len()
                    )));
                }
                rows.push([r, g, b]);
            }
            (Some(_), values) => {
                return Err(fail(format!("{} numbers where 3 are needed", values.len())));
            }
        }
    }
    let fail = at(last);
    let Some(input) = input else {
        return Err(fail(
            "there are no numbers: this is not a .3dl file".to_owned(),
        ));
    };
    let size = input.len();
    if rows.len() < size.pow(3) {
        return Err(fail(too_few(rows.len(), size.pow(3))));
    }
    let largest = |values: &[f32]| values.iter().fold(0.0f32, |most, value| most.max(*value));
    let (input_bits, guessed) = (
        likely_bits(largest(&input)),
        likely_bits(largest(rows.as_flattened())),
    );
    let scale = code(output_bits.unwrap_or(guessed));
    for value in rows.as_flattened_mut() {
        *value /= scale;
    }
    let shaper = Curves {
        domain: Domain::default(),
        entries: input
            .iter()
            .map(|value| [value / code(input_bits); 3])
            .collect(),
    };
    Ok(Lut {
        // Evenly spaced code values are rounded to whole numbers.
        curves: unless_identity(shaper, 2.0 / code(input_bits)),
        cube: Some(blue_fastest(size, &rows)),
        ..Lut::default()
    })
}

/// The largest code value of this depth.
fn code(bits: u32) -> f32 {
    ((1u32 << bits) - 1) as f32
}

/// The even depth whose codes `largest` may be one of; tables may overshoot, to less than twice the largest code.
fn likely_bits(largest: f32) -> u32 {
    let holds = |bits: &u32| largest < 2.0 * (1u32 << bits) as f32;
    (8..=16).step_by(2).find(holds).unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let few = "0 341 682 1023\n".to_owned() + &"1 2 3\n".repeat(63);
        for (text, said) in [
            ("", "line 1: there are no numbers"),
            (
                "3DMESH\nMesh 4 12\n0 0 0\n",
                "line 3: the first line of numbers must be",
            ),
            ("Mesh 4 99\n", "line 1: Mesh has outputs of 99 bits"),
            (&few, "line 64: the file ends after 63 of 64"),
            (
                &format!("{few}1 2 3\n1 2 3\n"),
                "line 66: there are more rows",
            ),
            (&format!("{few}1 2\n"), "line 65: 2 numbers where 3"),
            (
                &format!("{few}1 2 nan\n"),
                "line 65: \"nan\" is not a finite number",
            ),
        ] {
            let error = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(said), "{error} should contain {said}");
        }
    }
}
