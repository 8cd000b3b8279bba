use multiversion::multiversion;

use super::{slopes, three};
use crate::color::bounds::{greater, smaller};
use crate::reference::between::Field;
use crate::reference::{Io, Out};

/// Slopes of the softened steepness below this are faint: pixels move by less than half as far as they may.
const FAINT: f32 = 0.01;

/// Each pixel as it is further away from the middle of an edge or a line, by at most `amount` times `width` (Arad and Gotsman,
/// "Enhancement by image-dependent warping", 1999). Where both sides of a line have run together in the softened steepness,
/// its middle is that of the line, and the line gets thinner. The darkest around keeps its value, so that thin lines do not
/// fade.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let most = io.param("amount") * io.param("width");
    let rows = three(io.image("soft"), io.y);
    let luma = Field::around(io.image("luma"), io.y, most.ceil() as usize + 1);
    moved(
        rows.each_ref().map(Vec::as_slice),
        &luma,
        most,
        io.y,
        out.gray(),
    );
}

#[multiversion(targets = "simd")]
fn moved(rows: [&[f32]; 3], luma: &Field<'_, 1>, most: f32, y: usize, out: &mut [f32]) {
    for (x, out) in out.iter_mut().enumerate() {
        let [across, down] = slopes(rows, x);
        let away = most / ((across * across + down * down).sqrt() + FAINT);
        let place = [x as f32 + 0.5 - away * across, y as f32 + 0.5 - away * down];
        let [moved] = luma.between(place);
        let (column, row) = (x as i32, y as i32);
        let [here] = luma.at(column, row);
        let (mut low, mut high) = (here, here);
        for j in -1..=1 {
            for i in -1..=1 {
                let [value] = luma.at(column + i, row + j);
                low = smaller(low, value);
                high = greater(high, value);
            }
        }
        let share = smaller(2.0 * (here - low) / greater(high - low, 1e-6), 1.0);
        *out = here + share * (moved - here);
    }
}
