//! `style.toml`: what a style is called, its parameters, and which kernel reads what and writes what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::nearest;
use super::{Expression, Kernel, Param, ParamKind, Rgb, StyleError};

/// What becomes of the source's alpha.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Alpha {
    /// Carried past the style, untouched.
    #[default]
    Carry,
    /// The style's result has its own.
    Own,
}

/// Channels of the image a pass writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Channels {
    One,
    Four,
    /// As many as the named image has.
    Like(String),
}

/// A function of a compute kernel, and the grid it is run over.
#[derive(Clone, Debug)]
pub struct PhaseOf {
    pub run: String,
    /// Columns and rows.
    pub over: [Expression; 2],
}

/// What a pass runs.
#[derive(Clone, Debug)]
pub enum Body {
    /// A pixel function of this folder.
    Kernel(Arc<Kernel>),
    /// A compute kernel of this folder: phases, one after the other, over a buffer of so many 32-bit words.
    Compute {
        kernel: Arc<Kernel>,
        words: Box<Expression>,
        phases: Vec<PhaseOf>,
    },
    /// Another folder, by its path in the library.
    Use(String),
}

/// One `[[pass]]`.
#[derive(Clone, Debug)]
pub struct Pass {
    pub body: Body,
    /// Input of the kernel or fragment → image of this folder.
    pub inputs: Vec<(String, String)>,
    /// Parameters computed for the kernel or fragment.
    pub set: Vec<(String, Expression)>,
    /// The pass is left out when this is 0.
    pub when: Option<Expression>,
    /// Name of the image it makes.
    pub out: String,
    /// Width and height of that image in pixels; the first input's when absent.
    pub size: Option<[Expression; 2]>,
    pub channels: Channels,
    /// It is run so many times, each time seeing the images as the last time left them.
    pub repeat: Option<Expression>,
    /// The image it makes is averaged over time, as the user asks for it.
    pub temporal: bool,
    /// It decides (labels, thresholds): it rounds its input to integers first, and executors must agree exactly.
    pub decides: bool,
}

/// An image or buffer of the frame before.
#[derive(Clone, Debug)]
pub struct HistoryOf {
    /// What kernels read it by.
    pub name: String,
    /// The image that becomes it when the frame is done.
    pub of: String,
    pub shape: HistoryShape,
}

/// Shape of a history; that of what is committed to it must be the same.
#[derive(Clone, Debug)]
pub enum HistoryShape {
    /// As large as this input, with so many channels.
    Like(String, Channels),
    /// A buffer of so many 32-bit words.
    Words(Box<Expression>),
}

/// One `[[note]]`: something a person should know of a render with these parameters.
#[derive(Clone, Debug)]
pub struct Note {
    /// The note applies when this is not 0.
    pub when: Expression,
    /// What is said; `{NAME}` stands for a value.
    pub text: String,
}

/// A `[lut.NAME]`: a look-up table read from a `.cube` file.
#[derive(Clone, Debug, PartialEq)]
pub struct LutFile {
    pub name: String,
    /// The parameter that holds the path.
    pub param: Option<String>,
    /// The file beside the manifest that is read where no path is given, as its path in the library.
    pub own: Option<String>,
}

