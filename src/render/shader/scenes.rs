//! Small generated pictures, the same on every machine, and a way to render them in a style.

use crate::frame::{Color, OwnedPlanes, Picture, PixelFormat, Rational, Span};
use crate::graph::plan::{
    OutputRequest, Plan, PlanOptions, Source, StyleUse, Temporal, plan_with_measures,
};
use crate::graph::style::{Library, StyleError};
use crate::graph::{ExecError, Executor, Output, Session};

/// Width and height of the pictures. The height is a quarter of 1080 lines, so that lengths in px are a quarter of what
/// the manifest says.
pub const SIZE: (u32, u32) = (360, 270);
/// Frames of a scene.
pub const FRAMES: usize = 4;
/// Frames per second.
const RATE: i64 = 25;

/// A scene: its name, and the colour of a pixel of a frame.
pub type Scene = (&'static str, fn(u32, u32, u32) -> [u8; 3]);

/// The scenes, by name.
pub const SCENES: [Scene; 3] = [
    ("gradient", gradient),
    ("shapes", shapes),
    ("texture", texture),
];

/// All colours, slowly changing: hue from left to right, light from top to bottom.
fn gradient(x: u32, y: u32, frame: u32) -> [u8; 3] {
    let (width, height) = SIZE;
    let hue = (x * 1536 / width + 24 * frame) % 1536;
    let step = (hue % 256) as u8;
    let [r, g, b] = match hue / 256 {
        0 => [255, step, 0],
        1 => [255 - step, 255, 0],
        2 => [0, 255, step],
        3 => [0, 255 - step, 255],
        4 => [step, 0, 255],
        _ => [255, 0, 255 - step],
    };
    let light = y * 510 / (height - 1);
    let lit = |c: u8| match light {
        0..=255 => u32::from(c) * light / 255,
        _ => u32::from(c) + (255 - u32::from(c)) * (light - 255) / 255,
    };
    [r, g, b].map(|c| lit(c) as u8)
}

/// Flat areas with hard edges: a disc that moves, bars, a checked floor, thin lines, and specks that come and go.
fn shapes(x: u32, y: u32, frame: u32) -> [u8; 3] {
    let (width, height) = SIZE;
    let across = i64::from(x) - i64::from(width / 3 + 12 * frame);
    let down = i64::from(y) - i64::from(height / 3);
    let far = across * across + down * down;
    if far < 50 * 50 {
        return [224, 64, 48];
    }
    if far < 56 * 56 {
        return [16, 16, 24];
    }
    if y > 2 * height / 3 {
        let dark = (x / 18 + y / 18).is_multiple_of(2);
        return if dark { [40, 44, 52] } else { [230, 226, 214] };
    }
    if x > 3 * width / 4 {
        const BARS: [[u8; 3]; 6] = [
            [235, 235, 235],
            [220, 200, 20],
            [20, 190, 200],
            [30, 170, 40],
            [190, 40, 170],
            [30, 50, 190],
        ];
        return BARS[(x / 15 % 6) as usize];
    }
    // Specks in every second frame.
    if frame % 2 == 1 && x % 47 < 2 && (y + 5 * frame) % 31 < 2 {
        return [250, 250, 250];
    }
    if (x + 2 * y) % 61 < 2 {
        return [20, 60, 110];
    }
    [128, 160, 192]
}

/// Fine grain of many colours over large soft areas, moving to the left.
fn texture(x: u32, y: u32, frame: u32) -> [u8; 3] {
    let at = x + 3 * frame;
    // A hash of whole numbers: the same everywhere.
    let mut hash = (at / 2).wrapping_mul(0x9e37_79b1) ^ (y / 2).wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x2c1b_3c6d);
    hash ^= hash >> 12;
    let wave = |period: u32, offset: u32| {
        let place = (at + offset + y / 2) % (2 * period);
        let up = if place < period {
            place
        } else {
            2 * period - place
        };
        up * 160 / period
    };
    let grain = |shift: u32| (hash >> shift) & 63;
    [
        (24 + wave(90, 0) + grain(0)) as u8,
        (24 + wave(140, 60) + grain(8)) as u8,
        (24 + wave(200, 20) + grain(16)) as u8,
    ]
}

/// RGB of 8 bits.
fn format() -> PixelFormat {
    PixelFormat::packed_rgb(8, 3, &[0, 1, 2])
}

/// A picture of these bytes, RGB of 8 bits.
pub fn picture((width, height): (u32, u32), bytes: &[u8]) -> Picture {
    let format = format();
    let mut planes = OwnedPlanes::new(width, height, &format);
    let plane = planes.plane_mut(0);
    plane.copy_from_slice(bytes);
    Picture::new(width, height, format, Color::SRGB, planes)
}

/// Red, green and blue of all pixels, as codes of 8 bits.
pub fn codes(picture: &Picture) -> impl Iterator<Item = u8> + '_ {
    let depth = u32::from(picture.format.depth);
    let code = move |component: usize, x: u32, y: u32| {
        let sample = picture.sample(component, x as usize, y as usize);
        // A picture of more bits: the nearest code.
        let most = (1u32 << depth) - 1;
        ((sample * 255 + most / 2) / most) as u8
    };
    let pixels = (0..picture.height).flat_map(|y| (0..picture.width).map(move |x| (x, y)));
    pixels.flat_map(move |(x, y)| (0..3).map(move |component| code(component, x, y)))
}

/// The frames of a scene.
pub fn frames((_, color): Scene) -> Vec<Picture> {
    let (width, height) = SIZE;
    let frame = |number| {
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let bytes: Vec<u8> = rows.flat_map(|(x, y)| color(x, y, number)).collect();
        picture(SIZE, &bytes)
    };
    (0..FRAMES as u32).map(frame).collect()
}

/// The plan of a style for the scenes, at the values of `look`.
///
/// # Errors
/// Those of planning.
pub fn plan_of(library: &Library, look: StyleUse) -> Result<Plan, StyleError> {
    let (width, height) = SIZE;
    let coding = crate::color::Coding::resolve(&Color::SRGB, &format(), width, height);
    let source = Source {
        width,
        height,
        coded: Some((format(), coding)),
        time_base: Rational::new(1, RATE),
        rate: Rational::new(RATE, 1),
        start: 0,
        interlaced: Default::default(),
    };
    let request = OutputRequest {
        chain: vec![look],
        format: format(),
        color: Color::SRGB,
        temporal: Temporal::Off,
    };
    let planned = plan_with_measures(library, &source, &[request], PlanOptions::default())?;
    Ok(planned.0)
}

/// The pictures of the first port that `executor` makes of `frames`.
///
/// # Errors
/// Those of the executor.
pub fn rendered(
    executor: Box<dyn Executor>,
    frames: &[Picture],
) -> Result<Vec<Picture>, ExecError> {
    let mut session = Session::new(executor, Some(0), 0);
    let mut outputs = Vec::new();
    for (pts, frame) in (0..).zip(frames) {
        outputs.extend(session.push(Some(frame.clone()), Span { pts, duration: 1 })?);
    }
    outputs.extend(session.finish()?);
    let first = outputs.into_iter().filter(|output| output.port == 0);
    Ok(first.filter_map(Output::picture).collect())
}
