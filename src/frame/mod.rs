//! Plain data that every layer uses: pictures as planes of samples, pixel formats, colour tags, and rational time.

mod facts;
mod fields;
mod format;
mod pace;
mod picture;
mod row;
mod tags;
mod time;

pub use facts::{Fact, Facts, Observes};
pub use fields::FieldOrder;
pub use format::{Component, Model, PixelFormat, PlaneExtent, Subsampling};
pub use pace::{Pace, Retimed, Retimer, Retiming, border, end_of, in_ticks_of};
pub use picture::{Frame, OwnedPlanes, Picture, Planes};
pub use row::ComponentRow;
pub use tags::{ChromaLocation, Color, Range};
pub use time::{Rational, Span};
