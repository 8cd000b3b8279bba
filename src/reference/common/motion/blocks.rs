//! Blocks of luma that are compared: windows of 8 by 8 pixels, one for every 4 by 4 pixels of the picture. Luma is whole
//! numbers here, so sums are exact in whatever order they are added.

use crate::reference::Image;

/// Pixels from one block to the next.
pub const GRID: i32 = 4;
/// Columns and rows of the window of a block.
pub const SIDE: usize = 8;
/// How far the window begins before the block.
pub const MARGIN: i32 = 2;

/// A place or a vector: column and row.
pub type Pair = [i32; 2];

/// The first channel of an image.
#[derive(Clone, Copy)]
pub struct Plane<'a> {
    data: &'a [f32],
    pub width: usize,
    pub height: usize,
    /// Values from one row to the next.
    stride: usize,
}

impl<'a> Plane<'a> {
    /// `image` is stored whole.
    pub fn of(image: &'a Image) -> Self {
        Self {
            data: &image.data,
            width: image.width,
            height: image.height,
            stride: image.width * image.channels,
        }
    }

    /// Whether a window of `side` columns and rows from `at` on lies inside.
    #[inline(always)]
    pub fn holds(&self, at: Pair, side: usize) -> bool {
        let fits = |at: i32, size: usize| at >= 0 && at as usize + side <= size;
        fits(at[0], self.width) && fits(at[1], self.height)
    }

    /// The pixel at `at`, the nearest one inside.
    #[inline(always)]
    pub fn at(&self, at: Pair) -> f32 {
        let inside = |at: i32, size: usize| at.clamp(0, size as i32 - 1) as usize;
        self.data[inside(at[1], self.height) * self.stride + inside(at[0], self.width)]
    }

    /// The `N` pixels of row `at[1]` from column `at[0]` on, which lie inside.
    #[inline(always)]
    fn inside<const N: usize>(&self, at: Pair) -> &'a [f32; N] {
        let start = at[1] as usize * self.stride + at[0] as usize;
        match self.data[start..].first_chunk() {
            Some(pixels) => pixels,
            None => unreachable!(),
        }
    }

    /// A window of 8 by 8 pixels from `at` on, row after row; beyond the borders the nearest pixel inside.
    #[inline(always)]
    pub fn window(&self, at: Pair) -> [[f32; SIDE]; SIDE] {
        if self.holds(at, SIDE) {
            std::array::from_fn(|j| *self.inside([at[0], at[1] + j as i32]))
        } else {
            let pixel = |i: usize, j: usize| self.at([at[0] + i as i32, at[1] + j as i32]);
            std::array::from_fn(|j| std::array::from_fn(|i| pixel(i, j)))
        }
    }

    /// `N` rows of `N` pixels from `at` on, where they lie; beyond the borders the nearest pixel inside, put into `room`.
    #[inline(always)]
    pub fn lines<'b, const N: usize>(
        &self,
        at: Pair,
        room: &'b mut [[f32; N]; N],
    ) -> [&'b [f32; N]; N]
    where
        'a: 'b,
    {
        if !self.holds(at, N) {
            for (line, y) in room.iter_mut().zip(at[1]..) {
                for (pixel, x) in line.iter_mut().zip(at[0]..) {
                    *pixel = self.at([x, y]);
                }
            }
            return std::array::from_fn(|j| &room[j]);
        }
        std::array::from_fn(|j| self.inside([at[0], at[1] + j as i32]))
    }

    /// The sum of absolute differences between a window and this picture from `at` on.
    #[inline(always)]
    pub fn differs(&self, window: &[[f32; SIDE]; SIDE], at: Pair) -> f32 {
        let mut sums = [0.0f32; SIDE];
        if self.holds(at, SIDE) {
            for (j, row) in window.iter().enumerate() {
                let other: &[f32; SIDE] = self.inside([at[0], at[1] + j as i32]);
                for i in 0..SIDE {
                    sums[i] += (row[i] - other[i]).abs();
                }
            }
        } else {
            let other = self.window(at);
            for (row, other) in window.iter().zip(&other) {
                for i in 0..SIDE {
                    sums[i] += (row[i] - other[i]).abs();
                }
            }
        }
        total(sums)
    }
}

/// The sum of all, in pairs.
#[inline(always)]
pub fn total([a, b, c, d, e, f, g, h]: [f32; SIDE]) -> f32 {
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

/// The deviation of the source's noise in the whole numbers of luma.
pub fn noise_units(noise_level: f32) -> i32 {
    (noise_level * 1020.0).round_ties_even() as i32
}

/// Where the window of block `block` begins.
#[inline(always)]
pub fn place(block: Pair) -> Pair {
    block.map(|at| at * GRID - MARGIN)
}

#[inline(always)]
pub fn sum(a: Pair, b: Pair) -> Pair {
    [a[0] + b[0], a[1] + b[1]]
}

/// How far two vectors are apart: columns and rows together.
#[inline(always)]
pub fn apart(a: Pair, b: Pair) -> i32 {
    (a[0] - b[0]).abs() + (a[1] - b[1]).abs()
}

/// Vectors of blocks, in whole pixels.
#[derive(Clone, Copy)]
pub struct Vectors<'a>(pub &'a Image);

impl<'a> Vectors<'a> {
    /// The vectors of row `y` of blocks, the nearest row inside.
    pub fn row(&self, y: i32) -> VectorRow<'a> {
        let row = self.0.clamped_row(y.into());
        VectorRow([row.channel(0), row.channel(1)])
    }
}

/// Vectors of a row of blocks.
#[derive(Clone, Copy)]
pub struct VectorRow<'a>(pub [&'a [f32]; 2]);

impl VectorRow<'_> {
    /// The vector of block `x`, the nearest one inside.
    #[inline(always)]
    pub fn at(&self, x: i32) -> Pair {
        let x = x.clamp(0, self.0[0].len() as i32 - 1) as usize;
        [self.0[0][x] as i32, self.0[1][x] as i32]
    }
}

/// Computes the vectors of a row: `of` gives that of each block.
#[inline(always)]
pub fn write(out: [&mut [f32]; 2], mut of: impl FnMut(i32) -> Pair) {
    let [columns, rows] = out;
    for (x, (column, row)) in columns.iter_mut().zip(rows).enumerate() {
        let [dx, dy] = of(x as i32);
        (*column, *row) = (dx as f32, dy as f32);
    }
}
