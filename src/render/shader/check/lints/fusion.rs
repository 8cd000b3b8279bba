//! Reads of the pixel's own place that the engine cannot see as such: the pass before is then stored, and not run within.

use super::{Finding, Text};
use crate::graph::style::{Body, Style};

pub const CODE: &str = "breaks-fusion";

const ADVICE: &str = "the image before is written to memory and read back; read by _here() alone, its pass runs within this one";

pub fn check(text: &Text<'_>) -> Vec<Finding> {
    let words = &text.words;
    let mut found = Vec::new();
    for (pass, kernel) in &text.passes {
        if !matches!(pass.body, Body::Kernel(_)) {
            continue;
        }
        // The name of the place in fn pixel(at: vec2i).
        let all = 0..words.words.len();
        let entry = all.clone().find(|at| words.are(*at, &["fn", "pixel", "("]));
        let Some(entry) = entry else {
            continue;
        };
        // A place of the same name in another function is another place.
        let (own, inside) = (words.at(entry + 3), words.function(entry));
        for input in &pass.inputs {
            let name = &input.name;
            let reads = kernel.inputs.get(name).copied().unwrap_or_default();
            let kept = |named: &str| named == input.image;
            let style: &Style = text.style;
            let is_file = style.files.iter().any(|file| kept(&file.name))
                || style.histories.iter().any(|history| kept(&history.name));
            if !reads.elsewhere || input.window.is_some() || is_file || input.image == Style::PLANES
            {
                continue;
            }
            // All reads elsewhere must be of the own place.
            let elsewhere = [
                "_at",
                "_near",
                "_mirrored",
                "_field",
                "_sample",
                "_between",
                "_word",
            ];
            let calls = elsewhere
                .iter()
                .flat_map(|suffix| words.calls(all.clone(), &format!("{name}{suffix}")));
            let calls: Vec<usize> = calls.collect();
            let here = |at: &usize| {
                if !inside.contains(at) {
                    return false;
                }
                let argument = words.words[at + 2..words.close(at + 1)].concat();
                match words.at(*at).strip_prefix(name.as_str()) {
                    Some("_at") => argument == own,
                    Some("_near" | "_mirrored") => {
                        ["vec2i(0)", "vec2i(0,0)", "vec2i()"].contains(&argument.as_str())
                    }
                    _ => false,
                }
            };
            if !calls.is_empty() && calls.iter().all(here) {
                let at = calls[0];
                let message =
                    format!("this reads {name} at the pixel's own place only: write {name}_here()");
                found.push(text.warns(CODE, at..words.close(at + 1) + 1, message, ADVICE));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::CODE;
    use crate::render::shader::check::tests::of_kernel;

    #[test]
    fn reads_of_the_own_place_are_found_unless_others_are_needed() {
        let bad = "fn pixel(p: vec2i) -> vec4f {\n    return image_at(p) * 0.5;\n}\n";
        assert_eq!(
            of_kernel(bad, CODE),
            [("mine/k.wgsl".to_owned(), Some((2, 12)))]
        );
        let near = "fn pixel(at: vec2i) -> vec4f { return image_near(vec2i(0, 0)); }\n";
        assert_eq!(of_kernel(near, CODE).len(), 1);
        for good in [
            "fn pixel(at: vec2i) -> vec4f { return image_here(); }\n",
            "fn pixel(at: vec2i) -> vec4f { return image_at(at) - image_at(at + vec2i(1, 0)); }\n",
            "fn read(at: vec2i) -> vec4f { return image_at(at); }\nfn pixel(at: vec2i) -> vec4f { return read(at / 2); }\n",
        ] {
            assert_eq!(of_kernel(good, CODE), [], "{good}");
        }
    }
}
