//! Checks the folder of a style without a graphics card: mistakes at their places in the author's files, and advice.

mod finding;
mod kernels;
mod lints;
mod manifest;

use std::collections::BTreeSet;

pub use finding::{Finding, Severity, as_diagnostics};
pub(super) use kernels::planned;

use crate::graph::style::{Library, Style};

/// What was found in some styles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The folders of an author that were checked, styles and building blocks, by name.
    pub folders: Vec<String>,
    /// Their manifests and kernels.
    pub files: Vec<String>,
    pub findings: Vec<Finding>,
}

impl Checked {
    /// How many findings are so bad.
    pub fn count(&self, severity: Severity) -> usize {
        let found = self.findings.iter();
        found.filter(|one| one.severity == severity).count()
    }
}

/// Checks the folders `names` of `library`. Advice is given where nothing is wrong.
pub fn check<'a>(library: &Library, names: impl IntoIterator<Item = &'a str>) -> Checked {
    let mut checked = Checked::default();
    for name in names {
        checked.folders.push(name.to_owned());
        if let Some((_, file)) = library.manifest(name) {
            checked.files.push(file.to_owned());
        }
        let kernels = library.kernels_of(name).into_iter();
        let files = kernels.filter_map(|path| library.origin(path));
        checked.files.extend(files.map(str::to_owned));
        checked.findings.extend(of_folder(library, name));
    }
    let mut seen = BTreeSet::new();
    checked
        .findings
        .retain(|one| seen.insert((one.file.clone(), one.place(), one.message.clone())));
    let order = |one: &Finding| (one.file.clone(), one.place().unwrap_or_default());
    checked.findings.sort_by_key(order);
    checked
}

fn of_folder(library: &Library, name: &str) -> Vec<Finding> {
    let (style, mut found) = match library.read(name) {
        Ok((style, errors)) => {
            let unknown = style.as_ref().map(|style| library.unknown_folders(style));
            let errors = errors.into_iter().chain(unknown.into_iter().flatten());
            let found = errors.map(|error| manifest::of_error(library, name, &error));
            (style, found.collect::<Vec<_>>())
        }
        Err(error) => (None, vec![manifest::of_error(library, name, &error)]),
    };
    found.extend(kernels::syntax(library, name));
    let Some(style) = style else {
        return found;
    };
    found.extend(manifest::warnings(library, &style));
    let wrong = |found: &[Finding]| found.iter().any(|one| one.severity == Severity::Error);
    if wrong(&found) {
        return found;
    }
    found.extend(manifest::files(library, &style));
    let style = std::sync::Arc::new(style);
    // Kernels of a building block are compiled with a style that uses it.
    if !is_block(&style) {
        found.extend(kernels::compiled(library, &style));
    }
    if !wrong(&found) {
        found.extend(lints::all(library, &style));
    }
    found
}

/// What is wrong in the folders `names` of `library`, at the defaults of all parameters, without advice: fast enough to be asked
/// whenever a file was saved.
pub fn mistakes<'a>(
    library: &'a Library,
    names: impl Iterator<Item = &'a str> + 'a,
) -> impl Iterator<Item = Finding> + 'a {
    let of_folder = |name: &str| {
        let (style, errors) = match library.read(name) {
            Ok(read) => read,
            Err(error) => return vec![manifest::of_error(library, name, &error)],
        };
        let unknown = style.as_ref().map(|style| library.unknown_folders(style));
        let errors = errors.into_iter().chain(unknown.into_iter().flatten());
        let mut found: Vec<_> = errors
            .map(|error| manifest::of_error(library, name, &error))
            .collect();
        found.extend(kernels::syntax(library, name));
        if let (Some(style), true) = (style, found.is_empty())
            && !is_block(&style)
        {
            found.extend(kernels::compiled_at_defaults(library, &style.into()));
        }
        found
    };
    let found = names.flat_map(of_folder);
    found.filter(|one| one.severity == Severity::Error)
}

