//! What the planner asks of a style and its values.

use std::collections::BTreeMap;
use std::path::PathBuf;

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

    /// The files a user named, by parameter.
    pub(super) fn values_paths(&self) -> BTreeMap<String, PathBuf> {
        let named = self
            .values
            .0
            .iter()
            .filter_map(|(name, value)| match value {
                Value::Path(path) if !path.as_os_str().is_empty() => {
                    Some((name.clone(), path.clone()))
                }
                _ => None,
            });
        named.collect()
    }
}
