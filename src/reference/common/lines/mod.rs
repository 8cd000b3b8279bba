pub mod darken;
pub mod steep;
pub mod thin;

use super::super::Image;
use crate::reference::phases::continued;

/// Three rows around row `y`, continued by a pixel on both sides.
fn three(image: &Image, y: usize) -> [Vec<f32>; 3] {
    [-1, 0, 1].map(|offset| continued(image.clamped_row(y as i64 + offset).r(), 1, 1))
}

/// Slopes across and down at column `x`, by Sobel's filters of 3 by 3.
#[inline(always)]
fn slopes(rows: [&[f32]; 3], x: usize) -> [f32; 2] {
    let [nw, n, ne] = [0, 1, 2].map(|column| rows[0][x + column]);
    let [w, e] = [0, 2].map(|column| rows[1][x + column]);
    let [sw, s, se] = [0, 1, 2].map(|column| rows[2][x + column]);
    [
        (ne - nw + 2.0 * (e - w) + se - sw) / 8.0,
        (sw - nw + 2.0 * (s - n) + se - ne) / 8.0,
    ]
}