/// Whether it is used by manifests, and not by users.
fn is_block(style: &Style) -> bool {
    style.name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manifest of a style with one pass.
    pub const MANIFEST: &str =
        "summary = 's'\n[[pass]]\nkernel = 'k'\nin = { image = 'source' }\nout = 'result'\n";

    /// What is found in a style `mine` with these files.
    pub fn found(files: &[(&str, &str)]) -> Vec<Finding> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join("mine").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut library = Library::built_in();
        library.add_path(folder.path()).unwrap();
        let names: Vec<String> = library.own_folders().map(str::to_owned).collect();
        let mut checked = check(&library, names.iter().map(String::as_str));
        let root = format!("{}/", folder.path().display());
        for one in &mut checked.findings {
            one.file = one.file.replace(&root, "");
        }
        checked.findings
    }

    /// The findings with this code: file, line and column.
    pub fn coded(findings: &[Finding], code: &str) -> Vec<(String, Option<(usize, usize)>)> {
        let here = findings.iter().filter(|one| one.code == code);
        here.map(|one| (one.file.clone(), one.place())).collect()
    }

    /// As [`coded`], of a style of one kernel.
    pub fn of_kernel(kernel: &str, code: &str) -> Vec<(String, Option<(usize, usize)>)> {
        let all = found(&[("style.toml", MANIFEST), ("k.wgsl", kernel)]);
        let errors: Vec<&Finding> = all
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        coded(&all, code)
    }

    #[test]
    fn all_mistakes_are_told_at_once_in_the_authors_own_files() {
        let manifest = "summary = 's'\n[param.amount]\ndefault = 3.0\nrange = [0.0, 1.0]\nhelp = 'h'\n[param.ink]\n\
            default = 'navy'\nhelp = 'h'\n[[pass]]\nkernel = 'k'\nin = { image = 'source' }\nout = 'result'\n";
        let all = found(&[
            ("style.toml", manifest),
            (
                "k.wgsl",
                "fn pixel(at: vec2i) -> vec4f { return image_here() }\n",
            ),
        ]);
        assert_eq!(
            coded(&all, "manifest"),
            [
                ("mine/style.toml".to_owned(), Some((3, 1))),
                ("mine/style.toml".to_owned(), Some((7, 12)))
            ]
        );
        // A kernel that is no WGSL is told although the manifest is wrong.
        assert_eq!(
            coded(&all, "compile"),
            [("mine/k.wgsl".to_owned(), Some((1, 52)))]
        );
        // Names that a kernel is not given, each at its place, with the nearest name.
        let kernel = "fn pixel(at: vec2i) -> vec4f {\n    let c = imgae_here();\n    return c * params.amuont;\n}\n";
        let manifest = "summary = 's'\n[param.amount]\ndefault = 1.0\nrange = [0.0, 1.0]\nhelp = 'h'\n[[pass]]\nkernel = 'k'\n\
            in = { image = 'source' }\nout = 'result'\n";
        let all = found(&[("style.toml", manifest), ("k.wgsl", kernel)]);
        let names = coded(&all, "unknown-name");
        let at = |line, column| ("mine/k.wgsl".to_owned(), Some((line, column)));
        assert_eq!(names, [at(2, 13), at(3, 16)]);
        let said: Vec<String> = all.iter().map(Finding::to_string).collect();
        let said = said.join("\n");
        assert!(
            said.contains("did you mean \"image\"?") && said.contains("did you mean \"amount\"?"),
            "{said}"
        );
        // Two kernels with a mistake each, the second in a module that it imports by a relative path.
        let manifest = format!(
            "{MANIFEST}[[pass]]\nkernel = 'l'\nin = {{ image = 'result' }}\nout = 'result'\n"
        );
        let all = found(&[
            ("style.toml", &manifest),
            (
                "k.wgsl",
                "fn pixel(at: vec2i) -> vec4f { return image_here() * at.x; }\n",
            ),
            (
                "l.wgsl",
                "import super::tone::tone;\nfn pixel(at: vec2i) -> vec4f { return tone(image_at(at + vec2i(1, 0))); }\n",
            ),
            (
                "tone.wgsl",
                "fn tone(c: vec4f) -> vec4f {\n    return c.rgb;\n}\n",
            ),
        ]);
        let places = coded(&all, "compile");
        let files: Vec<&str> = places.iter().map(|(file, _)| file.as_str()).collect();
        assert_eq!(files, ["mine/k.wgsl", "mine/tone.wgsl"], "{all:?}");
        assert_eq!(places[1].1.map(|(line, _)| line), Some(2));
        // A relative import of what is not there is shown as it stands in the file.
        let all = found(&[
            ("style.toml", MANIFEST),
            (
                "k.wgsl",
                "import super::tone::tnoe;\nfn pixel(at: vec2i) -> vec4f { return tnoe(image_here()); }\n",
            ),
            ("tone.wgsl", "fn tone(c: vec4f) -> vec4f { return c; }\n"),
        ]);
        let said = all[0].to_string();
        assert!(said.starts_with("mine/k.wgsl:1:21: error:"), "{said}");
        assert!(
            said.contains("import super::tone::tnoe;") && said.contains("did you mean tone?"),
            "{said}"
        );
    }

    #[test]
    fn a_wrong_name_in_an_expression_has_its_place_and_the_nearest_name() {
        let manifest = "summary = 's'\n[param.radius]\ndefault = 8.0\nrange = [1.0, 40.0]\nhelp = 'h'\n[[pass]]\nuse = 'common/gaussian'\n\
            in = { image = 'source' }\nset = { sigma = '2 * radios' }\nout = 'result'\n";
        let all = found(&[("style.toml", manifest)]);
        let here = ("mine/style.toml".to_owned(), Some((9, 22)));
        assert_eq!(coded(&all, "manifest"), [here]);
        let said: Vec<String> = all.iter().map(Finding::to_string).collect();
        let said = said.join("\n");
        assert!(said.contains("did you mean \"radius\"?"), "{said}");
        // A parameter that the folder does not have.
        let other = manifest.replace("sigma = '2 * radios'", "radius = '2'");
        let all = found(&[("style.toml", &other)]);
        let here = ("mine/style.toml".to_owned(), Some((9, 9)));
        assert_eq!(coded(&all, "manifest"), [here]);
        let said: Vec<String> = all.iter().map(Finding::to_string).collect();
        let said = said.join("\n");
        assert!(
            said.contains("common/gaussian has no parameter \"radius\"")
                && said.contains("its parameters: sigma"),
            "{said}"
        );
        // A folder that is not there.
        let all = found(&[(
            "style.toml",
            &manifest
                .replace("radios", "radius")
                .replace("gaussian", "gausian"),
        )]);
        assert_eq!(
            coded(&all, "manifest"),
            [("mine/style.toml".to_owned(), Some((7, 8)))]
        );
        assert!(
            all[0].message.contains("did you mean \"common/gaussian\"?"),
            "{}",
            all[0]
        );
    }

    #[test]
    fn a_section_with_the_wrong_brackets_is_told_in_words() {
        let all = found(&[("style.toml", &MANIFEST.replace("[[pass]]", "[pass]"))]);
        let said = all[0].to_string();
        assert!(
            said.starts_with("mine/style.toml:2:1: error: [pass]: "),
            "{said}"
        );
        assert!(said.contains("write [[pass]]"), "{said}");
    }

    #[test]
    fn passes_that_are_off_by_default_are_compiled() {
        let manifest = "summary = 's'\n[param.on]\ndefault = false\nhelp = 'h'\n[[pass]]\nuse = 'identity'\nin = { source = 'source' }\nout = 'result'\n\
            [[pass]]\nkernel = 'k'\nin = { image = 'result' }\nwhen = 'on'\nout = 'result'\n";
        let all = found(&[
            ("style.toml", manifest),
            (
                "k.wgsl",
                "fn pixel(at: vec2i) -> vec4f { return image_here().rgb; }\n",
            ),
        ]);
        assert_eq!(
            coded(&all, "compile"),
            [("mine/k.wgsl".to_owned(), Some((1, 39)))]
        );
    }

    #[test]
    fn what_is_there_to_no_effect_has_its_place() {
        let manifest = "summary = 's'\n[param.unused]\ndefault = 1.0\nrange = [0.0, 2.0]\nhelp = 'h'\n[[pass]]\nkernel = 'k'\n\
            in = { image = 'source', other = 'source' }\nset = { amuont = '1' }\nout = 'result'\n";
        let kernel = "fn pixel(at: vec2i) -> vec4f { return image_here(); }\n";
        let all = found(&[
            ("style.toml", manifest),
            ("k.wgsl", kernel),
            ("old.wgsl", kernel),
        ]);
        let at = |line, column| vec![("mine/style.toml".to_owned(), Some((line, column)))];
        assert_eq!(coded(&all, "unused-parameter"), at(2, 1));
        assert_eq!(coded(&all, "unread-input"), at(8, 26));
        assert_eq!(coded(&all, "unused-value"), at(9, 9));
        assert_eq!(
            coded(&all, "unused-file"),
            [("mine/old.wgsl".to_owned(), None)]
        );
        assert!(all.iter().all(|one| one.severity != Severity::Error));
        // The second of two parameters.
        let two = format!(
            "{MANIFEST}[param.used]\ndefault = 1.0\nrange = [0.0, 2.0]\nhelp = 'h'\n[param.idle]\ndefault = 1.0\n\
                range = [0.0, 2.0]\nhelp = 'h'\n"
        );
        let all = found(&[
            ("style.toml", &two),
            (
                "k.wgsl",
                "fn pixel(at: vec2i) -> vec4f { return image_here() * params.used; }\n",
            ),
        ]);
        assert_eq!(coded(&all, "unused-parameter"), at(10, 1));
        let clean = found(&[("style.toml", MANIFEST), ("k.wgsl", kernel)]);
        assert_eq!(clean, []);
    }
}
