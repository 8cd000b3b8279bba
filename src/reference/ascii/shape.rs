use super::near;
use crate::reference::{Io, Out};

/// How much of a ninth of a character is ink.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let sheet = io.image("sheet");
    let [width, height] = ["columns", "rows"].map(|name| io.param(name) as i32);
    for (x, value) in out.gray().iter_mut().enumerate() {
        let mut sum = 0.0;
        for j in 0..height {
            for i in 0..width {
                sum += near(sheet, x as i32 * width + i, io.y as i32 * height + j);
            }
        }
        *value = sum / (width * height) as f32;
    }
}
