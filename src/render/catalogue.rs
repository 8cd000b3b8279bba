//! What there is to choose from, as JSON for programs: styles with their parameters, presets, models, devices.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::broken_styles::broken_styles;
use super::error::Result;
use super::machine::{card_of, machine};
use super::models::failed;
use super::preset::{AUTO, Preset, preset_names};
use super::shader::style_presets;
use crate::graph::gpu::{AdapterFacts, adapters};
use crate::graph::style::{Library, NO_STYLE, Param, ParamKind, Style, StyleError, strength};
use crate::hardware::{self, Cpu, GpuFacts, GpuNow, Memory};
use crate::neural::{self, Adding, NeuralError, Source, models, remove_model};

/// What the preset [`AUTO`] does, in one line.
pub const ABOUT_AUTO: &str = "Chosen for each input: what mends it, twice the size below 720 lines, an encoder for this machine";
/// What the style that changes nothing does, in one line.
pub const ABOUT_NO_STYLE: &str =
    "Decoded frames go to the encoder unchanged; they bypass the graph";

/// The parameters of a style with those that the engine gives every style; of a block, its own.
pub fn params_of(style: &Style) -> Vec<Param> {
    let own = style.params.iter().cloned();
    let engine = (!is_block(style)).then(strength);
    own.chain(engine).collect()
}

/// Whether it is a building block of styles.
pub fn is_block(style: &Style) -> bool {
    style.name.contains('/')
}

/// A style as JSON: its parameters, and what it says of itself.
pub fn style_facts(library: &Library, style: &Style) -> Value {
    let mut all = json!({"name": style.name, "summary": style.summary, "params": params_of(style)});
    if is_block(style) || style.generates() {
        all["inputs"] = json!(style.inputs);
    }
    let said = [("author", &style.author), ("licence", &style.licence)];
    for (key, value) in said.into_iter().filter(|(_, value)| !value.is_empty()) {
        all[key] = json!(value);
    }
    if let Some(least) = &style.requires {
        all["requires"] = json!(least);
    }
    if !style.mends.is_empty() {
        all["mends"] = json!(style.mends);
    }
    if let Some(folder) = library.folder_of(&style.name) {
        all["origin"] = json!(folder);
    }
    if !style.warnings.is_empty() {
        all["warnings"] = json!(style.warnings);
    }
    all
}

/// The styles that a video can be rendered in, with the schema of their parameters, and the one that changes nothing. Those
/// that cannot be used are left out: [`broken_styles`] names them.
///
/// # Errors
/// Those of loading a style.
pub fn style_list(library: &Library) -> Result<Vec<Value>> {
    let broken = broken_styles(library);
    let is_sound = |name: &&String| broken.iter().all(|(other, _)| other != *name);
    let mut all = Vec::new();
    for name in library.style_names().iter().filter(is_sound) {
        let style = library.load(name)?;
        if style.generates() {
            continue;
        }
        let mut facts = style_facts(library, &style);
        facts["schema"] = params_schema(&style);
        all.push(facts);
    }
    all.push(json!({
        "name": NO_STYLE, "summary": ABOUT_NO_STYLE, "params": [],
        "schema": {"type": "object", "properties": {}, "additionalProperties": false},
    }));
    Ok(all)
}

/// The JSON Schema (2020-12) of an object with values of a style's parameters, by their names without the style's.
pub fn params_schema(style: &Style) -> Value {
    let params = params_of(style);
    let properties: Map<String, Value> = params
        .iter()
        .map(|param| (param.name.clone(), param_schema(param)))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": style.name, "description": style.summary,
        "type": "object", "properties": properties, "additionalProperties": false,
    })
}

