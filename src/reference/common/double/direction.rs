use multiversion::multiversion;

use super::buckets::code_of;
use crate::reference::phases::continued;
use crate::reference::{Io, Out};

/// Weights of the gradients around a pixel, along each axis.
const WEIGHTS: [i32; 5] = [3, 5, 6, 5, 3];

/// How the picture runs at a pixel, as one number: which angle, how steep, how straight.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let level = io.image("level");
    let (y, height) = (io.y as i64, level.height as i64);
    let rows: [Vec<i32>; 7] = std::array::from_fn(|row| {
        let row = level.clamped_row(y + row as i64 - 3).r();
        whole(&continued(row, 1, 1))
    });
    // The row at `at`, which lies within three rows.
    let row = |at: i64| rows[(at.clamp(0, height - 1) - y + 3) as usize].as_slice();
    let mut sums = [0, 1, 2].map(|_| vec![0; io.width]);
    for (offset, share) in (-2..).zip(WEIGHTS) {
        // The gradients of the nearest row inside.
        let at = (y + offset).clamp(0, height - 1);
        add([row(at - 1), row(at), row(at + 1)], share, &mut sums);
    }
    let sums = sums.map(|row| {
        let mut wide = Vec::with_capacity(row.len() + 4);
        wide.resize(2, row[0]);
        wide.extend_from_slice(&row);
        wide.resize(row.len() + 4, row[row.len() - 1]);
        wide
    });
    codes(&sums, out.gray());
}

/// Whole numbers, which `row` holds as floats.
#[multiversion(targets = "simd")]
fn whole(row: &[f32]) -> Vec<i32> {
    row.iter().map(|value| *value as i32).collect()
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
            3 * (sums[i] + sums[i + 4]) + 5 * (sums[i + 1] + sums[i + 3]) + 6 * sums[i + 2]
        };
        out[i] = code_of(across(xx), across(xy), across(yy)) as f32;
    }
}
