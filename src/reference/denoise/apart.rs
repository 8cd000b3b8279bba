//! How far two images are apart around each pixel of a row.

use crate::reference::Image;

/// Sums over a square of pixels around each pixel of a row, of the differences and of their squares.
#[derive(Default)]
pub struct Apart {
    pub sums: Vec<f32>,
    pub squares: Vec<f32>,
    /// The same of single columns, continued by the nearest one at both ends.
    columns: [Vec<f32>; 2],
}

impl Apart {
    /// Of the first channels of two images around row `y`, within `REACH` pixels each way.
    #[inline(always)]
    pub fn find<const REACH: usize>(&mut self, [a, b]: [&Image; 2], y: usize) {
        let width = a.width;
        let [sums, squares] = &mut self.columns;
        for column in [&mut *sums, &mut *squares] {
            column.clear();
            column.resize(width + 2 * REACH, 0.0);
        }
        for row in 0..=2 * REACH {
            let row = (y + row) as i64 - REACH as i64;
            let (a, b) = (a.clamped_row(row).r(), b.clamped_row(row).r());
            let (sums, squares) = (&mut sums[REACH..][..width], &mut squares[REACH..][..width]);
            let (a, b) = (&a[..width], &b[..width]);
            for x in 0..width {
                let apart = a[x] - b[x];
                sums[x] += apart;
                squares[x] += apart * apart;
            }
        }
        across::<REACH>(sums, width, &mut self.sums);
        across::<REACH>(squares, width, &mut self.squares);
    }
}

/// Sums of neighbouring columns.
#[inline(always)]
fn across<const REACH: usize>(columns: &mut [f32], width: usize, out: &mut Vec<f32>) {
    let (first, last) = (columns[REACH], columns[REACH + width - 1]);
    columns[..REACH].fill(first);
    columns[REACH + width..].fill(last);
    out.resize(width, 0.0);
    let parts: [&[f32]; 5] = std::array::from_fn(|i| &columns[i.min(2 * REACH)..][..width]);
    let out = &mut out[..width];
    for x in 0..width {
        let mut sum = 0.0;
        for part in &parts[..=2 * REACH] {
            sum += part[x];
        }
        out[x] = sum;
    }
}
