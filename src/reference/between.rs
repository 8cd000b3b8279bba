//! Images between their pixels: bilinear, and beyond the border the nearest pixel.

use crate::reference::Image;

/// The first channels of some rows of an image.
pub struct Field<'a, const N: usize> {
    rows: Vec<[&'a [f32]; N]>,
    /// The first of the rows.
    first: i32,
    width: i32,
}

impl<'a, const N: usize> Field<'a, N> {
    /// Of the rows of `image` that are at most `reach` from row `y`.
    pub fn around(image: &'a Image, y: usize, reach: usize) -> Self {
        let first = y.saturating_sub(reach);
        let end = (y + reach + 1).min(image.height);
        let row = |y: usize| {
            let row = image.row(y);
            std::array::from_fn(|channel| row.channel(channel))
        };
        Self {
            rows: (first..end).map(row).collect(),
            first: first as i32,
            width: image.width as i32,
        }
    }

    /// The values of a pixel, or of the nearest inside.
    #[inline(always)]
    pub fn at(&self, x: i32, y: i32) -> [f32; N] {
        let x = x.clamp(0, self.width - 1) as usize;
        let y = (y - self.first).clamp(0, self.rows.len() as i32 - 1) as usize;
        self.rows[y].map(|channel| channel[x])
    }

    /// The values at a place in pixels; the middle of the first pixel is at 0.5.
    #[inline(always)]
    pub fn between(&self, [x, y]: [f32; 2]) -> [f32; N] {
        let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (part_x, part_y) = (x - 0.5 - left, y - 0.5 - top);
        let (left, top) = (left as i32, top as i32);
        let mix = |a: [f32; N], b: [f32; N], part: f32| -> [f32; N] {
            std::array::from_fn(|i| a[i] + (b[i] - a[i]) * part)
        };
        let above = mix(self.at(left, top), self.at(left + 1, top), part_x);
        let below = mix(self.at(left, top + 1), self.at(left + 1, top + 1), part_x);
        mix(above, below, part_y)
    }
}
