use crate::reference::common::border::wrap;
use crate::reference::common::mix::mix;
use crate::reference::{Image, Io, Out};

/// Brightness of the paper at pixel (`x`, `y`), tiled without end (BT.601 weights).
fn paper(image: &Image, x: i64, y: i64) -> f32 {
    let [r, g, b] = image.row(wrap(y, image.height)).rgb();
    let x = wrap(x, image.width);
    r[x] * 0.299 + g[x] * 0.587 + b[x] * 0.114
}

/// Multiplies the drawing onto the paper.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (drawing, image, pixel) = (io.here("drawing").r(), io.image("paper"), io.param("pixel"));
    let y = io.y as f32 * pixel;
    let (py, fy) = (y.floor() as i64, y - y.floor());
    for (x, (value, drawing)) in out.gray().iter_mut().zip(drawing).enumerate() {
        let x = x as f32 * pixel;
        let (px, fx) = (x.floor() as i64, x - x.floor());
        let top = mix(paper(image, px, py), paper(image, px + 1, py), fx);
        let bottom = mix(paper(image, px, py + 1), paper(image, px + 1, py + 1), fx);
        *value = drawing * mix(top, bottom, fy).clamp(0.0, 1.0);
    }
}
