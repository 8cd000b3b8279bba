//! The files to render: those named, those in folders, those on lists.

use std::path::{Path, PathBuf};

use super::args::Render;
use super::problem::{NO_INPUT, Problem, USAGE};

/// A file to render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub path: PathBuf,
    /// It was found in a folder, so it may be no video.
    pub found: bool,
    /// The subfolder that holds it, relative to the folder that was named; empty is that folder itself.
    pub below: PathBuf,
}

/// The inputs of a command.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In order.
    pub files: Vec<Input>,
    /// Subfolders that were not searched.
    pub not_searched: Vec<PathBuf>,
}

/// Finds the inputs of a command.
pub fn inputs(args: &Render) -> Result<Inputs, Problem> {
    let mut named: Vec<PathBuf> = args.inputs.iter().chain(&args.also).cloned().collect();
    for list in &args.list {
        named.extend(read_list(list)?);
    }
    let mut inputs = Inputs::default();
    for path in named {
        let path = match path == Path::new("-") {
            true => standard_input(args)?,
            false => path,
        };
        if path.is_dir() {
            inputs.search(&path, args.recursive)?;
        } else {
            inputs.files.push(Input {
                path,
                found: false,
                below: PathBuf::new(),
            });
        }
    }
    Ok(inputs)
}

/// The path that standard input can be read from, for the input `-`.
fn standard_input(args: &Render) -> Result<PathBuf, Problem> {
    let path = PathBuf::from("/dev/stdin");
    match (&args.output, path.metadata()) {
        (None, _) => Err(Problem::new(
            USAGE,
            "the input is standard input, so the output has no name",
            "name it with -o",
        )),
        (_, Err(error)) => Err(unreadable("standard input,", &path, &error)),
        _ => Ok(path),
    }
}

impl Inputs {
    /// Adds the files in a folder, by name, without hidden ones. Links to folders are not followed: they may form circles.
    fn search(&mut self, folder: &Path, recursive: bool) -> Result<(), Problem> {
        let mut files = Vec::new();
        let mut not_searched = Vec::new();
        let mut to_search = vec![folder.to_owned()];
        while let Some(inner) = to_search.pop() {
            let entries = std::fs::read_dir(&inner);
            let entries = entries.map_err(|error| unreadable("the folder", &inner, &error))?;
            for entry in entries.flatten() {
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                let path = entry.path();
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && recursive => to_search.push(path),
                    Ok(kind) if kind.is_dir() => not_searched.push(path),
                    _ if path.is_file() => files.push(path),
                    _ => {}
                }
            }
        }
        if files.is_empty() {
            return Err(Problem::new(
                NO_INPUT,
                format!("there is nothing to render in {}", folder.display()),
                if not_searched.is_empty() {
                    "name a folder with videos or pictures"
                } else {
                    "give --recursive to search its subfolders"
                },
            ));
        }
        files.sort();
        not_searched.sort();
        let input = |path: PathBuf| {
            let inner = path
                .parent()
                .and_then(|inner| inner.strip_prefix(folder).ok());
            Input {
                below: inner.map(Path::to_owned).unwrap_or_default(),
                found: true,
                path: plain(path),
            }
        };
        self.files.extend(files.into_iter().map(input));
        self.not_searched
            .extend(not_searched.into_iter().map(plain));
        Ok(())
    }
}

/// `./clip.mp4` becomes `clip.mp4`.
fn plain(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

/// One path per line; empty lines and lines that start with `#` are ignored.
fn read_list(list: &Path) -> Result<Vec<PathBuf>, Problem> {
    let bytes = std::fs::read(list).map_err(|error| unreadable("the list", list, &error))?;
    let lines = bytes.split(|&byte| byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    Ok(lines
        .filter(|line| !line.is_empty() && line[0] != b'#')
        .map(path_of)
        .collect())
}

#[cfg(unix)]
fn path_of(line: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(line).into()
}

#[cfg(not(unix))]
fn path_of(line: &[u8]) -> PathBuf {
    String::from_utf8_lossy(line).into_owned().into()
}

fn unreadable(what: &str, path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        NO_INPUT,
        format!("cannot read {what} {}: {error}", path.display()),
        "check the name, and that you may read it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_folders_are_read_in_order() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.mp4", "a.mp4", ".hidden.mp4"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(dir.path().join("inside")).unwrap();
        std::fs::write(dir.path().join("inside/c.mp4"), "x").unwrap();
        let found = |recursive| {
            let mut inputs = Inputs::default();
            inputs.search(dir.path(), recursive).unwrap();
            let names = inputs.files.iter().map(|input| {
                let name = input.path.strip_prefix(dir.path()).unwrap();
                (name.to_owned(), input.below.clone())
            });
            (names.collect::<Vec<_>>(), inputs.not_searched)
        };
        let file = |name: &str, below: &str| (PathBuf::from(name), PathBuf::from(below));
        let mut expected = vec![file("a.mp4", ""), file("b.mp4", "")];
        assert_eq!(
            found(false),
            (expected.clone(), vec![dir.path().join("inside")])
        );
        expected.push(file("inside/c.mp4", "inside"));
        assert_eq!(found(true), (expected, Vec::new()));
        let list = dir.path().join("list.txt");
        std::fs::write(&list, "# films\none.mp4\r\n\ntwo words.mkv").unwrap();
        assert_eq!(
            read_list(&list).unwrap(),
            [Path::new("one.mp4"), Path::new("two words.mkv")]
        );
        assert_eq!(
            read_list(&dir.path().join("no")).unwrap_err().code,
            NO_INPUT
        );
        std::fs::create_dir(dir.path().join("empty")).unwrap();
        let nothing = Inputs::default().search(&dir.path().join("empty"), true);
        assert_eq!(nothing.unwrap_err().code, NO_INPUT);
    }
}
