//! Folders of the user, and aquatint's own in them.

use std::path::PathBuf;

/// A variable of the environment that is set to an absolute path.
pub fn variable(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os(name).map(PathBuf::from);
    path.filter(|path| path.is_absolute())
}

/// The user's own folder.
pub fn home() -> Option<PathBuf> {
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

/// The folder for settings of aquatint: `$XDG_CONFIG_HOME/aquatint` or `~/.config/aquatint`, on macOS
/// `~/Library/Application Support/aquatint`, on Windows `%APPDATA%\aquatint`. It need not exist.
pub fn config_folder() -> Option<PathBuf> {
    let base = if cfg!(windows) {
        variable("APPDATA")?
    } else if let Some(config) = variable("XDG_CONFIG_HOME") {
        config
    } else if cfg!(target_os = "macos") {
        home()?.join("Library/Application Support")
    } else {
        home()?.join(".config")
    };
    Some(base.join("aquatint"))
}

/// The folder for what aquatint writes down while it runs: `$XDG_STATE_HOME/aquatint` or `~/.local/state/aquatint`, on macOS
/// `~/Library/Application Support/aquatint`, on Windows `%LOCALAPPDATA%\aquatint`. It need not exist.
pub fn state_folder() -> Option<PathBuf> {
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA")?
    } else if let Some(state) = variable("XDG_STATE_HOME") {
        state
    } else if cfg!(target_os = "macos") {
        home()?.join("Library/Application Support")
    } else {
        home()?.join(".local/state")
    };
    Some(base.join("aquatint"))
}
