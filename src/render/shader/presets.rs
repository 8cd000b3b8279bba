//! Presets that come with a style, in the folder `presets` beside its manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The presets of the styles in `folders`, each a style's folder or one of several: `STYLE/NAME`, and the file. Of two with one
/// name the later is used, as of two styles. Those of archives are not read.
pub fn style_presets(folders: &[PathBuf]) -> Vec<(String, PathBuf)> {
    let mut found = BTreeMap::new();
    for folder in folders {
        for style in styles_in(folder) {
            // The name of `.` is that of the folder itself.
            let whole = style.canonicalize().unwrap_or_else(|_| style.clone());
            let name = whole.file_name().unwrap_or_default().to_string_lossy();
            for file in entries(&style.join("presets")) {
                let ending = file.extension().unwrap_or_default();
                if ending == "toml" {
                    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
                    found.insert(format!("{name}/{stem}"), file.clone());
                }
            }
        }
    }
    found.into_iter().collect()
}

/// The folders with a manifest: `folder` itself, else those in it.
fn styles_in(folder: &Path) -> Vec<PathBuf> {
    let is_style = |folder: &Path| folder.join("style.toml").is_file();
    match is_style(folder) {
        true => vec![folder.to_owned()],
        false => entries(folder)
            .into_iter()
            .filter(|entry| is_style(entry))
            .collect(),
    }
}

/// What lies in a folder, by name; nothing where it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
