//! Finds models for the planner, and runs them for executors.

use std::sync::Arc;

use super::error::Result;
use crate::graph::External;
use crate::graph::style::{Library, ModelError, ModelFailure, StyleError};

pub(super) fn code(_library: &Library, name: &str, _identity: &str) -> Result<Arc<dyn External>> {
    Err(StyleError::Model(ModelError {
        failure: ModelFailure::Unavailable,
        message: name.to_owned(),
    })
    .into())
}
