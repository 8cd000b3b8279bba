//! The size of an output: what is asked for, and what that comes to for the pictures of a source.

use serde::{Deserialize, Serialize};

use super::error::{RenderError, Result};
use crate::frame::{Model, PixelFormat, Rational};

/// The style that changes the size where none of a chain does.
pub const RESIZE: &str = "resize";
/// The longest side of an output, in pixels.
pub const LONGEST_SIDE: u32 = 16384;
/// The largest number in a sample aspect ratio: video streams keep 16 bits of it, some encoders fewer.
const MOST_ASPECT: i128 = 4096;

/// What is asked for of the size of an output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AskedSize {
    /// Both sides of the source times this.
    Scale(f64),
    /// Width and height in pixels.
    Both(u32, u32),
    /// The width; the height keeps the shape.
    Width(u32),
    /// The height; the width keeps the shape.
    Height(u32),
}

/// How pictures are fitted into a width and a height of another shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// As large as fits in; one side may come out shorter than asked.
    #[default]
    Inside,
    /// As large as fits in, with black bars.
    Pad,
    /// As small as fills it; what sticks out is cut.
    Crop,
    /// Exactly that size. The sample aspect ratio changes, so that players show the same shape.
    Stretch,
}

/// The size asked for of an output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Sizing {
    pub asked: AskedSize,
    pub fit: Fit,
    /// Whether the pixels become square: the shape that is kept is then the one that is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub square: bool,
}

/// The pictures whose size is to be changed.
#[derive(Clone, Copy, Debug)]
pub struct Sized {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Width of a sample divided by its height; 0/1 if it is not known.
    pub sample_aspect: Rational,
    /// Whether computed widths and heights must be even, for the chroma of the output.
    pub even: (bool, bool),
}

/// What a size comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Width and height that the pictures are scaled to, in pixels.
    pub scaled: (u32, u32),
    /// Width and height of the output, in pixels.
    pub size: (u32, u32),
    /// Where the first pixel of the scaled picture lies in the output; below 0 where it is cut.
    pub at: (i64, i64),
    pub sample_aspect: Rational,
}

impl Sizing {
    /// What it comes to.
    ///
    /// # Errors
    /// `Usage` where a side would be longer than [`LONGEST_SIDE`].
    pub fn place(&self, source: &Sized) -> Result<Placement> {
        let (width, height) = source.size;
        let pixel = source.sample_aspect;
        let is_square = pixel.num <= 0 || pixel.num == pixel.den;
        // The side that is shown longer than it has pixels grows, so that none are lost.
        let longer = match self.square && !is_square {
            true => pixel.num as f64 / pixel.den as f64,
            false => 1.0,
        };
        let exact = (
            f64::from(width) * longer.max(1.0),
            f64::from(height) / longer.min(1.0),
        );
        let scaled = match (self.asked, self.fit) {
            (AskedSize::Scale(1.0), _) if longer == 1.0 => source.size,
            (AskedSize::Scale(scale), _) => (
                side(exact.0 * scale, source.even.0),
                side(exact.1 * scale, source.even.1),
            ),
            (AskedSize::Width(asked), _) => {
                (asked, side(f64::from(asked) * exact.1 / exact.0, true))
            }
            (AskedSize::Height(asked), _) => {
                (side(f64::from(asked) * exact.0 / exact.1, true), asked)
            }
            (AskedSize::Both(x, y), Fit::Stretch) => (x, y),
            (AskedSize::Both(x, y), fit) => {
                let ratios = (f64::from(x) / exact.0, f64::from(y) / exact.1);
                let ratio = match fit {
                    Fit::Crop => ratios.0.max(ratios.1),
                    _ => ratios.0.min(ratios.1),
                };
                (
                    side_near(exact.0 * ratio, x, source.even.0),
                    side_near(exact.1 * ratio, y, source.even.1),
                )
            }
        };
        let size = match (self.asked, self.fit) {
            (AskedSize::Both(x, y), Fit::Pad | Fit::Crop) => (x, y),
            _ => scaled,
        };
        let longest = [scaled.0, scaled.1, size.0, size.1].into_iter().max();
        if longest > Some(LONGEST_SIDE) {
            return Err(RenderError::usage(
                format!(
                    "pictures of {width}x{height} would become {}x{}: no side may be longer than {LONGEST_SIDE}",
                    scaled.0, scaled.1
                ),
                "ask for a smaller size",
            ));
        }
        let sample_aspect = match self.fit {
            _ if longer != 1.0 => Rational::new(1, 1),
            Fit::Stretch => stretched(source, size),
            _ => source.sample_aspect,
        };
        Ok(Placement {
            scaled,
            size,
            at: (centred(scaled.0, size.0), centred(scaled.1, size.1)),
            sample_aspect,
        })
    }

