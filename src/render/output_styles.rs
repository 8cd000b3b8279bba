//! The styles of a job's outputs, as people write them: `pencil,identity` are two outputs, `a+b` is one chain.

use std::path::Path;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::analysis::is_complete;
use super::error::{RenderError, Result};
use super::settings::OpenParam;
use super::track_files;
use crate::frame::Rational;
use crate::graph::plan::StyleUse;
use crate::graph::style::{
    Library, NO_STYLE, Param, STRENGTH, Style, StyleError, Track, Value, Values, strength,
};
use crate::nearest::nearest as nearest_name;
use crate::neural;

/// What one output is rendered with.
#[derive(Clone, Debug)]
pub enum OutputStyle {
    /// The decoder's planes go to the encoder unchanged.
    Bypass,
    /// Styles, one after the other.
    Chain(Vec<StyleUse>),
}

impl OutputStyle {
    /// As people write it: `pencil`, `denoise+cartoon`, `none`.
    pub fn name(&self) -> String {
        match self {
            Self::Bypass => NO_STYLE.to_owned(),
            Self::Chain(chain) => {
                let names: Vec<&str> = chain.iter().map(|part| part.style.name.as_str()).collect();
                names.join("+")
            }
        }
    }
}

/// A parameter that follows a track.
#[derive(Clone, Debug, Serialize)]
pub struct FollowedTrack {
    /// `STYLE.PARAM`.
    pub param: String,
    /// The file that the track was read from, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its interpolation and its keys: times in seconds, and values.
    #[serde(flatten)]
    pub track: Track,
}

impl OutputStyle {
    /// Gives all tracks times in seconds, for a source of `rate` frames per second.
    ///
    /// # Errors
    /// `Style` where that is not possible.
    pub fn in_seconds(&mut self, rate: Rational) -> Result<()> {
        if let Self::Chain(chain) = self {
            for part in chain {
                part.values.in_seconds(&part.style.name, rate)?;
            }
        }
        Ok(())
    }

    /// Whether a first pass is still to measure something.
    pub(super) fn is_measured(&self) -> bool {
        match self {
            Self::Bypass => false,
            Self::Chain(chain) => !chain.iter().all(is_complete),
        }
    }

    /// The parameters that follow tracks.
    pub fn tracks(&self) -> Vec<FollowedTrack> {
        let chain = match self {
            Self::Bypass => &[],
            Self::Chain(chain) => chain.as_slice(),
        };
        let of_part = |part: &StyleUse| {
            let style = part.style.name.clone();
            let tracks = part.values.tracks();
            let tracks = tracks.map(move |(param, track)| FollowedTrack {
                param: format!("{style}.{param}"),
                file: track.file.as_ref().map(|file| file.display().to_string()),
                track: track.clone(),
            });
            tracks.collect::<Vec<_>>()
        };
        chain.iter().flat_map(of_part).collect()
    }
}

impl Serialize for OutputStyle {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Part<'a> {
            style: &'a str,
            strength: f64,
            #[serde(serialize_with = "as_map")]
            values: &'a Values,
        }
        let chain: Vec<Part<'_>> = match self {
            Self::Bypass => Vec::new(),
            Self::Chain(chain) => chain
                .iter()
                .map(|part| Part {
                    style: &part.style.name,
                    strength: part.strength,
                    values: &part.values,
                })
                .collect(),
        };
        let mut style = serializer.serialize_struct("OutputStyle", 2)?;
        style.serialize_field("name", &self.name())?;
        style.serialize_field("chain", &chain)?;
        style.end()
    }
}

fn as_map<S: Serializer>(values: &Values, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(values.0.iter().map(|(name, value)| (name, value)))
}

/// Reads a list of styles and the values set for their styles (`pencil.blur_sigma=30`).
///
/// # Errors
/// `Style` for unknown styles and parameters, with the nearest name, and for values out of range; `Usage` for text that
/// cannot be read, and for values of a style that is not in the list.
pub fn output_styles(library: &Library, list: &str, sets: &[String]) -> Result<Vec<OutputStyle>> {
    let mut styles = Vec::new();
    for entry in list.split(',').map(str::trim) {
        let style = output_style(library, list, entry)?;
        if styles
            .iter()
            .any(|known: &OutputStyle| known.name() == style.name())
        {
            return Err(RenderError::usage(
                format!("{entry} is named twice: {list}"),
                "name each style once",
            ));
        }
        styles.push(style);
    }
    for (index, set) in sets.iter().enumerate() {
        // A file that a later value replaces need not be there any more.
        let later = |other: &String| param_of(other) == param_of(set);
        if !(names_file(set) && sets[index + 1..].iter().any(later)) {
            apply(library, &mut styles, set)?;
        }
    }
    Ok(styles)
}

/// What `STYLE.PARAM=VALUE` is about.
fn param_of(set: &str) -> Option<&str> {
    set.split_once('=').map(|(param, _)| param.trim())
}

