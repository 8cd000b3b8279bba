//! The parameters of styles as what is searched.

use super::search::{Domain, Parameter, Space, Value};
use crate::graph::plan::StyleUse;
use crate::graph::style::{self, Param, ParamKind, STRENGTH};
use crate::nearest::{did_you_mean, nearest};
use crate::render::{OutputStyle, RenderError, Result};

/// The most parameters that are searched unless they are named.
const MOST: usize = 8;

/// The parameters that `names` name, of the styles of `look`; where none is named, all that can be searched. A name is `PARAM` or
/// `STYLE.PARAM`, with `=LOW..HIGH` for a part of its range. The defaults are the values that `look` has.
///
/// # Errors
/// `Usage` for an unknown name, with the nearest, for a parameter that cannot be searched, and for a range that is none or not
/// within that of the parameter.
pub fn space(look: &OutputStyle, names: &[String]) -> Result<Space> {
    let OutputStyle::Chain(chain) = look else {
        return Err(RenderError::usage(
            "frames that bypass the graph have no parameters",
            "name a style with --style",
        ));
    };
    // Every style has it; it is searched where it is named.
    let strength = style::strength();
    let mut all: Vec<(String, &StyleUse, &Param)> = Vec::new();
    for part in chain {
        for param in part.style.params.iter().chain([&strength]) {
            all.push((format!("{}.{}", part.style.name, param.name), part, param));
        }
    }
    if names.is_empty() {
        let found: Vec<Parameter> = all
            .iter()
            .filter(|(.., param)| param.name != STRENGTH)
            .filter_map(|(name, part, param)| parameter(name, part, param, None).ok())
            .collect();
        return match found.len() {
            0 => Err(RenderError::usage(
                format!("{} has no parameter that can be searched", look.name()),
                "name another style",
            )),
            many if many > MOST => Err(RenderError::usage(
                format!(
                    "{} has {many} parameters, and a search of more than {MOST} takes very long",
                    look.name()
                ),
                format!("name some with --params: {}", names_of(&found)),
            )),
            _ => Ok(Space { parameters: found }),
        };
    }
    let mut parameters = Vec::new();
    for text in names {
        let (name, range) = match text.split_once('=') {
            Some((name, range)) => (name.trim(), Some(range.trim())),
            None => (text.trim(), None),
        };
        let short = |full: &str| full.rsplit_once('.').map(|(_, param)| param.to_owned());
        let found: Vec<_> = all
            .iter()
            .filter(|(full, ..)| full == name || short(full).as_deref() == Some(name))
            .collect();
        match found.as_slice() {
            [(full, part, param)] => parameters.push(parameter(full, part, param, range)?),
            [] => {
                let known = all.iter().map(|(full, ..)| full.as_str());
                let near = nearest(name, known.clone());
                return Err(RenderError::usage(
                    format!(
                        "{} has no parameter {name:?}{}",
                        look.name(),
                        did_you_mean(near)
                    ),
                    format!("parameters: {}", known.collect::<Vec<_>>().join(", ")),
                ));
            }
            several => {
                let meant: Vec<&str> = several.iter().map(|(full, ..)| full.as_str()).collect();
                return Err(RenderError::usage(
                    format!("{name} is a parameter of several styles"),
                    format!("name one of them: {}", meant.join(", ")),
                ));
            }
        }
    }
    Ok(Space { parameters })
}

fn names_of(parameters: &[Parameter]) -> String {
    let names: Vec<&str> = parameters.iter().map(|known| known.name.as_str()).collect();
    names.join(", ")
}

