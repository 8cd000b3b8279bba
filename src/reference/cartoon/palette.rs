use crate::reference::Image;
use crate::reference::common::codes::code_of;
use crate::reference::lanes::{LANES, Lanes};

/// Samples of the picture from which palettes are made: the pixels nearest to a grid of this many columns and rows.
pub const COLUMNS: usize = 192;
pub const ROWS: usize = 108;
/// Words of a palette of 16 colours: red, green and blue in 1/256 of an 8-bit code value, and the number of samples of
/// the colour.
pub const PALETTE: usize = 64;

/// A colour as luma, and the differences of red and blue from it.
#[inline(always)]
pub fn opponent([r, g, b]: [i32; 3]) -> [i32; 3] {
    let luma = (2 * r + 5 * g + b) >> 3;
    [luma, r - luma, b - luma]
}

/// Squared distance of two such colours. Hue differences are weighted more, so that hues stay apart. It is less than
/// 2^24, so 32-bit floats hold it exactly.
#[inline(always)]
pub fn distance(a: [i32; 3], b: [i32; 3]) -> i32 {
    let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    2 * d[0] * d[0] + 4 * d[1] * d[1] + 3 * d[2] * d[2]
}

/// Row `row` of the samples of `picture`.
pub fn sample_row(picture: &Image, row: usize) -> [[i32; 3]; COLUMNS] {
    let y = (2 * row + 1) * picture.height / (2 * ROWS);
    let rgb = picture.row(y).rgb();
    std::array::from_fn(|column| {
        let x = (2 * column + 1) * picture.width / (2 * COLUMNS);
        rgb.map(|channel| code_of(channel[x]))
    })
}

/// The samples of `picture`, row after row.
pub fn samples(picture: &Image) -> impl Iterator<Item = [i32; 3]> + '_ {
    (0..ROWS).flat_map(move |row| sample_row(picture, row))
}

/// Colour `k` of a palette, rounded to 8-bit code values.
pub fn rounded(palette: &[u32], k: usize) -> [i32; 3] {
    [0, 1, 2].map(|c| ((palette[4 * k + c] + 128) / 256) as i32)
}

/// A palette colour, prepared for [`nearest`], and the value to return for it.
pub struct Place<const N: usize> {
    /// The part of the [`distance`] to a colour that depends on both, as factors of the colour's luma and differences.
    factors: [f32; 3],
    /// The part of the distance that depends on this colour alone.
    own: f32,
    value: [f32; N],
}

impl<const N: usize> Place<N> {
    pub fn new(rgb: [i32; 3], value: [f32; N]) -> Self {
        let [x, y, z] = opponent(rgb).map(|v| v as f32);
        Self {
            factors: [-4.0 * x, -8.0 * y, -6.0 * z],
            own: 2.0 * x * x + 4.0 * y * y + 3.0 * z * z,
            value,
        }
    }
}

/// The value of the place nearest to each pixel; of several equally near, the first. Colours are whole 8-bit code
/// values. This is [`distance`] in 32-bit floats, which hold it exactly and are multiplied faster, without the part that
/// is the same for all places.
#[inline(always)]
pub fn nearest<const N: usize>([r, g, b]: [Lanes; 3], places: &[Place<N>]) -> [Lanes; N] {
    let (mut x, mut y, mut z) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        x[i] = ((2.0 * r[i] + 5.0 * g[i] + b[i]) * 0.125).floor();
        y[i] = r[i] - x[i];
        z[i] = b[i] - x[i];
    }
    let (mut least, mut value) = ([f32::MAX; LANES], [[0.0; LANES]; N]);
    for place in places {
        for i in 0..LANES {
            let [fx, fy, fz] = place.factors;
            let far = place.own + fx * x[i] + fy * y[i] + fz * z[i];
            let nearer = far < least[i];
            least[i] = if nearer { far } else { least[i] };
            for (value, new) in value.iter_mut().zip(place.value) {
                value[i] = if nearer { new } else { value[i] };
            }
        }
    }
    value
}
