//! `style.toml`: the summary of a style, its parameters, and its passes.

mod analyse;
mod brackets;
mod history;
mod image;
mod lut;
mod measure;
mod model;
mod names;
mod param;
mod pass;
mod place;
mod requires;
#[cfg(test)]
mod schema;
mod table;
mod warnings;
mod wiring;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::analyse::RawAnalyse;
use self::history::{RawHistory, history_from};
use self::image::RawImage;
use self::lut::{RawLut, lut_from};
use self::measure::RawMeasure;
use self::model::RawModel;
use self::names::check_name;
use self::param::{RawParam, is_tried, param_from};
use self::pass::{RawPass, pass_from};
use self::table::RawTable;
use super::{Expression, Kernel, Param, ParamKind, StyleError};

pub use analyse::Analyse;
pub use history::{HistoryOf, HistoryShape};
pub use image::ImageFile;
pub use lut::LutFile;
pub use measure::MeasureOf;
pub use model::ModelOf;
pub use pass::{Averaging, Body, Channels, Pass, PassInput, PassRate, PhaseOf, Space, TileOf};
pub use table::TableFile;

/// What happens to the source's alpha.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Alpha {
    /// Copied to the output unchanged; the style does not see it.
    #[default]
    Carry,
    /// The alpha of the style's result is used.
    Own,
}

/// Where a style stands in a chain of styles that mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Lines of analogue tape, while their fields are still apart.
    Tape,
    /// Frames of their fields, or without repeated ones: what follows sees whole pictures at their own times.
    Fields,
    /// Bars around the picture: what follows sees the picture alone.
    Frame,
    /// Brightness that pumps: what follows compares frames.
    Light,
    /// What is in few frames alone: dust, dropouts, lost frames.
    Damage,
    /// Shake and weave.
    Position,
    /// Blocks, ringing and bands of a coder.
    Compression,
    Noise,
    /// Contrast and colour.
    Tone,
}

/// The purpose of a style that is not a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It changes the size of the picture.
    Scaler,
    /// It changes how many frames there are.
    Rate,
}

impl Role {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "scaler" => Ok(Self::Scaler),
            "rate" => Ok(Self::Rate),
            _ => Err(format!(
                "role = {text:?} is not known: write \"scaler\" (it makes the picture of another size), \"rate\" (it \
                 makes more or fewer frames), or leave role out"
            )),
        }
    }
}

/// One `[[note]]`: a message for the user about a render with these parameters.
#[derive(Clone, Debug)]
pub struct Note {
    /// The note is shown if this is not 0.
    pub when: Expression,
    /// The message; `{NAME}` is replaced by a value.
    pub text: String,
    /// Whether it is an error: there is no render with these parameters.
    pub refuses: bool,
}