/// `STYLE.PARAM` called `name`, as what is searched.
fn parameter(name: &str, part: &StyleUse, param: &Param, range: Option<&str>) -> Result<Parameter> {
    let refused = |why: &str| {
        RenderError::usage(
            format!("{name} cannot be searched: {why}"),
            "name numbers, choices and switches",
        )
    };
    let (mut low, mut high, integer) = match &param.kind {
        ParamKind::Number { min, max, .. } => (*min, *max, false),
        ParamKind::Integer { min, max, .. } => (*min as f64, *max as f64, true),
        _ => (0.0, 0.0, false),
    };
    let value = part.values.0.iter().find(|(known, _)| *known == param.name);
    let value = value.map(|(_, value)| value);
    let (domain, default) = match (&param.kind, value) {
        (_, Some(style::Value::Track(_))) => return Err(refused("it follows a track")),
        (ParamKind::Number { .. } | ParamKind::Integer { .. }, value) => {
            if let Some(range) = range {
                (low, high) = within(name, range, (low, high))?;
            }
            let default = match value {
                Some(style::Value::Number(value)) => *value,
                Some(style::Value::Integer(value)) => *value as f64,
                _ if param.name == STRENGTH => part.strength,
                _ => low,
            };
            let domain = Domain::Number {
                low,
                high,
                step: None,
                integer,
                log: low > 0.0 && high / low >= 100.0,
            };
            (domain, Value::Number(default.clamp(low, high)))
        }
        _ if range.is_some() => return Err(refused("a range is of numbers alone")),
        (ParamKind::Choice { choices, .. }, Some(style::Value::Choice(choice))) => (
            Domain::Choice(choices.clone()),
            Value::Choice(choice.name.clone()),
        ),
        (ParamKind::Flag { .. }, Some(style::Value::Flag(on))) => {
            (Domain::Switch, Value::Switch(*on))
        }
        _ => return Err(refused("it is a colour, a file or a model")),
    };
    Ok(Parameter {
        name: name.to_owned(),
        domain,
        default,
    })
}

/// The range `LOW..HIGH`, which lies within `whole`.
fn within(name: &str, text: &str, whole: (f64, f64)) -> Result<(f64, f64)> {
    let ends = text.split_once("..").and_then(|(low, high)| {
        let (low, high): (f64, f64) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
        (low.is_finite() && high.is_finite() && low < high).then_some((low, high))
    });
    match ends {
        Some((low, high)) if low >= whole.0 && high <= whole.1 => Ok((low, high)),
        Some(_) => Err(RenderError::usage(
            format!(
                "{name} goes from {} to {}, not from {text}",
                whole.0, whole.1
            ),
            "give a range within that",
        )),
        None => Err(RenderError::usage(
            format!("{text:?} is no range of {name}"),
            format!(
                "write it as LOW..HIGH, for example {name}={}..{}",
                whole.0, whole.1
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::style::Library;
    use crate::render::output_styles;

    fn look(list: &str, sets: &[&str]) -> OutputStyle {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        output_styles(&Library::built_in(), list, &sets)
            .unwrap()
            .remove(0)
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn parameters_are_found_by_either_name() {
        let look = look("pencil", &["pencil.blur_sigma=30"]);
        for name in ["blur_sigma", "pencil.blur_sigma"] {
            let space = space(&look, &names(&[name])).unwrap();
            assert_eq!(space.parameters[0].name, "pencil.blur_sigma");
            assert_eq!(space.parameters[0].default, Value::Number(30.0));
        }
        let part = space(&look, &names(&["blur_sigma=10..20"])).unwrap();
        assert!(matches!(
            part.parameters[0].domain,
            Domain::Number {
                low: 10.0,
                high: 20.0,
                ..
            }
        ));
        let strength = space(&look, &names(&["strength"])).unwrap();
        assert_eq!(strength.parameters[0].default, Value::Number(1.0));
        // All that can be searched: the switch, too, but no file.
        let all = space(&look, &[]).unwrap();
        let found: Vec<&str> = all
            .parameters
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(found, ["pencil.blur_sigma", "pencil.use_texture"]);
    }

    #[test]
    fn what_cannot_be_searched_is_refused_with_words() {
        let pencil = look("pencil", &[]);
        for (name, words) in [
            ("blur_sgma", "did you mean"),
            ("texture_path", "cannot be searched"),
            ("blur_sigma=20..10", "no range"),
            ("blur_sigma=1..500", "goes from"),
            ("use_texture=0..1", "numbers alone"),
        ] {
            let error = space(&pencil, &names(&[name])).unwrap_err();
            assert!(
                error.summary().contains(words),
                "{name}: {}",
                error.summary()
            );
        }
        let moving = look("pencil", &["pencil.blur_sigma=0:10,1:20"]);
        assert!(
            space(&moving, &names(&["blur_sigma"]))
                .unwrap_err()
                .summary()
                .contains("follows a track")
        );
    }
}
