//! `[[pass]]`: what runs, which images it reads, and which image it makes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::{Expression, Kernel, Window};
use super::expression;

/// The most frames that a window may have, and how far it may reach, because the textures of a stage are limited.
const MOST_FRAMES: i32 = 15;

/// Pixels that neighbouring tiles of a model have in common, where its pass does not say it.
const TILES_OVERLAP: i64 = 32;

/// The most invocations of a workgroup: every GPU allows as many.
const MOST_IN_GROUP: u32 = 256;

/// Channels of the image a pass writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Channels {
    One,
    Four,
    /// As many channels as the named image.
    Like(String),
}

/// One phase: a function of a compute kernel and the grid that it runs over.
#[derive(Clone, Debug)]
pub struct PhaseOf {
    pub run: String,
    /// Columns and rows of the grid.
    pub over: [Expression; 2],
    /// Invocations of a workgroup, which share workgroup memory and barriers. `None` where the engine chooses, and the
    /// function may use neither.
    pub group: Option<u32>,
}

/// How far from its own pixel a kernel reads an input.
#[derive(Clone, Debug)]
pub struct TileOf {
    /// The input.
    pub input: String,
    /// Columns and rows, in pixels.
    pub reach: [Expression; 2],
}

/// What the values of an image are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Space {
    /// The encoded signal.
    #[default]
    Coded,
    /// Linear light, by the image's transfer characteristics; 1 is reference white.
    Linear,
}

/// How many frames a pass makes of those it reads.
#[derive(Clone, Debug)]
pub enum PassRate {
    /// So many for each frame, spread evenly over its time.
    Times(Box<Expression>),
    /// As many as the output has: the rate that the user asked for. Where none was asked for, one for each frame.
    Output,
    /// Four for each five where a choice says that film was stretched by 2:3 pulldown; else one for each frame.
    Film {
        /// The parameter that is the choice.
        cadence: String,
        /// The frames of the source in a second; 0 is its nominal rate.
        fps: Box<Expression>,
    },
}

impl PassRate {
    fn parse(value: &toml::Value) -> Result<Self, String> {
        match value {
            toml::Value::String(text) if text == "output" => Ok(Self::Output),
            toml::Value::Table(table) => match (table.get("film"), table.get("fps")) {
                (Some(toml::Value::String(cadence)), Some(fps)) if table.len() == 2 => {
                    Ok(Self::Film {
                        cadence: cadence.clone(),
                        fps: Box::new(expression(fps)?),
                    })
                }
                _ => Err(
                    "a table has two keys: { film = \"PARAMETER\", fps = \"EXPRESSION\" }"
                        .to_owned(),
                ),
            },
            other => expression(other).map(|times| Self::Times(Box::new(times))),
        }
    }
}

/// Whether the image of a pass is averaged over time, and how large its values are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Averaging {
    #[default]
    Never,
    /// `temporal = true`: its values may be any numbers.
    Numbers,
    /// `temporal = "signal"`: its values lie from -2 to 2, or what lies beyond may be cut off.
    Signal,
}

impl Averaging {
    fn parse(value: Option<toml::Value>) -> Result<Self, String> {
        match value {
            None | Some(toml::Value::Boolean(false)) => Ok(Self::Never),
            Some(toml::Value::Boolean(true)) => Ok(Self::Numbers),
            Some(toml::Value::String(text)) if text == "signal" => Ok(Self::Signal),
            Some(other) => Err(format!(
                "temporal = {other:?}: give true, or \"signal\" where values lie from -2 to 2 as those of a picture do"
            )),
        }
    }
}

