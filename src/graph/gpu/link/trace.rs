//! Finds where a part of a linked text comes from. The linker writes each declaration anew, so positions are found by
//! comparing its words with those of the module.

use std::ops::Range;

use super::{Linked, Modules};
use crate::graph::style::tokens;

/// The most pairs of words that are compared; a longer declaration is shown from its beginning.
const MOST_PAIRS: usize = 40_000_000;

/// A word or sign of a text.
#[derive(Clone, Debug)]
struct Word<'a> {
    text: &'a str,
    bytes: Range<usize>,
}

/// The words of `source`.
fn words_of(source: &str) -> Vec<Word<'_>> {
    let start = source.as_ptr() as usize;
    let words = tokens(source).into_iter();
    words
        .map(|text| {
            let at = text.as_ptr() as usize - start;
            Word {
                text,
                bytes: at..at + text.len(),
            }
        })
        .collect()
}

/// Joins `package::a::name` to one word, `name`.
fn without_paths(words: Vec<Word<'_>>) -> Vec<Word<'_>> {
    let mut joined: Vec<Word<'_>> = Vec::with_capacity(words.len());
    let mut begin = None;
    let mut at = 0;
    while at < words.len() {
        let sign = |ahead: usize| words.get(at + ahead).map_or("", |word| word.text);
        let start = *begin.get_or_insert(words[at].bytes.start);
        if sign(1) == ":" && sign(2) == ":" {
            at += 3;
            continue;
        }
        let mut word = words[at].clone();
        word.bytes.start = start;
        joined.push(word);
        begin = None;
        at += 1;
    }
    joined
}

/// The declarations of a text: their names, and their words by index.
fn declarations(words: &[Word<'_>]) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let (mut depth, mut begin) = (0i32, 0);
    for (index, word) in words.iter().enumerate() {
        match word.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth <= 0 && (word.text == ";" || word.text == "}") {
            if let Some(name) = declared(&words[begin..=index]) {
                found.push((name.to_owned(), begin..index + 1));
            }
            (depth, begin) = (0, index + 1);
        }
    }
    found
}

/// The name that a declaration gives.
fn declared<'a>(words: &[Word<'a>]) -> Option<&'a str> {
    const KEYWORDS: [&str; 6] = ["fn", "struct", "const", "override", "alias", "var"];
    let keyword = words
        .iter()
        .position(|word| KEYWORDS.contains(&word.text))?;
    let mut rest = words[keyword + 1..].iter();
    let mut name = rest.next()?;
    if name.text == "<" {
        rest.find(|word| word.text == ">")?;
        name = rest.next()?;
    }
    Some(name.text)
}