    /// What is to be said where a size comes out that is not the one asked for; `None` otherwise.
    pub fn notice(&self, placement: &Placement) -> Option<String> {
        let AskedSize::Both(x, y) = self.asked else {
            return None;
        };
        let (width, height) = placement.size;
        (placement.size != (x, y)).then(|| {
            format!(
                "the output is {width}x{height}, the largest size inside {x}x{y} that keeps the shape of the pictures; \
                 --fit pad, crop or stretch makes it {x}x{y}"
            )
        })
    }
}

/// Whether widths and heights must be even for the chroma of `format`.
pub fn even_sides(format: &PixelFormat) -> (bool, bool) {
    let subsampled = |log2: u8| format.model == Model::Yuv && log2 > 0;
    (subsampled(format.chroma.x), subsampled(format.chroma.y))
}

/// A computed side: at least a pixel, or two where it must be even.
fn side(exact: f64, even: bool) -> u32 {
    if even {
        ((exact / 2.0).round() as u32).max(1).saturating_mul(2)
    } else {
        (exact.round() as u32).max(1)
    }
}

/// As [`side`], or the side that was asked for where it is that up to rounding.
fn side_near(exact: f64, asked: u32, even: bool) -> u32 {
    if (exact - f64::from(asked)).abs() <= 0.5 {
        asked
    } else {
        side(exact, even)
    }
}

/// Where a row of `inner` pixels begins in the middle of one of `outer`. An even number, so that chroma samples of the
/// picture keep their places among those of the output.
fn centred(inner: u32, outer: u32) -> i64 {
    (i64::from(outer) - i64::from(inner)) / 4 * 2
}

/// The sample aspect ratio by which pictures of `size` are shown in the shape of the source.
fn stretched(source: &Sized, size: (u32, u32)) -> Rational {
    let aspect = match source.sample_aspect {
        Rational { num, den } if num > 0 && den > 0 => (i128::from(num), i128::from(den)),
        _ => (1, 1),
    };
    let (num, den) = nearest_ratio(
        aspect.0 * i128::from(source.size.0) * i128::from(size.1),
        aspect.1 * i128::from(source.size.1) * i128::from(size.0),
    );
    let unchanged = num * aspect.1 == den * aspect.0;
    if unchanged {
        source.sample_aspect
    } else {
        Rational::new(num as i64, den as i64)
    }
}

