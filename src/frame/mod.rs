//! Plain data every layer shares: pictures as planes of samples, their pixel formats, and rational time.

mod format;
mod picture;
mod time;

pub use format::{Component, Model, PixelFormat, PlaneExtent, Subsampling};
pub use picture::{Frame, OwnedPlanes, Picture, Planes};
pub use time::{Rational, Span};
