//! Video encoders: their options, and opening one for a plan.

mod open;
mod options;
mod quality;

pub(crate) use open::open;
pub(crate) use options::{
    check_option, check_preset, encoder_option_is_on, known_options, resolve,
};
pub(crate) use quality::{HARDWARE, maker, matched, matched_preset, quality_options};
