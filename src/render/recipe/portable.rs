//! Requests without paths, for recipes, and with the paths that they have here.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::error::Result;
use super::super::hex::hex;
use super::super::input_hash::InputHash;
use super::super::output_styles::OutputStyle;
use super::super::request::{ParamValues, RenderRequest, named_file};
use super::files::name_of;
use super::{Recipe, RecipeFile};
use crate::graph::plan::Plan;
use crate::graph::style::{Library, STRENGTH};
use crate::media::versions;

/// What a recipe is made of.
pub(in super::super) struct Made<'a> {
    /// What was asked for, its preset included.
    pub asked: &'a RenderRequest,
    pub library: &'a Library,
    /// The styles of the output.
    pub look: &'a OutputStyle,
    /// The source; none where it is no single file.
    pub input: Option<InputHash>,
    pub seed: u32,
    /// What renders it.
    pub device: Option<String>,
    /// The plan, where it makes this output alone.
    pub plan: Option<&'a Plan>,
}

impl Recipe {
    /// The recipe of an output.
    ///
    /// # Errors
    /// Those of reading the files that the request names.
    pub(in super::super) fn of(made: Made<'_>) -> Result<Self> {
        let style = made.look.name();
        let (request, files) = portable(made.asked, made.library, &style)?;
        let kernels = made.plan.map(|plan| {
            let mut digest = Sha256::new();
            for (path, source) in made.library.linked(plan.kernel_paths()) {
                digest.update(path.as_bytes());
                digest.update(source.as_bytes());
            }
            hex(&digest.finalize())
        });
        let libraries = versions();
        let libraries = libraries
            .iter()
            .map(|(name, version)| format!("{name} {version}"));
        Ok(Self {
            aquatint: env!("CARGO_PKG_VERSION").to_owned(),
            ffmpeg: libraries.collect::<Vec<_>>().join(", "),
            device: made.device,
            input: made.input,
            parameters: parameters(made.look),
            style,
            seed: made.seed,
            request,
            files,
            kernels,
        })
    }
}

/// The values of the parameters of a look. Of a file its name; a track that is measured first is named as that.
fn parameters(look: &OutputStyle) -> Value {
    let mut values = Map::new();
    if let OutputStyle::Chain(chain) = look {
        for part in chain {
            let style = &part.style.name;
            for (name, value) in &part.values.0 {
                values.insert(format!("{style}.{name}"), plain(value));
            }
            if part.strength != 1.0 {
                values.insert(format!("{style}.{STRENGTH}"), json!(part.strength));
            }
        }
    }
    Value::Object(values)
}

fn plain(value: &crate::graph::style::Value) -> Value {
    use crate::graph::style::Value as Of;
    match value {
        Of::Path(path) => json!(name_of(path)),
        Of::Track(track) if track.keys.is_empty() => json!("measured"),
        Of::Track(track) => json!(track.to_string()),
        other => json!(other),
    }
}

/// `asked` without its paths and without what is of its run alone, for an output of the look `style`; and the files that it
/// names.
fn portable(
    asked: &RenderRequest,
    library: &Library,
    style: &str,
) -> Result<(RenderRequest, Vec<RecipeFile>)> {
    let mut files = Vec::new();
    let mut file = |path: &Path| -> Result<String> {
        let file = RecipeFile::of(path)?;
        if !files.contains(&file) {
            files.push(file.clone());
        }
        Ok(file.name)
    };
    let mut values = Vec::new();
    let own = |value: &&String| RenderRequest::uses_value(style, value);
    let given = asked.set.iter().flat_map(|values| &values.0);
    for value in given.filter(own) {
        values.push(match named_file(library, value) {
            Some((name, mark, path)) => format!("{name}={mark}{}", file(Path::new(path))?),
            None => value.clone(),
        });
    }
    let lut = asked.lut.as_deref().map(&mut file).transpose()?;
    let request = RenderRequest {
        preset: None,
        style: Some(style.to_owned()),
        set: ParamValues::of(&values),
        lut: lut.map(PathBuf::from),
        style_path: None,
        // Cards have other names elsewhere. The processor is the processor.
        device: asked.device.clone().filter(|device| device == "cpu"),
        existing: None,
        decode: None,
        report: None,
        resume: None,
        work_dir: None,
        on_low_disk: None,
        workers: None,
        keep_chunks: None,
        verify: None,
        check_executors: None,
        metrics: None,
        metrics_every: None,
        gpu_share: None,
        recipe: None,
        restore: None,
        time_budget: None,
        auto_without: None,
        ..asked.clone()
    };
    Ok((request, files))
}

/// See [`Recipe::request`].
pub(super) fn located(
    recipe: &Recipe,
    library: &Library,
    folders: &[&Path],
) -> Result<(RenderRequest, Vec<String>)> {
    let mut notes = Vec::new();
    let mut place = |name: &str| -> Result<PathBuf> {
        let Some(file) = recipe.files.iter().find(|file| file.name == name) else {
            return Ok(PathBuf::from(name));
        };
        let (path, same) = file.find(folders)?;
        if !same {
            notes.push(format!(
                "{} has another content than that of the recipe",
                path.display()
            ));
        }
        Ok(path)
    };
    let mut values = Vec::new();
    for value in recipe.request.set.iter().flat_map(|values| &values.0) {
        values.push(match named_file(library, value) {
            Some((name, mark, path)) => format!("{name}={mark}{}", place(path)?.display()),
            None => value.clone(),
        });
    }
    let lut = recipe.request.lut.as_deref();
    let lut = lut.map(|lut| place(&lut.to_string_lossy())).transpose()?;
    let request = RenderRequest {
        set: ParamValues::of(&values),
        lut,
        ..recipe.request.clone()
    };
    Ok((request, notes))
}
