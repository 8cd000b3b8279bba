//! Plain data that every layer uses: pictures as planes of samples, pixel formats, colour tags, and rational time.

mod facts;
mod fields;
mod film;
mod format;
mod pace;
mod picture;
mod png;
mod row;
mod tags;
mod time;

pub use facts::{Fact, Facts, Observes};
pub use fields::FieldOrder;
pub use film::{CYCLE, Stretch};
pub use format::{Component, FLOATS, Model, PixelFormat, PlaneExtent, Subsampling};
pub use pace::{Pace, Retimed, Retimer, Retiming, border, end_of, in_ticks_of};
pub use picture::{Frame, OwnedPlanes, Picture, PlanePool, Planes};
pub use png::{png_bytes, read_png};
pub use row::{ComponentRow, code_of, float_at};
pub use tags::{ChromaLocation, Color, Range};
pub use time::{Rational, Span};
