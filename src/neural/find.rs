//! Finds the library of ONNX Runtime: where Python's packages are installed, and where systems keep libraries.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::folders::{data_folder, home, variable};

/// How long Python may take to say where its packages are.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where `pip install --target` puts ONNX Runtime for aquatint alone; `doctor` prints that line.
pub fn runtime_folder() -> Option<PathBuf> {
    data_folder().map(|folder| folder.join("onnxruntime"))
}

/// A file that may be the library, and why it was looked for there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub path: PathBuf,
    /// In words: "the virtual environment /home/me/.venv".
    pub place: String,
}

/// Python packages of ONNX Runtime that have no library which another program can load: those before 1.18 or so. Folder and
/// version of each.
pub(super) fn packages_without_library() -> Vec<(PathBuf, String)> {
    let folders = package_folders().into_iter();
    folders
        .map(|(folder, _)| folder.join("onnxruntime").join("capi"))
        .filter(|capi| capi.is_dir() && libraries_in(capi).is_empty())
        .filter_map(|capi| package_version(&capi).map(|version| (capi, version)))
        .collect()
}

/// The version of the package that the folder `capi` belongs to: pip notes it beside the package.
fn package_version(capi: &Path) -> Option<String> {
    let packages = capi.ancestors().nth(2)?;
    let version = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".dist-info")?;
        let (package, version) = name.rsplit_once('-')?;
        let ours = package.starts_with("onnxruntime");
        ours.then(|| version.to_owned())
    };
    entries(packages).iter().find_map(version)
}

/// The version of the library in `path`, by the package or the name of its file.
pub(super) fn version_of(path: &Path) -> Option<String> {
    let package = path.parent().and_then(package_version);
    package.or_else(|| {
        let name = path.file_name()?.to_str()?;
        let first = name.find(|c: char| c.is_ascii_digit())?;
        let end = name[first..].find(|c: char| !c.is_ascii_digit() && c != '.');
        let version = &name[first..end.map_or(name.len(), |end| first + end)];
        let version = version.trim_matches('.');
        version.contains('.').then(|| version.to_owned())
    })
}

/// The libraries there are, the best first. `ORT_DYLIB_PATH` is the only one where it is set.
pub(super) fn candidates() -> Vec<Candidate> {
    if let Some(path) = std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()) {
        return vec![Candidate {
            path: path.into(),
            place: "ORT_DYLIB_PATH".to_owned(),
        }];
    }
    let mut found = Vec::new();
    let mut add = |folder: &Path, place: String| {
        for path in libraries_in(folder) {
            if !found.iter().any(|known: &Candidate| known.path == path) {
                let place = place.clone();
                found.push(Candidate { path, place });
            }
        }
    };
    for (folder, place) in package_folders() {
        add(&folder.join("onnxruntime").join("capi"), place);
    }
    for folder in library_folders() {
        let place = format!("the folder {}", folder.display());
        add(&folder, place);
    }
    if found.is_empty() {
        for folder in asked_of_python() {
            let place = format!("Python's packages in {}", folder.display());
            for path in libraries_in(&folder.join("onnxruntime").join("capi")) {
                let place = place.clone();
                found.push(Candidate { path, place });
            }
        }
    }
    found
}

/// The folders with libraries of NVIDIA that pip has put beside the library `path`: CUDA, cuDNN, TensorRT.
pub(super) fn nvidia_folders(library: &Path) -> Vec<PathBuf> {
    // .../site-packages/onnxruntime/capi/libonnxruntime.so
    let Some(packages) = library.ancestors().nth(3) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries(&packages.join("nvidia"))
        .into_iter()
        .flat_map(|package| [package.join("lib"), package.join("bin")])
        .chain([packages.join("tensorrt_libs")])
        .filter(|folder| folder.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Whether a file of this name is the library itself, and not one of its providers.
fn is_library(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    if cfg!(windows) {
        name.eq_ignore_ascii_case("onnxruntime.dll")
    } else if cfg!(target_os = "macos") {
        let middle = name
            .strip_prefix("libonnxruntime")
            .and_then(|rest| rest.strip_suffix("dylib"));
        middle.is_some_and(|middle| middle.starts_with('.'))
    } else {
        name == "libonnxruntime.so" || name.starts_with("libonnxruntime.so.")
    }
}

/// The libraries in a folder; links to the same file once.
fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in entries(folder) {
        if is_library(path.file_name().unwrap_or_default())
            && let Ok(real) = path.canonicalize()
            && !found.contains(&real)
        {
            found.push(real);
        }
    }
    found
}

/// What a folder holds, by name; nothing where it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    all.sort();
    all
}

/// Folders of Python's packages below the folder of an installation, the newest Python first.
fn packages_of(installation: &Path) -> Vec<PathBuf> {
    let mut found = vec![installation.join("Lib").join("site-packages")];
    for lib in ["lib", "lib64", "local/lib"] {
        let mut pythons = entries(&installation.join(lib));
        pythons.retain(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("python3")
        });
        pythons.sort_by_key(|path| std::cmp::Reverse(minor(path)));
        for python in pythons {
            found.push(python.join("site-packages"));
            found.push(python.join("dist-packages"));
        }
    }
    found.retain(|folder| folder.is_dir());
    found
}

/// The second number of a folder's name: 11 of `python3.11`.
fn minor(path: &Path) -> u32 {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let minor = name.split('.').nth(1);
    minor.and_then(|minor| minor.parse().ok()).unwrap_or(0)
}

