//! Names of outputs: beside the input under the style's name, in a folder, or as given.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::{RenderError, Result};
use crate::media::{Pattern, extensions, fitting_extension};

/// Where the outputs of a job go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputLocation {
    /// A file or a folder; `None` is the folder of the input.
    pub out: Option<PathBuf>,
    /// Whether the outputs of several jobs go to `out`.
    pub shared: bool,
    /// The subfolder of `out` for the outputs of this job; empty is `out` itself.
    pub below: PathBuf,
}

/// The outputs of one job.
#[derive(Debug, PartialEq)]
pub(super) struct Places {
    /// A folder to create first, with its parents.
    pub folder: Option<PathBuf>,
    pub paths: Vec<PathBuf>,
    /// What a person should know of the names.
    pub warning: Option<String>,
}

impl OutputLocation {
    /// Paths for the styles called `names` of `input`, by its name alone, encoded with `codec` where one was asked for. The
    /// errors are those of rendering.
    pub fn paths(
        &self,
        input: &Path,
        names: &[String],
        codec: Option<&str>,
    ) -> Result<Vec<PathBuf>> {
        let ending = input.extension().unwrap_or_default().to_string_lossy();
        let is_image = ["png", "jpg", "jpeg"]
            .iter()
            .any(|image| image.eq_ignore_ascii_case(&ending))
            && Pattern::meant_by(input).is_none();
        Ok(self.places(input, is_image, names, codec)?.paths)
    }

    /// Paths for the styles called `names` of `input`, encoded with `codec` where one was asked for.
    pub(super) fn places(
        &self,
        input: &Path,
        is_image: bool,
        names: &[String],
        codec: Option<&str>,
    ) -> Result<Places> {
        let (ending, warning) = ending(input, is_image, codec);
        let several = self.shared || names.len() > 1;
        let Some(out) = &self.out else {
            let folder = input.parent().unwrap_or(Path::new(""));
            return Ok(Places {
                folder: None,
                paths: beside(folder, input, &ending, names),
                warning,
            });
        };
        let ends_as_folder = out.as_os_str().to_string_lossy().ends_with(['/', '\\']);
        if !several && !out.is_dir() && !ends_as_folder {
            check_folder(out)?;
            return Ok(Places {
                folder: None,
                paths: vec![out.clone()],
                warning: None,
            });
        }
        if pattern_of_pictures(out).is_some() && !out.exists() {
            return Err(RenderError::usage(
                format!(
                    "there are several outputs, but {} is one image sequence",
                    out.display()
                ),
                "render them one at a time, with an -o of its own each",
            ));
        }
        if out.exists() && !out.is_dir() {
            return Err(RenderError::usage(
                format!("there are several outputs, but {} is a file", out.display()),
                "name a folder with -o",
            ));
        }
        if !out.is_dir() {
            check_folder(out)?;
        }
        let folder: PathBuf = out.iter().chain(&self.below).collect();
        Ok(Places {
            paths: beside(&folder, input, &ending, names),
            folder: (!folder.is_dir()).then_some(folder),
            warning,
        })
    }
}

/// Checks that the folder of `path` exists.
fn check_folder(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(());
    }
    Err(RenderError::CannotCreate {
        path: path.into(),
        why: format!("the folder {} does not exist", folder.display()),
    })
}

/// The folder that holds `path`.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The start of a name, at most `most` bytes.
pub(super) fn shortened(name: &str, most: usize) -> &str {
    let mut ends = (0..=name.len().min(most)).rev();
    let end = ends.find(|&end| name.is_char_boundary(end));
    &name[..end.unwrap_or(0)]
}

