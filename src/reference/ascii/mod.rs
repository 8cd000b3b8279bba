pub mod choose;
pub mod densest;
pub mod draw;
pub mod measure;
pub mod shape;
pub mod sheet;

use super::Image;

/// A value from 0 to 1 as a whole number up to 255.
fn byte(value: f32) -> i32 {
    (value.clamp(0.0, 1.0) * 255.0).round_ties_even() as i32
}

/// The number of a character as it is kept in an image: 4095 is 1.
fn number(kept: f32) -> i32 {
    (kept * 4095.0).round_ties_even() as i32
}

/// Pixel (`x`, `y`) of the first channel, the nearest one inside.
fn near(image: &Image, x: i32, y: i32) -> f32 {
    let x = x.clamp(0, image.width as i32 - 1);
    image.clamped_row(i64::from(y)).r()[x as usize]
}

/// The ink in the ninths of all characters of a picture of `columns` by `count / columns` of them, whole numbers up to 255.
fn inks(shapes: &Image, columns: i32, count: i32) -> Vec<[i32; 9]> {
    let ninths = |k: i32| {
        let [x, y] = [3 * (k % columns), 3 * (k / columns)];
        std::array::from_fn(|i| byte(near(shapes, x + i as i32 % 3, y + i as i32 / 3)))
    };
    (0..count).map(ninths).collect()
}