/// A style or building block: a graph fragment with inputs, parameters and passes.
#[derive(Clone, Debug)]
pub struct Style {
    /// Path in the library: `pencil`, `common/gaussian`.
    pub name: String,
    pub summary: String,
    /// Who made it; empty where the manifest does not say it.
    pub author: String,
    /// What others may do with it, such as `MIT`; empty where the manifest does not say it.
    pub licence: String,
    /// The least version of aquatint that it needs.
    pub requires: Option<String>,
    /// Kinds of defects that it mends, by their names in `aquatint analyze`.
    pub mends: Vec<String>,
    /// Where it stands in a chain of styles that mend.
    pub stage: Option<Stage>,
    /// `None` for a look.
    pub role: Option<Role>,
    /// The images it takes as inputs. A style has one, `source`; a generator has none.
    pub inputs: Vec<String>,
    pub params: Vec<Param>,
    /// Values computed from the parameters, for use in expressions and kernels.
    pub lets: Vec<(String, Expression)>,
    /// Pictures that it reads.
    pub files: Vec<ImageFile>,
    pub histories: Vec<HistoryOf>,
    pub luts: Vec<LutFile>,
    /// Tables of numbers that kernels read.
    pub tables: Vec<TableFile>,
    /// Models that its passes run.
    pub models: Vec<ModelOf>,
    /// What can be read back of each frame as numbers.
    pub measures: Vec<MeasureOf>,
    /// The first pass that it needs over all frames.
    pub analyse: Option<Analyse>,
    pub passes: Vec<Pass>,
    pub notes: Vec<Note>,
    pub alpha: Alpha,
    /// Whether it makes gradients, which need dithering if the output has 8 bits.
    pub dither: bool,
    /// What its folder says or holds to no effect, for its author.
    pub warnings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    summary: String,
    #[serde(default)]
    author: String,
    #[serde(default)]
    licence: String,
    requires: Option<String>,
    #[serde(default)]
    mends: Vec<String>,
    stage: Option<Stage>,
    role: Option<String>,
    inputs: Option<Vec<String>>,
    #[serde(default)]
    alpha: Alpha,
    #[serde(default)]
    dither: bool,
    #[serde(default)]
    param: toml::Table,
    #[serde(default, rename = "let")]
    lets: toml::Table,
    #[serde(default)]
    image: BTreeMap<String, RawImage>,
    #[serde(default)]
    history: BTreeMap<String, RawHistory>,
    #[serde(default)]
    lut: BTreeMap<String, RawLut>,
    #[serde(default)]
    table: BTreeMap<String, RawTable>,
    #[serde(default)]
    model: BTreeMap<String, RawModel>,
    #[serde(default)]
    measure: BTreeMap<String, RawMeasure>,
    analyse: Option<RawAnalyse>,
    #[serde(default)]
    pass: Vec<RawPass>,
    #[serde(default)]
    note: Vec<RawNote>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNote {
    when: String,
    text: String,
    #[serde(default)]
    refuse: bool,
}

impl Style {
    /// Parses the manifest of the folder `name`; `kernel` reads a kernel file beside the manifest, by its stem, or says
    /// why that is not possible. Errors name the manifest (`origin`) and the pass.
    pub fn parse(
        name: &str,
        origin: &str,
        text: &str,
        kernel: impl Fn(&str) -> Result<Kernel, String>,
    ) -> Result<Self, StyleError> {
        let (style, errors) = Self::parse_all(name, origin, text, kernel);
        match (style, errors.into_iter().next()) {
            (_, Some(error)) => Err(error),
            (Some(style), None) => Ok(style),
            (None, None) => Err(StyleError::Manifest {
                manifest: origin.to_owned(),
                message: "it cannot be read".to_owned(),
            }),
        }
    }

