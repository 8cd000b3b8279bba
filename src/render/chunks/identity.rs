//! Identity of a job, by content. Two runs may share chunks only if their identities are equal. No time of a file and no
//! folder is part of it: copies of a file, and folders that are mounted elsewhere, are the same job.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::error::Result;
use super::super::hex::hex;
use super::super::input_hash::InputHash;
use super::super::output_styles::OutputStyle;
use super::super::settings::Settings;
use crate::graph::plan::{self, MeasurePort, Plan};
use crate::graph::style::{self, Library};
use crate::media::{MediaError, OutputPlan, SourceInfo, versions};

/// Identity of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub aquatint: String,
    pub ffmpeg: String,
    pub input: InputHash,
    pub settings: Value,
    /// Digest of the graph's plan, its kernels' sources, and the pictures it reads.
    pub styles: String,
    /// What the styles measure for the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<String>,
    pub device: String,
    pub outputs: Vec<Value>,
}

/// Everything that the results of a job depend on.
pub(super) struct Parts<'a> {
    pub info: &'a SourceInfo,
    pub settings: &'a Settings,
    pub library: &'a Library,
    pub plan: Option<&'a Plan>,
    pub measures: &'a [MeasurePort],
    pub device: String,
    pub outputs: Vec<&'a OutputPlan>,
}

impl Identity {
    pub fn of(parts: &Parts<'_>, file: &File) -> Result<Self> {
        let input = InputHash::of(file).map_err(|error| MediaError::Read {
            path: parts.info.path.clone(),
            why: error.to_string(),
        })?;
        let mut settings = json!(parts.settings);
        if let Value::Object(settings) = &mut settings {
            // How existing outputs are handled does not change the pictures.
            settings.remove("existing");
            settings.insert("chunk".into(), json!(parts.settings.job.chunk));
            settings.insert("metrics".into(), json!(parts.settings.job.metrics));
            if let Some(Value::Array(looks)) = settings.get_mut("looks") {
                for (look, style) in looks.iter_mut().zip(&parts.settings.styles) {
                    without_folders(look, style);
                }
            }
            if let Some(preset) = &parts.settings.preset {
                settings.insert("preset".into(), json!(name_of(Path::new(preset))));
            }
        }
        let outputs = parts.outputs.iter().map(|output| {
            let name = output.path.file_name().unwrap_or_default();
            json!({
                "name": name.to_string_lossy(), "container": output.container, "video": output.video,
                "streams": output.streams, "audio_encoder": output.audio_encoder,
            })
        });
        Ok(Self {
            aquatint: env!("CARGO_PKG_VERSION").to_owned(),
            ffmpeg: versions()
                .iter()
                .map(|(name, version)| format!("{name} {version}"))
                .collect::<Vec<_>>()
                .join(", "),
            input,
            settings,
            styles: styles(parts)?,
            measures: parts.measures.iter().map(|of| of.name.clone()).collect(),
            device: parts.device.clone(),
            outputs: outputs.collect(),
        })
    }

    /// The differences of `now` from this identity, as messages.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let (was, is) = (&self.input, &now.input);
        if was.size != is.size {
            found.push(format!(
                "the input has {} bytes, it had {}",
                is.size, was.size
            ));
        } else if was != is {
            found.push("the input's content has changed".to_owned());
        }
        let versions = [
            ("aquatint", &self.aquatint, &now.aquatint),
            ("FFmpeg", &self.ffmpeg, &now.ffmpeg),
        ];
        for (name, was, is) in versions {
            if was != is {
                found.push(format!("this is {name} {is}, it was {was}"));
            }
        }
        let outputs = (json!(self.outputs), json!(now.outputs));
        compare("", &self.settings, &now.settings, &mut found);
        compare("outputs", &outputs.0, &outputs.1, &mut found);
        let measured = |names: &[String]| match names {
            [] => "nothing".to_owned(),
            names => names.join(", "),
        };
        if self.measures != now.measures {
            found.push(format!(
                "the styles measure {} for the report, they measured {} (--report)",
                measured(&now.measures),
                measured(&self.measures)
            ));
        }
        if self.styles != now.styles && found.is_empty() {
            found.push("a style's source has changed".to_owned());
        }
        if self.device != now.device {
            found.push(format!(
                "the device is {}, it was {}",
                now.device, self.device
            ));
        }
        found
    }
}

