//! The cells of a mosaic.

use crate::reference::Image;
use crate::reference::common::hash::pcg3d;

/// The pixel that the tile of a cell of `side` pixels grows from; `jitter` is how far it may be from the middle, in 256ths
/// of a cell.
pub(super) fn seed_of(cell: [i32; 2], side: i32, jitter: i32) -> [i32; 2] {
    let random = pcg3d([cell[0] as u32, cell[1] as u32, 7]);
    let place = |axis: usize| {
        let part = (random[axis] >> 24) as i32 - 128;
        cell[axis] * side + side / 2 + part * jitter * side / 65536
    };
    [place(0), place(1)]
}

/// For each pixel of row `y`, the number of the cell of `side` pixels whose tile it belongs to: `columns` cells are a row of
/// them.
pub(super) fn tiles_of(tiles: &Image, y: usize, side: usize, columns: i32, out: &mut Vec<i32>) {
    let above = (y / side) as i32;
    let found = tiles.row(y).r();
    out.clear();
    for (column, found) in found.chunks(side).enumerate() {
        out.extend(found.iter().map(|found| {
            let found = found.round() as i32;
            (above + found / 7 - 3) * columns + column as i32 + found % 7 - 3
        }));
    }
}
