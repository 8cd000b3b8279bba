use crate::reference::common::codes::code_to;
use crate::reference::{Io, Out};

/// The mean luma of cells of `side` by `side` pixels, in whole steps of 1/4080.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let luma = io.image("luma");
    let side = io.param("side") as usize;
    let last = luma.width - 1;
    io.with_kept(|sums: &mut Vec<i32>| {
        let out = out.gray();
        sums.clear();
        sums.resize(out.len(), 0);
        for j in 0..side {
            let row = luma.clamped_row((side * io.y + j) as i64).r();
            for (cell, sum) in sums.iter_mut().enumerate() {
                for i in 0..side {
                    *sum += code_to(row[(side * cell + i).min(last)], 1020.0);
                }
            }
        }
        let count = (side * side) as i32;
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = ((4 * *sum + count / 2) / count) as f32 * (1.0 / 4080.0);
        }
    });
}
