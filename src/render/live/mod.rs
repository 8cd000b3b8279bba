//! A style that is rendered again and again while its author works on it: single frames of a clip, with other values, or
//! after a file of the style has changed.

mod clip;
mod command;
mod files;
mod pixel;
mod plan_view;
mod renderer;
mod watch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::error::{RenderError, Result};
use super::inspect::Inspected;
use super::jpeg::jpeg;
use super::models::model_words;
use super::preset::Preset;
use super::request::{ParamValues, RenderRequest};
use super::settings::Settings;
use super::shader::check::{Finding, mistakes};
use super::still::Moment;
use super::trial::untried;
use crate::frame::{Picture, png_bytes};
use crate::graph::Device;
use crate::graph::plan::{Storage, Temporal};
use crate::graph::style::{Library, Param, ParamKind, strength};
use crate::neural::Said;
use clip::Clip;
use files::Files;
use renderer::{Renderer, Scene, chain_of, extent_of, planned};
use watch::Watched;

pub use pixel::{PixelValues, Sample};
pub use plan_view::{PlanView, StepView};
pub use renderer::{Content, FrameAsk, FrameShown, Run, Shown};

/// Frames that are kept as they were rendered.
const KEPT: usize = 6;

/// A clip, a style, and what is compiled of it.
pub struct Live {
    request: RenderRequest,
    input: Option<PathBuf>,
    clip: Clip,
    /// The style as it could last be loaded.
    loaded: Option<Loaded>,
    /// Counts up whenever the style changed, whether or not it could be loaded.
    version: u64,
    fault: Option<StyleFault>,
    watched: Watched,
    renderer: Renderer,
    kept: VecDeque<(FrameAsk, FrameShown)>,
    /// What models have told.
    said: BTreeSet<String>,
}

struct Loaded {
    library: Library,
    settings: Settings,
    /// The request with what its preset says.
    whole: RenderRequest,
    /// The parameters that name files, as `STYLE.PARAM`.
    paths: Vec<(String, bool)>,
}

/// Why a style cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StyleFault {
    /// What is wrong, its place with the line itself, and what to do.
    pub text: String,
    pub file: Option<String>,
    /// From 1; columns are characters.
    pub line: Option<usize>,
    pub column: Option<usize>,
}

/// A parameter of a style of the chain.
#[derive(Clone, Debug, Serialize)]
pub struct LiveParam {
    /// `STYLE.PARAM`.
    pub name: String,
    pub label: String,
    pub help: String,
    pub unit: String,
    #[serde(flatten)]
    pub kind: ParamKind,
    /// Of a path: the files that may be chosen, by their names here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// A pass whose image can be shown.
#[derive(Clone, Debug, Serialize)]
pub struct LivePass {
    pub name: String,
    pub width: u32,
    pub height: u32,
    pub storage: Storage,
    /// Whether it makes a buffer of words, which is no picture.
    pub words: bool,
}

/// The style as it was last loaded.
#[derive(Clone, Debug, Serialize)]
pub struct LiveStyle {
    pub version: u64,
    /// As it was asked for, a chain as `a+b`.
    pub name: String,
    pub summary: String,
    /// The folder of an author's own style.
    pub folder: Option<PathBuf>,
    /// Why the files as they are now cannot be loaded. What else is here is of the last version that could.
    #[serde(rename = "error")]
    pub fault: Option<StyleFault>,
    pub params: Vec<LiveParam>,
    pub passes: Vec<LivePass>,
    pub input: LiveInput,
    /// None until a frame was rendered.
    pub device: Option<Device>,
    /// Whether a GPU's work is done by the processor.
    pub software: bool,
    /// Values that the request sets, by parameter.
    pub set: BTreeMap<String, String>,
    /// What is to be known of the clip as it is shown, of the style with these values, of the device and of models.
    pub notes: Vec<String>,
}

/// The clip.
#[derive(Clone, Debug, Serialize)]
pub struct LiveInput {
    pub name: String,
    pub width: u32,
    pub height: u32,
    pub frames: u64,
    /// Nominal frames per second; 0 where there is none.
    pub fps: f64,
}

impl Live {
    /// Opens `input`, or the generated scene where there is none, and loads the style of `request`.
    ///
    /// # Errors
    /// Those of reading the clip. A style that cannot be loaded is an error where it has no files that could be mended; else
    /// [`Self::style`] says what is wrong.
    pub fn open(request: RenderRequest, input: Option<&Path>) -> Result<Self> {
        let mut settings = RenderRequest {
            style: None,
            set: None,
            lut: None,
            preset: None,
            ..request.clone()
        }
        .settings(&Library::built_in())?;
        settings.part = None;
        let clip = match input {
            Some(path) => Clip::open(path, &settings)?,
            None => Clip::scene(&settings)?,
        };
        let mut live = Self {
            watched: Watched::new(roots(&request)?),
            request,
            input: input.map(Path::to_owned),
            clip,
            loaded: None,
            version: 0,
            fault: None,
            renderer: Renderer::new(),
            kept: VecDeque::new(),
            said: BTreeSet::new(),
        };
        if let Err(error) = live.load()
            && live.watched.is_empty()
        {
            return Err(error);
        }
        Ok(live)
    }

