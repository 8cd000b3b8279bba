//! Plain data every layer shares: pictures as planes of samples, their pixel formats, and rational time.

mod facts;
mod format;
mod picture;
mod time;

pub use facts::{Fact, Facts, Observes};
pub use format::{Component, Model, PixelFormat, PlaneExtent, Subsampling};
pub use picture::{Frame, OwnedPlanes, Picture, Planes};
pub use time::{Rational, Span};
