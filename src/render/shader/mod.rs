//! What authors of styles need beside rendering: a folder to begin with.

pub mod check;
mod new;
mod presets;
mod scenes;

pub use new::{NewStyle, TEMPLATES, new_style};
pub use presets::style_presets;
