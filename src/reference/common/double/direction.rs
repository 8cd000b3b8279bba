use multiversion::multiversion;

use super::buckets::code_of;
use crate::reference::{Io, Out};

/// Weights of the gradients around a pixel, along each axis.
const WEIGHTS: [i32; 5] = [3, 5, 6, 5, 3];

/// How the picture runs at a pixel, as one number: which angle, how steep, how straight.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let level = io.image("level");
    let y = io.y as i64;
    let width = io.width;
    // Continued by three pixels on both sides.
    let wide = |y: i64| {
        let row = level.clamped_row(y).r();
        let column = |x: usize| row[x.saturating_sub(3).min(width - 1)] as i32;
        (0..width + 6).map(column).collect::<Vec<i32>>()
    };
    let rows: [Vec<i32>; 7] = std::array::from_fn(|row| wide(y + row as i64 - 3));
    let mut sums = [0, 1, 2].map(|_| vec![0; width + 4]);
    for (above, share) in WEIGHTS.iter().enumerate() {
        let rows = [0, 1, 2].map(|row| rows[above + row].as_slice());
        add(rows, *share, &mut sums);
    }
    codes(&sums, out.gray());
}

/// Adds the products of gradients of the middle one of three rows, times `share`.
#[multiversion(targets = "simd")]
fn add([above, here, below]: [&[i32]; 3], share: i32, [xx, xy, yy]: &mut [Vec<i32>; 3]) {
    let count = xx.len();
    let (left, right) = (&here[..count], &here[2..][..count]);
    let (above, below) = (&above[1..][..count], &below[1..][..count]);
    let (xx, xy, yy) = (&mut xx[..count], &mut xy[..count], &mut yy[..count]);
    for i in 0..count {
        let (x, y) = (right[i] - left[i], below[i] - above[i]);
        xx[i] += share * x * x;
        xy[i] += share * x * y;
        yy[i] += share * y * y;
    }
}

#[multiversion(targets = "simd")]
fn codes(sums: &[Vec<i32>; 3], out: &mut [f32]) {
    let count = out.len();
    let [xx, xy, yy] = [
        &sums[0][..count + 4],
        &sums[1][..count + 4],
        &sums[2][..count + 4],
    ];
    for i in 0..count {
        let across = |sums: &[i32]| {
            let window = &sums[i..i + 5];
            let products = window.iter().zip(WEIGHTS);
            products.map(|(sum, share)| sum * share).sum::<i32>()
        };
        out[i] = code_of(across(xx), across(xy), across(yy)) as f32;
    }
}
