use serde::Deserialize;

use super::super::{Choice, Param, ParamKind, Rgb};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawParam {
    default: toml::Value,
    range: Option<[f64; 2]>,
    choices: Option<Vec<String>>,
    #[serde(default)]
    trial: Vec<String>,
    #[serde(default)]
    integer: bool,
    #[serde(default)]
    model: bool,
    #[serde(default)]
    unit: String,
    help: String,
    found: Option<String>,
}

/// The unit of lengths, which are scaled to the picture.
const PIXELS: &str = "px";

pub(super) fn param_from(name: &str, raw: RawParam) -> Result<Param, String> {
    let kind = match &raw.default {
        _ if raw.choices.is_some() => choice_from(&raw)?,
        toml::Value::Boolean(default) => {
            no_number(&raw, "a switch")?;
            ParamKind::Flag { default: *default }
        }
        toml::Value::String(default) if raw.model => {
            no_number(&raw, "a model")?;
            ParamKind::Model {
                default: default.clone(),
            }
        }
        _ if raw.model => {
            return Err("model = true needs the name of a model as its default".to_owned());
        }
        toml::Value::String(default) => {
            no_number(&raw, "a text")?;
            text_from(default)?
        }
        toml::Value::Integer(default) if raw.integer => whole_from(*default, &raw)?,
        toml::Value::Float(default) if raw.integer => {
            return Err(format!(
                "integer = true needs a whole number as its default, such as {:.0}",
                default.round()
            ));
        }
        toml::Value::Integer(default) => number_from(*default as f64, &raw)?,
        toml::Value::Float(default) => number_from(*default, &raw)?,
        _ => {
            return Err(
                "default must be a number, true, false, or a path or #rrggbb in quotes".to_owned(),
            );
        }
    };
    check_unit(&raw)?;
    check_found(&raw, &kind)?;
    if raw.choices.is_none() && !raw.trial.is_empty() {
        return Err("trial needs choices".to_owned());
    }
    Ok(Param {
        name: name.to_owned(),
        kind,
        unit: raw.unit,
        help: raw.help,
        found: raw.found,
    })
}

/// That what is found is a detail of a finding, and a number or a choice takes it.
fn check_found(raw: &RawParam, kind: &ParamKind) -> Result<(), String> {
    let Some(found) = &raw.found else {
        return Ok(());
    };
    let takes = matches!(
        kind,
        ParamKind::Number { .. } | ParamKind::Integer { .. } | ParamKind::Choice { .. }
    );
    let named = found
        .split_once('.')
        .is_some_and(|(finding, detail)| !finding.is_empty() && !detail.is_empty());
    match takes && named && raw.unit.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "found = {found:?}: a choice, or a number without a unit, is set by a detail of a finding of `aquatint analyze --json`, such as \"letterbox.first\""
        )),
    }
}

/// The range of a number, which its default lies in.
fn range_of(default: f64, raw: &RawParam) -> Result<(f64, f64), String> {
    let [min, max] = raw.range.ok_or("a number needs range = [least, most]")?;
    if (min..=max).contains(&default) {
        Ok((min, max))
    } else {
        Err(format!("default {default} is outside {min} to {max}"))
    }
}

fn number_from(default: f64, raw: &RawParam) -> Result<ParamKind, String> {
    let (min, max) = range_of(default, raw)?;
    Ok(ParamKind::Number { default, min, max })
}

fn whole_from(default: i64, raw: &RawParam) -> Result<ParamKind, String> {
    let (min, max) = range_of(default as f64, raw)?;
    if min.fract() != 0.0 || max.fract() != 0.0 {
        return Err(format!(
            "integer = true needs whole numbers as its range, not {min} to {max}"
        ));
    }
    Ok(ParamKind::Integer {
        default,
        min: min as i64,
        max: max as i64,
    })
}