/// `num / den` in numbers up to [`MOST_ASPECT`]: the last convergent of its continued fraction that has them.
fn nearest_ratio(num: i128, den: i128) -> (i128, i128) {
    let (mut a, mut b) = (num, den);
    let (mut before, mut now) = ((0, 1), (1, 0));
    while b != 0 {
        let whole = a / b;
        let next = (whole * now.0 + before.0, whole * now.1 + before.1);
        if next.0 > MOST_ASPECT || next.1 > MOST_ASPECT {
            break;
        }
        (before, now) = (now, next);
        (a, b) = (b, a % b);
    }
    match now {
        // Flatter or steeper than the numbers can say.
        (0, _) => (1, MOST_ASPECT),
        (_, 0) => (MOST_ASPECT, 1),
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNKNOWN: Rational = Rational::new(0, 1);

    fn place(asked: AskedSize, fit: Fit, size: (u32, u32), even: bool) -> Placement {
        let source = Sized {
            size,
            sample_aspect: Rational::new(4, 3),
            even: (even, even),
        };
        let square = false;
        Sizing { asked, fit, square }.place(&source).unwrap()
    }

    #[test]
    fn pixels_become_square_and_none_are_lost() {
        for (size, (num, den), asked, expected) in [
            ((720, 576), (64, 45), AskedSize::Scale(1.0), (1024, 576)),
            ((720, 576), (16, 15), AskedSize::Scale(2.0), (1536, 1152)),
            ((720, 480), (8, 9), AskedSize::Scale(1.0), (720, 540)),
            (
                (720, 576),
                (64, 45),
                AskedSize::Both(1280, 720),
                (1280, 720),
            ),
            ((720, 576), (64, 45), AskedSize::Height(720), (1280, 720)),
            ((720, 576), (1, 1), AskedSize::Scale(1.0), (720, 576)),
            ((720, 576), (0, 1), AskedSize::Scale(1.0), (720, 576)),
        ] {
            let source = Sized {
                size,
                sample_aspect: Rational::new(num, den),
                even: (true, true),
            };
            let sizing = Sizing {
                asked,
                fit: Fit::Inside,
                square: true,
            };
            let placed = sizing.place(&source).unwrap();
            assert_eq!(placed.size, expected, "{size:?} {num}:{den} {asked:?}");
            assert!(num == 0 || placed.sample_aspect == Rational::new(1, 1));
        }
    }

    #[test]
    fn sizes_keep_the_shape() {
        use AskedSize::{Both, Height, Scale, Width};
        for (asked, size, even, expected) in [
            (Scale(2.0), (65, 49), true, (130, 98)),
            (Scale(1.5), (64, 48), true, (96, 72)),
            (Scale(1.5), (65, 49), true, (98, 74)),
            (Scale(1.5), (65, 49), false, (98, 74)),
            (Scale(1.0), (65, 49), true, (65, 49)),
            (Scale(0.5), (65, 49), false, (33, 25)),
            (Scale(0.5), (65, 49), true, (32, 24)),
            (Scale(0.01), (65, 49), true, (2, 2)),
            (Scale(0.01), (65, 49), false, (1, 1)),
            (Width(100), (64, 48), false, (100, 76)),
            (Width(101), (64, 48), false, (101, 76)),
            (Height(120), (64, 48), true, (160, 120)),
            (Both(200, 200), (64, 48), true, (200, 150)),
            (Both(101, 200), (64, 48), true, (101, 76)),
            (Both(101, 200), (64, 48), false, (101, 76)),
            (Both(99, 200), (64, 48), false, (99, 74)),
            (Both(101, 75), (64, 48), true, (100, 75)),
            (Both(3840, 2160), (1920, 1080), true, (3840, 2160)),
            (Both(853, 480), (1920, 1080), true, (853, 480)),
        ] {
            let placement = place(asked, Fit::Inside, size, even);
            assert_eq!(placement.size, expected, "{asked:?} of {size:?}");
            assert_eq!(placement.scaled, expected);
            assert_eq!(
                (placement.at, placement.sample_aspect),
                ((0, 0), Rational::new(4, 3))
            );
        }
    }

    #[test]
    fn bars_and_cuts_are_centred() {
        let asked = AskedSize::Both(200, 100);
        let pad = place(asked, Fit::Pad, (64, 48), true);
        assert_eq!((pad.scaled, pad.size), ((134, 100), (200, 100)));
        assert_eq!(pad.at, (32, 0));
        let crop = place(asked, Fit::Crop, (64, 48), true);
        assert_eq!((crop.scaled, crop.size), ((200, 150), (200, 100)));
        assert_eq!(crop.at, (0, -24));
    }

    #[test]
    fn stretching_keeps_the_shape_that_is_shown() {
        let stretch = |size, sample_aspect| {
            let source = Sized {
                size: (64, 48),
                sample_aspect,
                even: (true, true),
            };
            let (x, y) = size;
            let sizing = Sizing {
                square: false,
                asked: AskedSize::Both(x, y),
                fit: Fit::Stretch,
            };
            let placement = sizing.place(&source).unwrap();
            assert_eq!(placement.size, size);
            (placement.sample_aspect.num, placement.sample_aspect.den)
        };
        assert_eq!(stretch((100, 100), UNKNOWN), (4, 3));
        assert_eq!(stretch((100, 100), Rational::new(4, 3)), (16, 9));
        assert_eq!(stretch((128, 96), UNKNOWN), (0, 1));
        assert_eq!(stretch((128, 96), Rational::new(8, 6)), (8, 6));
        let (num, den) = stretch((9973, 16381), UNKNOWN);
        assert!(num <= 4096 && den <= 4096);
        let exact = 64.0 / 48.0 * 16381.0 / 9973.0;
        assert!((num as f64 / den as f64 / exact - 1.0).abs() < 1e-6);
        assert_eq!(stretch((1, 16384), UNKNOWN), (4096, 1));
    }

    #[test]
    fn sides_have_a_limit() {
        let source = Sized {
            size: (1920, 1080),
            sample_aspect: UNKNOWN,
            even: (true, true),
        };
        for (asked, fit, fits) in [
            (AskedSize::Scale(8.0), Fit::Inside, true),
            (AskedSize::Scale(100.0), Fit::Inside, false),
            (AskedSize::Scale(1e30), Fit::Inside, false),
            (AskedSize::Height(16384), Fit::Inside, false),
            (AskedSize::Both(16384, 16384), Fit::Pad, true),
            (AskedSize::Both(16384, 16384), Fit::Crop, false),
        ] {
            let placed = Sizing {
                asked,
                fit,
                square: false,
            }
            .place(&source);
            assert_eq!(placed.is_ok(), fits, "{asked:?} {fit:?}");
        }
    }
}
