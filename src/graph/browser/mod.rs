//! A style as a browser runs it: the shaders, the plan and the formulas of its parameters, for `web/runtime.js`, which does
//! with WebGPU what an executor and a session do here.

mod describe;
mod formulas;
mod live;
mod texels;

use serde::Serialize;

use super::ResourceData;
use super::executor::ExecError;
use super::plan::{File, Source, StyleUse};
use super::style::{Library, Param, STRENGTH, Value, strength};
use crate::color::Coding;
use crate::frame::{Color, Facts, PixelFormat, Rational};

pub use describe::{
    BlockFollower, BrowserPlan, BrowserStep, Entry, ImageShape, KeptHistory, ParamBlock,
    StepBinding,
};
pub use formulas::{BrowserCurve, BrowserFormula, CurveOf};
pub use live::{Change, LiveParam, LivePlan};
pub use texels::Texels;

/// The version of the description. A runtime refuses another one.
pub const FORMAT: u32 = 1;

/// The pixels of a canvas, those that go in and those that come out: red, green, blue, and a byte without meaning, as
/// pictures are opaque.
pub fn canvas_format() -> PixelFormat {
    PixelFormat::packed_rgb(8, 4, &[0, 1, 2])
}

/// Pictures of a canvas of this width and height, with times in `time_base`, at a nominal `rate` in frames per second.
pub fn canvas_source((width, height): (u32, u32), time_base: Rational, rate: Rational) -> Source {
    let format = canvas_format();
    let coding = Coding::resolve(&Color::SRGB, &format, width, height);
    Source {
        width,
        height,
        coded: Some((format, coding)),
        time_base,
        rate,
        start: 0,
        interlaced: Default::default(),
    }
}

/// A parameter of the style, as a page shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShownParam {
    /// `STYLE.PARAM`.
    pub id: String,
    pub style: String,
    #[serde(flatten)]
    pub param: Param,
    /// As it is now.
    pub value: Value,
}

/// One style of the chain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShownStyle {
    pub name: String,
    pub summary: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub licence: String,
}

/// Everything that a browser needs to run a style: what is serialised here is what `web/runtime.js` reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BrowserStyle {
    pub format: u32,
    /// The version of aquatint that wrote it.
    pub version: &'static str,
    /// As people write it: `pencil`, `a+b`.
    pub name: String,
    pub styles: Vec<ShownStyle>,
    pub params: Vec<ShownParam>,
    /// The facts of a frame in the order of their words: name and WGSL type.
    pub facts: Vec<(&'static str, &'static str)>,
    /// The texts of all shaders, each once.
    pub shaders: Vec<String>,
    /// The pictures and look-up tables that kernels read, each once.
    pub files: Vec<Texels>,
    /// One for each size.
    pub plans: Vec<BrowserPlan>,
    #[serde(skip)]
    known: Vec<File>,
}

impl BrowserStyle {
    /// The style `chain`, without a plan.
    pub fn new(chain: &[StyleUse]) -> Self {
        let names: Vec<&str> = chain.iter().map(|part| part.style.name.as_str()).collect();
        let styles = chain.iter().map(|part| ShownStyle {
            name: part.style.name.clone(),
            summary: part.style.summary.clone(),
            author: part.style.author.clone(),
            licence: part.style.licence.clone(),
        });
        let facts = Facts::TABLE.iter().map(|fact| (fact.name, fact.wgsl));
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION"),
            name: names.join("+"),
            styles: styles.collect(),
            params: shown_params(chain)
                .into_iter()
                .map(without_folder)
                .collect(),
            facts: facts.collect(),
            shaders: Vec::new(),
            files: Vec::new(),
            plans: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Adds a plan of the style, for pictures of another size. `files` are the contents of its files.
    ///
    /// # Errors
    /// `Shader` for a kernel that does not compile; those of unpacking a picture.
    pub fn add(
        &mut self,
        library: &Library,
        live: &LivePlan,
        files: &[ResourceData],
    ) -> Result<(), ExecError> {
        let mut places = Vec::with_capacity(files.len());
        for (file, content) in live.plan.files.iter().zip(files) {
            let known = self.known.iter().position(|known| known == file);
            let place = match known {
                Some(place) => place,
                None => {
                    self.files.push(Texels::of(content)?);
                    self.known.push(file.clone());
                    self.files.len() - 1
                }
            };
            places.push(place);
        }
        let plan = BrowserPlan::new(library, live, places, &mut self.shaders)?;
        self.plans.push(plan);
        Ok(())
    }
}

/// The folders of its author's machine are no matter of a page.
fn without_folder(mut shown: ShownParam) -> ShownParam {
    if let Value::Path(path) = &mut shown.value {
        *path = path.file_name().unwrap_or_default().into();
    }
    shown
}

/// The parameters of all styles of `chain`, each with its strength last.
fn shown_params(chain: &[StyleUse]) -> Vec<ShownParam> {
    let mut shown: Vec<ShownParam> = Vec::new();
    for part in chain {
        let given = |param: &Param| match part.values.get(&param.name) {
            Some(value) => value.clone(),
            None if param.name == STRENGTH => Value::Number(part.strength),
            None => param.default(),
        };
        let style = &part.style.name;
        for param in part.style.params.iter().cloned().chain([strength()]) {
            let id = format!("{style}.{}", param.name);
            if shown.iter().all(|known| known.id != id) {
                shown.push(ShownParam {
                    id,
                    style: style.clone(),
                    value: given(&param),
                    param,
                });
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests;