/// A style or building block: a graph fragment with inputs, parameters and passes.
#[derive(Clone, Debug)]
pub struct Style {
    /// Path in the library: `pencil`, `common/gaussian`.
    pub name: String,
    pub summary: String,
    /// Images it is given; a style has one, `source`, and a generator none.
    pub inputs: Vec<String>,
    pub params: Vec<Param>,
    /// Values computed from the parameters, for use in expressions and kernels.
    pub lets: Vec<(String, Expression)>,
    /// Image files it reads: name → the parameter that holds the path.
    pub files: Vec<(String, String)>,
    pub histories: Vec<HistoryOf>,
    pub luts: Vec<LutFile>,
    pub passes: Vec<Pass>,
    pub notes: Vec<Note>,
    pub alpha: Alpha,
    /// Its gradients need dithering when the output has 8 bits.
    pub dither: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    summary: String,
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
    pass: Vec<RawPass>,
    #[serde(default)]
    note: Vec<RawNote>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNote {
    when: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParam {
    default: toml::Value,
    range: Option<[f64; 2]>,
    #[serde(default)]
    integer: bool,
    #[serde(default)]
    unit: String,
    help: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawImage {
    file: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHistory {
    of: String,
    like: Option<String>,
    channels: Option<toml::Value>,
    words: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPhase {
    run: String,
    over: [toml::Value; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLut {
    file: Option<String>,
    default: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPass {
    kernel: Option<String>,
    compute: Option<String>,
    #[serde(rename = "use")]
    fragment: Option<String>,
    #[serde(default, rename = "in")]
    inputs: BTreeMap<String, String>,
    #[serde(default)]
    set: BTreeMap<String, toml::Value>,
    when: Option<String>,
    out: String,
    size: Option<[toml::Value; 2]>,
    channels: Option<toml::Value>,
    words: Option<toml::Value>,
    #[serde(default)]
    phases: Vec<RawPhase>,
    repeat: Option<toml::Value>,
    #[serde(default)]
    temporal: bool,
    #[serde(default)]
    decides: bool,
}

impl Style {
    /// Parses the manifest of folder `name`; `kernel` gives the source of a kernel file beside it.
    /// Errors name the manifest (`origin`) and the pass.
    pub fn parse(
        name: &str,
        origin: &str,
        text: &str,
        kernel: impl Fn(&str) -> Option<(String, String)>,
    ) -> Result<Self, StyleError> {
        let fail = |message: String| StyleError::Manifest {
            manifest: origin.to_owned(),
            message,
        };
        let raw: RawManifest = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        let mut params = Vec::new();
        for (param, value) in raw.param {
            let declared: RawParam = value
                .try_into()
                .map_err(|error| fail(format!("[param.{param}]: {error}")))?;
            params.push(
                param_from(&param, declared)
                    .map_err(|why| fail(format!("[param.{param}]: {why}")))?,
            );
        }
        let mut lets = Vec::new();
        for (key, value) in raw.lets {
            let parsed = expression(&value).map_err(|why| fail(format!("[let] {key}: {why}")))?;
            lets.push((key, parsed));
        }
        let mut files = Vec::new();
        for (image, declared) in raw.image {
            if !is_path(&params, &declared.file) {
                return Err(fail(format!(
                    "[image.{image}]: file = {:?} is not a path parameter",
                    declared.file
                )));
            }
            files.push((image, declared.file));
        }
        let mut notes = Vec::new();
        for RawNote { when, text } in raw.note {
            let when = Expression::parse(&when).map_err(|why| fail(format!("[[note]]: {why}")))?;
            notes.push(Note { when, text });
        }
        let mut luts = Vec::new();
        for (lut, declared) in raw.lut {
            luts.push(
                lut_from(name, &lut, declared, &params)
                    .map_err(|why| fail(format!("[lut.{lut}]: {why}")))?,
            );
        }
        let inputs = raw.inputs.unwrap_or_else(|| vec!["source".to_owned()]);
        let mut histories = Vec::new();
        for (history, declared) in raw.history {
            histories.push(
                history_from(&history, declared, &inputs)
                    .map_err(|why| fail(format!("[history.{history}]: {why}")))?,
            );
        }
        let mut style = Self {
            name: name.to_owned(),
            summary: raw.summary,
            inputs,
            params,
            lets,
            files,
            histories,
            luts,
            passes: Vec::new(),
            notes,
            alpha: raw.alpha,
            dither: raw.dither,
        };
        for (index, pass) in raw.pass.into_iter().enumerate() {
            let parsed = pass_from(name, pass, &kernel).map_err(|message| StyleError::Pass {
                manifest: origin.to_owned(),
                pass: index + 1,
                message,
            })?;
            style.passes.push(parsed);
        }
        style.check_wiring(origin)?;
        Ok(style)
    }

    /// Every image read is one that exists by then, and `result` is made.
    fn check_wiring(&self, origin: &str) -> Result<(), StyleError> {
        let mut known: BTreeSet<&str> = self.inputs.iter().map(String::as_str).collect();
        known.extend(self.files.iter().map(|(image, _)| image.as_str()));
        known.extend(self.luts.iter().map(|lut| lut.name.as_str()));
        known.insert(Self::PLANES);
        for history in &self.histories {
            known.insert(&history.name);
            if !self.passes.iter().any(|pass| pass.out == history.of) {
                return Err(StyleError::Manifest {
                    manifest: origin.to_owned(),
                    message: format!(
                        "[history.{}]: no pass has out = {:?}",
                        history.name, history.of
                    ),
                });
            }
        }
        let names: Vec<String> = self.params.iter().flat_map(Param::names).collect();
        for (index, pass) in self.passes.iter().enumerate() {
            let fail = |message| StyleError::Pass {
                manifest: origin.to_owned(),
                pass: index + 1,
                message,
            };
            let unknown = |image: &str| {
                let near = nearest(image, known.iter().copied())
                    .map(|n| format!(" (did you mean {n:?}?)"))
                    .unwrap_or_default();
                fail(format!(
                    "no image {image:?} yet{near}; an image must be made by an earlier pass"
                ))
            };
            for (_, image) in &pass.inputs {
                if !known.contains(image.as_str()) {
                    return Err(unknown(image));
                }
            }
            if let Channels::Like(image) = &pass.channels
                && !known.contains(image.as_str())
            {
                return Err(unknown(image));
            }
            if let Body::Kernel(kernel) | Body::Compute { kernel, .. } = &pass.body {
                let params = names.iter().map(String::as_str);
                let lets = self.lets.iter().map(|(name, _)| name.as_str());
                let set = pass.set.iter().map(|(name, _)| name.as_str());
                kernel.check_bindings(
                    pass.inputs.iter().map(|(name, _)| name.as_str()),
                    params.chain(lets).chain(set),
                )?;
                for (name, image) in &pass.inputs {
                    let lut = self.luts.iter().any(|lut| lut.name == *image);
                    if kernel
                        .inputs
                        .get(name)
                        .is_some_and(|reads| reads.lut != lut)
                    {
                        let how = if lut { "is" } else { "is not" };
                        return Err(fail(format!(
                            "{image:?} {how} a look-up table, which {name}_trilinear() and {name}_tetrahedral() read, and nothing else does"
                        )));
                    }
                }
            }
            known.insert(&pass.out);
        }
        if known.contains("result") {
            Ok(())
        } else {
            Err(StyleError::Manifest {
                manifest: origin.to_owned(),
                message: "no pass has out = \"result\": that is the picture the style makes"
                    .to_owned(),
            })
        }
    }

    /// The image name that stands for the decoder's own planes.
    pub const PLANES: &'static str = "planes";

    /// Whether it makes pictures from nothing.
    pub fn generates(&self) -> bool {
        self.inputs.is_empty()
    }
}

fn is_path(params: &[Param], name: &str) -> bool {
    params
        .iter()
        .any(|param| param.name == name && matches!(param.kind, ParamKind::Path { .. }))
}

fn lut_from(folder: &str, name: &str, raw: RawLut, params: &[Param]) -> Result<LutFile, String> {
    match &raw.file {
        Some(param) if !is_path(params, param) => {
            return Err(format!("file = {param:?} is not a path parameter"));
        }
        None if raw.default.is_none() => {
            return Err("give file = \"PARAM\", default = \"FILE.cube\", or both".to_owned());
        }
        _ => {}
    }
    Ok(LutFile {
        name: name.to_owned(),
        param: raw.file,
        own: raw.default.map(|file| format!("{folder}/{file}")),
    })
}

fn param_from(name: &str, raw: RawParam) -> Result<Param, String> {
    let range = || {
        raw.range
            .ok_or("a number needs range = [least, most]".to_owned())
    };
    let within = |value: f64, [min, max]: [f64; 2]| {
        if (min..=max).contains(&value) {
            Ok(())
        } else {
            Err(format!("default {value} is outside {min} to {max}"))
        }
    };
    let kind = match (&raw.default, raw.integer) {
        (toml::Value::Boolean(default), _) => ParamKind::Flag { default: *default },
        (toml::Value::String(default), _) if default.starts_with('#') => ParamKind::Color {
            default: Rgb::parse(default).ok_or("a colour is written #rrggbb")?,
        },
        (toml::Value::String(default), _) => ParamKind::Path {
            default: default.clone(),
        },
        (toml::Value::Integer(default), true) => {
            let [min, max] = range()?;
            within(*default as f64, [min, max])?;
            ParamKind::Integer {
                default: *default,
                min: min as i64,
                max: max as i64,
            }
        }
        (toml::Value::Integer(_) | toml::Value::Float(_), false) => {
            let default = raw
                .default
                .as_float()
                .or(raw.default.as_integer().map(|i| i as f64))
                .unwrap_or(0.0);
            let [min, max] = range()?;
            within(default, [min, max])?;
            ParamKind::Number { default, min, max }
        }
        _ => {
            return Err(
                "default must be a number, true, false, or a path or #rrggbb in quotes".to_owned(),
            );
        }
    };
    Ok(Param {
        name: name.to_owned(),
        kind,
        unit: raw.unit,
        help: raw.help,
    })
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

fn pass_from(
    folder: &str,
    raw: RawPass,
    kernel: &impl Fn(&str) -> Option<(String, String)>,
) -> Result<Pass, String> {
    let file = |stem: &str| {
        let (path, source) = kernel(stem)
            .ok_or_else(|| format!("there is no {stem}.wgsl beside the manifest of {folder}"))?;
        Ok::<_, String>(Arc::new(Kernel::parse(&path, &source)))
    };
    let body = match (raw.kernel, raw.compute, raw.fragment) {
        (Some(stem), None, None) => {
            let kernel = file(&stem)?;
            kernel
                .check_entry("pixel", "a kernel is fn pixel(at: vec2i) -> vec4f")
                .map_err(|error| error.to_string())?;
            Body::Kernel(kernel)
        }
        (None, Some(stem), None) => {
            let kernel = file(&stem)?;
            let words = raw.words.as_ref();
            let words = words.ok_or("a compute pass needs words = \"how many it writes\"")?;
            if raw.phases.is_empty() {
                return Err(
                    "a compute pass needs phases = [{ run = \"function\", over = [columns, rows] }]"
                        .to_owned(),
                );
            }
            let mut phases = Vec::new();
            for RawPhase { run, over: [x, y] } in raw.phases {
                kernel
                    .check_entry(&run, "a phase is run as fn NAME(at: vec2i)")
                    .map_err(|error| error.to_string())?;
                let over = [expression(&x)?, expression(&y)?];
                phases.push(PhaseOf { run, over });
            }
            let words = expression(words).map_err(|why| format!("words: {why}"))?;
            Body::Compute {
                kernel,
                words: Box::new(words),
                phases,
            }
        }
        (None, None, Some(fragment)) => Body::Use(fragment),
        _ => {
            return Err(
                "give one of kernel = \"file stem\", compute = \"file stem\", use = \"folder\""
                    .to_owned(),
            );
        }
    };
    if raw.temporal && matches!(body, Body::Compute { .. }) {
        return Err("temporal = true averages images; this pass makes words".to_owned());
    }
    let channels = channels_from(raw.channels)?;
    let mut set = Vec::new();
    for (name, value) in raw.set {
        set.push((
            name.clone(),
            expression(&value).map_err(|why| format!("set {name}: {why}"))?,
        ));
    }
    Ok(Pass {
        body,
        inputs: raw.inputs.into_iter().collect(),
        set,
        when: raw
            .when
            .map(|text| Expression::parse(&text).map_err(|why| format!("when: {why}")))
            .transpose()?,
        out: raw.out,
        size: raw
            .size
            .map(|[w, h]| Ok::<_, String>([expression(&w)?, expression(&h)?]))
            .transpose()?,
        channels,
        repeat: raw
            .repeat
            .map(|value| expression(&value).map_err(|why| format!("repeat: {why}")))
            .transpose()?,
        temporal: raw.temporal,
        decides: raw.decides,
    })
}

fn channels_from(raw: Option<toml::Value>) -> Result<Channels, String> {
    Ok(match raw {
        None => Channels::Four,
        Some(toml::Value::Integer(1)) => Channels::One,
        Some(toml::Value::Integer(4)) => Channels::Four,
        Some(toml::Value::String(image)) => Channels::Like(image),
        Some(other) => {
            return Err(format!(
                "channels = {other:?}: give 1, 4, or the name of an image with as many"
            ));
        }
    })
}

fn history_from(name: &str, raw: RawHistory, inputs: &[String]) -> Result<HistoryOf, String> {
    let shape = match (raw.words, raw.like) {
        (Some(words), None) => {
            let words = expression(&words).map_err(|why| format!("words: {why}"))?;
            HistoryShape::Words(Box::new(words))
        }
        (None, like) => {
            let like = like
                .or_else(|| inputs.first().cloned())
                .ok_or("give like = \"an input\" or words = \"how many\"")?;
            if !inputs.contains(&like) {
                return Err(format!("like = {like:?} is not one of the inputs"));
            }
            HistoryShape::Like(like, channels_from(raw.channels)?)
        }
        (Some(_), Some(_)) => return Err("give either like or words".to_owned()),
    };
    Ok(HistoryOf {
        name: name.to_owned(),
        of: raw.of,
        shape,
    })
}

#[cfg(test)]
mod tests;
