use std::ops::Range;

use crate::reference::{Image, Io, Out};

/// The mean ink of a part of the atlas: brightness (BT.601 weights) times alpha.
fn ink(glyphs: &Image, columns: Range<i32>, rows: Range<i32>) -> f32 {
    let pixels = (columns.len() * rows.len()) as f32;
    let mut sum = 0.0;
    for y in rows {
        let row = glyphs.clamped_row(i64::from(y));
        let ([r, g, b], alpha) = (row.rgb(), row.alpha());
        for x in columns.clone() {
            let x = x.clamp(0, glyphs.width as i32 - 1) as usize;
            let bright = 0.299 * r[x] + 0.587 * g[x] + 0.114 * b[x];
            sum += alpha.map_or(1.0, |alpha| alpha[x]) * bright;
        }
    }
    sum / pixels
}

/// Where pixel `at` of characters of `size` pixels lies in an atlas of `parts` characters and `extent` pixels, one way.
fn span(at: i32, size: i32, extent: usize, parts: i32) -> Range<i32> {
    let atlas = (extent as i32 / parts).max(1);
    let (first, within) = (at / size * atlas, at % size);
    let begin = within * atlas / size;
    let end = ((within + 1) * atlas / size).max(begin + 1);
    first + begin..first + end
}

/// The characters at the size that they are drawn in: each pixel is the mean of its part of the atlas.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let glyphs = io.image("glyphs");
    let [width, height, across, down] =
        ["columns", "rows", "atlas_columns", "atlas_rows"].map(|name| io.param(name) as i32);
    let rows = span(io.y as i32, height, glyphs.height, down);
    for (x, value) in out.gray().iter_mut().enumerate() {
        let columns = span(x as i32, width, glyphs.width, across);
        *value = ink(glyphs, columns, rows.clone());
    }
}