    /// Loads the style again where a file of it has changed; whether one had. A style that cannot be loaded leaves the last
    /// one in place.
    pub fn reload(&mut self) -> bool {
        let changed = self.watched.changed();
        if changed {
            // What is wrong is in the style's description.
            let _ = self.load();
        }
        changed
    }

    fn load(&mut self) -> Result<()> {
        self.version += 1;
        let loaded = self.read();
        let (fault, outcome) = match loaded {
            Ok(Ok(loaded)) => {
                self.loaded = Some(loaded);
                self.renderer.forget();
                self.kept.clear();
                (None, Ok(()))
            }
            Ok(Err(finding)) => {
                let fault = StyleFault::of_finding(&finding);
                let error = RenderError::usage(fault.text.clone(), "");
                (Some(fault), Err(error))
            }
            Err(error) => (Some(StyleFault::of_error(&error)), Err(error)),
        };
        self.fault = fault;
        outcome
    }

    /// The style of the files as they are now, or its first mistake.
    fn read(&self) -> Result<std::result::Result<Loaded, Finding>> {
        let library = self.request.library()?;
        // Other styles in the same folder may be unfinished.
        let list = self.request.clone().with_named_styles()?.style;
        let names = list.iter().flat_map(|list| list.split([',', '+']));
        let own: Vec<&str> = names
            .map(str::trim)
            .filter(|name| library.own_folders().any(|own| own == *name))
            .collect();
        if let Some(found) = mistakes(&library, own.into_iter()).next() {
            return Ok(Err(found));
        }
        let settings = self.request.settings(&library)?;
        // So that a style that cannot be planned is a mistake now.
        let (facts, shown) = (self.clip.facts(), Shown::Result);
        planned(&library, &settings, facts, facts.extent, &shown)?;
        let mut paths = Vec::new();
        for part in chain_of(&settings, facts)? {
            let params = part.style.params.iter();
            let files = params.filter(|param| {
                matches!(param.kind, ParamKind::Path { .. } | ParamKind::Model { .. })
            });
            let name = &part.style.name;
            paths.extend(files.map(|param| {
                let is_model = matches!(param.kind, ParamKind::Model { .. });
                (format!("{name}.{}", param.name), is_model)
            }));
        }
        let preset = self.request.preset.as_deref();
        let preset = preset.map(|name| Preset::load_with_paths(name, &library));
        let whole = match preset.transpose()? {
            Some(preset) => RenderRequest {
                preset: None,
                ..RenderRequest::merge(&preset.request, &self.request)
            },
            None => self.request.clone(),
        };
        Ok(Ok(Loaded {
            library,
            settings,
            whole,
            paths,
        }))
    }

    /// What was asked for.
    pub fn request(&self) -> &RenderRequest {
        &self.request
    }

    /// Counts up whenever the style was loaded again, or could not be.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The number of the frame at `moment`.
    ///
    /// # Errors
    /// `Usage` where the clip has no such frame.
    pub fn number_at(&self, moment: Moment) -> Result<u64> {
        self.clip.number_at(moment)
    }

    /// The clip's height in lines.
    pub fn lines(&self) -> u32 {
        self.clip.facts().extent.1
    }

