//! Rows around a row, continued by the nearest pixel, and how alike surroundings of 3 by 3 pixels are.

use crate::reference::Image;

/// Pixels that are worked on together, so that what is summed for them stays near.
pub const SPAN: usize = 256;

/// Rows around a row, each with `margin` pixels more at both ends.
#[derive(Default)]
pub struct Around {
    data: Vec<f32>,
    length: usize,
    pub margin: usize,
}

impl Around {
    /// The rows within `margin` of row `y`, three channels of each.
    pub fn take(&mut self, image: &Image, y: usize, margin: usize) {
        self.margin = margin;
        self.length = image.width + 2 * margin;
        self.data.resize(3 * (2 * margin + 1) * self.length, 0.0);
        for (index, rows) in self.data.chunks_exact_mut(3 * self.length).enumerate() {
            let row = image.clamped_row((y + index) as i64 - margin as i64).rgb();
            for (line, channel) in rows.chunks_exact_mut(self.length).zip(row) {
                line[..margin].fill(channel[0]);
                line[margin..margin + channel.len()].copy_from_slice(channel);
                line[margin + channel.len()..].fill(channel[channel.len() - 1]);
            }
        }
    }

    /// Channel of the row `dy` below the own one, from `dx` pixels after the one at column `x` on.
    #[inline(always)]
    pub fn from(&self, channel: usize, [dx, dy]: [i32; 2], x: usize) -> &[f32] {
        let row = (self.margin as i32 + dy) as usize;
        let line = &self.data[(3 * row + channel) * self.length..][..self.length];
        &line[(x + self.margin).wrapping_add_signed(dx as isize)..]
    }

    /// Sums of squared differences between the surroundings of the pixels from column `x` on and of those at an offset, in
    /// the first channels.
    #[inline(always)]
    pub fn squares<const CHANNELS: usize>(&self, [dx, dy]: [i32; 2], x: usize, out: &mut [f32]) {
        let count = out.len();
        let mut columns = [0.0f32; SPAN + 2];
        let sums = &mut columns[..count + 2];
        for channel in 0..CHANNELS {
            let here: [&[f32]; 3] =
                std::array::from_fn(|j| &self.from(channel, [-1, j as i32 - 1], x)[..count + 2]);
            let there: [&[f32]; 3] = std::array::from_fn(|j| {
                &self.from(channel, [dx - 1, dy + j as i32 - 1], x)[..count + 2]
            });
            for i in 0..sums.len() {
                let apart: [f32; 3] = std::array::from_fn(|j| there[j][i] - here[j][i]);
                sums[i] += apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2];
            }
        }
        let [a, b, c] = [0, 1, 2].map(|first| &columns[first..first + count]);
        for i in 0..count {
            out[i] = a[i] + b[i] + c[i];
        }
    }
}
