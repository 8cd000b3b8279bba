//! Turns pictures: by multiples of 90°, mirrored or not. Rows and columns change places; no sample changes its value.

use std::sync::Arc;

use serde::Serialize;

use super::video_plan::FrameShape;
use crate::color::{Coding, Siting};
use crate::frame::{
    ChromaLocation, Color, Component, FieldOrder, OwnedPlanes, Picture, PixelFormat, Rational,
    Subsampling,
};

/// How pictures are turned: first transposed, then mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// Rows become columns, so that width and height change places.
    pub transposed: bool,
    /// What was left is right.
    pub mirrored_x: bool,
    /// What was above is below.
    pub mirrored_y: bool,
}

/// Samples on the side of a square that is turned at a time: its rows stay in the processor's cache.
const TILE: usize = 32;

impl Turn {
    /// What a player does that turns pictures clockwise by so many degrees, and where `mirrored` mirrors them too, as
    /// [`VideoInfo`](super::VideoInfo) has it; `None` if that is nothing, or no multiple of 90°.
    pub(crate) fn of(degrees: u16, mirrored: bool) -> Option<Self> {
        // Where the x and y axes of the stored picture point to, y downwards.
        let (a, b) = match degrees {
            0 => (1, 0),
            90 => (0, 1),
            180 => (-1, 0),
            270 => (0, -1),
            _ => return None,
        };
        let (c, d) = if mirrored { (b, -a) } else { (-b, a) };
        let turn = Self {
            transposed: a == 0,
            mirrored_x: a + c < 0,
            mirrored_y: b + d < 0,
        };
        (turn.transposed || turn.mirrored_x || turn.mirrored_y).then_some(turn)
    }

    /// The width of a sample divided by its height, after turning.
    pub(crate) fn aspect(self, aspect: Rational) -> Rational {
        match self.transposed && aspect.num > 0 {
            true => Rational::new(aspect.den, aspect.num),
            false => aspect,
        }
    }

    /// What frames are after turning.
    pub(crate) fn shape(self, mut frames: FrameShape) -> FrameShape {
        frames.sample_aspect = self.aspect(frames.sample_aspect);
        frames.field_order = match frames.field_order {
            // Fields are rows; these are columns now.
            FieldOrder::TopFirst | FieldOrder::BottomFirst if self.transposed => {
                FieldOrder::Progressive
            }
            FieldOrder::TopFirst if self.mirrored_y && frames.height.is_multiple_of(2) => {
                FieldOrder::BottomFirst
            }
            FieldOrder::BottomFirst if self.mirrored_y && frames.height.is_multiple_of(2) => {
                FieldOrder::TopFirst
            }
            order => order,
        };
        if self.transposed {
            (frames.width, frames.height) = (frames.height, frames.width);
        }
        frames
    }

    /// The format that pictures of `format` have after turning; as well, the one that they must have before it to be of
    /// `format` after it. Where chroma has half the columns it then has half the rows.
    pub fn format(self, format: &PixelFormat) -> PixelFormat {
        let Subsampling { x, y } = format.chroma;
        match self.transposed && x != y {
            true => {
                let chroma = Subsampling { x: y, y: x };
                PixelFormat::planar(format.model, chroma, format.depth, format.alpha)
            }
            false => *format,
        }
    }

    /// The chroma location of turned pictures that were of `color` and `format`, and of `width` × `height`; `None` if no
    /// tag says where chroma is then.
    pub(crate) fn chroma_location(
        self,
        color: &Color,
        format: &PixelFormat,
        (width, height): (u32, u32),
    ) -> Option<ChromaLocation> {
        let coding = Coding::resolve(color, format, width, height);
        // In half pixels from the first luma sample of two.
        let place = |siting| match siting {
            Siting::First => 0,
            Siting::Center => 1,
            Siting::Second => 2,
        };
        // With an odd number of pixels, the last chroma sample belongs to one column or row alone.
        let mirrored = |place: i32, size: u32| match size.is_multiple_of(2) {
            true => 2 - place,
            false => -place,
        };
        let mut x = (format.chroma.x == 1).then(|| (place(coding.siting_x), width));
        let mut y = (format.chroma.y == 1).then(|| (place(coding.siting_y), height));
        if self.transposed {
            std::mem::swap(&mut x, &mut y);
        }
        let turned = |axis: Option<(i32, u32)>, mirror| match (axis, mirror) {
            (Some((place, size)), true) => Some(mirrored(place, size)),
            (axis, _) => axis.map(|(place, _)| place),
        };
        let location = match (turned(x, self.mirrored_x), turned(y, self.mirrored_y)) {
            (None, None) => return Some(ChromaLocation::Unspecified),
            (Some(0), Some(1) | None) => ChromaLocation::Left,
            (Some(1), Some(1) | None) | (None, Some(1)) => ChromaLocation::Center,
            (Some(0), Some(0)) => ChromaLocation::TopLeft,
            (Some(1) | None, Some(0)) => ChromaLocation::Top,
            (Some(0), Some(2)) => ChromaLocation::BottomLeft,
            (Some(1) | None, Some(2)) => ChromaLocation::Bottom,
            _ => return None,
        };
        let assumed = color.chroma_location == ChromaLocation::Unspecified;
        let untagged = Coding::resolve(color, &self.format(format), width, height);
        let tagged = Color {
            chroma_location: location,
            ..*color
        };
        let tagged = Coding::resolve(&tagged, &self.format(format), width, height);
        let sitings = |coding: Coding| (coding.siting_x, coding.siting_y);
        // What was not said need not be said now, if it is still true.
        match assumed && sitings(untagged) == sitings(tagged) {
            true => Some(ChromaLocation::Unspecified),
            false => Some(location),
        }
    }

