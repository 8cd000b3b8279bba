//! Video encoders: their options, and opening one for a plan.

mod open;
mod options;

pub(crate) use open::open;
pub(crate) use options::{check_option, check_preset, has_encoder_option, known_options, resolve};