/// The parameters of `styles` that `sets` leaves to what is found in the input.
pub(super) fn open_params(styles: &[OutputStyle], sets: &[String]) -> Vec<OpenParam> {
    let chains = styles.iter().filter_map(|style| match style {
        OutputStyle::Bypass => None,
        OutputStyle::Chain(chain) => Some(chain),
    });
    let parts = chains.flatten().filter(|part| part.strength > 0.0);
    let mut all = Vec::new();
    for part in parts {
        let style = &part.style.name;
        for param in &part.style.params {
            let name = format!("{style}.{}", param.name);
            let is_set = sets.iter().any(|set| param_of(set) == Some(name.as_str()));
            let found = param.found.as_deref().filter(|_| !is_set);
            if let Some((kind, detail)) = found.and_then(|found| found.split_once('.')) {
                all.push(OpenParam {
                    style: style.clone(),
                    param: param.name.clone(),
                    kind: kind.to_owned(),
                    detail: detail.to_owned(),
                    default: param.default().to_string(),
                });
            }
        }
    }
    all
}

/// Whether the value is a track in a file.
fn names_file(set: &str) -> bool {
    set.split_once('=')
        .is_some_and(|(_, value)| value.trim().starts_with('@'))
}

/// `style` with the defaults of its parameters; what it measures is still to be measured.
pub(super) fn style_use(style: Arc<Style>) -> StyleUse {
    let mut part = StyleUse::new(style);
    if let Some(analyse) = &part.style.analyse {
        let measured = |name: &str| analyse.reducer.params.contains(&name);
        let values = part.values.0.iter_mut();
        for (_, value) in values.filter(|(name, _)| measured(name)) {
            *value = Value::Track(Box::new(Track::unmeasured()));
        }
    }
    part
}

fn output_style(library: &Library, list: &str, entry: &str) -> Result<OutputStyle> {
    if entry == NO_STYLE {
        return Ok(OutputStyle::Bypass);
    }
    let part = |name: &str| {
        if name == NO_STYLE {
            return Err(RenderError::usage(
                format!("\"none\" bypasses the graph, so it cannot be chained: {list:?}"),
                "write it alone, or \"none,pencil\" for two outputs",
            ));
        }
        if name.is_empty() {
            return Err(RenderError::usage(
                format!("a name is missing among the styles: {list:?}"),
                "write them as \"pencil\", \"pencil,identity\" (two outputs) or \"a+b\" (one chain)",
            ));
        }
        let style = library
            .load(name)
            .map_err(|error| a_model_or(name, error))?;
        if !name.contains('/') && style.inputs.len() != 1 {
            let takes = match style.inputs.len() {
                0 => "makes pictures of its own: it takes no input".to_owned(),
                inputs => format!("takes {inputs} inputs, {}", style.inputs.join(" and ")),
            };
            return Err(RenderError::usage(
                format!("{name} {takes}, so it cannot be applied to a video"),
                "a style has one input: inputs = [\"source\"] in its manifest, or no such line",
            ));
        }
        // Building blocks cannot be applied to a video.
        if name.contains('/') {
            return Err(RenderError::Style(with_none(StyleError::UnknownStyle {
                name: name.to_owned(),
                nearest: None,
                known: library.style_names(),
            })));
        }
        Ok(style_use(style))
    };
    Ok(OutputStyle::Chain(
        entry
            .split('+')
            .map(|name| part(name.trim()))
            .collect::<Result<_>>()?,
    ))
}

/// The error of a style `name` that is not there: where a model has that name, how it is used as a style.
fn a_model_or(name: &str, error: StyleError) -> RenderError {
    let unknown =
        matches!(&error, StyleError::UnknownStyle { name: unknown, .. } if unknown == name);
    if unknown && neural::find_model(name, neural::Overrides::default()).is_ok() {
        return RenderError::usage(
            format!("{name} is a model, not a style"),
            format!("--style {NEURAL} --set {NEURAL}.look={name} renders with it"),
        );
    }
    with_none(error).into()
}

/// The style whose looks are models.
const NEURAL: &str = "neural";

/// `error` with `none` among the styles, which a render knows beside those of the library.
fn with_none(error: StyleError) -> StyleError {
    match error {
        StyleError::UnknownStyle {
            name,
            nearest,
            mut known,
        } => {
            known.push(NO_STYLE.to_owned());
            StyleError::UnknownStyle {
                nearest: nearest.or_else(|| nearest_name(&name, [NO_STYLE]).map(str::to_owned)),
                name,
                known,
            }
        }
        other => other,
    }
}

