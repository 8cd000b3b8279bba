//! What the planner asks of a style and its values.

use std::collections::BTreeMap;

use crate::graph::plan::{StyleError, StyleUse, Value};

impl StyleUse {
    /// That its result, of `made` pixels, has the size that was asked for.
    pub(super) fn check_size(&self, made: (u32, u32)) -> Result<(), StyleError> {
        match self.target {
            Some(asked) if asked != made => Err(if self.strength <= 0.0 {
                self.cannot_mix(made, asked)
            } else {
                StyleError::OtherSize {
                    style: self.style.name.clone(),
                    made,
                    asked,
                }
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn cannot_mix(&self, from: (u32, u32), into: (u32, u32)) -> StyleError {
        StyleError::MixedSizes {
            style: self.style.name.clone(),
            strength: self.strength,
            from,
            into,
        }
    }

    /// What a user gave that is no number: files, names of models, choices, by parameter.
    pub(super) fn given(&self) -> BTreeMap<String, Value> {
        let is_given = |value: &Value| match value {
            Value::Path(path) => !path.as_os_str().is_empty(),
            Value::Model(_) | Value::Choice(_) => true,
            _ => false,
        };
        let given = self.values.0.iter().filter(|(_, value)| is_given(value));
        given.cloned().collect()
    }
}
