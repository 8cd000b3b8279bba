//! Whether the frames of an input are made of two fields.

use crate::frame::FieldOrder;
use crate::graph::plan::Interlaced;
use crate::media::VideoInfo;

/// What is known of the fields of these pictures before any of them is rendered.
pub(super) fn interlaced(pictures: &VideoInfo) -> Interlaced {
    match pictures.field_order {
        FieldOrder::TopFirst | FieldOrder::BottomFirst => Interlaced::Tagged,
        _ if pictures.combed => Interlaced::Untagged,
        _ => Interlaced::No,
    }
}
