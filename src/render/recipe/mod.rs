//! What made an output, as text that lies in it: enough to make it again from the same source.

mod files;
mod portable;

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use files::RecipeFile;
pub(super) use portable::Made;

use super::error::{RenderError, Result};
use super::input_hash::InputHash;
use super::request::RenderRequest;
use crate::graph::style::Library;
use crate::media;

/// What made an output. It names no path of the machine that made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Version of aquatint. The first key, by which a recipe is known.
    pub aquatint: String,
    /// Versions of FFmpeg's libraries.
    pub ffmpeg: String,
    /// What rendered it; none where the planes bypassed the graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The source; none where it was no single file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<InputHash>,
    /// The styles, as people write them.
    pub style: String,
    /// Value of every parameter of the styles, by `STYLE.PARAM`: the given ones, the defaults, and what the input decided.
    pub parameters: Value,
    pub seed: u32,
    /// What was asked for, its preset included. Files are named without their folders.
    pub request: RenderRequest,
    /// The files that the request names, and what they held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<RecipeFile>,
    /// SHA-256 of the texts of the kernels. None where other outputs were rendered with it, whose kernels would count, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernels: Option<String>,
}

impl Recipe {
    /// As one line of JSON.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The recipe in the file or image sequence at `path`.
    ///
    /// # Errors
    /// `Media` for what is no media file; `Usage` where it has no recipe, or one of a version that this one cannot read.
    pub fn read(path: &Path) -> Result<Self> {
        let Some(text) = media::read_recipe(path)? else {
            return Err(RenderError::usage(
                format!("{} does not say how it was made", path.display()),
                "aquatint writes it into .mp4, .mov, .mkv, .webm, .nut, .png and .jpg files, unless --no-recipe is given; a report \
                 (`render --report FILE`) has it, too: `aquatint reproduce OUTPUT --report FILE`",
            ));
        };
        Self::parse(&text).map_err(|error| {
            let version = serde_json::from_str::<Value>(&text).ok();
            let version =
                version.and_then(|recipe| Some(recipe.get("aquatint")?.as_str()?.to_owned()));
            RenderError::usage(
                format!("the recipe in {} cannot be read: {error}", path.display()),
                format!(
                    "aquatint {} wrote it, this is {}; use a version like that one",
                    version.as_deref().unwrap_or("of another version"),
                    env!("CARGO_PKG_VERSION")
                ),
            )
        })
    }

    /// The recipe that `text` holds.
    ///
    /// # Errors
    /// Those of JSON, and of what is no recipe.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The request that makes the output again: with the paths of its files, which are looked for in `folders`. `library` has
    /// its styles. Also returns what will make the output another one, in words.
    ///
    /// # Errors
    /// `Usage` where a file is missing; those of reading them.
    pub fn request(
        &self,
        library: &Library,
        folders: &[&Path],
    ) -> Result<(RenderRequest, Vec<String>)> {
        portable::located(self, library, folders)
    }

    /// Why an output that is made here from `input` may differ, in words.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut found = Vec::new();
        match (&self.input, &now.input) {
            (Some(was), Some(is)) if was != is => found.push(match was.size == is.size {
                true => "the source is another file of the same size".to_owned(),
                false => format!(
                    "the source is another file: it has {} bytes, that of the recipe has {}",
                    is.size, was.size
                ),
            }),
            (Some(_), Some(_)) => {}
            _ => found.push("whether the source is the same file is not known".to_owned()),
        }
        let none = || "none".to_owned();
        let device = |recipe: &Self| recipe.device.clone().unwrap_or_else(none);
        for (what, was, is) in [
            ("aquatint", &self.aquatint, &now.aquatint),
            ("FFmpeg", &self.ffmpeg, &now.ffmpeg),
            ("the device", &device(self), &device(now)),
        ] {
            if was != is {
                found.push(format!("{what} is {is}, it was {was}"));
            }
        }
        if let (Some(was), Some(is)) = (&self.kernels, &now.kernels)
            && was != is
        {
            found.push("the kernels of its styles have changed".to_owned());
        }
        if self.parameters != now.parameters {
            found.push(
                "parameters of its styles have other values, or others as defaults".to_owned(),
            );
        }
        found
    }
}
