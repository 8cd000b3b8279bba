//! A folder with a page that runs a style in a browser, on the visitor's own graphics card.

use std::path::{Path, PathBuf};

use super::super::error::{RenderError, Result};
use super::super::inspect::files_of;
use super::super::output_styles::{OutputStyle, output_styles};
use super::super::settings::Existing;
use super::super::trial::untried;
use crate::frame::Rational;
use crate::graph::browser::{BrowserPlan, BrowserStyle, LivePlan, canvas_source};
use crate::graph::plan::{StyleUse, Temporal};
use crate::graph::style::{Library, Role};

/// The sizes that a page is made for where none is asked for: wide, high, and square.
pub const SIZES: [(u32, u32); 3] = [(1280, 720), (720, 1280), (960, 960)];

/// Times are in microseconds, as browsers have them.
const TIME_BASE: Rational = Rational {
    num: 1,
    den: 1_000_000,
};
/// The nominal rate: a browser does not tell that of a video.
const RATE: Rational = Rational { num: 30, den: 1 };
/// Workgroups of a dispatch each way that every device allows.
const MOST_GROUPS: u32 = 65_535;

/// The parts of a page that are the same for all styles.
const PAGE: [(&str, &str); 4] = [
    ("index.html", include_str!("../../../web/index.html")),
    ("page.css", include_str!("../../../web/page.css")),
    ("page.js", include_str!("../../../web/page.js")),
    ("runtime.js", RUNTIME),
];
/// The script that runs a style in a browser.
pub const RUNTIME: &str = include_str!("../../../web/runtime.js");
/// The style.
const STYLE: &str = "style.js";
/// What stands in the page for the name of the style.
const NAME: &str = "STYLE_NAME";

/// What a page is asked for.
#[derive(Clone, Debug)]
pub struct PageRequest<'a> {
    /// A style or a chain: `pencil`, `a+b`.
    pub style: &'a str,
    /// Values of parameters: `pencil.blur_sigma=30`.
    pub set: &'a [String],
    /// Widths and heights of pictures, in pixels; none for [`SIZES`].
    pub sizes: &'a [(u32, u32)],
    pub temporal: Temporal,
}

/// The style as a browser runs it.
///
/// # Errors
/// `Usage` for a style that a browser cannot run: with a model, with a first pass, without an input, with another frame rate;
/// `Style` for one that does not exist, or has other parameters; those of planning, compiling and reading files.
pub fn browser_style(library: &Library, request: &PageRequest<'_>) -> Result<BrowserStyle> {
    let chain = chain(library, request)?;
    let mut style = BrowserStyle::new(&chain);
    let sizes = match request.sizes {
        [] => &SIZES[..],
        sizes => sizes,
    };
    let mut planned = Vec::new();
    for size in sizes {
        if planned.contains(size) {
            continue;
        }
        planned.push(*size);
        let source = canvas_source(*size, TIME_BASE, RATE);
        let live = LivePlan::new(library, &source, &chain, request.temporal)?;
        check_plan(&style.name, &live)?;
        let files = files_of(library, &live.plan)?;
        style.add(library, &live, &files)?;
        if let Some(plan) = style.plans.last_mut() {
            plan.notes.extend(untried(&chain));
        }
        style.plans.last().map_or(Ok(()), check_dispatches)?;
    }
    Ok(style)
}