/// What a pass runs.
#[derive(Clone, Debug)]
pub enum Body {
    /// A pixel function of this folder.
    Kernel(Arc<Kernel>),
    /// A compute kernel of this folder: phases that run one after the other over a buffer of 32-bit words.
    Compute {
        kernel: Arc<Kernel>,
        words: Box<Expression>,
        phases: Vec<PhaseOf>,
    },
    /// A model of this folder, by the name of its `[model.NAME]`.
    Model {
        model: String,
        /// Side of the tiles that the picture is cut into, in pixels; 0 for the whole picture at once.
        tile: Box<Expression>,
        /// Pixels that neighbouring tiles have in common.
        overlap: Box<Expression>,
    },
    /// Another folder, by its path in the library.
    Use(String),
}

/// An input of a kernel or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassInput {
    pub name: String,
    /// The image of this folder that the input is bound to.
    pub image: String,
    /// The earlier and later frames that are read; `None` if only the frame itself is read.
    pub window: Option<Window>,
}

/// One `[[pass]]`.
#[derive(Clone, Debug)]
pub struct Pass {
    pub body: Body,
    /// The inputs, in the author's order.
    pub inputs: Vec<PassInput>,
    /// Parameters for the kernel or fragment, as expressions.
    pub set: Vec<(String, Expression)>,
    /// The pass is skipped if this is 0.
    pub when: Option<Expression>,
    /// Name of the image it makes.
    pub out: String,
    /// Width and height of that image in pixels; `None` for the size of the first input.
    pub size: Option<[Expression; 2]>,
    pub channels: Channels,
    /// The inputs that a workgroup may keep a part of in its own memory.
    pub tiles: Vec<TileOf>,
    /// A function of the kernel that all invocations of a workgroup run before its pixels.
    pub prepare: Option<String>,
    /// How often the pass is run. Each run reads the images that the previous run made.
    pub repeat: Option<Expression>,
    /// The space of the images that it reads and makes. An image in the other space is converted. `None` for the space
    /// of the pass that uses this folder.
    pub space: Option<Space>,
    /// How many frames it makes; `None` for one for each frame it reads.
    pub rate: Option<PassRate>,
    /// Whether the image it makes is averaged over time, as the user has chosen.
    pub temporal: Averaging,
    /// Whether the pass makes decisions (labels, thresholds): it rounds its input to integers first, and all executors
    /// must give exactly the same result.
    pub decides: bool,
    /// Whether its windows go on where a scene ends: they then end with the stream alone.
    pub across_cuts: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPhase {
    run: String,
    over: [toml::Value; 2],
    group: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPass {
    kernel: Option<String>,
    compute: Option<String>,
    model: Option<String>,
    #[serde(rename = "use")]
    fragment: Option<String>,
    // In the author's order.
    #[serde(default, rename = "in")]
    inputs: toml::Table,
    #[serde(default)]
    set: BTreeMap<String, toml::Value>,
    when: Option<String>,
    out: String,
    size: Option<[toml::Value; 2]>,
    channels: Option<toml::Value>,
    words: Option<toml::Value>,
    #[serde(default)]
    phases: Vec<RawPhase>,
    #[serde(default)]
    tile: BTreeMap<String, toml::Value>,
    prepare: Option<String>,
    tile_size: Option<toml::Value>,
    overlap: Option<toml::Value>,
    repeat: Option<toml::Value>,
    space: Option<Space>,
    rate: Option<toml::Value>,
    temporal: Option<toml::Value>,
    #[serde(default)]
    decides: bool,
    #[serde(default)]
    across_cuts: bool,
}

impl RawPass {
    /// Checks that no key is given that this kind of pass does not have.
    fn check_kind(&self) -> Result<(), String> {
        let size = self.size.is_some().then_some("size");
        let channels = self.channels.is_some().then_some("channels");
        let words = self.words.is_some().then_some("words");
        let phases = (!self.phases.is_empty()).then_some("phases");
        let tile = (!self.tile.is_empty()).then_some("tile");
        let prepare = self.prepare.is_some().then_some("prepare");
        let tiles = self.tile_size.is_some().then_some("tile_size");
        let tiles = tiles.or(self.overlap.is_some().then_some("overlap"));
        let (kind, foreign) = if self.model.is_some() {
            let all = [size, channels, words, phases, tile, prepare];
            ("a model makes the image that its contract says", all)
        } else if tiles.is_some() {
            (
                "only a model works in tiles",
                [tiles, None, None, None, None, None],
            )
        } else if self.fragment.is_some() {
            let all = [size, channels, words, phases, tile, prepare];
            (
                "a pass that uses a folder gets the image that the folder makes",
                all,
            )
        } else if self.compute.is_some() {
            let all = [size, channels, tile, prepare, None, None];
            ("a compute pass makes words", all)
        } else {
            (
                "a kernel makes an image",
                [words, phases, None, None, None, None],
            )
        };
        match foreign.into_iter().flatten().next() {
            Some(key) => Err(format!("{kind}: it has no {key}")),
            None => Ok(()),
        }
    }
}

pub(super) fn pass_from(
    raw: RawPass,
    kernel: &impl Fn(&str) -> Result<Kernel, String>,
) -> Result<Pass, String> {
    let file = |stem: &str| kernel(stem).map(Arc::new);
    raw.check_kind()?;
    let body = match (raw.kernel, raw.compute, raw.fragment, raw.model) {
        (Some(stem), None, None, None) => {
            let kernel = file(&stem)?;
            kernel
                .check_entry("pixel", "a kernel is fn pixel(at: vec2i) -> vec4f")
                .map_err(|error| error.to_string())?;
            if let Some(prepare) = &raw.prepare {
                kernel
                    .check_entry(prepare, "what prepare names is fn NAME(at: vec2i)")
                    .map_err(|error| error.to_string())?;
            }
            Body::Kernel(kernel)
        }
        (None, Some(stem), None, None) => {
            let kernel = file(&stem)?;
            let words = raw.words.as_ref();
            let words = words.ok_or(
                "a compute pass needs words = \"NUMBER OF WORDS\", the size of its buffer",
            )?;
            if raw.phases.is_empty() {
                return Err(
                    "a compute pass needs phases = [{ run = \"function\", over = [columns, rows] }]"
                        .to_owned(),
                );
            }
            let mut phases = Vec::new();
            for raw in raw.phases {
                let RawPhase {
                    run,
                    over: [x, y],
                    group,
                } = raw;
                kernel
                    .check_entry(&run, "a phase is fn NAME(at: vec2i)")
                    .map_err(|error| error.to_string())?;
                let over = [expression(&x)?, expression(&y)?];
                if group.is_some_and(|group| !(1..=MOST_IN_GROUP).contains(&group)) {
                    return Err(format!(
                        "phase {run}: group is the number of invocations that share workgroup memory, 1 to {MOST_IN_GROUP}"
                    ));
                }
                phases.push(PhaseOf { run, over, group });
            }
            let words = expression(words).map_err(|why| format!("words: {why}"))?;
            Body::Compute {
                kernel,
                words: Box::new(words),
                phases,
            }
        }
        (None, None, Some(fragment), None) => Body::Use(fragment),
        (None, None, None, Some(model)) => {
            let number = |value: Option<toml::Value>, default: i64, key: &str| {
                let value = value.unwrap_or(toml::Value::Integer(default));
                let parsed = expression(&value).map_err(|why| format!("{key}: {why}"));
                parsed.map(Box::new)
            };
            Body::Model {
                model,
                tile: number(raw.tile_size, 0, "tile_size")?,
                overlap: number(raw.overlap, TILES_OVERLAP, "overlap")?,
            }
        }
        _ => {
            return Err(
                "give one of kernel = \"file stem\", compute = \"file stem\", use = \"folder\", model = \"name\""
                    .to_owned(),
            );
        }
    };
    let temporal = Averaging::parse(raw.temporal)?;
    if temporal != Averaging::Never && matches!(body, Body::Compute { .. }) {
        return Err("temporal needs an image; this pass makes a buffer of words".to_owned());
    }
    if raw.rate.is_some() && matches!(body, Body::Use(_) | Body::Model { .. }) {
        return Err(
            "rate belongs to a kernel: give it to a pass of the folder that is used".to_owned(),
        );
    }
    if raw.across_cuts && matches!(body, Body::Use(_) | Body::Model { .. }) {
        return Err(
            "across_cuts belongs to a kernel: give it to a pass of the folder that is used"
                .to_owned(),
        );
    }
    let channels = channels_from(raw.channels)?;
    let mut set = Vec::new();
    for (name, value) in raw.set {
        set.push((
            name.clone(),
            expression(&value).map_err(|why| format!("set {name}: {why}"))?,
        ));
    }
    let tiles = raw.tile.into_iter().map(|(input, reach)| {
        let [x, y] = match reach {
            toml::Value::Array(sides) if sides.len() == 2 => [sides[0].clone(), sides[1].clone()],
            toml::Value::Array(_) => {
                return Err(format!("tile: {input} = [columns, rows]: give both"));
            }
            both => [both.clone(), both],
        };
        let side = |value| expression(&value).map_err(|why| format!("tile: {input}: {why}"));
        let reach = [side(x)?, side(y)?];
        Ok(TileOf { input, reach })
    });
    let tiles = tiles.collect::<Result<Vec<_>, String>>()?;
    let inputs = raw.inputs.into_iter().map(|(name, image)| match image {
        toml::Value::String(image) => {
            let (image, window) = window_of(&image).map_err(|why| format!("in: {name}: {why}"))?;
            Ok(PassInput {
                name,
                image: image.to_owned(),
                window,
            })
        }
        other => Err(format!(
            "in: {name} is a {}: give the name of an image",
            other.type_str()
        )),
    });
    Ok(Pass {
        body,
        inputs: inputs.collect::<Result<_, _>>()?,
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
        tiles,
        prepare: raw.prepare,
        repeat: raw
            .repeat
            .map(|value| expression(&value).map_err(|why| format!("repeat: {why}")))
            .transpose()?,
        space: raw.space,
        rate: raw
            .rate
            .map(|value| PassRate::parse(&value).map_err(|why| format!("rate: {why}")))
            .transpose()?,
        temporal,
        decides: raw.decides,
        across_cuts: raw.across_cuts,
    })
}

/// Reads `IMAGE`, `IMAGE[k]` or `IMAGE[a..b]`.
fn window_of(text: &str) -> Result<(&str, Option<Window>), String> {
    let Some((image, rest)) = text.split_once('[') else {
        return Ok((text, None));
    };
    let wrong = || {
        format!(
            "{text:?} is not a window: write it as {image}[-1..+1], with at most {MOST_FRAMES} frames"
        )
    };
    let offset = |text: &str| text.trim().parse::<i32>().map_err(|_| wrong());
    let inside = rest.trim_end().strip_suffix(']').ok_or_else(wrong)?;
    let (from, to) = match inside.split_once("..") {
        Some((from, to)) => (offset(from)?, offset(to)?),
        None => (offset(inside)?, offset(inside)?),
    };
    let reach = MOST_FRAMES - 1;
    if from > to || from < -reach || to > reach || to - from > reach {
        return Err(wrong());
    }
    Ok((image.trim(), Some(Window { from, to })))
}

pub(super) fn channels_from(raw: Option<toml::Value>) -> Result<Channels, String> {
    Ok(match raw {
        None => Channels::Four,
        Some(toml::Value::Integer(1)) => Channels::One,
        Some(toml::Value::Integer(4)) => Channels::Four,
        Some(toml::Value::String(image)) => Channels::Like(image),
        Some(other) => {
            return Err(format!(
                "channels = {other:?}: give 1, 4, or the name of an image that has the wanted number"
            ));
        }
    })
}
