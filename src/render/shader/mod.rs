//! What authors of styles need beside rendering: a folder to begin with, a check, and a look at what a style becomes.

pub mod check;
mod dump;
mod golden;
mod new;
mod presets;
mod scenes;

pub use dump::{dump_hlsl, dump_msl, dump_spirv, dump_wgsl};
pub use golden::{Compared, GoldenTest, Outcome};
pub use new::{NewStyle, TEMPLATES, new_style};
pub use presets::style_presets;
