//! Styles as folders: a manifest, `style.toml`, and the WGSL kernels beside it.

mod error;
mod excerpt;
mod expr;
mod kernel;
mod library;
mod manifest;
mod model;
mod module;
mod numbers;
mod param;
mod track;
mod uses;
mod window;

pub use error::StyleError;
pub use excerpt::{Place, excerpt, position};
pub use expr::{Expression, Postfix};
pub use kernel::{ACCESSORS, Import, Kernel, Reads, imports, tokens};
pub use library::{Library, NO_STYLE};
pub use manifest::{
    Alpha, Analyse, Averaging, Body, Channels, HistoryOf, HistoryShape, ImageFile, LutFile,
    MeasureOf, ModelOf, Note, Pass, PassInput, PassRate, PhaseOf, Role, Space, Stage, Style,
    TableFile, TileOf,
};
pub use model::{
    InputKind, Layout, ModelDesc, ModelError, ModelFailure, ModelFinder, ModelInput, ModelName,
    ModelOutput, OutputKind, PictureTensor, TensorColor, WantedModel,
};
pub use param::{Choice, Param, ParamKind, Rgb, STRENGTH, Value, Values, strength};
pub use track::{Interpolation, KeyTime, Track};
pub use uses::{Often, Uses};
pub use window::Window;
