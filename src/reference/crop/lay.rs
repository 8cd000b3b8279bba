use crate::reference::between::Field;
use crate::reference::{Io, Out};

/// The picture with its first pixel at (x, y), and around it the backdrop, which is an eighth as large and has the same middle.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, backdrop) = (io.image("image"), io.image("backdrop"));
    let place = |at: usize, all: usize, of: usize| {
        (at as f32 + 0.5 - 0.5 * all as f32) / 8.0 + 0.5 * of as f32
    };
    let down = place(io.y, io.height, backdrop.height);
    let field = Field::<3>::around(backdrop, down.max(0.0) as usize, 1);
    let [r, g, b, a] = out.rgba();
    for x in 0..r.len() {
        let across = place(x, io.width, backdrop.width);
        [r[x], g[x], b[x]] = field.between([across, down]);
    }
    a.fill(1.0);
    let (left, y) = (io.param("x") as usize, io.y as i64 - io.param("y") as i64);
    if !(0..image.height as i64).contains(&y) || left >= r.len() {
        return;
    }
    let row = image.row(y as usize);
    let end = (left + image.width).min(r.len());
    for (channel, line) in [r, g, b, a].into_iter().enumerate() {
        line[left..end].copy_from_slice(&row.channel(channel)[..end - left]);
    }
}
