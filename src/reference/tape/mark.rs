use multiversion::multiversion;

use super::code::{luma_code, luma_codes};
use super::padded::step;
use crate::reference::{Image, Io, Out};

/// Least difference of the frames before and after that is motion: ten codes of 8 bits.
const MOVING: i32 = 40;
/// Lines and pixels around that count where something moves, and pixels from one to the next.
const LINES: i64 = 9;
const PIXELS: i64 = 8;
const APART: usize = 4;

/// 1 where a pixel is brighter, or darker, than all that the kernel compares it with.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let now = io.image_of("image", 0);
    let (y, up, height) = (io.y as i64, 2 * step(io), now.height as i64);
    let least = io.param("least") as i32;
    let marks = out.gray();
    marks.fill(0.0);
    if height <= up {
        return;
    }
    let above = if y < up { y + up } else { y - up };
    let below = if y + up >= height { y - up } else { y + up };
    io.with_kept(|(codes, signs): &mut ([Vec<i32>; 3], Vec<i32>)| {
        for (codes, y) in codes.iter_mut().zip([above, y, below]) {
            codes.resize(marks.len(), 0);
            luma_codes(now.clamped_row(y).rgb(), codes);
        }
        signs.resize(marks.len(), 0);
        let [above, own, below] = &*codes;
        if !candidates([above, own, below], least, signs) {
            return;
        }
        let valid = [-1, 1].map(|k| io.valid("image", k).then(|| io.image_of("image", k)));
        for (x, mark) in marks.iter_mut().enumerate() {
            if signs[x] != 0 {
                let pixel = Pixel {
                    at: [x as i64, y],
                    own: own[x],
                    over: signs[x] > 0,
                };
                *mark = f32::from(u8::from(pixel.is_alone(valid, up / 2, least)));
            }
        }
    });
}

/// 1 where a pixel is so much brighter than both lines, -1 where it is darker. Returns whether there is any.
#[multiversion(targets = "simd")]
fn candidates([above, own, below]: [&[i32]; 3], least: i32, signs: &mut [i32]) -> bool {
    let mut most = -2048;
    for (((sign, own), above), below) in signs.iter_mut().zip(own).zip(above).zip(below) {
        let over = own - above.max(below);
        let under = above.min(below) - own;
        let largest = over.max(under);
        most = largest.max(most);
        let side = if over > under { 1 } else { -1 };
        *sign = if largest < least { 0 } else { side };
    }
    most >= least
}

/// A pixel that differs from the lines above and below.
struct Pixel {
    at: [i64; 2],
    own: i32,
    /// Whether it is brighter.
    over: bool,
}

impl Pixel {
    /// Whether it is as bright, or as dark, beside all that lies around it in the frames before and after.
    fn is_alone(&self, frames: [Option<&Image>; 2], step: i64, least: i32) -> bool {
        let [x, y] = self.at;
        let (mut low, mut high) = (1020, 0);
        // The first and the last frame of a scene have one neighbour, which tells less.
        let both = frames.iter().all(Option::is_some);
        let mut change = if both { 0 } else { MOVING };
        let mut widen = |x: i64, y: i64| {
            let both = frames.map(|image| image.map(|image| code_at(image, x, y)));
            for value in both.into_iter().flatten() {
                (low, high) = (low.min(value), high.max(value));
            }
            if let [Some(before), Some(after)] = both {
                change = change.max((before - after).abs());
            }
            (low, high, change)
        };
        let mut range = (1020, 0, 0);
        for j in -2..=2 {
            range = widen(x, y + j * step);
        }
        let outside = |low: i32, high: i32| {
            if self.over {
                self.own - high
            } else {
                low - self.own
            }
        };
        let mut beyond = 2 * outside(range.0, range.1);
        if range.2 >= MOVING && beyond >= least {
            for j in -LINES..=LINES {
                for i in (-PIXELS..=PIXELS).step_by(APART) {
                    range = widen(x + i, y + j * step);
                }
            }
            beyond = outside(range.0, range.1);
        }
        range.0 <= range.1 && beyond >= least
    }
}

fn code_at(image: &Image, x: i64, y: i64) -> i32 {
    let row = image.clamped_row(y).rgb();
    let x = x.clamp(0, row[0].len() as i64 - 1) as usize;
    luma_code(row.map(|channel| channel[x]))
}