    /// Describes the style, its parameters and passes.
    pub fn style(&self) -> LiveStyle {
        let facts = self.clip.facts();
        let mut style = LiveStyle {
            version: self.version,
            name: self.request.style.clone().unwrap_or_default(),
            summary: String::new(),
            folder: None,
            fault: self.fault.clone(),
            params: Vec::new(),
            passes: Vec::new(),
            input: LiveInput {
                name: facts.name.clone(),
                width: facts.extent.0,
                height: facts.extent.1,
                frames: facts.frames,
                fps: facts.rate.to_f64(),
            },
            device: self.kept.front().map(|(_, shown)| shown.run.device.clone()),
            software: self
                .kept
                .front()
                .is_some_and(|(_, shown)| shown.run.software),
            set: BTreeMap::new(),
            notes: facts.notes.clone(),
        };
        style.notes.extend(self.renderer.warnings());
        style.notes.extend(self.said.iter().cloned());
        let Ok(Loaded {
            library,
            settings,
            whole,
            ..
        }) = self.loaded()
        else {
            return style;
        };
        let set = whole.set.iter().flat_map(|set| &set.0);
        let set = set.filter_map(|set| set.split_once('='));
        style.set = set
            .map(|(param, value)| (param.trim().to_owned(), value.trim().to_owned()))
            .collect();
        let Ok(chain) = chain_of(settings, facts) else {
            return style;
        };
        style.notes.extend(untried(&chain));
        let files = self.files();
        for part in &chain {
            let name = &part.style.name;
            if chain.len() == 1 {
                style.summary.clone_from(&part.style.summary);
                style.name.clone_from(name);
            }
            style.folder = style.folder.or_else(|| library.folder_of(name));
            let own = part.style.params.iter().cloned();
            let params = own.chain([strength()]);
            style
                .params
                .extend(params.map(|param| described(name, param, &files)));
        }
        let plan = planned(library, settings, facts, facts.extent, &Shown::Result);
        if let Ok(plan) = plan {
            style.notes.extend(plan.notes.iter().cloned());
            let passes = plan.nodes.iter().zip(plan.pass_names());
            style.passes = passes
                .map(|(node, name)| LivePass {
                    name,
                    width: node.image.extent.0,
                    height: node.image.extent.1,
                    storage: node.image.storage,
                    words: node.image.storage == Storage::Words,
                })
                .collect();
        }
        style
    }

    /// The files that values may name.
    fn files(&self) -> Files {
        let input = self.input.as_deref().and_then(Path::parent);
        let library = self.loaded.as_ref().map(|loaded| &loaded.library);
        let own = library.into_iter().flat_map(|library| {
            let folders = library.own_folders();
            folders.filter_map(|name| library.folder_of(name))
        });
        let mut files = Files::in_folders(own.chain(input.map(Path::to_owned)));
        // Those that were given when the studio was started.
        let whole = self.loaded.iter().flat_map(|loaded| &loaded.whole.set);
        for set in whole.flat_map(|set| &set.0) {
            if let Some((param, value)) = set.split_once('=')
                && self.names_file(param, value)
            {
                files.add(value.trim());
            }
        }
        files
    }

    /// Whether the value of a parameter, `STYLE.PARAM`, is a path: a model is named by its name, too.
    fn names_file(&self, param: &str, value: &str) -> bool {
        let loaded = self.loaded.iter();
        let mut paths = loaded.flat_map(|loaded| &loaded.paths);
        let known = paths.find(|(path, _)| path == param.trim());
        known.is_some_and(|(_, is_model)| !is_model || value.contains(['/', '\\', '.']))
    }

    /// `values` with the paths of the files that they name.
    fn resolved(&self, values: &[String]) -> Result<Vec<String>> {
        let is_path = |set: &String| {
            let parts = set.split_once('=');
            parts.is_some_and(|(param, value)| self.names_file(param, value))
        };
        // Folders are read only where a file is named.
        let files = match values.iter().any(is_path) {
            true => self.files(),
            false => Files::default(),
        };
        let values = values.iter();
        let values = values.map(|set| files.resolved(set, is_path(set)));
        values.collect()
    }

    /// The settings with these values, `STYLE.PARAM=VALUE`, over those of the request.
    fn settings_with(&self, values: &[String]) -> Result<(&Library, Settings)> {
        let Loaded {
            library,
            settings,
            whole,
            ..
        } = self.loaded()?;
        if values.is_empty() {
            return Ok((library, settings.clone()));
        }
        let values = self.resolved(values)?;
        let with = RenderRequest::merge(
            whole,
            &RenderRequest {
                set: ParamValues::of(&values),
                ..RenderRequest::default()
            },
        );
        Ok((library, with.settings(library)?))
    }

    fn loaded(&self) -> Result<&Loaded> {
        self.loaded.as_ref().ok_or_else(|| {
            let fault = self.fault.as_ref();
            let why = fault.map_or("the style is not loaded", |fault| fault.text.as_str());
            RenderError::usage(
                why,
                "mend the style: it is loaded again when a file of it changes",
            )
        })
    }

