use multiversion::multiversion;

use super::grid::tiles_of;
use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// The mean colour of each tile, a little lighter or darker by chance, and the gaps: where another tile is nearer than half
/// their width.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (tiles, sums, seeds) = (io.image("tiles"), io.words("sums"), io.words("seeds"));
    let (side, columns) = (io.param("cell") as usize, io.param("columns") as i32);
    let (grout, variation) = (io.param("grout"), io.param("variation"));
    let reach = 0.5 * grout + 0.5;
    let n = if grout > 0.0 { reach.ceil() as i64 } else { 0 };
    let width = io.width;
    let last = tiles.height as i64 - 1;
    let cells_of = |y: i64| {
        let mut cells = Vec::with_capacity(width);
        tiles_of(tiles, y.clamp(0, last) as usize, side, columns, &mut cells);
        cells
    };
    let own = cells_of(io.y as i64);
    let mut gaps = vec![0.0; width];
    for dy in -n..=n {
        let row = cells_of(io.y as i64 + dy);
        for dx in -n..=n {
            let weight = smaller(reach - ((dx * dx + dy * dy) as f32).sqrt(), 1.0);
            if weight <= 0.0 {
                continue;
            }
            gap(&own, &row, dx, weight, &mut gaps);
        }
    }
    let colour = |cell: i32| -> [f32; 3] {
        let place = 4 * cell as usize;
        let count = sums[place + 3].max(1) as f32;
        let random = (seeds[place + 2] >> 8) as f32 / 8_388_608.0 - 1.0;
        let tone = 1.0 + variation * random;
        std::array::from_fn(|channel| sums[place + channel] as f32 / (1023.0 * count) * tone)
    };
    let grout = ["r", "g", "b"].map(|name| io.param(&format!("grout_colour_{name}")));
    let [r, g, b, a] = out.rgba();
    a.copy_from_slice(io.here("image").channel(3));
    let mut known = (i32::MIN, [0.0; 3]);
    for x in 0..width {
        if known.0 != own[x] {
            known = (own[x], colour(own[x]));
        }
        for (channel, out) in [&mut *r, &mut *g, &mut *b].into_iter().enumerate() {
            let value = known.1[channel];
            out[x] = value + (grout[channel] - value) * gaps[x];
        }
    }
}

/// Where the pixel `dx` columns on, of another row, belongs to another tile.
fn gap(own: &[i32], row: &[i32], dx: i64, weight: f32, gaps: &mut [f32]) {
    let width = own.len();
    let last = width as i64 - 1;
    let first = (-dx).clamp(0, last + 1) as usize;
    let end = (width as i64 - dx).clamp(first as i64, width as i64) as usize;
    let moved = (first as i64 + dx).max(0) as usize;
    differ(
        &own[first..end],
        &row[moved..][..end - first],
        weight,
        &mut gaps[first..end],
    );
    for x in (0..first).chain(end..width) {
        let at = (x as i64 + dx).clamp(0, last) as usize;
        if row[at] != own[x] {
            gaps[x] = greater(gaps[x], weight);
        }
    }
}

#[multiversion(targets = "simd")]
fn differ(own: &[i32], other: &[i32], weight: f32, gaps: &mut [f32]) {
    for ((gap, own), other) in gaps.iter_mut().zip(own).zip(other) {
        let found = if own == other { 0.0 } else { weight };
        *gap = greater(*gap, found);
    }
}
