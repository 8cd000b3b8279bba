use crate::reference::common::border::reflect;
use crate::reference::{Io, Row};

/// Tiles that cover a picture, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Tiles {
    /// Columns and rows of a tile.
    pub size: (usize, usize),
    /// From the first pixel of a tile to that of the next one.
    pub pitch: (usize, usize),
    /// How many tiles stand side by side.
    pub columns: usize,
}

impl Tiles {
    /// As the parameters of a kernel say.
    pub fn of(io: &Io<'_>) -> Self {
        let whole = |name: &str| (io.param(name) as usize).max(1);
        Self {
            size: (whole("tile_w"), whole("tile_h")),
            pitch: (whole("pitch_x"), whole("pitch_y")),
            columns: whole("columns"),
        }
    }

    /// The row of a picture of `height` rows that row `y` of all tiles below each other shows, and the first column that
    /// it shows.
    pub fn row_of(&self, y: usize, height: usize) -> (usize, usize) {
        let tile = y / self.size.1;
        let (column, row) = (tile % self.columns, tile / self.columns);
        let at = row * self.pitch.1 + y % self.size.1;
        (reflect(at as i64, height), column * self.pitch.0)
    }
}

/// How a picture becomes values of a tensor.
pub struct Values {
    channels: usize,
    bgr: bool,
    scale: [f32; 3],
    bias: [f32; 3],
    kr: f32,
    kb: f32,
}

impl Values {
    /// As the parameters of a kernel say.
    pub fn of(io: &Io<'_>) -> Self {
        let three = |name: &str| ["r", "g", "b"].map(|part| io.param(&format!("{name}_{part}")));
        Self {
            channels: if io.param("channels") < 2.0 { 1 } else { 3 },
            bgr: io.param("bgr") > 0.0,
            scale: three("scale"),
            bias: three("bias"),
            kr: io.param("kr"),
            kb: io.param("kb"),
        }
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Channel `c` of the tensor: `out.len()` values from column `first` on of `row`, which is continued by reflection.
    pub fn channel(&self, row: &Row<'_>, first: usize, c: usize, out: &mut [f32]) {
        let width = row.width();
        let inside = width.saturating_sub(first).min(out.len());
        let [r, g, b] = row.rgb();
        let (within, beyond) = out.split_at_mut(inside);
        if self.channels == 1 {
            let [r, g, b] = [r, g, b].map(|channel| &channel[first.min(width)..][..inside]);
            let kg = 1.0 - self.kr - self.kb;
            let (scale, bias) = (self.scale[0], self.bias[0]);
            for (((out, r), g), b) in within.iter_mut().zip(r).zip(g).zip(b) {
                *out = (self.kr * r + kg * g + self.kb * b) * scale + bias;
            }
        } else {
            let color = if self.bgr { 2 - c } else { c };
            let channel = &[r, g, b][color][first.min(width)..][..inside];
            let (scale, bias) = (self.scale[color], self.bias[color]);
            for (out, value) in within.iter_mut().zip(channel) {
                *out = value * scale + bias;
            }
        }
        let column = |i: usize| reflect((first + inside + i) as i64, width);
        for (i, out) in beyond.iter_mut().enumerate() {
            let x = column(i);
            *out = if self.channels == 1 {
                let kg = 1.0 - self.kr - self.kb;
                (self.kr * r[x] + kg * g[x] + self.kb * b[x]) * self.scale[0] + self.bias[0]
            } else {
                let color = if self.bgr { 2 - c } else { c };
                [r, g, b][color][x] * self.scale[color] + self.bias[color]
            };
        }
    }
}