    /// The colour of turned pictures that were of `color` and `format`, and of `width` × `height`.
    pub(crate) fn color(self, color: &Color, format: &PixelFormat, size: (u32, u32)) -> Color {
        let location = self.chroma_location(color, format, size);
        Color {
            chroma_location: location.unwrap_or_default(),
            ..*color
        }
    }

    /// The picture, turned, in the layout of `format`, which must differ in nothing but layout and the turn.
    pub fn picture(self, picture: &Picture, format: &PixelFormat) -> Picture {
        let size = (picture.width, picture.height);
        let (width, height) = match self.transposed {
            true => (size.1, size.0),
            false => size,
        };
        let mut planes = OwnedPlanes::new(width, height, format);
        for (index, (from, to)) in picture.format.used().iter().zip(format.used()).enumerate() {
            let (columns, rows) = format.component_extent(index, width, height);
            let plane = usize::from(to.plane);
            let stride = format.plane_extent(plane, width, height).row_bytes;
            let source = Samples {
                bytes: picture.planes.data(usize::from(from.plane)),
                stride: picture.planes.stride(usize::from(from.plane)),
                component: from,
            };
            let target = (planes.plane_mut(plane), stride, to);
            match picture.format.sample_bytes() {
                4 => self.component::<4>(source, target, (columns as usize, rows as usize)),
                2 => self.component::<2>(source, target, (columns as usize, rows as usize)),
                _ => self.component::<1>(source, target, (columns as usize, rows as usize)),
            }
        }
        Picture {
            width,
            height,
            format: *format,
            color: self.color(&picture.color, &picture.format, size),
            // The rows of a field may be columns now.
            field_order: FieldOrder::Unknown,
            planes: Arc::new(planes),
        }
    }

    /// Turns one component, of so many columns and rows after turning, whose samples have `BYTES` bytes.
    fn component<const BYTES: usize>(
        self,
        source: Samples<'_>,
        (bytes, stride, to): (&mut [u8], usize, &Component),
        (columns, rows): (usize, usize),
    ) {
        let step = usize::from(to.step);
        for top in (0..rows).step_by(TILE) {
            for left in (0..columns).step_by(TILE) {
                for y in top..rows.min(top + TILE) {
                    let row = &mut bytes[y * stride + usize::from(to.offset)..];
                    let v = if self.mirrored_y { rows - 1 - y } else { y };
                    for x in left..columns.min(left + TILE) {
                        let u = if self.mirrored_x { columns - 1 - x } else { x };
                        let (column, line) = if self.transposed { (v, u) } else { (u, v) };
                        let sample = source.at::<BYTES>(column, line, to.shift);
                        row[x * step..x * step + BYTES].copy_from_slice(&sample);
                    }
                }
            }
        }
    }
}

/// The samples of one component.
struct Samples<'a> {
    bytes: &'a [u8],
    stride: usize,
    component: &'a Component,
}