/// Names the values that differ, by their path.
fn compare(path: &str, was: &Value, is: &Value, found: &mut Vec<String>) {
    let inside = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    match (was, is) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let null = Value::Null;
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                let (was, is) = (of(a).unwrap_or(null.clone()), of(b).unwrap_or(null));
                compare(&inside(key), &was, &is, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (was, is)) in a.iter().zip(b).enumerate() {
                compare(&inside(&index.to_string()), was, is, found);
            }
        }
        _ if was != is => found.push(format!("{path} is {is}, it was {was}")),
        _ => {}
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Leaves the name alone of each file that is the value of a parameter of `style`, in what it is as JSON: what the files hold
/// counts with the graph's plan.
fn without_folders(look: &mut Value, style: &OutputStyle) {
    let OutputStyle::Chain(chain) = style else {
        return;
    };
    for (index, part) in chain.iter().enumerate() {
        for (name, value) in &part.values.0 {
            let file = match value {
                style::Value::Path(path) => path.as_path(),
                style::Value::Model(model) => Path::new(model),
                _ => continue,
            };
            let place = look.pointer_mut(&format!("/chain/{index}/values/{name}"));
            if let Some(place) = place {
                *place = json!(name_of(file));
            }
        }
    }
}

fn styles(parts: &Parts<'_>) -> Result<String> {
    let Some(plan) = parts.plan else {
        return Ok(String::new());
    };
    let mut digest = Sha256::new();
    let mut nameless = plan.clone();
    for file in &mut nameless.files {
        // Their contents count.
        if let plan::File::Picture(path) | plan::File::Lut(path) = file {
            *path = PathBuf::new();
        }
    }
    digest.update(serde_json::to_vec(&nameless).unwrap_or_default());
    for (path, source) in parts.library.linked(plan.kernel_paths()) {
        digest.update(path.as_bytes());
        digest.update(source.as_bytes());
    }
    for file in &plan.files {
        digest.update(Sha256::digest(content(parts.library, file)?));
    }
    Ok(hex(&digest.finalize()))
}

/// The bytes of a file that the plan reads.
fn content(library: &Library, file: &plan::File) -> Result<Vec<u8>> {
    match file {
        plan::File::Picture(path) | plan::File::Lut(path) => {
            let bytes = std::fs::read(path).map_err(|error| MediaError::Read {
                path: path.clone(),
                why: error.to_string(),
            })?;
            Ok(bytes)
        }
        plan::File::OwnPicture(name) | plan::File::OwnLut(name) | plan::File::OwnTable(name) => {
            let bytes = library.bytes(name).map_err(|error| MediaError::Read {
                path: name.into(),
                why: error.to_string(),
            })?;
            Ok(bytes.into_owned())
        }
        plan::File::Model { identity, .. } => Ok(identity.clone().into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_the_library_counts_by_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("mine");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("style.toml"), "summary = 'mine'").unwrap();
        let table = "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n";
        std::fs::write(folder.join("look.cube"), table).unwrap();
        let mut library = Library::built_in();
        library.add_path(dir.path()).unwrap();
        let file = plan::File::OwnLut("mine/look.cube".to_owned());
        assert_eq!(content(&library, &file).unwrap(), table.as_bytes());
    }

    #[test]
    fn differences_are_named() {
        let mut found = Vec::new();
        let (was, is) = (
            json!({"seed": 0, "looks": [{"name": "a"}]}),
            json!({"seed": 1, "looks": [{"name": "b"}]}),
        );
        compare("", &was, &is, &mut found);
        assert_eq!(
            found,
            ["looks.0.name is \"b\", it was \"a\"", "seed is 1, it was 0"]
        );
    }
}
