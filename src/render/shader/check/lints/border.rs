//! Reads of one image that continue it in two ways beyond its border, and reads beyond a tile.

use super::{Finding, Text};
use crate::graph::style::Kernel;

pub const MIXED: &str = "border-mismatch";
pub const TILE: &str = "tile-too-small";

pub fn check(text: &Text<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (pass, kernel) in &text.passes {
        for input in &pass.inputs {
            found.extend(mixed(text, kernel, &input.name));
        }
        for tile in &pass.tiles {
            let reach = tile
                .reach
                .each_ref()
                .map(|side| side.text().parse::<f64>().ok());
            found.extend(beyond(text, &tile.input, reach));
        }
    }
    found
}

/// An image that is read both reflected and with its last pixel repeated.
fn mixed(text: &Text<'_>, kernel: &Kernel, name: &str) -> Option<Finding> {
    let words = &text.words;
    let all = 0..words.words.len();
    let reflected = words.calls(all.clone(), &format!("{name}_mirrored"));
    kernel.inputs.get(name).filter(|reads| reads.mirrored)?;
    let repeated = ["_near", "_at"].map(|suffix| format!("{name}{suffix}"));
    let at = repeated
        .iter()
        .find_map(|call| words.calls(all.clone(), call).into_iter().next())?;
    let (one, other) = (words.at(at), words.at(*reflected.first()?));
    let message = format!(
        "{name} is read by {one}() here and by {other}() elsewhere, which differ at the border"
    );
    let advice = format!(
        "beyond the border {one}() repeats the last pixel, and {other}() goes on reflected, so the two see different pictures there\nread the image in one way"
    );
    Some(text.warns(MIXED, at..words.close(at + 1) + 1, message, &advice))
}

/// A read at a fixed distance beyond the reach of the tile.
fn beyond(text: &Text<'_>, name: &str, reach: [Option<f64>; 2]) -> Vec<Finding> {
    let words = &text.words;
    let mut found = Vec::new();
    for suffix in ["_near", "_mirrored"] {
        for at in words.calls(0..words.words.len(), &format!("{name}{suffix}")) {
            let open = at + 2;
            if words.at(open) != "vec2i" || words.close(open + 1) != words.close(at + 1) - 1 {
                continue;
            }
            let mut sides = words.arguments(open + 1);
            if let [both] = &sides[..] {
                sides = vec![both.clone(), both.clone()];
            }
            let number = |side: &std::ops::Range<usize>| {
                let start = side.start + usize::from(words.at(side.start) == "-");
                let (value, length) = words.number(start)?;
                (start + length == side.end).then_some(value)
            };
            let far = sides.iter().zip(reach).find_map(|(side, reach)| {
                let (far, reach) = (number(side)?, reach?);
                (far > reach).then_some((far, reach))
            });
            if let Some((far, reach)) = far {
                let message = format!(
                    "this reads {far} pixels away, and tile = {{ {name} = … }} says at most {reach}"
                );
                let advice = format!(
                    "the nearest pixel within {reach} is read instead: make the tile larger in the manifest"
                );
                found.push(text.warns(TILE, at..words.close(at + 1) + 1, message, &advice));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{MIXED, TILE};
    use crate::render::shader::check::tests::{coded, found, of_kernel};

    #[test]
    fn two_ways_beyond_the_border_are_found() {
        let bad = "fn pixel(at: vec2i) -> vec4f {\n    return image_mirrored(vec2i(2, 0)) - image_near(vec2i(-2, 0));\n}\n";
        assert_eq!(
            of_kernel(bad, MIXED),
            [("mine/k.wgsl".to_owned(), Some((2, 42)))]
        );
        let good = bad.replace("_near", "_mirrored");
        assert_eq!(of_kernel(&good, MIXED), []);
    }

    #[test]
    fn reads_beyond_a_tile_are_found() {
        let kernel = "fn pixel(at: vec2i) -> vec4f {\n    return image_near(vec2i(3, 0)) + image_near(vec2i(0, -1));\n}\n";
        let of_tile = |tile: &str| {
            let manifest = format!(
                "summary = 's'\n[[pass]]\nkernel = 'k'\nin = {{ image = 'source' }}\ntile = {{ image = {tile} }}\nout = 'result'\n"
            );
            coded(
                &found(&[("style.toml", &manifest), ("k.wgsl", kernel)]),
                TILE,
            )
        };
        assert_eq!(of_tile("2"), [("mine/k.wgsl".to_owned(), Some((2, 12)))]);
        assert_eq!(of_tile("3"), []);
        assert_eq!(of_tile("[3, 1]"), []);
        assert_eq!(of_tile("[3, 0]").len(), 1);
    }
}
