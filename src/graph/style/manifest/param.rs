use serde::Deserialize;

use super::super::{Choice, Param, ParamKind, Rgb};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawParam {
    default: toml::Value,
    range: Option<[f64; 2]>,
    choices: Option<Vec<String>>,
    #[serde(default)]
    integer: bool,
    #[serde(default)]
    unit: String,
    help: String,
}

pub(super) fn param_from(name: &str, raw: RawParam) -> Result<Param, String> {
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
        _ if raw.choices.is_some() => choice_from(&raw)?,
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

fn choice_from(raw: &RawParam) -> Result<ParamKind, String> {
    let choices = raw.choices.clone().unwrap_or_default();
    if raw.range.is_some() || raw.integer || !raw.unit.is_empty() {
        return Err("a choice has neither range, integer nor unit".to_owned());
    }
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
    Ok(ParamKind::Choice { default, choices })
}

pub(super) fn is_path(params: &[Param], name: &str) -> bool {
    params
        .iter()
        .any(|param| param.name == name && matches!(param.kind, ParamKind::Path { .. }))
}
