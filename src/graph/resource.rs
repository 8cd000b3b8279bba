//! What the files of a plan hold, once they are read.

use std::sync::Arc;

use super::external::External;
use crate::color::lut::Lut;
use crate::frame::Picture;

/// The content of one of [`Plan::files`](super::plan::Plan::files).
#[derive(Clone, Debug)]
pub enum ResourceData {
    Picture(Picture),
    Lut(Lut),
    /// Numbers, as many as a multiple of four.
    Table(Arc<[f32]>),
    /// What runs nodes of kind [`External`](super::plan::NodeKind::External).
    Code(Arc<dyn External>),
}
