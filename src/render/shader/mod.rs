//! What authors of styles need beside rendering: a folder to begin with, a check, and a look at what a style becomes.

pub mod check;
mod dump;
mod export;
mod golden;
mod new;
mod presets;
mod scenes;

pub use dump::{dump_spirv, dump_wgsl};
pub use export::{PageRequest, SIZES, browser_style, write_page};
pub use golden::{Compared, GoldenTest, Outcome};
pub use new::{NewStyle, TEMPLATES, new_style};
pub use presets::style_presets;
