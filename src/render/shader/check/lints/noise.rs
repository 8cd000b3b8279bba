//! Noise made of the digits of a sine, which devices compute with different precision.

use super::{Finding, Text};

pub const CODE: &str = "sine-noise";

const ADVICE: &str = "sin is computed with another precision on each device, so this noise looks different on each, and has stripes on some\n\
    write import package::common::hash::pcg3d; and\n\
    let h = pcg3d(vec3u(vec2u(at), package::engine::facts.noise)); then f32(h.x >> 8u) / 16777216.0 is a number from 0 to 1";

/// Factors from which on only the digits behind are left.
const LARGE: f64 = 1000.0;

pub fn check(text: &Text<'_>) -> Vec<Finding> {
    let words = &text.words;
    let all = 0..words.words.len();
    let mut found = Vec::new();
    for index in words.calls(all, "fract") {
        let argument = index + 2..words.close(index + 1);
        let sine = |within: std::ops::Range<usize>| {
            words.has_call(within.clone(), &["sin", "cos"])
                && within
                    .clone()
                    .any(|at| words.number(at).is_some_and(|(value, _)| value >= LARGE))
        };
        // What the argument says, or the value of a name in it.
        let named = argument
            .clone()
            .filter_map(|at| words.value_of(words.at(at), index));
        if sine(argument.clone()) || named.into_iter().any(sine) {
            let message = "noise from the digits of a sine";
            found.push(text.warns(CODE, index..argument.end + 1, message, ADVICE));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::CODE;
    use crate::render::shader::check::tests::of_kernel;

    #[test]
    fn the_sine_hash_is_found_and_a_wave_is_not() {
        let hash = "fn pixel(at: vec2i) -> vec4f {\n    let n = fract(sin(dot(vec2f(at), vec2f(12.9898, 78.233))) * 43758.5453);\n    return image_here() * n;\n}\n";
        assert_eq!(
            of_kernel(hash, CODE),
            [("mine/k.wgsl".to_owned(), Some((2, 13)))]
        );
        let parted = "fn rand(p: vec2f) -> f32 {\n    let s = sin(p.x + 57.0 * p.y) * 43758.5;\n    return fract(s);\n}\nfn pixel(at: vec2i) -> vec4f { return image_here() * rand(vec2f(at)); }\n";
        assert_eq!(
            of_kernel(parted, CODE),
            [("mine/k.wgsl".to_owned(), Some((3, 12)))]
        );
        let wave = "fn pixel(at: vec2i) -> vec4f {\n    let wave = fract(0.5 + 0.5 * sin(3.0 * package::engine::facts.time));\n    return image_here() * wave;\n}\n";
        assert_eq!(of_kernel(wave, CODE), []);
    }
}
