use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Sobel's differences of whole numbers, borders replicated: four times the L1 magnitude, plus the sector of the
/// direction: 0 across, 1 down, 2 falling, 3 rising. tan 22.5° is 13573 / 32768.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let gray = io.image("gray");
    let y = io.y as i64;
    let rows = [y - 1, y, y + 1].map(|y| {
        // One more pixel at either end.
        let row = gray.clamped_row(y).r();
        let ends = (row[0], row[row.len() - 1]);
        let mut wide = Vec::with_capacity(row.len() + 2);
        wide.push(ends.0 as i32);
        wide.extend(row.iter().map(|v| *v as i32));
        wide.push(ends.1 as i32);
        wide
    });
    sobel([&rows[0], &rows[1], &rows[2]], out.gray());
}

#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx", "aarch64+neon"))]
fn sobel([above, here, below]: [&[i32]; 3], out: &mut [f32]) {
    let count = out.len();
    let (above, here, below) = (&above[..count + 2], &here[..count + 2], &below[..count + 2]);
    for (x, out) in out.iter_mut().enumerate() {
        let gx = above[x + 2] + 2 * here[x + 2] + below[x + 2] - above[x] - 2 * here[x] - below[x];
        let gy =
            below[x] + 2 * below[x + 1] + below[x + 2] - above[x] - 2 * above[x + 1] - above[x + 2];
        let (ax, ay) = (gx.abs(), gy.abs() << 15);
        let flat = ax * 13573;
        let diagonal = if (gx ^ gy) < 0 { 3 } else { 2 };
        let upright = if ay > flat + (ax << 16) { 1 } else { diagonal };
        let sector = if ay < flat { 0 } else { upright };
        *out = (4 * (ax + gy.abs()) + sector) as f32;
    }
}
