use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Makes the finest detail stronger or weaker, and takes each colour to where it was.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let y = io.y as i64;
    let [above, here, below] = [y - 1, y, y + 1].map(|y| image.clamped_row(y));
    let grain = io.param("grain") - 1.0;
    let gains = ["gain_r", "gain_g", "gain_b"].map(|name| io.param(name));
    let offsets = ["offset_r", "offset_g", "offset_b"].map(|name| io.param(name));
    let [r, g, b, a] = out.rgba();
    let rows = (above.rgb(), here.rgb(), below.rgb());
    for (channel, line) in [r, g, b].into_iter().enumerate() {
        let rows = [rows.0[channel], rows.1[channel], rows.2[channel]];
        correct(rows, [grain, gains[channel], offsets[channel]], line);
    }
    match here.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
}

#[multiversion(targets = "simd")]
fn correct([above, here, below]: [&[f32]; 3], [grain, gain, offset]: [f32; 3], out: &mut [f32]) {
    let count = out.len();
    let (above, here, below) = (&above[..count], &here[..count], &below[..count]);
    let one = |left: f32, middle: usize, right: f32| {
        let around = (left + right) + (above[middle] + below[middle]);
        let fine = here[middle] - 0.25 * around;
        (here[middle] + fine * grain) * gain + offset
    };
    for x in 1..count.saturating_sub(1) {
        let around = (here[x - 1] + here[x + 1]) + (above[x] + below[x]);
        let fine = here[x] - 0.25 * around;
        out[x] = (here[x] + fine * grain) * gain + offset;
    }
    // The picture goes on beyond its sides as it is there.
    let last = count - 1;
    out[0] = one(here[0], 0, here[1.min(last)]);
    out[last] = one(here[last.saturating_sub(1)], last, here[last]);
}