    /// As [`Self::parse`], with all errors that can be told at once, in their order; none where the style is sound. The style
    /// is there as far as it could be read, and not at all where the text is no manifest.
    pub fn parse_all(
        name: &str,
        origin: &str,
        text: &str,
        kernel: impl Fn(&str) -> Result<Kernel, String>,
    ) -> (Option<Self>, Vec<StyleError>) {
        let fail = |message: String| StyleError::Manifest {
            manifest: origin.to_owned(),
            message,
        };
        // A manifest for a later version may have keys that this one does not know.
        if let Some(why) = requires::refused(text) {
            return (None, vec![fail(why)]);
        }
        if let Some(why) = brackets::wrong(text) {
            return (None, vec![fail(why)]);
        }
        let raw: RawManifest = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => return (None, vec![fail(error.to_string())]),
        };
        let mut errors = Vec::new();
        /// The value, or none and one more error.
        fn kept<T>(errors: &mut Vec<StyleError>, read: Result<T, StyleError>) -> Option<T> {
            read.map_err(|error| errors.push(error)).ok()
        }
        let role = raw.role.as_deref().map(Role::parse);
        let role = kept(&mut errors, role.transpose().map_err(fail)).flatten();
        let inputs = raw.inputs.unwrap_or_else(|| vec!["source".to_owned()]);
        let mut params: Vec<Param> = Vec::new();
        for (param, value) in raw.param {
            let said = |why: String| fail(format!("[param.{param}]: {why}"));
            let read = || {
                check_name(name, &param, &inputs).map_err(said)?;
                let declared = value.try_into();
                let declared: RawParam = declared
                    .map_err(|error: toml::de::Error| fail(format!("[param.{param}]: {error}")))?;
                let made = param_from(&param, declared).map_err(said)?;
                if is_tried(&made) && role != Some(Role::Scaler) {
                    return Err(said(
                        "trial is for a style that enlarges: write role = \"scaler\"".to_owned(),
                    ));
                }
                Ok(made)
            };
            params.extend(kept(&mut errors, read()));
        }
        let mut lets = Vec::new();
        for (key, value) in raw.lets {
            let said = |why: String| fail(format!("[let] {key}: {why}"));
            let read = || {
                check_name(name, &key, &inputs).map_err(said)?;
                if params.iter().any(|param: &Param| param.name == key) {
                    return Err(said(
                        "there is a parameter of this name: call it something else".to_owned(),
                    ));
                }
                expression(&value).map_err(said)
            };
            let read = kept(&mut errors, read());
            lets.extend(read.map(|parsed| (key.clone(), parsed)));
        }
        let mut files = Vec::new();
        for (image, declared) in raw.image {
            let said = format!("[image.{image}]");
            let checked = declared.checked(name, image, &params);
            let checked = checked.map_err(|why| fail(format!("{said}: {why}")));
            files.extend(kept(&mut errors, checked));
        }
        let mut notes = Vec::new();
        for RawNote { when, text, refuse } in raw.note {
            let when = Expression::parse(&when).map_err(|why| fail(format!("[[note]]: {why}")));
            notes.extend(kept(&mut errors, when).map(|when| Note {
                when,
                text,
                refuses: refuse,
            }));
        }
        let mut luts = Vec::new();
        for (lut, declared) in raw.lut {
            let checked = lut_from(name, &lut, declared, &params);
            let checked = checked.map_err(|why| fail(format!("[lut.{lut}]: {why}")));
            luts.extend(kept(&mut errors, checked));
        }
        let tables = raw.table.into_iter();
        let tables = tables.map(|(table, declared)| declared.named(name, table));
        let tables = tables.collect();
        let mut models = Vec::new();
        for (model, declared) in raw.model {
            let names = params.iter().map(|param| param.name.as_str());
            let taken = names.chain(lets.iter().map(|(name, _)| name.as_str()));
            let checked = declared.checked(name, model.clone(), &params, taken);
            let checked = checked.map_err(|why| fail(format!("[model.{model}]: {why}")));
            models.extend(kept(&mut errors, checked));
        }
        let measures = raw.measure.into_iter();
        let measures = measures.map(|(measure, declared)| declared.named(measure));
        let measures: Vec<MeasureOf> = measures.collect();
        let analyse = raw.analyse.map(|declared| {
            let checked = declared.checked(&params, &measures);
            checked.map_err(|why| fail(format!("[analyse]: {why}")))
        });
        let analyse = kept(&mut errors, analyse.transpose()).flatten();
        let mut histories = Vec::new();
        for (history, declared) in raw.history {
            let read = history_from(&history, declared, &inputs);
            let read = read.map_err(|why| fail(format!("[history.{history}]: {why}")));
            histories.extend(kept(&mut errors, read));
        }
        let mut style = Self {
            name: name.to_owned(),
            summary: raw.summary,
            author: raw.author,
            licence: raw.licence,
            requires: raw.requires,
            mends: raw.mends,
            stage: raw.stage,
            role,
            inputs,
            params,
            lets,
            files,
            histories,
            luts,
            tables,
            models,
            measures,
            analyse,
            passes: Vec::new(),
            notes,
            alpha: raw.alpha,
            dither: raw.dither,
            warnings: Vec::new(),
        };
        for (index, pass) in raw.pass.into_iter().enumerate() {
            let parsed = pass_from(pass, &kernel).map_err(|message| StyleError::Pass {
                manifest: origin.to_owned(),
                pass: index + 1,
                message,
            });
            style.passes.extend(kept(&mut errors, parsed));
        }
        // What could not be read would be missed everywhere else.
        if errors.is_empty() {
            errors = style.check_wiring(origin);
            style.warnings = style.effectless();
        }
        (Some(style), errors)
    }

    /// The image name of the decoder's own planes.
    pub const PLANES: &'static str = "planes";

    /// Whether the parameter `name` is a colour, which kernels read as a `vec3f`.
    pub fn is_color(&self, name: &str) -> bool {
        let mut params = self.params.iter();
        params.any(|param| param.name == name && matches!(param.kind, ParamKind::Color { .. }))
    }

    /// Whether it makes pictures without an input.
    pub fn generates(&self) -> bool {
        self.inputs.is_empty()
    }
}

fn expression(value: &toml::Value) -> Result<Expression, String> {
    match value {
        toml::Value::String(text) => Expression::parse(text),
        toml::Value::Integer(number) => Expression::parse(&number.to_string()),
        toml::Value::Float(number) => Expression::parse(&number.to_string()),
        toml::Value::Boolean(flag) => Expression::parse(&u8::from(*flag).to_string()),
        _ => Err("must be a number or an expression in quotes".to_owned()),
    }
}

#[cfg(test)]
mod tests;