/// The styles that are asked for.
fn chain(library: &Library, request: &PageRequest<'_>) -> Result<Vec<StyleUse>> {
    let mut looks = output_styles(library, request.style, request.set)?;
    for look in &mut looks {
        look.in_seconds(RATE)?;
    }
    let [OutputStyle::Chain(chain)] = &looks[..] else {
        return Err(RenderError::usage(
            "a page shows one style, of those that go through the graph",
            "name one, or a chain such as a+b; `aquatint styles` lists them",
        ));
    };
    for part in chain {
        let name = &part.style.name;
        let mut models = part.style.models.iter();
        if models.any(|model| model.is_given(|param| part.values.get(param))) {
            return Err(RenderError::usage(
                format!("{name} runs a model, which a page in a browser does not have"),
                "name a style without one; a render with aquatint itself has models",
            ));
        }
    }
    if let Some(part) = chain
        .iter()
        .find(|part| part.style.role == Some(Role::Rate))
    {
        return Err(other_rate(&part.style.name));
    }
    if let Some(look) = looks.iter().find(|look| look.is_measured()) {
        let mut parts = chain.iter();
        let measured =
            parts.find_map(|part| Some((&part.style.name, part.style.analyse.as_ref()?)));
        let sets = measured.map_or_else(String::new, |(style, analyse)| {
            let names = analyse.reducer.params.iter();
            let names: Vec<String> = names
                .map(|name| format!("--set {style}.{name}=…"))
                .collect();
            names.join(" ")
        });
        return Err(RenderError::usage(
            format!(
                "{} measures all frames of a video before it renders the first one, and a page sees them one by one",
                look.name()
            ),
            format!("give it what it would measure: {sets}"),
        ));
    }
    Ok(chain.clone())
}

fn other_rate(name: &str) -> RenderError {
    RenderError::usage(
        format!("{name} makes another frame rate, and a page shows a frame for each frame"),
        "leave the part with the rate out of the chain",
    )
}

/// Refuses plans that a page cannot run.
fn check_plan(name: &str, live: &LivePlan) -> Result<()> {
    let plan = &live.plan;
    if plan.clocks.len() > 1 {
        return Err(other_rate(name));
    }
    if let Some(node) = plan.nodes.iter().find(|node| node.is_external()) {
        return Err(RenderError::usage(
            format!(
                "{} runs a model, which a page in a browser does not have",
                node.label
            ),
            "name a style without one; a render with aquatint itself has models",
        ));
    }
    Ok(())
}

/// Refuses a plan with a dispatch that is too large.
fn check_dispatches(plan: &BrowserPlan) -> Result<()> {
    let entries = plan.steps.iter().flat_map(|step| {
        let entries = step.entries.iter();
        entries.map(move |entry| (&step.label, entry.groups))
    });
    let mut large = entries.filter(|(_, (columns, rows))| *columns.max(rows) > MOST_GROUPS);
    match large.next() {
        None => Ok(()),
        Some((label, (columns, rows))) => Err(RenderError::usage(
            format!(
                "{label} has {columns}x{rows} workgroups for pictures of {}x{}, and WebGPU allows {MOST_GROUPS} each way",
                plan.width, plan.height
            ),
            "ask for smaller pictures with --size",
        )),
    }
}

/// Writes the page of `style` into `folder`, which is made where it does not exist; the names of its files.
///
/// # Errors
/// `Exists` where a file exists that may not be replaced; `CannotCreate` where one cannot be written.
pub fn write_page(style: &BrowserStyle, folder: &Path, existing: Existing) -> Result<Vec<PathBuf>> {
    let failed = |path: &Path, why: String| RenderError::CannotCreate {
        path: path.to_owned(),
        why,
    };
    // As JSON has it, so that a page reads it without a server: what a script assigns needs no request.
    let json = serde_json::to_string(style);
    let json = json.map_err(|error| failed(&folder.join(STYLE), error.to_string()))?;
    let texts = PAGE.map(|(file, text)| (file, text.replace(NAME, &escaped(&style.name))));
    let script = (STYLE, format!("globalThis.AQUATINT_STYLE = {json};\n"));
    let texts: Vec<(&str, String)> = texts.into_iter().chain([script]).collect();
    for (file, _) in &texts {
        let path = folder.join(file);
        if existing != Existing::Replace && path.symlink_metadata().is_ok() {
            return Err(RenderError::Exists { path });
        }
    }
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error.to_string()))?;
    let mut files = Vec::with_capacity(texts.len());
    for (file, text) in texts {
        let path = folder.join(file);
        std::fs::write(&path, text).map_err(|error| failed(&path, error.to_string()))?;
        files.push(PathBuf::from(file));
    }
    Ok(files)
}

/// `text` as HTML has it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