fn param_schema(param: &Param) -> Value {
    let mut schema = match &param.kind {
        ParamKind::Number { default, min, max } => {
            json!({"type": "number", "default": default, "minimum": min, "maximum": max})
        }
        ParamKind::Integer { default, min, max } => {
            json!({"type": "integer", "default": default, "minimum": min, "maximum": max})
        }
        ParamKind::Flag { default } => json!({"type": "boolean", "default": default}),
        ParamKind::Path { default } | ParamKind::Model { default } => {
            json!({"type": "string", "default": default})
        }
        ParamKind::Color { default } => {
            json!({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$", "default": default.to_string()})
        }
        ParamKind::Choice {
            default, choices, ..
        } => json!({"enum": choices, "default": default.name}),
    };
    schema["description"] = json!(param.help);
    if !param.unit.is_empty() {
        schema["x-unit"] = json!(param.unit);
    }
    schema
}

/// The presets that can be named: those in the program, those that styles in these folders bring, and [`AUTO`].
///
/// # Errors
/// Those of reading a preset's file.
pub fn preset_list(folders: &[PathBuf]) -> Result<Vec<Value>> {
    let mut all =
        vec![json!({"name": AUTO, "description": ABOUT_AUTO, "request": {"preset": AUTO}})];
    let own = preset_names()
        .into_iter()
        .map(|name| (name.to_owned(), name.to_owned()));
    let of_styles = style_presets(folders).into_iter();
    let of_styles = of_styles.map(|(name, file)| (name, file.to_string_lossy().into_owned()));
    for (name, file) in own.chain(of_styles) {
        let preset = Preset::load(&file)?;
        all.push(json!({
            "name": name, "description": preset.description, "request": preset.request, "tier": preset.tier,
        }));
    }
    Ok(all)
}

/// The devices that can render, and how cards fare now.
pub fn devices() -> Vec<Value> {
    let adapters = adapters();
    let auto = automatic(&adapters);
    let mut devices: Vec<Value> = Vec::new();
    for adapter in &adapters {
        let mut facts = serde_json::to_value(adapter).unwrap_or_default();
        facts["auto"] = json!(auto == Some(adapter.index));
        facts["tier"] = json!(machine(Some(adapter)).tier());
        if let Some((index, card)) = card_of(adapter) {
            facts["card"] = json!(card);
            facts["now"] = json!(card_now(index, &card));
        }
        devices.push(facts);
    }
    devices.push(json!({
        "index": null, "name": "cpu", "kind": "cpu", "software": true, "auto": auto.is_none(),
        "tier": machine(None).tier(), "cpu": Cpu::this(), "memory": Memory::this(),
    }));
    devices
}

/// How the card with this number fares.
pub fn card_now(index: usize, card: &GpuFacts) -> Option<GpuNow> {
    Some(GpuNow {
        memory: card.memory,
        reading: hardware::monitor()?.read(index).ok()?,
    })
}

/// How the cards fare that can be read: `name` and `now` of each.
pub fn cards_now() -> Vec<Value> {
    let gpus = hardware::monitor().map_or(Vec::new(), |monitor| monitor.gpus());
    let cards = gpus.iter().enumerate();
    cards
        .map(|(index, card)| json!({"name": card.name, "now": card_now(index, card)}))
        .collect()
}

/// The number of the adapter that renders where none is named; `None` is the processor.
pub fn automatic(adapters: &[AdapterFacts]) -> Option<usize> {
    adapters
        .iter()
        .find(|adapter| !adapter.software)
        .map(|adapter| adapter.index)
}

/// The neural models that can be used.
pub fn model_list() -> Vec<Value> {
    models().iter().map(model_facts).collect()
}

fn model_facts(model: &neural::Listed) -> Value {
    json!({
        "name": model.name,
        "origin": model.origin.word(),
        "task": model.task.map(|task| task.word()),
        "scale": model.scale,
        "summary": model.summary,
        "licence": model.licence,
        "source": model.source,
        "bytes": model.bytes,
        "path": model.path,
        "problem": model.problem,
    })
}

/// Adds the model in `file` under the name of the file.
///
/// # Errors
/// Those of the model, as one of a style that uses it.
pub fn add_model(file: &Path) -> Result<Value> {
    struct Quiet;
    impl neural::Watcher for Quiet {
        fn progress(&mut self, _: &neural::Progress) {}
        fn remark(&mut self, _: &str) {}
        fn stop(&self) -> bool {
            false
        }
    }
    let wrong = |error: NeuralError| StyleError::Model(failed(&error));
    let adding = Adding::new(Source::new(&file.to_string_lossy()), None, false).map_err(wrong)?;
    let name = adding.name.clone();
    adding.run(None, &mut Quiet).map_err(wrong)?;
    let added = models().into_iter().find(|model| model.name == name);
    Ok(added.as_ref().map(model_facts).unwrap_or_default())
}

/// Removes a model that the user has added.
///
/// # Errors
/// Where there is none of this name, or it cannot be removed.
pub fn take_model_out(name: &str) -> Result<()> {
    remove_model(name).map_err(|error| StyleError::Model(failed(&error)))?;
    Ok(())
}
