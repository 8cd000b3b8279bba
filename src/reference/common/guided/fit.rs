use multiversion::multiversion;

use crate::reference::common::border::reflect;
use crate::reference::{Io, Out, Row};

/// Sums over the rows of a window, for each column: luma, its squares, its products with the change of luma, and the
/// change of red, green and blue.
const SUMS: usize = 6;

#[derive(Default)]
struct Rooms {
    columns: [Vec<f32>; SUMS],
    row: [Vec<f32>; SUMS],
}

/// The linear function of luma that comes nearest to the change in a window: the constants of red, green and blue, and in
/// alpha the factor of luma, which all three share.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (small, changed) = (io.image("small"), io.image("changed"));
    let radius = io.param("radius") as usize;
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let weights = [kr, 1.0 - kr - kb, kb];
    io.with_kept(|rooms: &mut Rooms| {
        let Rooms { columns, row } = rooms;
        for (column, row) in columns.iter_mut().zip(&mut *row) {
            column.clear();
            column.resize(io.width + 2 * radius, 0.0);
            row.resize(io.width, 0.0);
        }
        for dy in 0..=2 * radius {
            let y = reflect((io.y + dy) as i64 - radius as i64, small.height);
            let inside = columns
                .each_mut()
                .map(|column| &mut column[radius..][..io.width]);
            add(small.row(y), changed.row(y), weights, inside);
        }
        for (column, row) in columns.iter_mut().zip(&mut *row) {
            for i in 0..radius {
                let left = reflect(i as i64 - radius as i64, io.width);
                let right = reflect((io.width + i) as i64, io.width);
                column[i] = column[radius + left];
                column[radius + io.width + i] = column[radius + right];
            }
            across(column, radius, row);
        }
        let [luma, squares, products, r, g, b] = row.each_ref().map(Vec::as_slice);
        let [out_r, out_g, out_b, out_a] = out.rgba();
        let n = ((2 * radius + 1) * (2 * radius + 1)) as f32;
        let softness = io.param("softness");
        for x in 0..io.width {
            let mean = luma[x] / n;
            let change = [r[x] / n, g[x] / n, b[x] / n];
            let of_luma = weights[0] * change[0] + weights[1] * change[1] + weights[2] * change[2];
            let covariance = products[x] / n - mean * of_luma;
            let variance = (squares[x] / n - mean * mean).max(0.0);
            let factor = covariance / (variance + softness);
            let shift = factor * (mean + 0.5);
            out_r[x] = change[0] - shift;
            out_g[x] = change[1] - shift;
            out_b[x] = change[2] - shift;
            out_a[x] = factor;
        }
    });
}

/// Adds a row to the sums of its columns.
fn add(small: Row<'_>, changed: Row<'_>, weights: [f32; 3], sums: [&mut [f32]; SUMS]) {
    add_row(small.rgb(), changed.rgb(), weights, sums);
}

#[multiversion(targets = "simd")]
fn add_row(
    [r, g, b]: [&[f32]; 3],
    [to_r, to_g, to_b]: [&[f32]; 3],
    [kr, kg, kb]: [f32; 3],
    [luma, squares, products, change_r, change_g, change_b]: [&mut [f32]; SUMS],
) {
    let n = luma.len();
    let (r, g, b) = (&r[..n], &g[..n], &b[..n]);
    let (to_r, to_g, to_b) = (&to_r[..n], &to_g[..n], &to_b[..n]);
    let (squares, products) = (&mut squares[..n], &mut products[..n]);
    let (change_r, change_g, change_b) =
        (&mut change_r[..n], &mut change_g[..n], &mut change_b[..n]);
    for x in 0..n {
        let value = kr * r[x] + kg * g[x] + kb * b[x] - 0.5;
        let change = [to_r[x] - r[x], to_g[x] - g[x], to_b[x] - b[x]];
        luma[x] += value;
        squares[x] += value * value;
        products[x] += value * (kr * change[0] + kg * change[1] + kb * change[2]);
        change_r[x] += change[0];
        change_g[x] += change[1];
        change_b[x] += change[2];
    }
}

/// Sums of `2 * radius + 1` values each.
#[multiversion(targets = "simd")]
fn across(column: &[f32], radius: usize, out: &mut [f32]) {
    let n = out.len();
    out.copy_from_slice(&column[..n]);
    for i in 1..=2 * radius {
        let shifted = &column[i..][..n];
        for (sum, value) in out.iter_mut().zip(shifted) {
            *sum += value;
        }
    }
}
