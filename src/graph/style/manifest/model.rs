use serde::Deserialize;

use super::super::{ModelName, Param, Value};
use super::param::{is_choice, is_model, is_path};

/// A `[model.NAME]`: a model that passes run.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelOf {
    pub name: String,
    /// The parameter that holds the path of a model's file.
    pub file: Option<String>,
    /// The parameter that holds the name of a known model, for when no file is given.
    pub known: Option<String>,
    /// The model for when neither is given: one beside the manifest, or a known one.
    pub default: Option<ModelName>,
    /// The parameter that says which range of values the model works in; `auto` leaves it to its contract.
    pub range: Option<String>,
}

impl ModelOf {
    /// What expressions know of it, as `NAME_scale`.
    pub const FACTS: [&'static str; 2] = ["scale", "pixels"];

    /// Whether the user, or the manifest, says which one it is. `value` gives the value of a parameter.
    pub fn is_given<'a>(&self, value: impl Fn(&str) -> Option<&'a Value>) -> bool {
        let of = |param: &Option<String>| param.as_ref().and_then(|param| value(param));
        let file =
            matches!(of(&self.file), Some(Value::Path(path)) if !path.as_os_str().is_empty());
        let known = matches!(of(&self.known), Some(Value::Model(name)) if !name.is_empty());
        file || known || self.default.is_some()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawModel {
    file: Option<String>,
    known: Option<String>,
    default: Option<String>,
    range: Option<String>,
}

impl RawModel {
    /// The `[model.NAME]` of the style in `folder`. `taken` are the names of its parameters and `[let]`s.
    pub fn checked<'a>(
        self,
        folder: &str,
        name: String,
        params: &[Param],
        mut taken: impl Iterator<Item = &'a str>,
    ) -> Result<ModelOf, String> {
        if let Some(param) = self.file.as_ref().filter(|name| !is_path(params, name)) {
            return Err(format!("file = {param:?} is not a path parameter"));
        }
        if let Some(param) = self.known.as_ref().filter(|name| !is_model(params, name)) {
            return Err(format!(
                "known = {param:?} is not a parameter with model = true"
            ));
        }
        if let Some(param) = self.range.as_ref().filter(|name| !is_choice(params, name)) {
            return Err(format!(
                "range = {param:?} is not a parameter with choices = [\"auto\", \"unit\", \"byte\", \"signed\"]"
            ));
        }
        if self.file.is_none() && self.known.is_none() && self.default.is_none() {
            return Err(
                "give file = \"PARAM\", known = \"PARAM\" or default = \"NAME\": which model it is"
                    .to_owned(),
            );
        }
        let facts = ModelOf::FACTS.map(|fact| format!("{name}_{fact}"));
        if let Some(hidden) = taken.find(|known| facts.iter().any(|fact| fact == known)) {
            return Err(format!(
                "expressions know {hidden} as what the engine says about this model: call the parameter or the model something else"
            ));
        }
        let default = self.default.map(|text| match text.ends_with(".onnx") {
            true => ModelName::Own(format!("{folder}/{text}")),
            false => ModelName::Known(text),
        });
        Ok(ModelOf {
            name,
            file: self.file,
            known: self.known,
            default,
            range: self.range,
        })
    }
}