/// Whether `path` still leads to the open `file`.
pub(super) fn is_same(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (a, b) = (file.metadata(), path.metadata());
        matches!((a, b), (Ok(a), Ok(b)) if (a.dev(), a.ino()) == (b.dev(), b.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// The pattern of the image sequence that an output at `path` would be.
pub(super) fn pattern_of_pictures(path: &Path) -> Option<Pattern> {
    let ending = path.extension()?.to_string_lossy();
    let picture = extensions(true).any(|known| known.eq_ignore_ascii_case(&ending));
    Pattern::of(path).filter(|_| picture)
}

/// The file extension of the outputs of `input`, which nobody chose: the input's, if its container can be written and can
/// hold `codec`. With it, a warning where the codec decided.
fn ending(input: &Path, is_image: bool, codec: Option<&str>) -> (String, Option<String>) {
    let usual = input
        .extension()
        .map(|ending| ending.to_string_lossy().into_owned())
        .filter(|ending| extensions(is_image).any(|known| known.eq_ignore_ascii_case(ending)))
        // A container that cannot be written is replaced by one that holds nearly everything.
        .unwrap_or_else(|| if is_image { "png" } else { "mkv" }.to_owned());
    let Some(codec) = codec else {
        return (usual, None);
    };
    let fitting = fitting_extension(codec, &usual);
    if fitting == usual {
        return (usual, None);
    }
    let warning = format!(
        "a .{usual} file cannot hold {codec}: the output is a .{fitting} file; use -o to choose another"
    );
    (fitting.to_owned(), Some(warning))
}

fn beside(folder: &Path, input: &Path, ending: &str, names: &[String]) -> Vec<PathBuf> {
    let stem = match Pattern::meant_by(input) {
        // The output is a video of its frames.
        Some(pattern) => pattern.stem().into(),
        None => input.file_stem().unwrap_or_default().to_string_lossy(),
    };
    names
        .iter()
        .map(|name| folder.join(format!("{stem}.{name}.{ending}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn outputs_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let clip = Path::new("videos/clip.mp4");
        let place = |out: Option<&Path>, input: &Path, image: bool, styles: &[&str]| {
            let location = OutputLocation {
                out: out.map(Path::to_owned),
                ..OutputLocation::default()
            };
            location.places(input, image, &names(styles), None)
        };
        let one = |path: &Path| Places {
            folder: None,
            paths: vec![path.to_owned()],
            warning: None,
        };
        assert_eq!(
            place(None, clip, false, &["pencil"]).unwrap(),
            one(Path::new("videos/clip.pencil.mp4"))
        );
        assert_eq!(
            place(None, Path::new("a.m2ts"), false, &["x+y"]).unwrap(),
            one(Path::new("a.x+y.mkv"))
        );
        assert_eq!(
            place(None, Path::new("photo.JPG"), true, &["pencil"]).unwrap(),
            one(Path::new("photo.pencil.JPG"))
        );
        assert_eq!(
            place(None, Path::new("photo.webp"), true, &["pencil"]).unwrap(),
            one(Path::new("photo.pencil.png"))
        );
        assert_eq!(
            place(None, Path::new("shots/frame_%04d.png"), false, &["pencil"]).unwrap(),
            one(Path::new("shots/frame.pencil.mkv"))
        );
        let numbered = dir.path().join("out_%d.png");
        assert!(matches!(
            place(Some(&numbered), clip, false, &["a", "b"]),
            Err(RenderError::Usage { .. })
        ));
        assert_eq!(
            place(Some(dir.path()), clip, false, &["pencil"]).unwrap(),
            one(&dir.path().join("clip.pencil.mp4"))
        );
        let file = dir.path().join("out.mkv");
        assert_eq!(
            place(Some(&file), clip, false, &["pencil"]).unwrap(),
            one(&file)
        );
        let folder = dir.path().join("new");
        assert_eq!(
            place(Some(&folder), clip, false, &["a", "b"]).unwrap(),
            Places {
                folder: Some(folder.clone()),
                paths: vec![folder.join("clip.a.mp4"), folder.join("clip.b.mp4")],
                warning: None,
            }
        );
        let missing = dir.path().join("no/out.mkv");
        assert!(matches!(
            place(Some(&missing), clip, false, &["a"]),
            Err(RenderError::CannotCreate { .. })
        ));
        assert!(matches!(
            place(Some(&missing), clip, false, &["a", "b"]),
            Err(RenderError::CannotCreate { .. })
        ));
    }

    #[test]
    fn the_codec_decides_where_nobody_chose_the_file_extension() {
        let dir = tempfile::tempdir().unwrap();
        let place = |out: Option<&Path>, input: &str, codec: &str| {
            let location = OutputLocation {
                out: out.map(Path::to_owned),
                ..OutputLocation::default()
            };
            let image = input.ends_with("jpg");
            let places = location.places(Path::new(input), image, &names(&["x"]), Some(codec));
            let places = places.unwrap();
            let name = places.paths[0].file_name().unwrap().to_owned();
            (name.into_string().unwrap(), places.warning.is_some())
        };
        for (input, codec, name, warns) in [
            ("a.mp4", "ffv1", "a.x.mkv", true),
            ("a.mp4", "prores", "a.x.mov", true),
            ("a.avi", "prores", "a.x.mov", true),
            ("a.webm", "h264", "a.x.mkv", true),
            ("a.mp4", "h264", "a.x.mp4", false),
            ("a.MKV", "prores", "a.x.MKV", false),
            // This container cannot be written, whatever the codec.
            ("a.m2ts", "ffv1", "a.x.mkv", false),
            ("a.jpg", "png", "a.x.png", true),
            // The plan says what is wrong.
            ("a.jpg", "ffv1", "a.x.jpg", false),
            ("a.mp4", "ffv2", "a.x.mp4", false),
        ] {
            let expected = (name.to_owned(), warns);
            assert_eq!(place(None, input, codec), expected, "{input} {codec}");
            assert_eq!(place(Some(dir.path()), input, codec), expected);
        }
        let chosen = dir.path().join("out.mp4");
        let (name, warns) = place(Some(&chosen), "a.mp4", "ffv1");
        assert_eq!((name.as_str(), warns), ("out.mp4", false));
    }
}
