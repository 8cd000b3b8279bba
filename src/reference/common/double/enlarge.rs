use multiversion::multiversion;

use crate::reference::{Io, Out};

/// A row of twice the size: bilinear, and what the network adds to it.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (luma, residual) = (io.image("luma"), io.image("residual"));
    let low = io.y / 2;
    let more = residual.row(low);
    let lower = io.y % 2;
    let [left, right] = [0, 1].map(|column| more.channel(2 * lower + column));
    let (upper, share) = [(low as i64 - 1, 0.75), (low as i64, 0.25)][lower];
    double_row(
        [luma.clamped_row(upper).r(), luma.clamped_row(upper + 1).r()],
        share,
        [left, right],
        out.gray(),
    );
}

/// `out` = `rows` enlarged bilinearly, `share` of the lower one, and in its even and odd columns what `more` has.
#[multiversion(targets = "simd")]
fn double_row(rows: [&[f32]; 2], share: f32, more: [&[f32]; 2], out: &mut [f32]) {
    let width = rows[0].len();
    let mixed = |a: f32, b: f32, share: f32| a * (1.0 - share) + b * share;
    let pixel = |left: usize, right: usize, across: f32| {
        let [top, bottom] = rows.map(|row| mixed(row[left], row[right], across));
        mixed(top, bottom, share)
    };
    for (x, pair) in out.chunks_mut(2).enumerate() {
        let (before, after) = (x.saturating_sub(1), (x + 1).min(width - 1));
        pair[0] = pixel(before, x, 0.75) + more[0][x];
        if let Some(odd) = pair.get_mut(1) {
            *odd = pixel(x, after, 0.25) + more[1][x];
        }
    }
}
