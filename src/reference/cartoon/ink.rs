use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Black lines over the colours, whose borders are softened by the binomial 1 2 1 both ways; and more or less saturated.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (colors, lines) = (io.image("colors"), io.here("lines").r());
    let y = io.y as i64;
    let rows = [y - 1, y, y + 1].map(|y| colors.clamped_row(y).rgb());
    let mut soft: [Vec<f32>; 3] = Default::default();
    for (channel, soft) in soft.iter_mut().enumerate() {
        // One more pixel at either end.
        let mut column = vec![0.0; io.width + 2];
        down(rows.map(|row| row[channel]), &mut column[1..=io.width]);
        column[0] = column[1];
        column[io.width + 1] = column[io.width];
        *soft = vec![0.0; io.width];
        across(&column, soft);
    }
    let [r, g, b, a] = out.rgba();
    ink(&soft, lines, io.param("saturation"), [r, g, b]);
    a.copy_from_slice(colors.row(io.y).alpha().unwrap_or(&[]));
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn down([above, here, below]: [&[f32]; 3], out: &mut [f32]) {
    for (((out, above), here), below) in out.iter_mut().zip(above).zip(here).zip(below) {
        *out = above + 2.0 * here + below;
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn across(column: &[f32], out: &mut [f32]) {
    let count = out.len();
    let (left, here, right) = (&column[..count], &column[1..=count], &column[2..count + 2]);
    for (((out, left), here), right) in out.iter_mut().zip(left).zip(here).zip(right) {
        *out = (left + 2.0 * here + right) / 16.0;
    }
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn ink(soft: &[Vec<f32>; 3], lines: &[f32], saturation: f32, out: [&mut [f32]; 3]) {
    let [out_r, out_g, out_b] = out;
    let count = lines.len();
    let [r, g, b] = [&soft[0][..count], &soft[1][..count], &soft[2][..count]];
    let (out_r, out_g, out_b) = (
        &mut out_r[..count],
        &mut out_g[..count],
        &mut out_b[..count],
    );
    for x in 0..count {
        let luma = r[x] * 0.25 + g[x] * 0.625 + b[x] * 0.125;
        let vivid = |v: f32| (luma + saturation * (v - luma)).clamp(0.0, 1.0) * (1.0 - lines[x]);
        (out_r[x], out_g[x], out_b[x]) = (vivid(r[x]), vivid(g[x]), vivid(b[x]));
    }
}
