use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// Black lines over the colours. The borders of the colours are softened by the binomial filter 1 2 1 in both
/// directions; then the saturation is changed.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (colors, lines) = (io.image("colors"), io.here("lines").r());
    let y = io.y as i64;
    let (above, here, below) = (
        colors.clamped_row(y - 1).rgb(),
        colors.clamped_row(y).rgb(),
        colors.clamped_row(y + 1).rgb(),
    );
    // One more pixel at either end.
    let stride = io.width + 2;
    let mut columns = vec![0.0; 3 * stride];
    for (channel, column) in columns.chunks_exact_mut(stride).enumerate() {
        let rows = [above[channel], here[channel], below[channel]];
        down(rows, &mut column[1..=io.width]);
        column[0] = column[1];
        column[io.width + 1] = column[io.width];
    }
    let [r, g, b, a] = out.rgba();
    ink(&columns, lines, io.param("saturation"), [r, g, b]);
    a.copy_from_slice(colors.row(io.y).channel(3));
}

#[multiversion(targets = "simd")]
fn down([above, here, below]: [&[f32]; 3], out: &mut [f32]) {
    for (((out, above), here), below) in out.iter_mut().zip(above).zip(here).zip(below) {
        *out = above + 2.0 * here + below;
    }
}

#[multiversion(targets = "simd")]
fn ink(columns: &[f32], lines: &[f32], saturation: f32, [r, g, b]: [&mut [f32]; 3]) {
    let stride = lines.len() + 2;
    let red = columns[..stride].windows(3);
    let green = columns[stride..2 * stride].windows(3);
    let blue = columns[2 * stride..].windows(3);
    let soft = |at: &[f32]| (at[0] + 2.0 * at[1] + at[2]) / 16.0;
    let out = r.iter_mut().zip(g).zip(b).zip(lines);
    for ((((out_r, out_g), out_b), line), ((r, g), b)) in out.zip(red.zip(green).zip(blue)) {
        let (r, g, b) = (soft(r), soft(g), soft(b));
        let luma = r * 0.25 + g * 0.625 + b * 0.125;
        let paper = 1.0 - line;
        let vivid = |v: f32| smaller(greater(luma + saturation * (v - luma), 0.0), 1.0) * paper;
        (*out_r, *out_g, *out_b) = (vivid(r), vivid(g), vivid(b));
    }
}
