use multiversion::multiversion;

use crate::reference::common::border::reflect;
use crate::reference::{Io, Out};

/// Sums over a window: luma, its squares, its change, and the products of the two.
const SUMS: usize = 4;

#[derive(Default)]
struct Rooms {
    columns: [Vec<f32>; SUMS],
    row: [Vec<f32>; SUMS],
}

/// How much the change of luma grows with luma in a window: the slope of the line that comes nearest.
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
            add(small.row(y).rgb(), changed.row(y).rgb(), weights, inside);
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
        let n = ((2 * radius + 1) * (2 * radius + 1)) as f32;
        slopes(
            row.each_ref().map(Vec::as_slice),
            n,
            io.param("softness"),
            out.gray(),
        );
    });
}

/// Adds a row to the sums of its columns.
#[multiversion(targets = "simd")]
fn add(
    [r, g, b]: [&[f32]; 3],
    [to_r, to_g, to_b]: [&[f32]; 3],
    [kr, kg, kb]: [f32; 3],
    [lumas, squares, changes, products]: [&mut [f32]; SUMS],
) {
    let n = lumas.len();
    let (r, g, b) = (&r[..n], &g[..n], &b[..n]);
    let (to_r, to_g, to_b) = (&to_r[..n], &to_g[..n], &to_b[..n]);
    let (squares, changes, products) = (&mut squares[..n], &mut changes[..n], &mut products[..n]);
    for x in 0..n {
        let luma = kr * r[x] + kg * g[x] + kb * b[x] - 0.5;
        let change = kr * to_r[x] + kg * to_g[x] + kb * to_b[x] - 0.5 - luma;
        lumas[x] += luma;
        squares[x] += luma * luma;
        changes[x] += change;
        products[x] += luma * change;
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

#[multiversion(targets = "simd")]
fn slopes(
    [lumas, squares, changes, products]: [&[f32]; SUMS],
    n: f32,
    softness: f32,
    out: &mut [f32],
) {
    let width = out.len();
    let (lumas, squares) = (&lumas[..width], &squares[..width]);
    let (changes, products) = (&changes[..width], &products[..width]);
    for x in 0..width {
        let mean = lumas[x] / n;
        let covariance = products[x] / n - mean * (changes[x] / n);
        let variance = (squares[x] / n - mean * mean).max(0.0);
        out[x] = covariance / (variance + softness);
    }
}
