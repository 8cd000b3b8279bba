//! A kernel's source: which inputs it reads, how it reads them, and which parameters it names.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Place, StyleError, excerpt};
use crate::frame::{Facts, Observes};
use crate::nearest::{close, did_you_mean};

/// How a kernel reads an input. The producer of an input can be fused in only if all reads are [`Reads::here`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// `NAME_here()`: the pixel at the kernel's own position.
    pub here: bool,
    /// `NAME_at(p)`, `NAME_field(f, p)`, `NAME_sample(uv)`, `NAME_word(i)`, `NAME_near(d)` or `NAME_mirrored(d)`: any
    /// position.
    pub elsewhere: bool,
    /// `NAME_near(d)`: about the kernel's own position, the nearest pixel inside.
    pub near: bool,
    /// `NAME_mirrored(d)`: about the kernel's own position, reflected at the borders.
    pub mirrored: bool,
    /// `NAME_here(k)` or `NAME_valid(k)`: earlier and later frames.
    pub frames: bool,
    /// `NAME_trilinear(rgb)` or `NAME_tetrahedral(rgb)`: a look-up table.
    pub lut: bool,
    /// `NAME_vec4(i)`: a table of numbers.
    pub table: bool,
}

/// A kernel file, scanned for the names it uses.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// Folder and file stem: `pencil/dodge`.
    pub path: String,
    pub source: String,
    /// The inputs it reads, by name.
    pub inputs: BTreeMap<String, Reads>,
    /// The parameters it names as `params.NAME`.
    pub params: BTreeSet<String>,
    /// The facts of the frame that it names as `package::engine::facts.NAME`.
    pub facts: BTreeSet<String>,
    /// The library modules it imports: `common/hash`.
    pub imports: BTreeSet<String>,
    /// The functions it declares. They include its entry: `pixel` (makes a picture), `code` (makes a coded sample), or
    /// the phases of a compute kernel.
    pub functions: BTreeSet<String>,
    /// Path of the built-in kernel that it is, in its text and in the texts of all that it imports. The twin of that
    /// kernel stands for it; a kernel without one runs on a GPU alone.
    pub twin: Option<String>,
}

/// The accessors generated for an input, by suffix, and the types that they return.
pub const ACCESSORS: [(&str, &str); 14] = [
    ("_here", "vec4f"),
    ("_at", "vec4f"),
    ("_near", "vec4f"),
    ("_mirrored", "vec4f"),
    ("_field", "vec4f"),
    ("_sample", "vec4f"),
    ("_between", "vec4f"),
    ("_extent", "vec2i"),
    ("_valid", "bool"),
    ("_value", "f32"),
    ("_word", "u32"),
    ("_vec4", "vec4f"),
    ("_trilinear", "vec3f"),
    ("_tetrahedral", "vec3f"),
];

impl Kernel {
    /// Scans `source` for the names it uses. Whether a twin stands for it, the library knows ([`Library::kernel`]).
    ///
    /// [`Library::kernel`]: super::Library::kernel
    pub fn parse(path: &str, source: &str) -> Self {
        let tokens = tokens(source);
        let mut kernel = Self {
            path: path.to_owned(),
            source: source.to_owned(),
            inputs: BTreeMap::new(),
            params: BTreeSet::new(),
            facts: BTreeSet::new(),
            imports: Self::imports_of(source),
            functions: tokens
                .windows(2)
                .filter(|pair| pair[0] == "fn")
                .map(|pair| pair[1].to_owned())
                .collect(),
            twin: None,
        };
        for (index, token) in tokens.iter().enumerate() {
            let next = |ahead: usize| tokens.get(index + ahead).copied().unwrap_or("");
            if *token == "params" && next(1) == "." {
                kernel.params.insert(next(2).to_owned());
            }
            if *token == ":" && next(1) == "facts" && next(2) == "." {
                kernel.facts.insert(next(3).to_owned());
            }
            if next(1) == "(" && !kernel.functions.contains(*token) {
                for (suffix, _) in ACCESSORS {
                    if let Some(name) = token.strip_suffix(suffix).filter(|name| !name.is_empty()) {
                        let reads = kernel.inputs.entry(name.to_owned()).or_default();
                        let offset = suffix == "_here" && next(2) != ")";
                        reads.here |= suffix == "_here" && !offset;
                        reads.frames |= offset || suffix == "_valid";
                        reads.elsewhere |= [
                            "_at",
                            "_field",
                            "_sample",
                            "_between",
                            "_word",
                            "_near",
                            "_mirrored",
                        ]
                        .contains(&suffix);
                        reads.near |= suffix == "_near";
                        reads.mirrored |= suffix == "_mirrored";
                        reads.table |= suffix == "_vec4";
                        reads.lut |= suffix == "_trilinear" || suffix == "_tetrahedral";
                    }
                }
            }
        }
        kernel
    }