impl Samples<'_> {
    /// The sample in a column and row, above `shift` unused bits.
    fn at<const BYTES: usize>(&self, column: usize, row: usize, shift: u8) -> [u8; BYTES] {
        let from = self.component;
        let at = row * self.stride + column * usize::from(from.step) + usize::from(from.offset);
        let mut sample = [0; BYTES];
        sample.copy_from_slice(&self.bytes[at..at + BYTES]);
        if BYTES == 2 && from.shift != shift {
            let value = u16::from_le_bytes([sample[0], sample[1]]) >> from.shift << shift;
            sample.copy_from_slice(&value.to_le_bytes());
        }
        sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Model;
    use crate::media::orientation::Orientation;

    /// The turn of an EXIF orientation.
    fn turn(exif: u16) -> Option<Turn> {
        let orientation = Orientation::from_exif(exif);
        Turn::of(orientation.degrees(), orientation.is_mirrored())
    }

    /// A picture whose samples are all different on each plane, in a layout.
    fn picture(width: u32, height: u32, format: PixelFormat) -> Picture {
        let mut planes = OwnedPlanes::new(width, height, &format);
        for plane in planes.planes_mut() {
            for (at, byte) in plane.iter_mut().enumerate() {
                *byte = (at * 7 % 251) as u8;
            }
        }
        Picture::new(width, height, format, Color::default(), planes)
    }

    #[test]
    fn orientations_are_undone_sample_by_sample() {
        assert_eq!(turn(1), None);
        let format = PixelFormat::planar(Model::Yuv, Subsampling::S422, 8, true);
        let stored = picture(71, 39, format);
        // Where the top left sample of the stored picture is shown, and the one to its right: EXIF's own definition.
        for (exif, first, second) in [
            (2, (70, 0), (69, 0)),
            (3, (70, 38), (69, 38)),
            (4, (0, 38), (1, 38)),
            (5, (0, 0), (0, 1)),
            (6, (38, 0), (38, 1)),
            (7, (38, 70), (38, 69)),
            (8, (0, 70), (0, 69)),
        ] {
            let turn = turn(exif).unwrap();
            let shown = turn.picture(&stored, &turn.format(&format));
            let expected = if exif < 5 { (71, 39) } else { (39, 71) };
            assert_eq!((shown.width, shown.height), expected);
            let at = |(x, y): (usize, usize)| shown.sample(0, x, y);
            assert_eq!(at(first), stored.sample(0, 0, 0), "{exif}");
            assert_eq!(at(second), stored.sample(0, 1, 0), "{exif}");
            // Turned back it is the same picture, chroma and alpha included.
            let back = match exif {
                6 => self::turn(8).unwrap(),
                8 => self::turn(6).unwrap(),
                _ => turn,
            };
            let back = back.picture(&shown, &format);
            assert!(back.same_samples(&stored), "{exif}");
        }
    }

    #[test]
    fn any_layout_can_be_turned() {
        let right = turn(6).unwrap();
        let layout = |name| crate::media::av::PixFmt::by_name(name).unwrap().layout();
        for (name, planar) in [
            ("nv12", "yuv420p"),
            ("yuyv422", "yuv440p"),
            ("p010le", "yuv420p10le"),
            ("bgr24", "gbrp"),
        ] {
            let (packed, planar) = (layout(name).unwrap(), layout(planar).unwrap());
            let stored = picture(10, 6, packed);
            let shown = right.picture(&stored, &planar);
            for component in 0..3 {
                assert_eq!(
                    shown.sample(component, 0, 1),
                    stored.sample(component, 1, shown_rows(&stored, component) - 1),
                    "{name}"
                );
            }
        }
    }

    /// Rows of a component.
    fn shown_rows(picture: &Picture, component: usize) -> usize {
        let extent = picture
            .format
            .component_extent(component, picture.width, picture.height);
        extent.1 as usize
    }

    #[test]
    fn chroma_stays_where_it_was() {
        use ChromaLocation::{Bottom, BottomLeft, Center, Left, Top, TopLeft, Unspecified};
        let s420 = Subsampling::S420;
        let (s422, s440, s444) = (Subsampling::S422, Subsampling::S440, Subsampling::S444);
        for (exif, chroma, size, from, to) in [
            (6, s420, (8, 6), Left, Some(Top)),
            (6, s420, (8, 6), Unspecified, Some(Top)),
            (6, s420, (8, 6), Center, Some(Center)),
            // Its first column, which is at the top left, is the last row.
            (8, s420, (8, 6), Left, Some(Bottom)),
            (8, s420, (7, 6), Left, Some(Top)),
            (8, s420, (8, 6), TopLeft, Some(BottomLeft)),
            // No tag says "right".
            (3, s420, (8, 6), Left, None),
            (3, s420, (7, 6), Left, Some(Left)),
            (3, s420, (7, 6), Center, None),
            (4, s420, (8, 6), Unspecified, Some(Unspecified)),
            (4, s420, (8, 6), Left, Some(Left)),
            (4, s420, (8, 6), TopLeft, Some(BottomLeft)),
            (6, s422, (8, 6), Left, Some(Top)),
            (8, s422, (8, 6), Left, Some(Bottom)),
            (2, s422, (8, 6), Left, None),
            (5, s440, (8, 6), Top, Some(Left)),
            (6, s444, (8, 6), Left, Some(Unspecified)),
        ] {
            let format = PixelFormat::planar(Model::Yuv, chroma, 8, false);
            let color = Color {
                chroma_location: from,
                ..Color::default()
            };
            let found = turn(exif).unwrap().chroma_location(&color, &format, size);
            assert_eq!(found, to, "{exif} {chroma:?} {size:?} {from:?}");
        }
    }

    #[test]
    fn fields_and_sample_shapes_are_turned() {
        let frames = FrameShape {
            width: 720,
            height: 576,
            time_base: Rational::new(1, 25),
            frame_rate: Rational::new(25, 1),
            sample_aspect: Rational::new(16, 15),
            field_order: FieldOrder::TopFirst,
            whole: false,
        };
        let right = turn(6).unwrap().shape(frames);
        assert_eq!((right.width, right.height), (576, 720));
        assert_eq!(right.sample_aspect, Rational::new(15, 16));
        assert_eq!(right.field_order, FieldOrder::Progressive);
        let over = turn(3).unwrap().shape(frames);
        assert_eq!(over.sample_aspect, Rational::new(16, 15));
        assert_eq!(over.field_order, FieldOrder::BottomFirst);
        assert_eq!(
            turn(2).unwrap().shape(frames).field_order,
            FieldOrder::TopFirst
        );
    }
}
