//! How noisy a picture is, by the residue that a Laplacian leaves of its flatter blocks (Immerkær: "Fast noise variance
//! estimation", 1996).

use super::LumaLine;
use crate::frame::Picture;

/// Side of the blocks that noise is measured in, and how many there are each way at most.
const BLOCK: usize = 16;
pub const BLOCKS: (usize, usize) = (24, 14);
/// Noise is kept in 1/65536 of the range from black to white.
pub const FINE: u64 = 1 << 16;

/// What is left of the blocks of `picture`, by row and column of the block. `max` is the largest code, and
/// `rgb` says whether luma is made of three components. Blocks that do not count are left out.
pub fn residues(picture: &Picture, max: u32, rgb: bool) -> Vec<((usize, usize), u32)> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let across = (width / BLOCK).min(BLOCKS.0);
    let down = (height / BLOCK).min(BLOCKS.1);
    let mut residues = Vec::with_capacity(across * down);
    let mut block = [[0i32; BLOCK]; BLOCK];
    for row in 0..down {
        for column in 0..across {
            let left = column * (width - BLOCK) / across.max(2).saturating_sub(1).max(1);
            let top = row * (height - BLOCK) / down.max(2).saturating_sub(1).max(1);
            for (y, values) in block.iter_mut().enumerate() {
                let line = LumaLine::of(picture, top.min(height - BLOCK) + y, rgb);
                line.read(left.min(width - BLOCK), values);
            }
            let mean = (block.iter().flatten().sum::<i32>() / (BLOCK * BLOCK) as i32) as u32;
            // Clipped blacks and whites, and letterboxes, have lost their noise.
            if (max / 12..max - max / 12).contains(&mean) {
                residues.push(((row, column), residue(&block)));
            }
        }
    }
    residues
}

/// Noise in [`FINE`], from the residues of blocks; 0 where there are none. The flattest fifth of the blocks speaks for
/// all: others have texture.
pub fn level(mut residues: Vec<u32>, max: u32) -> u64 {
    if residues.is_empty() {
        return 0;
    }
    residues.sort_unstable();
    let sum = u64::from(residues[residues.len() / 5]);
    // σ = √(π/2) / 6 of the mean residue: 0.208886.
    let inner = ((BLOCK - 2) * (BLOCK - 2)) as u64;
    sum * FINE * 208_886 / (inner * u64::from(max) * 1_000_000)
}

/// Sum of the absolute values of the block filtered by [1 -2 1] both ways.
fn residue(block: &[[i32; BLOCK]; BLOCK]) -> u32 {
    let mut lines = [[0; BLOCK - 2]; BLOCK];
    for (line, row) in lines.iter_mut().zip(block) {
        for (x, value) in line.iter_mut().enumerate() {
            *value = row[x] - 2 * row[x + 1] + row[x + 2];
        }
    }
    let mut sum = 0;
    for rows in lines.windows(3) {
        for ((above, here), below) in rows[0].iter().zip(&rows[1]).zip(&rows[2]) {
            sum += (above - 2 * here + below).unsigned_abs();
        }
    }
    sum
}