    /// Checks that it declares the function `entry`; `what` describes that function in the error.
    pub fn check_entry(&self, entry: &str, what: &str) -> Result<(), StyleError> {
        if self.functions.contains(entry) {
            return Ok(());
        }
        Err(StyleError::Kernel {
            kernel: self.path.clone(),
            place: None,
            message: format!("no fn {entry}: {what}"),
        })
    }

    /// The library modules that `source` imports.
    pub fn imports_of(source: &str) -> BTreeSet<String> {
        Self::imports_in_order(source).into_iter().collect()
    }

    /// As [`Self::imports_of`], in the order of the statements.
    pub(super) fn imports_in_order(source: &str) -> Vec<String> {
        let mut modules: Vec<String> = imports(source).into_iter().map(|one| one.module).collect();
        // A list has the names of one module.
        modules.dedup();
        modules
    }

    /// Whether `source` reads a fact that needs `what` to be measured.
    pub fn observes(source: &str, what: Observes) -> bool {
        let facts = Facts::TABLE.iter();
        let facts = facts.filter(|fact| fact.observes == what);
        let names: Vec<&str> = facts.map(|fact| fact.name).collect();
        Self::names_facts(source, &names)
    }

    /// Whether `source` reads one of these facts, or may read it: in WGSL a field can be read only by its name. What is read
    /// of the parameters is no fact.
    pub fn names_facts(source: &str, names: &[&str]) -> bool {
        let tokens = tokens(source);
        let mut uses = tokens.windows(3);
        uses.any(|part| part[0] != "params" && part[1] == "." && names.contains(&part[2]))
    }

    /// Whether it makes coded samples (`fn code`) rather than a picture (`fn pixel`).
    pub fn packs(&self) -> bool {
        self.functions.contains("code")
    }

    /// The bytes of the source where these words follow each other first.
    fn place(&self, words: &[&str]) -> Option<Range<usize>> {
        let tokens = tokens(&self.source);
        let at = |token: &str| token.as_ptr() as usize - self.source.as_ptr() as usize;
        let found = tokens
            .windows(words.len().max(1))
            .find(|part| *part == words)?;
        let (first, last) = (found.first()?, found.last()?);
        Some(at(first)..at(last) + last.len())
    }

    /// An error for each input, parameter and fact that it reads and is not given.
    pub fn wrong_bindings<'a>(
        &self,
        inputs: impl Iterator<Item = &'a str> + Clone,
        params: impl Iterator<Item = &'a str> + Clone,
    ) -> Vec<StyleError> {
        let mut wrong = Vec::new();
        // The words are those where the mistake is.
        let error = |words: &[&str], message: String| match self.place(words) {
            Some(bytes) => StyleError::Kernel {
                kernel: format!("{}.wgsl", self.path),
                place: Some(Place::of(&self.source, &bytes)),
                message: format!("{message}\n{}", excerpt(&self.source, &bytes)),
            },
            None => StyleError::Kernel {
                kernel: self.path.clone(),
                place: None,
                message,
            },
        };
        let suggest = |name: &str, given: &mut dyn Iterator<Item = &'a str>| {
            let given: Vec<&str> = given.collect();
            match close(name, given.iter().copied()) {
                Some(near) => did_you_mean(Some(near)),
                None => format!(
                    "; given: {}",
                    if given.is_empty() {
                        "none".to_owned()
                    } else {
                        given.join(", ")
                    }
                ),
            }
        };
        for name in self.inputs.keys() {
            if !inputs.clone().any(|given| given == name) {
                let called = ACCESSORS.map(|(suffix, _)| format!("{name}{suffix}"));
                let mut called = called.iter().map(String::as_str);
                let called = called.find(|called| self.place(&[called, "("]).is_some());
                wrong.push(error(
                    &[called.unwrap_or(name)],
                    format!(
                        "reads an input {name:?} that its pass does not give{}",
                        suggest(name, &mut inputs.clone())
                    ),
                ));
            }
        }
        for name in &self.params {
            if !params.clone().any(|given| given == name) {
                wrong.push(error(
                    &["params", ".", name],
                    format!(
                        "uses params.{name}, which is neither set by its pass nor a parameter{}",
                        suggest(name, &mut params.clone())
                    ),
                ));
            }
        }
        for name in &self.facts {
            let known = Facts::TABLE.iter().map(|fact| fact.name);
            if !known.clone().any(|known| known == name) {
                wrong.push(error(
                    &["facts", ".", name],
                    format!(
                        "uses package::engine::facts.{name}, which is no fact of a frame{}; the facts: {}",
                        did_you_mean(close(name, known.clone())),
                        known.collect::<Vec<_>>().join(", ")
                    ),
                ));
            }
        }
        wrong
    }
}