/// Sets one value in every output whose chain has the style.
fn apply(library: &Library, styles: &mut [OutputStyle], set: &str) -> Result<()> {
    let parts = set.split_once('=').and_then(|(path, value)| {
        let (style, param) = path.trim().rsplit_once('.')?;
        Some((style, param, value.trim()))
    });
    let Some((style, param, value)) = parts else {
        return Err(RenderError::usage(
            format!("--set cannot be read: {set}"),
            "write it as STYLE.PARAM=VALUE, for example pencil.blur_sigma=30",
        ));
    };
    let mut used = false;
    let uses = styles.iter_mut().flat_map(|style| match style {
        OutputStyle::Bypass => &mut [],
        OutputStyle::Chain(chain) => chain.as_mut_slice(),
    });
    for part in uses.filter(|part| part.style.name == style) {
        set_value(part, param, value)?;
        used = true;
    }
    if used {
        return Ok(());
    }
    library.load(style)?;
    let names: Vec<String> = styles.iter().map(OutputStyle::name).collect();
    Err(RenderError::usage(
        format!(
            "--set {set}: {style} is not among the styles of this render ({})",
            names.join(", ")
        ),
        format!("add --style {style}, or remove the value"),
    ))
}

fn set_value(part: &mut StyleUse, param: &str, value: &str) -> Result<()> {
    // The engine applies the strength, so it is read as one more parameter.
    let params: Vec<Param> = part
        .style
        .params
        .iter()
        .cloned()
        .chain([strength()])
        .collect();
    let mut values = part.values.clone();
    values.0.retain(|(name, _)| name != STRENGTH);
    values
        .0
        .push((STRENGTH.to_owned(), Value::Number(part.strength)));
    let known = params.iter().find(|known| known.name == param);
    match (known, value.strip_prefix('@')) {
        (Some(known), Some(file)) if !known.is_path() => {
            let track = track_files::read(&part.style.name, known, Path::new(file))?;
            let track = Value::Track(Box::new(track));
            let set = values.0.iter_mut().find(|(name, _)| name == param);
            set.into_iter()
                .for_each(|(_, value)| *value = track.clone());
        }
        _ => values.set(&part.style.name, &params, param, value)?,
    }
    make_absolute(&mut values, param);
    match values.0.last() {
        Some((_, Value::Number(strength))) => {
            part.strength = *strength;
            values.0.pop();
        }
        // It stays among the values.
        _ => part.strength = 1.0,
    }
    part.values = values;
    Ok(())
}

/// A file that a value names is the same file from any folder: resuming compares settings.
fn make_absolute(values: &mut Values, param: &str) {
    let set = values.0.iter_mut().find(|(name, _)| name == param);
    if let Some((_, Value::Path(path))) = set
        && !path.as_os_str().is_empty()
        && let Ok(whole) = std::path::absolute(&*path)
    {
        *path = whole;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str, sets: &[&str]) -> Result<Vec<OutputStyle>> {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        output_styles(&Library::built_in(), list, &sets)
    }

    #[test]
    fn lists_chains_and_values() {
        let styles = read(
            "pencil, identity+pencil,none",
            &["pencil.blur_sigma=30", "pencil.strength=0.4"],
        )
        .unwrap();
        let names: Vec<String> = styles.iter().map(OutputStyle::name).collect();
        assert_eq!(names, ["pencil", "identity+pencil", "none"]);
        for (style, at) in [(0, 0), (1, 1)] {
            let OutputStyle::Chain(chain) = &styles[style] else {
                panic!("a chain")
            };
            assert_eq!(chain[at].strength, 0.4);
            assert_eq!(
                chain[at].values.get("blur_sigma"),
                Some(&Value::Number(30.0))
            );
        }
        let json = serde_json::to_value(&styles[0]).unwrap();
        assert_eq!(json["chain"][0]["values"]["blur_sigma"], 30.0);
    }

    #[test]
    fn mistakes_are_taught() {
        for (list, sets, part) in [
            ("pencli", &[][..], "did you mean \"pencil\""),
            ("pencil,,identity", &[], "a name is missing"),
            ("none+pencil", &[], "cannot be chained"),
            ("pencil,pencil", &[], "twice"),
            ("common/mix", &[], "there is no style"),
            ("demo", &[], "demo makes pictures of its own"),
            ("nosuch", &[], "upscale, watercolor, none"),
            ("nome", &[], "did you mean \"none\""),
            ("pencil", &["blur_sigma=3"], "STYLE.PARAM=VALUE"),
            (
                "pencil",
                &["pencil.blur_sgima=3"],
                "did you mean \"blur_sigma\"",
            ),
            (
                "pencil",
                &["pencil.strenght=1"],
                "did you mean \"strength\"",
            ),
            ("pencil", &["pencil.blur_sigma=900"], "5 to 50"),
            ("pencil", &["pencil.strength=2"], "0 to 1"),
            ("identity", &["pencil.blur_sigma=9"], "not among the styles"),
            (
                "identity",
                &["pencli.blur_sigma=9"],
                "did you mean \"pencil\"",
            ),
        ] {
            let error = read(list, sets).unwrap_err();
            let said = format!("{}\n{}", error.summary(), error.advice());
            assert!(said.contains(part), "{said} should contain {part}");
        }
    }
}
