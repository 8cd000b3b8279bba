//! Which other files a model may read: regular files of its own folder.

use std::path::{Component, Path, PathBuf};

use super::super::error::{NeuralError, Result};
use super::header::Header;

/// Operators that load a file by a name that stands in the model, past every check of ours.
const LOADS_FILES: &str = "com.microsoft:EPContext";

/// Checks the files that the model in `path` wants to read, before an engine opens it. `path` has its links resolved.
/// Without one the model has no folder, and may have no such files.
///
/// # Errors
/// `ExternalUnsafe` for a path that leads out of the folder, also by a link; `ExternalMissing`; `Damaged` where a file is
/// shorter than it must be.
pub fn check_external(name: &Path, path: Option<&Path>, header: &Header) -> Result<()> {
    let refuse = |location: &str, why: &str| NeuralError::ExternalUnsafe {
        model: name.to_owned(),
        location: location.to_owned(),
        why: why.to_owned(),
    };
    if header.ops.contains(LOADS_FILES) {
        let why = "the operator EPContext loads compiled code from a file";
        return Err(refuse(LOADS_FILES, why));
    }
    for external in &header.external {
        let location = external.location.as_str();
        // Windows takes both kinds of slash, wherever the model was made.
        let plain = PathBuf::from(location.replace('\\', "/"));
        let inside = !location.is_empty()
            && !location.contains(':')
            && plain
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            return Err(refuse(
                location,
                "that path leads out of the folder of the model",
            ));
        }
        let Some(folder) = path.and_then(Path::parent) else {
            return Err(NeuralError::ExternalMissing {
                model: name.to_owned(),
                file: location.to_owned(),
            });
        };
        let folder = folder.canonicalize().map_err(|error| NeuralError::Read {
            path: folder.to_owned(),
            why: error.to_string(),
        })?;
        let Ok(real) = folder.join(&plain).canonicalize() else {
            return Err(NeuralError::ExternalMissing {
                model: name.to_owned(),
                file: location.to_owned(),
            });
        };
        if !real.starts_with(&folder) {
            return Err(refuse(
                location,
                "that is a link out of the folder of the model",
            ));
        }
        let size = match std::fs::metadata(&real) {
            Ok(facts) if facts.is_file() => facts.len(),
            _ => return Err(refuse(location, "that is no regular file")),
        };
        let end = external.offset.checked_add(external.length.unwrap_or(0));
        if end.is_none_or(|end| end > size) {
            return Err(NeuralError::Damaged {
                path: real,
                why:
                    "it is shorter than the model says: it was cut off, or belongs to another model"
                        .to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::made::{Made, dims};
    use super::super::read_header;
    use super::*;

    fn check(folder: &Path, location: &str) -> Result<()> {
        let mut model = Made::identity(dims("1,3,h,w"));
        model.external(location, 0, 8);
        let path = folder.join("m.onnx");
        let header = read_header(&model.bytes()).unwrap();
        check_external(&path, Some(&path), &header)
    }

    #[test]
    fn a_model_reads_only_files_of_its_own_folder() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("models");
        std::fs::create_dir_all(folder.join("more")).unwrap();
        std::fs::write(outer.path().join("secret"), [0; 64]).unwrap();
        std::fs::write(folder.join("w.bin"), [0; 8]).unwrap();
        std::fs::write(folder.join("more/w.bin"), [0; 8]).unwrap();
        std::fs::write(folder.join("short.bin"), [0; 7]).unwrap();
        for good in ["w.bin", "./w.bin", "more/w.bin"] {
            check(&folder, good).unwrap();
        }
        for bad in [
            "../secret",
            "more/../../secret",
            "..\\secret",
            "/etc/passwd",
            "C:\\secret",
            "",
            "more",
        ] {
            let error = check(&folder, bad).unwrap_err();
            let unsafe_ = matches!(error, NeuralError::ExternalUnsafe { .. });
            assert!(unsafe_, "{bad}: {error}");
        }
        let missing = check(&folder, "none.bin").unwrap_err();
        assert!(missing.to_string().contains("\"none.bin\""), "{missing}");
        let short = check(&folder, "short.bin").unwrap_err();
        assert!(matches!(short, NeuralError::Damaged { .. }), "{short}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_refused() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("models");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(outer.path().join("secret"), [0; 64]).unwrap();
        std::os::unix::fs::symlink("../secret", folder.join("w.bin")).unwrap();
        std::os::unix::fs::symlink("..", folder.join("up")).unwrap();
        for bad in ["w.bin", "up/secret"] {
            let error = check(&folder, bad).unwrap_err();
            let unsafe_ = matches!(error, NeuralError::ExternalUnsafe { .. });
            assert!(unsafe_, "{bad}: {error}");
        }
    }

    #[test]
    fn compiled_code_is_not_loaded() {
        let mut model = Made::identity(dims("1,3,h,w"));
        model.op("EPContext", "com.microsoft");
        let header = read_header(&model.bytes()).unwrap();
        assert!(header.domains.contains("com.microsoft"));
        let error = check_external(Path::new("m.onnx"), None, &header).unwrap_err();
        assert!(matches!(error, NeuralError::ExternalUnsafe { .. }));
    }
}
