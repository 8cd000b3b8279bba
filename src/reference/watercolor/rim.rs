use multiversion::multiversion;

use super::luma;
use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// The wash, run into its surroundings where it is soft; in place of alpha how much pigment gathers at its rims.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (wash, soft, y) = (io.image("wash"), io.here("soft").rgb(), io.y as i64);
    let rows = [y - 1, y, y + 1].map(|y| wash.clamped_row(y).rgb());
    let [r, g, b, rim] = out.rgba();
    dry(rows, soft, io.param("wetness"), [r, g, b, rim]);
}

fn limited(value: f32) -> f32 {
    smaller(greater(value, 0.0), 1.0)
}

#[multiversion(targets = "simd")]
fn dry(rows: [[&[f32]; 3]; 3], soft: [&[f32]; 3], wetness: f32, out: [&mut [f32]; 4]) {
    let width = out[0].len();
    let [above, own, below] = rows.map(|row| row.map(|channel| &channel[..width]));
    let soft = soft.map(|channel| &channel[..width]);
    let out = out.map(|channel| &mut channel[..width]);
    let [r, g, b, rims] = out;
    for x in 0..width {
        let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
        let mut square = 0.0;
        let mut apart = [0.0; 3];
        for channel in 0..3 {
            let across = own[channel][right] - own[channel][left];
            let down = below[channel][x] - above[channel][x];
            square += across * across + down * down;
            apart[channel] = own[channel][x] - soft[channel][x];
        }
        let slope = square.sqrt();
        let [red, green, blue] = apart;
        // A rim lies on the darker side: where the wash is darker than its surroundings.
        let darker = limited(0.35 - 8.0 * luma(red, green, blue));
        rims[x] = limited(slope * 2.0 - 0.06) * darker;
        let far = red * red + green * green + blue * blue;
        let runs = wetness * limited(1.0 - 56.0 * far) * limited(1.0 - 4.0 * slope);
        r[x] = own[0][x] - red * runs;
        g[x] = own[1][x] - green * runs;
        b[x] = own[2][x] - blue * runs;
    }
}