/// The default of a colour or a path.
fn text_from(default: &str) -> Result<ParamKind, String> {
    if default.starts_with('#') {
        let default = Rgb::parse(default).ok_or("a colour is written #rrggbb")?;
        return Ok(ParamKind::Color { default });
    }
    if default.is_empty() {
        return Ok(ParamKind::Path {
            default: String::new(),
        });
    }
    if default.parse::<f64>().is_ok() || matches!(default, "true" | "false") {
        return Err(format!(
            "default = {default:?} is a text: write default = {default}, without quotes"
        ));
    }
    Err(format!(
        "default = {default:?} is neither a colour nor a choice: a colour is written \"#rrggbb\", such as \"#000080\"; one of \
         several names needs choices = [{default:?}, …]; a file that a user may give has default = \"\", and one that comes with \
         the style is the default of [image.NAME] or [lut.NAME]"
    ))
}

/// Checks that `what`, which is no number, is not described as one.
fn no_number(raw: &RawParam, what: &str) -> Result<(), String> {
    if raw.range.is_some() || raw.integer || !raw.unit.is_empty() {
        return Err(format!("{what} has neither range, integer nor unit"));
    }
    Ok(())
}

fn check_unit(raw: &RawParam) -> Result<(), String> {
    let unit = raw.unit.as_str();
    let pixels = ["px", "pixel", "pixels", "pix"];
    if unit != PIXELS && pixels.contains(&unit.trim().to_lowercase().as_str()) {
        return Err(format!(
            "unit = {unit:?} would not be scaled to the picture: write unit = \"px\", pixels at 1080 lines"
        ));
    }
    if unit == PIXELS && raw.integer {
        return Err(
            "a number of pixels is scaled to the picture, so it does not stay whole (4 px are 1.48 at 400 lines): leave out \
             integer, and write round(NAME) where a whole number is needed"
                .to_owned(),
        );
    }
    Ok(())
}

fn choice_from(raw: &RawParam) -> Result<ParamKind, String> {
    let choices = raw.choices.clone().unwrap_or_default();
    no_number(raw, "a choice")?;
    if choices.len() < 2 || choices.iter().any(String::is_empty) {
        return Err("choices needs two names or more, none of them empty".to_owned());
    }
    let twice = choices.iter().enumerate().find(|(index, name)| {
        let earlier = &choices[..*index];
        earlier.iter().any(|known| known.eq_ignore_ascii_case(name))
    });
    if let Some((_, name)) = twice {
        return Err(format!("{name:?} is among the choices twice"));
    }
    let default = raw
        .default
        .as_str()
        .and_then(|default| Choice::find(&choices, default))
        .ok_or_else(|| format!("default must be one of the choices: {}", choices.join(", ")))?;
    let mut trial = Vec::with_capacity(raw.trial.len());
    for name in &raw.trial {
        match Choice::find(&choices, name) {
            Some(choice) if choice != default && !trial.contains(&choice) => trial.push(choice),
            _ => {
                return Err(format!(
                    "trial names choices other than the default, each once: {name:?} is none"
                ));
            }
        }
    }
    if trial.len() == 1 {
        return Err("trial needs two choices or more".to_owned());
    }
    Ok(ParamKind::Choice {
        default,
        choices,
        trial,
    })
}

/// Whether `name` is a parameter whose values are names of models.
pub(super) fn is_model(params: &[Param], name: &str) -> bool {
    params
        .iter()
        .any(|param| param.name == name && matches!(param.kind, ParamKind::Model { .. }))
}

/// Whether the input decides a choice of `param`.
pub(super) fn is_tried(param: &Param) -> bool {
    matches!(&param.kind, ParamKind::Choice { trial, .. } if !trial.is_empty())
}

/// Whether `name` is a parameter with choices.
pub(super) fn is_choice(params: &[Param], name: &str) -> bool {
    params
        .iter()
        .any(|param| param.name == name && matches!(param.kind, ParamKind::Choice { .. }))
}

pub(super) fn is_path(params: &[Param], name: &str) -> bool {
    params
        .iter()
        .any(|param| param.name == name && matches!(param.kind, ParamKind::Path { .. }))
}