/// A name that a text imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import<'a> {
    /// The module in the library: `common/hash`.
    pub module: String,
    /// The name in that module.
    pub item: &'a str,
    /// Where the name stands in the text.
    pub bytes: Range<usize>,
}

/// How deep lists of imports may lie in one another; what lies deeper is not read.
const DEEPEST_LIST: usize = 16;

/// What `source` imports of the library, in order: `import package::FOLDER::FILE::NAME;`, with `as` and lists in braces.
pub fn imports(source: &str) -> Vec<Import<'_>> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if tokens[at..].starts_with(&["import", "package"]) {
            let list = ImportList {
                source,
                tokens: &tokens,
            };
            list.read(at + 2, &mut Vec::new(), 0, &mut found);
        }
    }
    found
}

/// The words of a text whose imports are read.
struct ImportList<'a, 'b> {
    source: &'a str,
    tokens: &'b [&'a str],
}

impl<'a> ImportList<'a, '_> {
    /// Reads a path, or a list of them, from the word `at` on, behind the parts in `path`; the word after it.
    fn read(
        &self,
        mut at: usize,
        path: &mut Vec<&'a str>,
        depth: usize,
        found: &mut Vec<Import<'a>>,
    ) -> usize {
        let before = path.len();
        let sign = |at: usize| self.tokens.get(at).copied().unwrap_or("");
        loop {
            match sign(at) {
                ":" => at += 1,
                "{" if depth < DEEPEST_LIST => {
                    at += 1;
                    while !["}", ";", ""].contains(&sign(at)) {
                        let next = self.read(at, path, depth + 1, found);
                        // A comma, or a sign that no list has.
                        at = next + usize::from(next == at || sign(next) == ",");
                    }
                    at += usize::from(sign(at) == "}");
                    break;
                }
                name if name.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                    if sign(at + 1) != ":" {
                        let start = name.as_ptr() as usize - self.source.as_ptr() as usize;
                        found.push(Import {
                            module: path.join("/"),
                            item: name,
                            bytes: start..start + name.len(),
                        });
                        at += if sign(at + 1) == "as" { 3 } else { 1 };
                        break;
                    }
                    path.push(name);
                    at += 1;
                }
                _ => break,
            }
        }
        path.truncate(before);
        at
    }
}

/// The characters that end a line of WGSL, and with it a comment that `//` begins (WGSL, "Blankspace and Line Breaks").
const LINE_ENDS: [char; 7] = [
    '\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}',
];

/// The bytes of the block comment that `rest` begins with. Comments may lie in one another; one that is not closed has all
/// the rest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(found) = rest[at..].find(['/', '*']) {
        at += found;
        let sign = &rest[at..];
        if sign.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if sign.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Splits WGSL into words and single characters, without comments and white space.
