//! How often one invocation of a phase of a compute kernel reads its inputs, and reads and writes its words.

use std::collections::BTreeMap;

use super::kernel::{ACCESSORS, tokens};

/// How often an invocation does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Often {
    /// At most so many times.
    Times(usize),
    /// In a loop, so that its text does not say it.
    Unknown,
}

impl Often {
    const NEVER: Self = Self::Times(0);

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Times(a), Self::Times(b)) => Self::Times(a + b),
            _ => Self::Unknown,
        }
    }

    /// The bytes that `runs` invocations move, `each` bytes at a time, of a memory of `whole` bytes.
    pub fn bytes(self, runs: usize, each: usize, whole: usize) -> usize {
        match self {
            Self::Times(times) => whole.min(runs.saturating_mul(times).saturating_mul(each)),
            Self::Unknown => whole,
        }
    }
}

/// What a phase does, by the names of the functions that it calls, also by way of other functions of its kernel. Modules
/// that a kernel imports read nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses(BTreeMap<String, Often>);

/// The functions that read a kernel's own words, and those that write them. Atomic ones do both.
const WORDS_READ: [&str; 5] = [
    "words_load",
    "words_add",
    "words_min",
    "words_max",
    "words_or",
];
const WORDS_WRITTEN: [&str; 5] = [
    "words_store",
    "words_add",
    "words_min",
    "words_max",
    "words_or",
];

impl Uses {
    /// Of the function `run` of a kernel.
    pub fn of(source: &str, run: &str) -> Self {
        let tokens = tokens(source);
        let mut found = Self::default();
        found.add(&tokens, run, false, &mut Vec::new());
        found
    }

    /// How often an invocation reads a pixel or word of the input `name`.
    pub fn reads(&self, name: &str) -> Often {
        let reading = |suffix: &&str| !["_extent", "_valid"].contains(suffix);
        let suffixes = ACCESSORS.iter().map(|(suffix, _)| *suffix).filter(reading);
        let names: Vec<String> = suffixes.map(|suffix| format!("{name}{suffix}")).collect();
        self.sum(names.iter().map(String::as_str))
    }

    /// How often an invocation reads a word of its own kernel.
    pub fn words_read(&self) -> Often {
        self.sum(WORDS_READ.into_iter())
    }

    /// How often an invocation writes a word of its own kernel.
    pub fn words_written(&self) -> Often {
        self.sum(WORDS_WRITTEN.into_iter())
    }

    fn sum<'a>(&self, names: impl Iterator<Item = &'a str>) -> Often {
        let found = names.filter_map(|name| self.0.get(name));
        found.fold(Often::NEVER, |sum, often| sum.and(*often))
    }

    /// Adds what `function` does; `looped` says that it is called in a loop, `within` which functions call it.
    fn add<'a>(
        &mut self,
        tokens: &[&'a str],
        function: &'a str,
        looped: bool,
        within: &mut Vec<&'a str>,
    ) {
        // WGSL has no recursion; a text that has it compiles nowhere.
        let Some(body) = body(tokens, function).filter(|_| !within.contains(&function)) else {
            return;
        };
        within.push(function);
        // For each open brace, whether what is in it is repeated. The head of a loop is, too.
        let mut blocks = vec![looped];
        let mut head = false;
        for (index, token) in body.iter().enumerate() {
            let repeated = head || blocks.last() == Some(&true);
            match *token {
                "for" | "while" | "loop" => head = true,
                "{" => {
                    blocks.push(repeated);
                    head = false;
                }
                "}" => {
                    blocks.pop();
                }
                name if body.get(index + 1) == Some(&"(") => {
                    let often = match repeated {
                        true => Often::Unknown,
                        false => Often::Times(1),
                    };
                    let known = self.0.entry(name.to_owned()).or_insert(Often::NEVER);
                    *known = known.and(often);
                    self.add(tokens, name, repeated, within);
                }
                _ => {}
            }
        }
        within.pop();
    }
}

/// The tokens between the braces of a function; `None` where it is not declared.
fn body<'a, 'b>(tokens: &'b [&'a str], function: &str) -> Option<&'b [&'a str]> {
    let declared = tokens
        .windows(2)
        .position(|pair| pair[0] == "fn" && pair[1] == function)?;
    let rest = &tokens[declared..];
    let start = rest.iter().position(|token| *token == "{")? + 1;
    let mut depth = 1;
    let end = rest[start..].iter().position(|token| {
        match *token {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some(&rest[start..start + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const KERNEL: &str = "
        fn tone(p: vec2i) -> u32 { return u32(image_at(p).r); }
        fn clear(at: vec2i) { words_store(at.x, 0u); }
        fn count(at: vec2i) { if (at.x < image_extent().x) { words_add(i32(tone(at)), last_word(3)); } }
        fn row(at: vec2i) {
            for (var x = 0; x < i32(last_word(0)); x++) { words_add(i32(tone(vec2i(x, at.y))), 1u); }
            words_store(0, words_load(1));
        }
        fn odd(at: vec2i) { odd(at); }";

    #[test]
    fn what_phases_touch_is_counted_also_through_functions_and_loops() {
        let uses = |run| Uses::of(KERNEL, run);
        let clear = uses("clear");
        assert_eq!(clear.reads("image"), Often::Times(0));
        assert_eq!(clear.words_read(), Often::Times(0));
        assert_eq!(clear.words_written(), Often::Times(1));
        let count = uses("count");
        assert_eq!(count.reads("image"), Often::Times(1));
        assert_eq!(count.reads("last"), Often::Times(1));
        assert_eq!(
            (count.words_read(), count.words_written()),
            (Often::Times(1), Often::Times(1))
        );
        let row = uses("row");
        assert_eq!(
            row.reads("image"),
            Often::Unknown,
            "a function called in a loop"
        );
        assert_eq!(row.reads("last"), Often::Unknown, "in the head of a loop");
        assert_eq!(row.words_written(), Often::Unknown);
        assert_eq!(uses("absent"), Uses::default());
        assert_eq!(uses("odd").reads("image"), Often::Times(0));
    }

    #[test]
    fn a_memory_is_moved_once_at_most() {
        assert_eq!(Often::Times(2).bytes(100, 16, 1 << 20), 3200);
        assert_eq!(Often::Times(2).bytes(100, 16, 1000), 1000);
        assert_eq!(Often::Unknown.bytes(1, 16, 1000), 1000);
    }
}
