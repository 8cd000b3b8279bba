//! What the files of a plan hold, once they are read.

use crate::color::lut::Lut;
use crate::frame::Picture;

/// The content of one of [`Plan::files`](super::plan::Plan::files).
#[derive(Clone, Debug)]
pub enum ResourceData {
    Picture(Picture),
    Lut(Lut),
}