    /// Renders a frame, or gives it again where it was rendered just before.
    ///
    /// # Errors
    /// Those of the values and of rendering.
    pub fn frame(&mut self, ask: &FrameAsk) -> Result<FrameShown> {
        if let Some(at) = self.kept.iter().position(|(known, _)| known == ask)
            && let Some(kept) = self.kept.remove(at)
        {
            let shown = kept.1.clone();
            self.kept.push_front(kept);
            return Ok(shown);
        }
        let begun = Instant::now();
        let (_, mut settings) = self.settings_with(&ask.values)?;
        if ask.draft && !matches!(ask.shown, Shown::Pass(_)) {
            settings.temporal = Temporal::Off;
        }
        let Self {
            loaded: Some(Loaded { library, .. }),
            clip,
            renderer,
            ..
        } = self
        else {
            return Err(RenderError::usage("the style is not loaded", "mend it"));
        };
        let mut scene = Scene {
            library,
            settings: &settings,
            clip,
        };
        let shown = renderer.render(&mut scene, ask);
        for said in model_words(library) {
            let (Said::Info(words) | Said::Warning(words)) = said;
            self.said.insert(words);
        }
        let mut shown = shown?;
        shown.run.took = begun.elapsed();
        self.kept.push_front((ask.clone(), shown.clone()));
        self.kept.truncate(KEPT);
        Ok(shown)
    }

    /// The steps of the plan with these values, rendered at this height: what they read and write, and how long each took
    /// for the frame.
    ///
    /// # Errors
    /// As [`Self::frame`].
    pub fn plan(&mut self, frame: u64, lines: Option<u32>, values: &[String]) -> Result<PlanView> {
        let shown = self.frame(&FrameAsk {
            frame,
            lines,
            values: values.to_vec(),
            shown: Shown::Result,
            draft: false,
        })?;
        let (library, settings) = self.settings_with(values)?;
        let facts = self.clip.facts();
        let extent = extent_of(facts, lines);
        let plan = planned(library, &settings, facts, extent, &Shown::Result)?;
        Ok(PlanView::of(&plan, &shown.run.times))
    }
}

/// The folders and archives whose styles the request uses.
fn roots(request: &RenderRequest) -> Result<Vec<PathBuf>> {
    let named = request.clone().with_named_styles();
    match named {
        Ok(named) => Ok(named.style_path.unwrap_or_default()),
        // A style that is named by its folder, and cannot be loaded yet.
        Err(error) => {
            let path = request.style.as_deref().map(PathBuf::from);
            match path.filter(|path| path.exists()) {
                Some(path) => Ok(vec![path]),
                None => Err(error),
            }
        }
    }
}

fn described(style: &str, param: Param, files: &Files) -> LiveParam {
    let files = match &param.kind {
        ParamKind::Path { .. } => files.names().map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    LiveParam {
        name: format!("{style}.{}", param.name),
        label: param.name,
        help: param.help,
        unit: param.unit,
        kind: param.kind,
        files,
    }
}

impl StyleFault {
    fn of_finding(finding: &Finding) -> Self {
        let place = finding.place();
        Self {
            text: finding.to_string(),
            file: Some(finding.file.clone()),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
        }
    }

    fn of_error(error: &RenderError) -> Self {
        let advice = error.advice();
        let advice = match advice.is_empty() {
            true => String::new(),
            false => format!("\n  {advice}"),
        };
        Self {
            text: format!("{}{advice}", error.summary()),
            file: None,
            line: None,
            column: None,
        }
    }
}

/// What was rendered, as a picture to look at.
#[derive(Clone, Debug)]
pub struct View {
    /// Gray or RGB, of 8 or 16 bits.
    pub picture: Picture,
    /// Of a pass, the values that are black and white in it.
    pub range: Option<(f32, f32)>,
}

impl View {
    /// It as a PNG of 8 bits.
    ///
    /// # Errors
    /// `Panicked` where the encoder fails, which it never does for pictures of a graph.
    pub fn png(&self) -> Result<Vec<u8>> {
        png_bytes(&self.picture).map_err(|message| RenderError::Panicked {
            stage: "preview",
            message,
        })
    }
}

impl View {
    /// It as a JPEG.
    ///
    /// # Errors
    /// Where it cannot be encoded.
    pub fn jpeg(&self) -> Result<Vec<u8>> {
        jpeg(&self.picture, (u32::MAX, u32::MAX))
    }
}

impl FrameShown {
    /// It as a picture to look at; none of a buffer of words.
    pub fn view(&self) -> Option<View> {
        match &self.content {
            Content::Picture(picture) => Some(View {
                picture: picture.clone(),
                range: None,
            }),
            Content::Image { image, .. } if image.storage == Storage::Words => None,
            Content::Image { name, image, words } => {
                let inspected = Inspected {
                    pass: name.clone(),
                    frame: self.run.frame,
                    seconds: 0.0,
                    device: self.run.device.clone(),
                    image: *image,
                    words: words.clone(),
                };
                let (picture, range) = inspected.picture();
                Some(View {
                    picture,
                    range: Some((range.black, range.white)),
                })
            }
        }
    }
}
