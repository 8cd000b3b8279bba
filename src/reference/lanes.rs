//! Blocks of a row that fit the widest vector registers, for loops with several values per pixel.

/// Pixels in a block.
pub const LANES: usize = 16;

/// One value for each pixel of a block.
pub type Lanes = [f32; LANES];

/// The block of `row` that starts at `at`; zeros beyond the end of the row.
#[inline(always)]
pub fn load(row: &[f32], at: usize) -> Lanes {
    match row[at..].first_chunk() {
        Some(lanes) => *lanes,
        None => {
            let mut lanes = [0.0; LANES];
            for (lane, value) in lanes.iter_mut().zip(&row[at..]) {
                *lane = *value;
            }
            lanes
        }
    }
}

/// Writes the block of `row` that starts at `at`; values beyond the end of the row are dropped.
#[inline(always)]
pub fn store(lanes: &Lanes, row: &mut [f32], at: usize) {
    match row[at..].first_chunk_mut() {
        Some(block) => *block = *lanes,
        None => {
            for (value, lane) in row[at..].iter_mut().zip(lanes) {
                *value = *lane;
            }
        }
    }
}