/// Folders of Python's packages, with words for each.
fn package_folders() -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    let mut add = |folders: Vec<PathBuf>, what: &str| {
        for folder in folders {
            all.push((folder.clone(), format!("{what} {}", folder.display())));
        }
    };
    for name in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
        if let Some(root) = variable(name) {
            add(packages_of(&root), "the active environment");
        }
    }
    if let Ok(here) = std::env::current_dir() {
        for name in [".venv", "venv"] {
            add(
                packages_of(&here.join(name)),
                "the environment of this folder",
            );
        }
    }
    add(
        runtime_folder().into_iter().collect(),
        "aquatint's own folder",
    );
    if let Some(home) = home() {
        let mut user = packages_of(&home.join(".local"));
        if cfg!(target_os = "macos") {
            for version in entries(&home.join("Library/Python")) {
                user.push(version.join("lib/python/site-packages"));
            }
        }
        if let Some(roaming) = variable("APPDATA").filter(|_| cfg!(windows)) {
            for version in entries(&roaming.join("Python")) {
                user.push(version.join("site-packages"));
            }
        }
        add(user, "your Python packages in");
    }
    add(of_python_on_the_path(), "Python's packages in");
    for root in ["/usr/local", "/usr", "/opt/homebrew"] {
        let mut folders = packages_of(Path::new(root));
        // Debian's packages are for all versions.
        folders.push(Path::new(root).join("lib/python3/dist-packages"));
        add(folders, "Python's packages in");
    }
    all
}

/// The packages of the first `python3` on the path. A program in `bin` has them in `lib` beside it; pyenv's are scripts,
/// and its versions have their own folder.
fn of_python_on_the_path() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let name = if cfg!(windows) {
        "python.exe"
    } else {
        "python3"
    };
    let Some(program) = std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let Ok(real) = program.canonicalize() {
        let up = if cfg!(windows) { 1 } else { 2 };
        found.extend(
            real.ancestors()
                .nth(up)
                .map(packages_of)
                .unwrap_or_default(),
        );
    }
    if let Some(pyenv) = program.ancestors().nth(2).map(|root| root.join("versions")) {
        let mut versions = entries(&pyenv);
        versions.reverse();
        found.extend(versions.iter().flat_map(|version| packages_of(version)));
    }
    found
}

/// Folders in which systems keep libraries, and those beside the program.
fn library_folders() -> Vec<PathBuf> {
    let mut all = Vec::new();
    let named = if cfg!(target_os = "macos") {
        "DYLD_LIBRARY_PATH"
    } else {
        "LD_LIBRARY_PATH"
    };
    all.extend(std::env::split_paths(
        &std::env::var_os(named).unwrap_or_default(),
    ));
    if let Ok(program) = std::env::current_exe()
        && let Some(folder) = program.parent()
    {
        all.extend([folder.into(), folder.join("lib"), folder.join("../lib")]);
    }
    all.extend(variable("CONDA_PREFIX").map(|root| root.join("lib")));
    if cfg!(unix) {
        let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        for folder in [
            "/usr/local/lib",
            multiarch.as_str(),
            "/usr/lib64",
            "/usr/lib",
            "/opt/homebrew/lib",
            "/opt/onnxruntime/lib",
        ] {
            all.push(folder.into());
        }
    }
    all.retain(|folder| folder.is_absolute());
    all
}

/// Where the first `python3` on the path keeps its packages, by its own word.
fn asked_of_python() -> Vec<PathBuf> {
    let name = if cfg!(windows) { "python" } else { "python3" };
    let started = Command::new(name)
        .args(["-c", "import sys; print('\\n'.join(sys.path[1:]))"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = started else {
        return Vec::new();
    };
    let begin = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if begin.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return Vec::new();
            }
        }
    }
    let output = child.wait_with_output().map(|output| output.stdout);
    let text = String::from_utf8_lossy(&output.unwrap_or_default()).into_owned();
    let folders = text.lines().map(PathBuf::from);
    folders.filter(|folder| folder.is_absolute()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn the_library_is_told_from_its_providers() {
        for (name, expected) in [
            ("libonnxruntime.so", true),
            ("libonnxruntime.so.1.31.1", true),
            ("libonnxruntime_providers_shared.so", false),
            ("libonnxruntime_providers_cuda.so", false),
            ("onnxruntime_pybind11_state.so", false),
        ] {
            assert_eq!(is_library(OsStr::new(name)), expected, "{name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_environment_is_searched_as_pip_fills_it() {
        let folder = tempfile::tempdir().unwrap();
        let packages = folder.path().join("lib/python3.11/site-packages");
        let capi = packages.join("onnxruntime/capi");
        std::fs::create_dir_all(&capi).unwrap();
        std::fs::create_dir_all(folder.path().join("lib/python3.9/site-packages")).unwrap();
        std::fs::create_dir_all(packages.join("nvidia/cu13/lib")).unwrap();
        std::fs::write(capi.join("libonnxruntime.so.1.31.1"), "").unwrap();
        std::os::unix::fs::symlink("libonnxruntime.so.1.31.1", capi.join("libonnxruntime.so"))
            .unwrap();
        let packages_found = packages_of(folder.path());
        assert_eq!(packages_found[0], packages, "the newest first");
        assert_eq!(packages_found.len(), 2);
        let libraries = libraries_in(&capi);
        assert_eq!(libraries.len(), 1, "{libraries:?}");
        let version = || version_of(&libraries[0]).unwrap();
        assert_eq!(version(), "1.31.1", "by the name of the file");
        let noted = packages.join("onnxruntime_gpu-1.31.2.dist-info");
        std::fs::create_dir(noted).unwrap();
        assert_eq!(version(), "1.31.2", "by what pip notes");
        assert_eq!(version_of(Path::new("/usr/lib/libonnxruntime.so")), None);
        assert_eq!(
            nvidia_folders(&capi.join("libonnxruntime.so.1.31.1")),
            [packages.join("nvidia/cu13/lib")]
        );
    }
}
