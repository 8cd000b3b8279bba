use multiversion::multiversion;

use super::tones::{deviation, levels};
use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// A row and two pixels more to each side, by channel.
type Wide = [Vec<f32>; 3];

/// Sums of the pixels around, less the own one: of colours, and of the squares of luma.
#[derive(Default)]
struct Sums {
    row: Wide,
    own: Wide,
    squares: Vec<f32>,
}

/// Toward the mean of 5 by 5 pixels, as far as luma varies there no more than grain does.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let weights = [kr, 1.0 - kr - kb, kb];
    let own = image.row(io.y);
    let [r, g, b, a] = out.rgba();
    match own.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
    for sum in [&mut *r, &mut *g, &mut *b] {
        sum.fill(0.0);
    }
    io.with_kept(|sums: &mut Sums| {
        sums.squares.clear();
        sums.squares.resize(io.width, 0.0);
        widen(own.rgb(), &mut sums.own);
        for y in -2..=2 {
            widen(image.clamped_row(io.y as i64 + y).rgb(), &mut sums.row);
            gather(
                &sums.row,
                &sums.own,
                weights,
                [&mut *r, &mut *g, &mut *b],
                &mut sums.squares,
            );
        }
        shrink(own.rgb(), &sums.squares, weights, &levels(io), [r, g, b]);
    });
}

fn widen(row: [&[f32]; 3], wide: &mut Wide) {
    for (row, wide) in row.into_iter().zip(wide) {
        wide.clear();
        wide.extend([row[0]; 2]);
        wide.extend_from_slice(row);
        wide.extend([row[row.len() - 1]; 2]);
    }
}

#[multiversion(targets = "simd")]
fn gather(
    row: &Wide,
    own: &Wide,
    [kr, kg, kb]: [f32; 3],
    [r, g, b]: [&mut [f32]; 3],
    squares: &mut [f32],
) {
    let width = r.len();
    let (g, b, squares) = (&mut g[..width], &mut b[..width], &mut squares[..width]);
    let own = own.each_ref().map(|channel| &channel[2..2 + width]);
    for k in 0..5 {
        let row = row.each_ref().map(|channel| &channel[k..k + width]);
        for x in 0..width {
            let [red, green, blue] = [0, 1, 2].map(|c| row[c][x] - own[c][x]);
            let luma = kr * red + kg * green + kb * blue;
            r[x] += red;
            g[x] += green;
            b[x] += blue;
            squares[x] += luma * luma;
        }
    }
}

/// `out` holds the sums of the colours around.
#[multiversion(targets = "simd")]
fn shrink(
    own: [&[f32]; 3],
    squares: &[f32],
    [kr, kg, kb]: [f32; 3],
    levels: &[f32; 8],
    [r, g, b]: [&mut [f32]; 3],
) {
    let width = r.len();
    let own = own.map(|channel| &channel[..width]);
    let (g, b, squares) = (&mut g[..width], &mut b[..width], &squares[..width]);
    for x in 0..width {
        let [red, green, blue] = [r[x], g[x], b[x]].map(|sum| sum / 25.0);
        let shift = kr * red + kg * green + kb * blue;
        let varies = greater(squares[x] / 25.0 - shift * shift, 0.0);
        let luma = kr * own[0][x] + kg * own[1][x] + kb * own[2][x];
        let grain = deviation(levels, luma + shift);
        let share = smaller(grain * grain / greater(varies, 1e-7), 1.0);
        r[x] = own[0][x] + share * red;
        g[x] = own[1][x] + share * green;
        b[x] = own[2][x] + share * blue;
    }
}
