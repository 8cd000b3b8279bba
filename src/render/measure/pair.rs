//! The luma of two pictures as one: gray, one below the other, as `common/measure/difference` reads it.

use crate::color::Coding;
use crate::frame::{Model, OwnedPlanes, Picture, PixelFormat, Subsampling};
use crate::reference::common::measure::LumaLine;

/// Whether the codes of luma lie in the limited range (16 to 235 of 8 bits).
pub fn limited_range(picture: &Picture) -> bool {
    let (width, height) = (picture.width, picture.height);
    let coding = Coding::resolve(&picture.color, &picture.format, width, height);
    coding.luma.offset > 0.0
}

/// `above` and `below`, two pictures of one size, with codes of the deeper of both.
pub fn stacked(above: &Picture, below: &Picture) -> Picture {
    let depth = above.format.depth.max(below.format.depth);
    let format = PixelFormat::planar(Model::Gray, Subsampling::S444, depth, false);
    let (width, height) = (above.width, above.height + below.height);
    let mut planes = OwnedPlanes::new(width, height, &format);
    let length = format.plane_extent(0, width, height).row_bytes;
    let rows = [above, below].into_iter().flat_map(|picture| {
        let limited = limited_range(picture);
        (0..picture.height as usize).map(move |y| (picture, limited, y))
    });
    let bytes = planes.plane_mut(0).chunks_exact_mut(length);
    for (bytes, (picture, limited, y)) in bytes.zip(rows) {
        let line = LumaLine::new(picture, y);
        let own = picture.format.depth;
        // Ranges are scaled as BT.709 and BT.2020 have it: the limited one by powers of two, the full one to its ends.
        let (from, to) = (picture.format.max_value(), format.max_value());
        let deepened =
            |code: u32| match limited {
                _ if own == depth => code,
                true => code << (depth - own),
                false => (u64::from(code) * u64::from(to) + u64::from(from) / 2)
                    .div_euclid(from.into()) as u32,
            };
        if depth == 8 {
            for (x, byte) in bytes.iter_mut().enumerate() {
                *byte = line.luma(x) as u8;
            }
        } else {
            for (x, sample) in bytes.chunks_exact_mut(2).enumerate() {
                sample.copy_from_slice(&(deepened(line.luma(x)) as u16).to_le_bytes());
            }
        }
    }
    Picture::new(width, height, format, above.color, planes)
}
