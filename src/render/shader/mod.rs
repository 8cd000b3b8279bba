//! What authors of styles need beside rendering: a folder to begin with, a check, and a look at what a style becomes.

mod against;
pub mod check;
mod dump;
mod export;
mod fourth;
mod golden;
mod new;
mod presets;
mod scenes;
mod shadertoy;

pub use against::{Apart, COSTS_AT, Comparison, Cost, Side, compare};
pub use dump::{dump_hlsl, dump_msl, dump_spirv, dump_wgsl};
pub use export::{PageRequest, RUNTIME, SIZES, browser_style, write_page};
pub use golden::{Compared, GoldenTest, Outcome};
pub use new::{NewStyle, TEMPLATES, new_style};
pub use presets::style_presets;
pub use shadertoy::shadertoy_style;
