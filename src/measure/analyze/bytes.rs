//! Components as codes of 8 bits, which is what most detectors need, and a fast form of them.

use super::View;
use crate::frame::Model;
use crate::metrics::Plane;

/// One component as codes of 8 bits, rows without padding. Codes of more bits lose their lowest.
#[derive(Clone, Debug, Default)]
pub(super) struct Bytes {
    pub width: usize,
    pub height: usize,
    pub codes: Vec<u8>,
}

impl Bytes {
    /// Luma of `view`.
    pub fn luma(view: &View) -> Self {
        Self::of(&view.luma)
    }

    /// A plane of any depth.
    pub fn of(plane: &Plane) -> Self {
        let shift = plane.depth.saturating_sub(8);
        Self {
            width: plane.width,
            height: plane.height,
            codes: plane.codes.iter().map(|c| (c >> shift) as u8).collect(),
        }
    }

    /// Cb and Cr around 128 of `view` on their own grid, or none of a gray picture. Of RGB they are made by BT.709 (item
    /// 3.3), full range.
    pub fn chroma(view: &View) -> Option<[Self; 2]> {
        let parts = |index| Self::of(&Plane::component(&view.picture, index));
        match view.picture.format.model {
            Model::Gray => None,
            Model::Yuv => Some([parts(1), parts(2)]),
            Model::Rgb => {
                let [red, green, blue] = [parts(0), parts(1), parts(2)];
                let difference = |of: &Self, scale: f32| {
                    let rest = red.codes.iter().zip(&green.codes).zip(&blue.codes);
                    let codes = of.codes.iter().zip(rest).map(|(code, ((r, g), b))| {
                        let luma = 0.2126 * f32::from(*r)
                            + 0.7152 * f32::from(*g)
                            + 0.0722 * f32::from(*b);
                        ((f32::from(*code) - luma) / scale + 128.5).clamp(0.0, 255.0) as u8
                    });
                    Self {
                        codes: codes.collect(),
                        ..*of
                    }
                };
                Some([difference(&blue, 1.8556), difference(&red, 1.5748)])
            }
        }
    }

    /// Row `y`. Panics if it does not exist.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.codes[y * self.width..][..self.width]
    }

    /// Whether both have the same size.
    pub fn fits(&self, other: &Self) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }
}

/// The last two frames' luma, for detectors that compare a frame with both its neighbours in time.
#[derive(Default)]
pub(super) struct Neighbours {
    kept: Vec<(Bytes, f64)>,
}

impl Neighbours {
    /// Takes the next frame. Where two frames of the same size precede it without a gap, `look` gets the three in their order
    /// and the time of the middle one.
    pub fn next(&mut self, view: &View, look: impl FnOnce([&Bytes; 3], f64)) {
        let now = Bytes::luma(view);
        if !view.follows || self.kept.last().is_some_and(|(last, _)| !last.fits(&now)) {
            self.kept.clear();
        }
        if let [(before, _), (middle, time)] = &self.kept[..] {
            look([before, middle, &now], *time);
            self.kept.remove(0);
        }
        self.kept.push((now, view.time));
    }
}

/// The value below which `share` (0 to 1) of `values` lie; 0 where there are none. Changes their order.
pub(super) fn percentile(values: &mut [f64], share: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let at = ((values.len() - 1) as f64 * share).round() as usize;
    *values.select_nth_unstable_by(at, f64::total_cmp).1
}

/// Figures by name, rounded to thousandths.
pub(super) fn details(figures: &[(&str, f64)]) -> serde_json::Map<String, serde_json::Value> {
    let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
    figures
        .iter()
        .map(|(name, value)| ((*name).to_owned(), rounded(*value).into()))
        .collect()
}

/// How sure a statement is whose measured `value` is found from `threshold` on: 0.5 at the threshold, 0.95 at twice and at
/// half of it.
pub(super) fn confidence(value: f64, threshold: f64) -> f64 {
    let steps = (value.max(1e-3) / threshold).log2().abs().min(1.0);
    ((0.5 + 0.45 * steps) * 100.0).round() / 100.0
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::frame::{Color, OwnedPlanes, Picture, PixelFormat, Subsampling};

    /// A number of 16 bits that depends on `n` alone.
    pub fn hash(n: usize) -> u32 {
        let mut v = (n as u32).wrapping_mul(0x9e37_79b9) ^ 0x85eb_ca6b;
        for _ in 0..2 {
            v = (v ^ (v >> 15)).wrapping_mul(0x2c1b_3c6d);
        }
        v >> 16
    }

    /// A number of about normal distribution, mean 0 and deviation 1.
    pub fn normal(n: usize) -> f64 {
        let sum: f64 = (0..12).map(|k| f64::from(hash(n * 12 + k)) / 65536.0).sum();
        sum - 6.0
    }

    /// View `number` of a 4:4:4 picture of 8 bits in the limited range whose components are `codes(x, y)`.
    pub fn view(
        number: u64,
        width: u32,
        height: u32,
        codes: impl Fn(usize, usize) -> [f64; 3],
    ) -> View {
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S444, 8, false);
        let mut planes = OwnedPlanes::new(width, height, &format);
        let mut each = planes.planes_mut();
        let stride = each[0].len() / height as usize;
        for y in 0..height as usize {
            for x in 0..width as usize {
                for (plane, code) in each.iter_mut().zip(codes(x, y)) {
                    plane[y * stride + x] = (code + 0.5).clamp(0.0, 255.0) as u8;
                }
            }
        }
        drop(each);
        let picture = Picture::new(width, height, format, Color::BT709, planes);
        View::new(
            number,
            number as f64 / 25.0,
            0.04,
            number > 0,
            picture,
            true,
        )
    }

    #[test]
    fn percentiles_are_of_the_sorted_values() {
        let mut values = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(percentile(&mut values, 0.5), 3.0);
        assert_eq!(percentile(&mut values, 1.0), 5.0);
        assert_eq!(percentile(&mut [], 0.5), 0.0);
    }

    #[test]
    fn views_hold_what_was_drawn() {
        let view = view(0, 5, 3, |x, y| [(x + 10 * y) as f64, 100.0, 200.0]);
        assert_eq!(Bytes::luma(&view).row(2), [20, 21, 22, 23, 24]);
        let chroma = Bytes::chroma(&view).map(|planes| [planes[0].codes[3], planes[1].codes[3]]);
        assert_eq!(chroma, Some([100, 200]));
    }
}
