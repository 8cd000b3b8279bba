//! Noise of a picture.

use rayon::prelude::*;

use super::Plane;

/// Side of the blocks that noise is measured in, and of the cells whose means say how flat a block is.
const BLOCK: usize = 16;
const CELL: usize = 4;
/// About so many blocks are looked at, at most.
const MOST: usize = 8192;
/// So many of the flattest blocks count at least, where there are as many.
const LEAST: usize = 8;

/// Standard deviation of the noise, in codes of 255: that which Immerkær's filter ("Fast noise variance estimation", 1996)
/// leaves of the flattest tenth of the blocks of 16 × 16, and of these the middle one. `None` where there is no block that
/// is neither near black nor near white, where noise is clipped.
///
/// How flat a block is, is said by the means of its cells of 4 × 4, of which the filter sees nothing: so blocks are not
/// chosen for little noise, and white noise comes out as large as it is. Noise that is soft or coarse comes out smaller.
pub fn noise(plane: &Plane) -> Option<f64> {
    let (across, down) = (plane.width / BLOCK, plane.height / BLOCK);
    let stride = (1..)
        .find(|stride| across.div_ceil(*stride) * down.div_ceil(*stride) <= MOST)
        .unwrap_or(1);
    let peak = u64::from((1u32 << plane.depth) - 1);
    let rows = (0..down).into_par_iter().step_by(stride).map(|row| {
        let columns = (0..across).step_by(stride);
        let blocks = columns.map(|column| block(plane, column * BLOCK, row * BLOCK));
        // As in clipped blacks and whites, and in letterboxes.
        let unclipped = blocks.filter(|block| {
            let twelfth = peak * (BLOCK * BLOCK) as u64 / 12;
            (twelfth..11 * twelfth).contains(&block.sum)
        });
        unclipped.collect::<Vec<Block>>()
    });
    let mut blocks = rows.collect::<Vec<Vec<Block>>>().concat();
    blocks.sort_by_key(|block| block.unevenness);
    blocks.truncate((blocks.len() / 10).max(LEAST));
    let mut residues: Vec<u64> = blocks.iter().map(|block| block.residue).collect();
    residues.sort_unstable();
    let (lower, upper) = (
        residues.get(residues.len().checked_sub(1)? / 2)?,
        residues.get(residues.len() / 2)?,
    );
    let inner = ((BLOCK - 2) * (BLOCK - 2)) as f64;
    let mean = (lower + upper) as f64 / 2.0 / inner;
    // The filter makes a deviation six times as large; of the mean of absolute values it is √(π/2).
    let deviation = std::f64::consts::FRAC_PI_2.sqrt() / 6.0 * mean;
    Some(deviation * 255.0 / plane.peak())
}

#[derive(Clone, Copy)]
struct Block {
    /// Of all codes.
    sum: u64,
    /// Variance of the sums of the cells, times the square of their number.
    unevenness: u64,
    /// Sum of the absolute values that the filter leaves.
    residue: u64,
}

fn block(plane: &Plane, left: usize, top: usize) -> Block {
    const CELLS: usize = BLOCK / CELL;
    let mut across = [[0i32; BLOCK - 2]; BLOCK];
    let mut cells = [[0u64; CELLS]; CELLS];
    for (y, across) in across.iter_mut().enumerate() {
        let row = &plane.row(top + y)[left..][..BLOCK];
        let codes: [i32; BLOCK] = std::array::from_fn(|x| i32::from(row[x]));
        for (x, value) in across.iter_mut().enumerate() {
            *value = codes[x] - 2 * codes[x + 1] + codes[x + 2];
        }
        for (cell, codes) in cells[y / CELL].iter_mut().zip(codes.as_chunks::<CELL>().0) {
            *cell += codes.iter().sum::<i32>() as u64;
        }
    }
    let mut residue = 0;
    for ((above, here), below) in across.iter().zip(&across[1..]).zip(&across[2..]) {
        for ((above, here), below) in above.iter().zip(here).zip(below) {
            residue += (above - 2 * here + below).unsigned_abs();
        }
    }
    let cells = cells.as_flattened();
    let sum: u64 = cells.iter().sum();
    let squares: u64 = cells.iter().map(|cell| cell * cell).sum();
    Block {
        sum,
        unevenness: cells.len() as u64 * squares - sum * sum,
        residue: u64::from(residue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise with a deviation of `sigma` codes of 8 bits, of `depth` bits, on a ramp and, in the lower half, on stripes.
    fn picture(sigma: f64, depth: u8) -> Plane {
        let (width, height) = (320, 320);
        let unit = f64::from(1u32 << (depth - 8));
        let codes = (0..width * height).map(|at| {
            let (x, y) = (at % width, at / width);
            // Twelve uniform numbers have the variance 1.
            let uniform = (0..12).map(|n| {
                let mut hash = (at as u32 * 12 + n).wrapping_mul(0x9e37_79b1);
                hash = (hash ^ (hash >> 15)).wrapping_mul(0x85eb_ca6b);
                hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
                f64::from(hash ^ (hash >> 16)) / f64::from(u32::MAX)
            });
            let normal = uniform.sum::<f64>() - 6.0;
            let stripes = if y >= height / 2 { x / 3 % 2 * 40 } else { 0 };
            let value = (80 + x / 8 + stripes) as f64 + sigma * normal;
            (value * unit).round() as u16
        });
        Plane {
            width,
            height,
            depth,
            codes: codes.collect(),
        }
    }

    #[test]
    fn planted_noise_is_found() {
        assert!(noise(&picture(0.0, 8)).unwrap() < 0.1);
        for (sigma, depth) in [(1.0f64, 8), (3.0, 8), (10.0, 8), (3.0, 10), (1.0, 16)] {
            let found = noise(&picture(sigma, depth)).unwrap();
            // Rounding to codes of 8 bits adds a variance of 1/12; the largest codes of other depths are not 255 units.
            let rounding = if depth == 8 { 1.0 / 12.0 } else { 0.0 };
            let expected = (sigma * sigma + rounding).sqrt();
            assert!(
                (found / expected - 1.0).abs() < 0.05,
                "{sigma} {depth} {found}"
            );
        }
    }

    #[test]
    fn black_white_and_small_pictures_have_no_number() {
        for code in [16, 250] {
            let plane = Plane {
                codes: vec![code; 320 * 320],
                ..picture(0.0, 8)
            };
            assert_eq!(noise(&plane), None);
        }
        let small = Plane {
            width: 15,
            height: 1,
            depth: 8,
            codes: vec![90; 15],
        };
        assert_eq!(noise(&small), None);
    }
}
