use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Products are this much larger, so that those of faint slopes fit half floats.
const GAIN: f32 = 64.0;

/// The structure tensor of a picture: products of its slopes across, down, and of both, summed over red, green and blue
/// (Di Zenzo 1986). Slopes by Scharr's filters of 3 by 3.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let rows = [-1, 0, 1].map(|offset| image.clamped_row(io.y as i64 + offset));
    let [xx, yy, xy, one] = out.rgba();
    one.fill(1.0);
    let mut sums = [xx, yy, xy];
    sums.iter_mut().for_each(|sum| sum.fill(0.0));
    let width = io.width;
    let mut wide: [Vec<f32>; 3] = std::array::from_fn(|_| vec![0.0; width + 2]);
    // Of an image of one channel, red, green and blue are the same.
    let (channels, gain) = match image.channels {
        1 => (1, 3.0 * GAIN),
        _ => (3, GAIN),
    };
    for channel in 0..channels {
        for (wide, row) in wide.iter_mut().zip(&rows) {
            let row = row.channel(channel);
            wide[1..=width].copy_from_slice(row);
            (wide[0], wide[width + 1]) = (row[0], row[width - 1]);
        }
        add(wide.each_ref().map(Vec::as_slice), gain, &mut sums);
    }
}

/// Adds the products of one channel, times `gain`, from rows that are continued by a pixel on each side.
#[multiversion(targets = "simd")]
fn add(rows: [&[f32]; 3], gain: f32, [xx, yy, xy]: &mut [&mut [f32]; 3]) {
    let width = xx.len();
    let from = |row: usize, offset: usize| &rows[row][offset..offset + width];
    let [nw, n, ne] = [0, 1, 2].map(|offset| from(0, offset));
    let (w, e) = (from(1, 0), from(1, 2));
    let [sw, s, se] = [0, 1, 2].map(|offset| from(2, offset));
    let (xx, yy, xy) = (&mut xx[..width], &mut yy[..width], &mut xy[..width]);
    for i in 0..width {
        let x = (3.0 * (ne[i] - nw[i]) + 10.0 * (e[i] - w[i]) + 3.0 * (se[i] - sw[i])) / 32.0;
        let y = (3.0 * (sw[i] - nw[i]) + 10.0 * (s[i] - n[i]) + 3.0 * (se[i] - ne[i])) / 32.0;
        xx[i] += gain * (x * x);
        yy[i] += gain * (y * y);
        xy[i] += gain * (x * y);
    }
}
