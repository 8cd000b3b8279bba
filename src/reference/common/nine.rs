//! The 3 by 3 pixels around each pixel of a row.

use crate::color::bounds::{greater, smaller};
use crate::reference::Image;

/// The rows before, at and after row `y` of an image of one channel, each continued by a pixel on both sides.
pub fn rows(image: &Image, y: usize) -> [Vec<f32>; 3] {
    rows_of(image, y, 0)
}

/// As [`rows`], of one of the channels of an image.
pub fn rows_of(image: &Image, y: usize, channel: usize) -> [Vec<f32>; 3] {
    [-1, 0, 1].map(|offset| {
        let row = image.clamped_row(y as i64 + offset).channel(channel);
        let mut wide = Vec::with_capacity(row.len() + 2);
        wide.push(row[0]);
        wide.extend_from_slice(row);
        wide.push(row[row.len() - 1]);
        wide
    })
}

/// The nine pixels around each of `count`, as slices, row by row; of rows that are continued by a pixel on both sides.
#[inline(always)]
pub fn shifted(rows: [&[f32]; 3], count: usize) -> [&[f32]; 9] {
    let [a, b, c] = [0, 1, 2].map(|offset| &rows[0][offset..][..count]);
    let [d, e, f] = [0, 1, 2].map(|offset| &rows[1][offset..][..count]);
    let [g, h, i] = [0, 1, 2].map(|offset| &rows[2][offset..][..count]);
    [a, b, c, d, e, f, g, h, i]
}

/// `value`, no further beyond the nine than `overshoot` of their range.
#[inline(always)]
pub fn limited(value: f32, nine: [f32; 9], overshoot: f32) -> f32 {
    let low = nine.into_iter().fold(nine[4], smaller);
    let high = nine.into_iter().fold(nine[4], greater);
    let beyond = overshoot * (high - low);
    smaller(greater(value, low - beyond), high + beyond)
}
