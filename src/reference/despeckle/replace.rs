use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Takes the median where it is far from the frame's own value in any channel, and the frames before and after are alike.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [before, own, after] = [-1, 0, 1].map(|offset| io.here_of("image", offset));
    let median = io.here("median");
    let [r, g, b, a] = out.rgba();
    let rows = [before.rgb(), own.rgb(), after.rgb(), median.rgb()];
    let gains = [io.param("gain"), io.param("motion_gain")];
    replace(rows, gains, [r, g, b]);
    match own.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}

/// `rows` are those of the frame before, the frame itself, the frame after, and the median.
#[multiversion(targets = "simd")]
fn replace(rows: [[&[f32]; 3]; 4], [gain, motion_gain]: [f32; 2], out: [&mut [f32]; 3]) {
    let [r, g, b] = out;
    let width = r.len();
    let [before, own, after, median] = rows.map(|row| row.map(|channel| &channel[..width]));
    let (g, b) = (&mut g[..width], &mut b[..width]);
    for x in 0..width {
        let apart = [0, 1, 2].map(|channel| median[channel][x] - own[channel][x]);
        let moved = [0, 1, 2].map(|channel| before[channel][x] - after[channel][x]);
        let amount = smaller(greater(largest(apart) * gain - 1.0, 0.0), 1.0);
        let still = smaller(greater(2.0 - largest(moved) * motion_gain, 0.0), 1.0);
        let share = amount * still;
        r[x] = own[0][x] + apart[0] * share;
        g[x] = own[1][x] + apart[1] * share;
        b[x] = own[2][x] + apart[2] * share;
    }
}

#[inline(always)]
fn largest([r, g, b]: [f32; 3]) -> f32 {
    greater(r.abs(), greater(g.abs(), b.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speck_goes_where_the_picture_stays_and_is_kept_where_it_moves() {
        // One pixel with a speck over a still picture, one where the frames before and after differ, one untouched.
        let (before, own) = ([0.25, 0.25, 0.25], [0.75, 0.75, 0.26]);
        let (after, median) = ([0.25, 0.5, 0.25], [0.25, 0.5, 0.25]);
        let rows = [before, own, after, median];
        let rows = rows.each_ref().map(|row| [&row[..]; 3]);
        let (mut r, mut g, mut b) = ([0.0; 3], [0.0; 3], [0.0; 3]);
        replace(rows, [2.0 / 0.15, 2.0 / 0.06], [&mut r, &mut g, &mut b]);
        assert_eq!([r, g, b], [[0.25, 0.75, 0.26]; 3]);
    }
}