/// For each word of `linked`, the word of `source` that it was written for: the longest common sequence.
fn aligned(linked: &[&str], source: &[&str]) -> Vec<Option<usize>> {
    let (rows, columns) = (linked.len(), source.len());
    let mut pairs = vec![None; rows];
    if rows * columns > MOST_PAIRS {
        return pairs;
    }
    let width = columns + 1;
    let mut common = vec![0u32; (rows + 1) * width];
    for row in (0..rows).rev() {
        for column in (0..columns).rev() {
            common[row * width + column] = if linked[row] == source[column] {
                common[(row + 1) * width + column + 1] + 1
            } else {
                common[(row + 1) * width + column].max(common[row * width + column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    while row < rows && column < columns {
        if linked[row] == source[column] {
            pairs[row] = Some(column);
            (row, column) = (row + 1, column + 1);
        } else if common[(row + 1) * width + column] >= common[row * width + column + 1] {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// The module that `bytes` of a linked text come from, and the bytes there; `None` for what no module has written.
pub fn traced(
    linked: &Linked,
    modules: &Modules,
    bytes: &Range<usize>,
) -> Option<(String, Range<usize>)> {
    let words = words_of(&linked.wgsl);
    let parts = declarations(&words);
    let (name, part) = parts
        .into_iter()
        .find(|(_, part)| words[part.end - 1].bytes.end > bytes.start)?;
    let (module, item) = linked.origin(&name)?;
    let source = without_paths(words_of(modules.get(&module)?));
    let mut parts = declarations(&source).into_iter();
    let (_, own) = parts.find(|(name, _)| name == item)?;
    let part = &words[part];
    let own = &source[own];
    let named: Vec<&str> = part
        .iter()
        .map(|word| linked.origin(word.text).map_or(word.text, |(_, item)| item))
        .collect();
    let given: Vec<&str> = own.iter().map(|word| word.text).collect();
    let pairs = aligned(&named, &given);
    let covers = |word: &Word<'_>| {
        word.bytes.end > bytes.start && word.bytes.start < bytes.end.max(bytes.start + 1)
    };
    let covered = || (0..part.len()).filter(|index| covers(&part[*index]));
    let inside = || covered().filter_map(|index| pairs[index]);
    let found = match (inside().min(), inside().max()) {
        (Some(first), Some(last)) => own[first].bytes.start..own[last].bytes.end,
        _ => {
            // Words that only the linker has written: the last one before them.
            let first = covered().next().unwrap_or(part.len());
            let before = pairs[..first].iter().rev().find_map(|pair| *pair);
            own.get(before.unwrap_or(0))?.bytes.clone()
        }
    };
    Some((module, found))
}

/// For each line of the linked text, the module that its first traced word comes from, and where that is in the module; none
/// for lines that only the linker has written.
pub fn origins_of_lines(linked: &Linked, modules: &Modules) -> Vec<Option<(String, usize)>> {
    let text = &linked.wgsl;
    let ends: Vec<usize> = text
        .match_indices('\n')
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let mut lines = vec![None; text.lines().count()];
    let words = words_of(text);
    for (name, part) in declarations(&words) {
        let Some((module, item)) = linked.origin(&name) else {
            continue;
        };
        let Some(source) = modules.get(&module) else {
            continue;
        };
        let source = without_paths(words_of(source));
        let own = declarations(&source)
            .into_iter()
            .find(|(name, _)| name == item);
        let Some((_, own)) = own else {
            continue;
        };
        let (part, own) = (&words[part], &source[own]);
        let named: Vec<&str> = part
            .iter()
            .map(|word| linked.origin(word.text).map_or(word.text, |(_, item)| item))
            .collect();
        let given: Vec<&str> = own.iter().map(|word| word.text).collect();
        for (word, pair) in part.iter().zip(aligned(&named, &given)) {
            let line = ends.partition_point(|end| *end < word.bytes.start);
            if let (Some(pair), Some(None)) = (pair, lines.get(line)) {
                lines[line] = Some((module.clone(), own[pair].bytes.start));
            }
        }
    }
    lines
}

/// Where `module` uses `name`, preferably as part of a path; the bytes of the last name of the path.
pub fn used(source: &str, name: &str) -> Option<Range<usize>> {
    let words = words_of(source);
    let uses = |index: &usize| words[*index].text == name;
    let mut found = (0..words.len()).filter(uses);
    let in_path = |index: &usize| *index > 0 && [":", "{", ","].contains(&words[index - 1].text);
    let first = found.clone().find(in_path).or_else(|| found.next())?;
    Some(words[first].bytes.clone())
}

/// The names that a module declares.
pub fn declared_names(source: &str) -> Vec<String> {
    let words = words_of(source);
    let names = declarations(&words).into_iter();
    names.map(|(name, _)| name).collect()
}

/// The names that follow `let` or `var` in a module, and those of parameters of its functions.
pub fn locals(source: &str) -> Vec<String> {
    let words = tokens(source);
    let pairs = words.windows(3);
    let named = pairs.filter_map(|part| match part {
        ["let" | "var" | "const", name, _] => Some(*name),
        ["(" | ",", name, ":"] => Some(*name),
        _ => None,
    });
    named.map(str::to_owned).collect()
}

/// Where `source` declares fn `name`: the bytes from `fn`, or the attribute before it, up to its body, and their words.
pub fn signature<'a>(source: &'a str, name: &str) -> Option<(Range<usize>, Vec<&'a str>)> {
    let words = words_of(source);
    let pairs = words.windows(2);
    let begin = pairs
        .enumerate()
        .find(|(_, pair)| pair[0].text == "fn" && pair[1].text == name)?
        .0;
    let length = words[begin..].iter().position(|word| word.text == "{")?;
    let attribute = begin >= 2 && words[begin - 2].text == "@";
    let header = &words[begin - 2 * usize::from(attribute)..begin + length];
    let bytes = header.first()?.bytes.start..header.last()?.bytes.end;
    Some((bytes, header.iter().map(|word| word.text).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::{Modules, link};
    use super::*;

    /// The text of a module that a part of the linked text comes from.
    fn origin(part: &str, modules: &Modules) -> Option<(String, String)> {
        let linked = link("main", modules).unwrap();
        let at = linked
            .wgsl
            .find(part)
            .unwrap_or_else(|| panic!("{}", linked.wgsl));
        let (module, bytes) = traced(&linked, modules, &(at..at + part.len()))?;
        let text = modules[&module][bytes].to_owned();
        Some((module, text))
    }

    #[test]
    fn parts_are_found_however_the_linker_writes_them() {
        let kernel = "import package::tools::{twice as doubled, half};\n\n// twice(1.0) in a comment\n\
            fn pixel( at : vec2i )->vec4f {\n    let x = doubled( 1.50f )/package::tools::half(2.0) ; // doubled\n\
            \u{20}   if x > 1.0 { return vec4f(x); }\n    return vec4f( half(x),x, 0.0 , 1.0 );\n}\n";
        let tools = "fn twice(x: f32) -> f32 { return 2.0 * x; }\nfn half(x: f32) -> f32 { return x / 2.0; }";
        let main = "@compute @workgroup_size(1, 1) fn main() { let value = package::mine::pixel(vec2i(0)); }";
        let modules: Modules = [("main", main), ("mine", kernel), ("tools", tools)]
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into();
        for (part, module, text) in [
            ("return vec4f(x);", "mine", "return vec4f(x);"),
            ("x / 2.0", "tools", "x / 2.0"),
            (
                "package_tools_half(2.0)",
                "mine",
                "package::tools::half(2.0)",
            ),
            ("package_tools_half(x), x, 0.0", "mine", "half(x),x, 0.0"),
        ] {
            let found = origin(part, &modules);
            assert_eq!(found, Some((module.to_owned(), text.to_owned())), "{part}");
        }
    }

    #[test]
    fn declarations_have_names() {
        let text = "const a = 1; @group(0) @binding(1) var<storage, read> b: array<u32>; struct C { x: f32 }\n\
            @compute fn d() { if (true) { } } alias e = f32;";
        assert_eq!(declared_names(text), ["a", "b", "C", "d", "e"]);
    }
}