pub fn tokens(source: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let bytes = source.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        if rest.starts_with("//") {
            at += rest.find(LINE_ENDS).unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += block_comment(rest);
        } else {
            let first = rest.chars().next().unwrap_or(' ');
            let word = |c: char| c.is_alphanumeric() || c == '_';
            let length = if word(first) {
                rest.find(|c| !word(c)).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            // Marks of the writing direction are blank in WGSL, too.
            if !first.is_whitespace() && !['\u{200e}', '\u{200f}'].contains(&first) {
                tokens.push(&rest[..length]);
            }
            at += length;
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_read_with_lists_and_other_names() {
        let source = "import package::a::b::c as d; import package::a::{e::f, g::{h, i as j,},};\nimport package::k;\n\
            // import package::no::no;\nimport package::{; import package::l::m";
        let found = imports(source);
        let found: Vec<(&str, &str, &str)> = found
            .iter()
            .map(|one| (one.module.as_str(), one.item, &source[one.bytes.clone()]))
            .collect();
        let expected = [
            ("a/b", "c"),
            ("a/e", "f"),
            ("a/g", "h"),
            ("a/g", "i"),
            ("", "k"),
            ("l", "m"),
        ];
        assert_eq!(found, expected.map(|(module, item)| (module, item, item)));
    }

    const DODGE: &str = "import package::common::hash::unit;\nimport package::common::noise::{a, b};\n// soft_at(p) in a comment\nfn mine_at(p: vec2i) -> f32 { return 1.0; }\nfn pixel(at: vec2i) -> vec4f { return luma_here() / soft_at(at + 1) * params.gain + mine_at(at); }";

    #[test]
    fn names_are_found_and_comments_are_not() {
        let kernel = Kernel::parse("x/dodge", DODGE);
        assert_eq!(kernel.inputs.keys().collect::<Vec<_>>(), ["luma", "soft"]);
        assert_eq!(
            kernel.inputs["luma"],
            Reads {
                here: true,
                ..Reads::default()
            }
        );
        assert_eq!(
            kernel.inputs["soft"],
            Reads {
                elsewhere: true,
                ..Reads::default()
            }
        );
        assert_eq!(kernel.params.iter().collect::<Vec<_>>(), ["gain"]);
        assert_eq!(
            kernel.imports.iter().collect::<Vec<_>>(),
            ["common/hash", "common/noise"]
        );
        assert!(!kernel.packs());
    }

    #[test]
    fn comments_end_where_those_of_wgsl_end() {
        for (source, expected) in [
            ("a /* b /* c */ d */ e", &["a", "e"][..]),
            ("a /*/ b */ c", &["a", "c"]),
            ("a /* b */ c */", &["a", "c", "*", "/"]),
            ("a /* /* b */ c", &["a"]),
            ("a // b\nc", &["a", "c"]),
            ("a // b\rc", &["a", "c"]),
            ("a // b\u{b}c", &["a", "c"]),
            ("a // b\u{c}c", &["a", "c"]),
            ("a // b\u{85}c", &["a", "c"]),
            ("a // b\u{2028}c", &["a", "c"]),
            ("a // b\u{2029}c", &["a", "c"]),
            ("a // b /* c\nd", &["a", "d"]),
            ("a /* // b */ c", &["a", "c"]),
            ("a /* \u{fc} /", &["a"]),
            // Marks of the writing direction are blank.
            ("a\u{200e}b\u{200f}", &["a", "b"]),
        ] {
            assert_eq!(tokens(source), expected, "{source:?}");
        }
    }

    #[test]
    fn wrong_names_are_taught() {
        let kernel = Kernel::parse("x/dodge", DODGE);
        let wrong = kernel.wrong_bindings(["luna", "soft"].into_iter(), ["gain"].into_iter());
        let wrong = &wrong[0];
        assert!(
            wrong.to_string().contains("did you mean \"luna\"?")
                && wrong.to_string().starts_with("x/dodge.wgsl:5:39: reads"),
            "{wrong}"
        );
        let timed = "fn pixel(at: vec2i) -> vec4f { return vec4f(package::engine::facts.tme); }";
        let timed = Kernel::parse("x/timed", timed);
        let none = std::iter::empty();
        let unknown = &timed.wrong_bindings(none.clone(), none)[0];
        assert!(
            unknown.to_string().contains("facts.tme")
                && unknown.to_string().contains("did you mean \"time\"?")
                && unknown.to_string().starts_with("x/timed.wgsl:1:62: uses"),
            "{unknown}"
        );
        assert!(
            kernel
                .wrong_bindings(["luma", "soft"].into_iter(), ["gain"].into_iter())
                .is_empty()
        );
        // All at once.
        let all = kernel.wrong_bindings(std::iter::empty(), std::iter::empty());
        assert_eq!(all.len(), 3, "{all:?}");
        assert!(kernel.check_entry("pixel", "").is_ok() && kernel.check_entry("code", "").is_err());
    }

    #[test]
    fn the_page_for_authors_has_every_accessor_and_its_type() {
        let page = include_str!("../../../docs/writing-a-style.md");
        for (suffix, returns) in ACCESSORS {
            let names = ["NAME", "planes"].map(|name| format!("| `{name}{suffix}("));
            let row = |line: &&str| names.iter().any(|name| line.starts_with(name));
            let row = page.lines().find(row);
            let row = row.unwrap_or_else(|| panic!("docs/writing-a-style.md lacks NAME{suffix}("));
            let kind = row.split('|').nth(2).map(str::trim);
            assert_eq!(kind, Some(format!("`{returns}`").as_str()), "{row}");
        }
    }
}
