//! Where the models of a user lie.

use std::path::PathBuf;

/// The folder of the user's models: `aquatint/models` in the platform's folder for data; `None` where the environment does not
/// say where that is.
pub fn models_folder() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let data = if cfg!(windows) {
        variable("APPDATA")?
    } else if cfg!(target_os = "macos") {
        variable("HOME")?.join("Library/Application Support")
    } else if let Some(data) = variable("XDG_DATA_HOME").filter(|path| path.is_absolute()) {
        data
    } else {
        variable("HOME")?.join(".local/share")
    };
    Some(data.join("aquatint/models"))
}
