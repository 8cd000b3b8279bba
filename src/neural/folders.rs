//! Folders of the user.

use std::path::PathBuf;

/// A variable of the environment that is set to an absolute path.
pub(super) fn variable(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os(name).map(PathBuf::from);
    path.filter(|path| path.is_absolute())
}

/// The user's own folder.
pub(super) fn home() -> Option<PathBuf> {
    variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
}

/// The folder for aquatint's data of this user: `$XDG_DATA_HOME/aquatint` or `~/.local/share/aquatint`, on macOS
/// `~/Library/Application Support/aquatint`, on Windows `%APPDATA%\aquatint`. It need not exist.
pub fn data_folder() -> Option<PathBuf> {
    let base = if cfg!(windows) {
        variable("APPDATA")?
    } else if let Some(data) = variable("XDG_DATA_HOME") {
        data
    } else if cfg!(target_os = "macos") {
        home()?.join("Library/Application Support")
    } else {
        home()?.join(".local/share")
    };
    Some(base.join("aquatint"))
}

/// The folder for what aquatint can make again: `$XDG_CACHE_HOME/aquatint` or `~/.cache/aquatint`, on macOS
/// `~/Library/Caches/aquatint`, on Windows `%LOCALAPPDATA%\aquatint\cache`. It need not exist.
pub fn cache_folder() -> Option<PathBuf> {
    if cfg!(windows) {
        return Some(variable("LOCALAPPDATA")?.join("aquatint").join("cache"));
    }
    let base = if let Some(cache) = variable("XDG_CACHE_HOME") {
        cache
    } else if cfg!(target_os = "macos") {
        home()?.join("Library/Caches")
    } else {
        home()?.join(".cache")
    };
    Some(base.join("aquatint"))
}

/// Where `pip install --target` puts ONNX Runtime for aquatint alone; `doctor` prints that line.
pub fn runtime_folder() -> Option<PathBuf> {
    data_folder().map(|folder| folder.join("onnxruntime"))
}
