use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// What is not sure takes its neighbours along: its border lies somewhere inside them. So does the border between what
/// moves apart: vectors that differ by half a pixel are as good as equal there, and from 1.5 on one of them is wrong. Where
/// there is little to be seen, that does not matter.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let picked = io.image("picked");
    let y = io.y as i64;
    let rows = [y - 1, y, y + 1].map(|y| picked.clamped_row(y));
    let [dx, dy, sure] = [0, 1, 2].map(|channel| rows.map(|row| Range::of(row.channel(channel))));
    let [columns, lines, sures, alpha] = out.rgba();
    columns.copy_from_slice(rows[1].channel(0));
    lines.copy_from_slice(rows[1].channel(1));
    alpha.fill(1.0);
    let v = [&*columns, &*lines];
    erode(v, rows[1].channel(3), &dx, &dy, &sure, sures);
}

/// The least and the largest of each value of a row and of those before and after it.
struct Range {
    least: Vec<f32>,
    most: Vec<f32>,
}

impl Range {
    fn of(row: &[f32]) -> Self {
        // With the first and the last repeated beyond the ends.
        let mut around = Vec::with_capacity(row.len() + 2);
        around.extend(row.first());
        around.extend(row);
        around.extend(row.last());
        let (mut least, mut most) = (vec![0.0; row.len()], vec![0.0; row.len()]);
        range(&around, &mut least, &mut most);
        Self { least, most }
    }
}

#[multiversion(targets = "simd")]
fn range(around: &[f32], least: &mut [f32], most: &mut [f32]) {
    for ((near, least), most) in around.windows(3).zip(least).zip(most) {
        *least = smaller(smaller(near[0], near[1]), near[2]);
        *most = greater(greater(near[0], near[1]), near[2]);
    }
}

#[multiversion(targets = "simd")]
fn erode(
    v: [&[f32]; 2],
    seen: &[f32],
    dx: &[Range; 3],
    dy: &[Range; 3],
    sure: &[Range; 3],
    out: &mut [f32],
) {
    let width = out.len();
    let least = |of: &[Range; 3], x: usize| {
        smaller(smaller(of[0].least[x], of[1].least[x]), of[2].least[x])
    };
    let most =
        |of: &[Range; 3], x: usize| greater(greater(of[0].most[x], of[1].most[x]), of[2].most[x]);
    let apart = |v: f32, of: &[Range; 3], x: usize| greater(most(of, x) - v, v - least(of, x));
    for x in 0..width {
        let apart = greater(apart(v[0][x], dx, x), apart(v[1][x], dy, x));
        let alike = smaller(greater(1.5 - apart * seen[x], 0.0), 1.0);
        out[x] = smaller(least(sure, x), 1.0) * alike;
    }
}
