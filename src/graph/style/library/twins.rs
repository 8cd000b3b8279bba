//! Which built-in kernel a kernel of the library is. Twins are written for the built-in kernels as they are: an edited one
//! must not run the twin of the original.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::{Content, Library};
use crate::graph::style::Kernel;
use crate::graph::style::manifest::{Body, Channels, Pass, Style};
use crate::graph::style::module::program;

/// What a pass asks of its kernel beside inputs and parameters, as the manifest has it. Twins rely on it: they know how
/// many channels they write, and compute all phases at once.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Channels(u8),
    /// As many channels as another image.
    ChannelsLike,
    /// Words, and for each phase its function, grid and group.
    Words(String, Vec<[String; 4]>),
}

impl Shape {
    fn of(pass: &Pass) -> Option<(&Arc<Kernel>, Self)> {
        match &pass.body {
            Body::Kernel(kernel) => Some((
                kernel,
                match pass.channels {
                    Channels::One => Self::Channels(1),
                    Channels::Four => Self::Channels(4),
                    Channels::Like(_) => Self::ChannelsLike,
                },
            )),
            Body::Compute {
                kernel,
                words,
                phases,
            } => {
                let phases = phases.iter().map(|phase| {
                    let [columns, rows] = &phase.over;
                    let group = phase.group.map(|group| group.to_string());
                    let group = group.unwrap_or_default();
                    [&phase.run, columns.text(), rows.text(), &group].map(str::to_owned)
                });
                Some((
                    kernel,
                    Self::Words(words.text().to_owned(), phases.collect()),
                ))
            }
            Body::Use(_) | Body::Model { .. } => None,
        }
    }
}

/// The built-in kernels.
struct BuiltIn {
    /// By their whole program; several may be equal.
    by_program: BTreeMap<String, Vec<String>>,
    /// How the built-in manifests run each.
    shapes: BTreeMap<String, BTreeSet<Shape>>,
}

impl BuiltIn {
    fn table() -> &'static Self {
        static TABLE: OnceLock<BuiltIn> = OnceLock::new();
        TABLE.get_or_init(|| {
            let library = Library::built_in();
            let mut by_program: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for path in library.kernels() {
                let kernels = by_program.entry(library.program(path)).or_default();
                kernels.push(path.to_owned());
            }
            let mut shapes: BTreeMap<String, BTreeSet<Shape>> = BTreeMap::new();
            let styles = library.folders().filter_map(|name| library.load(name).ok());
            for style in styles {
                for (kernel, shape) in style.passes.iter().filter_map(Shape::of) {
                    let known = shapes.entry(kernel.path.clone()).or_default();
                    known.insert(shape);
                }
            }
            Self { by_program, shapes }
        })
    }
}

/// Modules that the engine links into kernels without an import of theirs.
const LINKED_BY_ENGINE: [&str; 3] = ["common/border", "common/hash", "common/lut"];

impl Library {
    /// Path of the built-in kernel that the kernel at `path` is.
    pub(super) fn twin_of(&self, path: &str) -> Option<String> {
        if self.own.is_empty() {
            return Some(path.to_owned());
        }
        let same = BuiltIn::table().by_program.get(&self.program(path))?;
        let itself = same.iter().find(|known| *known == path);
        itself.or(same.first()).cloned()
    }

    /// Whether the kernel or module at `path` has the same text as that at `other_path` of `other`, comments aside. The texts
    /// that they import are not compared.
    pub fn has_text_of(&self, path: &str, other: &Self, other_path: &str) -> bool {
        let text = |library: &Self, path| library.text(path).map(program);
        text(self, path) == text(other, other_path)
    }

    /// The text of the kernel at `path` and of all modules it imports, each under the words of its import.
    fn program(&self, path: &str) -> String {
        let mut text = String::new();
        let mut seen = Vec::new();
        self.add_program(path, &mut seen, &mut text);
        for module in LINKED_BY_ENGINE {
            self.add_program(module, &mut seen, &mut text);
        }
        text
    }

    /// Adds the text of the module at `path`, then those of its imports in order. A module met before is its number, because
    /// folders may have other names.
    fn add_program(&self, path: &str, seen: &mut Vec<String>, out: &mut String) {
        if let Some(index) = seen.iter().position(|known| known == path) {
            out.push_str(&format!("module {index}\n"));
            return;
        }
        seen.push(path.to_owned());
        let Some(Content::Kernel { text, linked }) = self.module(path).map(|file| &file.content)
        else {
            out.push_str("no module\n");
            return;
        };
        out.push_str(&program(text));
        out.push('\n');
        for import in Kernel::imports_in_order(linked) {
            self.add_program(&import, seen, out);
        }
    }

    /// Takes the twins from the passes of `style` that run a kernel in another way than the built-in manifests do.
    pub(super) fn keep_twins_that_fit(&self, style: &mut Style) {
        if self.own.is_empty() {
            return;
        }
        let shapes = &BuiltIn::table().shapes;
        for pass in &mut style.passes {
            let Some((kernel, shape)) = Shape::of(pass) else {
                continue;
            };
            let known = kernel.twin.as_ref().and_then(|twin| shapes.get(twin));
            if known.is_some_and(|known| !known.contains(&shape))
                && let Body::Kernel(kernel) | Body::Compute { kernel, .. } = &mut pass.body
            {
                Arc::make_mut(kernel).twin = None;
            }
        }
    }
}
