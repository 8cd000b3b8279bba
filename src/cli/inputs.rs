//! Which files are to be rendered: those named, those in folders, those on lists.

use std::path::{Path, PathBuf};

use super::args::Render;
use super::problem::{NO_INPUT, Problem};

/// A file to be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub path: PathBuf,
    /// It was found in a folder: whether it is a video is yet to be seen.
    pub found: bool,
}

/// The inputs of a command, in order.
pub fn inputs(args: &Render) -> Result<Vec<Input>, Problem> {
    let mut named: Vec<PathBuf> = args.inputs.iter().chain(&args.also).cloned().collect();
    for list in &args.list {
        named.extend(read_list(list)?);
    }
    let mut inputs = Vec::new();
    for path in named {
        if path.is_dir() {
            inputs.extend(files_of(&path)?);
        } else {
            inputs.push(Input { path, found: false });
        }
    }
    Ok(inputs)
}

/// A path a line; empty lines, and those that begin with `#`, are left out.
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

/// The files in a folder by name, hidden ones aside.
fn files_of(folder: &Path) -> Result<Vec<Input>, Problem> {
    let entries = std::fs::read_dir(folder);
    let entries = entries.map_err(|error| unreadable("the folder", folder, &error))?;
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."))
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    if paths.is_empty() {
        return Err(Problem::new(
            NO_INPUT,
            format!("there is nothing to render in {}", folder.display()),
            "name a folder that holds videos or pictures",
        ));
    }
    paths.sort();
    // `./clip.mp4` is better called `clip.mp4`.
    let plain = |path: PathBuf| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
    let found = |path| Input {
        path: plain(path),
        found: true,
    };
    Ok(paths.into_iter().map(found).collect())
}

fn unreadable(what: &str, path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        NO_INPUT,
        format!("cannot read {what} {}: {error}", path.display()),
        "check the name and that it may be read",
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
        let names: Vec<_> = files_of(dir.path())
            .unwrap()
            .into_iter()
            .map(|input| input.path)
            .collect();
        assert_eq!(names, [dir.path().join("a.mp4"), dir.path().join("b.mp4")]);
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
        assert_eq!(
            files_of(&dir.path().join("inside")).unwrap_err().code,
            NO_INPUT
        );
    }
}
