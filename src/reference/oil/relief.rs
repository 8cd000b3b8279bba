use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Light from the upper left on paint that is thicker where it is lighter; and how vivid the colours are.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let (relief, saturation) = (io.param("relief"), io.param("saturation"));
    let lumas = [-1, 0, 1].map(|offset| {
        let row = image.clamped_row(io.y as i64 + offset);
        let mut line = vec![0.0; io.width + 2];
        luma(row.rgb(), &mut line[1..=io.width]);
        (line[0], line[io.width + 1]) = (line[1], line[io.width]);
        line
    });
    let row = image.row(io.y);
    let [r, g, b, a] = out.rgba();
    a.copy_from_slice(row.channel(3));
    let lines = lumas.each_ref().map(Vec::as_slice);
    for (line, out) in row.rgb().into_iter().zip([r, g, b]) {
        light(lines, line, (relief, saturation), out);
    }
}

#[multiversion(targets = "simd")]
fn luma([r, g, b]: [&[f32]; 3], out: &mut [f32]) {
    for (((out, r), g), b) in out.iter_mut().zip(r).zip(g).zip(b) {
        *out = 0.299 * r + 0.587 * g + 0.114 * b;
    }
}

/// One channel; the lines of luma are continued by a pixel on each side.
#[multiversion(targets = "simd")]
fn light(lines: [&[f32]; 3], line: &[f32], (relief, saturation): (f32, f32), out: &mut [f32]) {
    let width = out.len();
    let (above, below) = (&lines[0][1..=width], &lines[2][1..=width]);
    let (left, here, right) = (&lines[1][..width], &lines[1][1..=width], &lines[1][2..]);
    for x in 0..width {
        let slope = (right[x] - left[x]) + (below[x] - above[x]);
        let light = 0.12 * relief * slope / (0.08 + slope.abs());
        let vivid = here[x] + (line[x] - here[x]) * saturation;
        out[x] = vivid * (1.0 + light);
    }
}
