//! Advice on kernels that compile: what differs between devices, what is slow, and what has no effect.

mod border;
mod division;
mod effect;
mod fusion;
mod limits;
mod loops;
mod noise;
mod words;

use std::sync::Arc;

use super::Finding;
use super::finding::Severity;
use crate::graph::style::{Body, Kernel, Library, Pass, Style};
use words::Words;

/// A kernel or module of the author's, and what is known of it.
struct Text<'a> {
    style: &'a Style,
    file: &'a str,
    text: &'a str,
    words: Words<'a>,
    /// The passes that run it; none of a module.
    passes: Vec<(&'a Pass, &'a Kernel)>,
}

impl Text<'_> {
    /// Advice at these words, from the first to the last.
    fn warns(
        &self,
        code: &'static str,
        words: std::ops::Range<usize>,
        message: impl Into<String>,
        advice: &str,
    ) -> Finding {
        let found = Finding::new(self.file, Severity::Warning, code, message, advice);
        found.at(self.text, &self.words.bytes(words))
    }
}

/// The lints that look at the text of one kernel or module.
const OF_TEXT: [fn(&Text<'_>) -> Vec<Finding>; 5] = [
    noise::check,
    division::check,
    loops::check,
    fusion::check,
    border::check,
];

/// Advice on the texts of the style.
fn of_texts(library: &Library, style: &Style) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in library.kernels_of(&style.name) {
        let Some(text) = library.text(path) else {
            continue;
        };
        let passes = style.passes.iter().filter_map(|pass| match &pass.body {
            Body::Kernel(kernel) | Body::Compute { kernel, .. } => Some((pass, &**kernel)),
            Body::Use(_) | Body::Model { .. } => None,
        });
        let text = Text {
            style,
            // A file of the author's, or the path of a built-in kernel.
            file: library.origin(path).unwrap_or(path),
            text,
            words: Words::of(text),
            passes: passes.filter(|(_, kernel)| kernel.path == path).collect(),
        };
        found.extend(OF_TEXT.iter().flat_map(|lint| lint(&text)));
    }
    found
}

/// All advice on the style.
pub fn all(library: &Library, style: &Arc<Style>) -> Vec<Finding> {
    let mut found = of_texts(library, style);
    if !super::is_block(style) {
        found.extend(limits::check(library, style));
        found.extend(effect::check(library, style));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn the_page_for_authors_has_every_kind_of_advice() {
        let page = include_str!("../../../../../docs/tools-for-styles.md");
        let own = [
            noise::CODE,
            division::CODE,
            loops::ENDLESS,
            loops::PAST,
            fusion::CODE,
            border::MIXED,
            border::TILE,
            limits::LIMITS,
            limits::NARROW,
            effect::NONE,
            effect::UNTRIED,
        ];
        let of_manifests = super::super::manifest::KINDS.map(|(_, code, _)| code);
        for code in own.into_iter().chain(of_manifests) {
            assert!(
                page.contains(&format!("`{code}`")),
                "docs/tools-for-styles.md lacks {code}"
            );
        }
    }

    /// The kernels that aquatint is made of are the largest collection of good examples: what is said of them must be true.
    #[test]
    fn built_in_kernels_are_not_talked_about() {
        let library = Library::built_in();
        let folders: Vec<String> = library.folders().map(str::to_owned).collect();
        for name in &folders {
            let mut found = of_texts(&library, &library.load(name).unwrap());
            // It follows links to ever smaller numbers, which ends at the first of them at the latest.
            found.retain(|one| {
                (&*one.file, one.code) != ("shaders/common/canny/link.wgsl", "endless-loop")
            });
            let said: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert!(said.is_empty(), "{}", said.join("\n"));
        }
        assert_eq!(check(&library, []).findings, []);
    }
}
