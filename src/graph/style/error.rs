//! Errors in a style, its manifest, its kernels, or the values that a user gives it.

use std::path::PathBuf;

use super::excerpt::Place;
use super::model::ModelError;
use crate::color::lut_file::LutError;
use crate::nearest::did_you_mean;

/// An error in a style or in its use. Each message says what is wrong and what is allowed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StyleError {
    #[error(
        "there is no style {name:?}{}\n  styles: {}; one of your own is named by its folder, as ./{name}, or given with --style-path FOLDER",
        did_you_mean(nearest.as_deref()), known.join(", ")
    )]
    UnknownStyle {
        name: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    #[error("style {style} has no parameter {param:?}{}\n  its parameters: {}", did_you_mean(nearest.as_deref()), known.join(", "))]
    UnknownParam {
        style: String,
        param: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    #[error("there is no pass {name:?}{}\n  passes: {}", did_you_mean(nearest.as_deref()), known.join(", "))]
    UnknownPass {
        name: String,
        nearest: Option<String>,
        known: Vec<String>,
    },
    #[error("several passes are called {name:?}\n  name one of them: {}", meant.join(", "))]
    SeveralPasses { name: String, meant: Vec<String> },
    #[error("{style}.{param} cannot be {value:?}\n  give {expected}")]
    BadValue {
        style: String,
        param: String,
        value: String,
        expected: String,
    },
    #[error("{param} cannot follow the track {track}: {why}\n  {advice}")]
    BadTrack {
        /// `STYLE.PARAM`.
        param: String,
        track: String,
        why: String,
        advice: String,
    },
    #[error(
        "{param} cannot follow a track: {why}\n  give it one value, or a track whose values all lead to the same passes and sizes"
    )]
    Fixed {
        /// `STYLE.PARAM`, or several.
        param: String,
        why: String,
    },
    #[error("cannot read the track {}: {source}\n  name a .json file after the @, or write the track itself", path.display())]
    TrackFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{manifest}: {message}")]
    Manifest { manifest: String, message: String },
    #[error("{manifest}: pass {pass}: {message}")]
    Pass {
        manifest: String,
        pass: usize,
        message: String,
    },
    #[error(
        "{style}.strength={strength} would mix pictures of different sizes: {}x{} with {}x{}\n  leave the strength of {style} at 1",
        from.0, from.1, into.0, into.1
    )]
    MixedSizes {
        style: String,
        strength: f64,
        from: (u32, u32),
        into: (u32, u32),
    },
    #[error(
        "the style {style} makes {}x{}, and not {}x{} as it is asked for\n  its manifest must take the size of its result from target_width and target_height",
        made.0, made.1, asked.0, asked.1
    )]
    OtherSize {
        style: String,
        made: (u32, u32),
        asked: (u32, u32),
    },
    #[error("{kernel}{}: {message}", place.as_ref().map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column)))]
    Kernel {
        /// The file.
        kernel: String,
        /// Where it is in that file, if it is in one place.
        place: Option<Place>,
        /// What is wrong, and below it the line.
        message: String,
    },
    #[error("cannot read the look-up table {}: {source}\n  name a file that exists, or leave the parameter out", path.display())]
    LutFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{file} is not a usable look-up table: {error}\n  export it again as a .cube file, or name another"
    )]
    Lut { file: String, error: LutError },
    #[error("{file} is not a usable look-up table: {why}\n  export it again, or name a .cube file")]
    HaldClut { file: String, why: String },
    #[error("{style}: {text}")]
    Refused { style: String, text: String },
    #[error("{file} is not a usable table of numbers: {why}")]
    Table { file: String, why: String },
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(
        "there is no style in {}\n  give --style-path a style's folder, which holds its style.toml, or a folder of such folders, or a .zip of either",
        path.display()
    )]
    NoStyleIn { path: PathBuf },
    #[error(
        "there are several styles in {}: {}\n  name the folder of one, or give --style-path {} and a style by its name",
        path.display(), names.join(", "), path.display()
    )]
    SeveralStylesIn { path: PathBuf, names: Vec<String> },
    #[error("cannot read {}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
}
