use crate::reference::Image;

/// Samples of the picture that palettes are made from: the pixels nearest to a grid of so many columns and rows.
pub const COLUMNS: usize = 192;
pub const ROWS: usize = 108;
/// Words of a palette: red, green and blue in 1/256 code values of 8 bits, and how many samples it stands for; of 16
/// colours.
pub const PALETTE: usize = 64;

/// A value 0..1 as a code value of 8 bits.
#[inline(always)]
pub fn code_of(v: f32) -> i32 {
    (v.clamp(0.0, 1.0) * 255.0 + 0.5) as i32
}

/// A colour as luma and what red and blue have beyond it.
#[inline(always)]
pub fn opponent([r, g, b]: [i32; 3]) -> [i32; 3] {
    let luma = (2 * r + 5 * g + b) >> 3;
    [luma, r - luma, b - luma]
}

/// Squared distance of two such colours: hues count for more, so that they are kept apart. Less than 2^24, so that
/// single floats hold it exactly.
#[inline(always)]
pub fn distance(a: [i32; 3], b: [i32; 3]) -> i32 {
    let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    2 * d[0] * d[0] + 4 * d[1] * d[1] + 3 * d[2] * d[2]
}

/// The samples of `picture`, row after row.
pub fn samples(picture: &Image) -> impl Iterator<Item = [i32; 3]> + '_ {
    (0..ROWS).flat_map(move |row| {
        let y = (2 * row + 1) * picture.height / (2 * ROWS);
        let rgb = picture.row(y).rgb();
        (0..COLUMNS).map(move |column| {
            let x = (2 * column + 1) * picture.width / (2 * COLUMNS);
            rgb.map(|channel| code_of(channel[x]))
        })
    })
}

/// Colour `k` of a palette, rounded to code values of 8 bits.
pub fn rounded(palette: &[u32], k: usize) -> [i32; 3] {
    [0, 1, 2].map(|c| ((palette[4 * k + c] + 128) / 256) as i32)
}

/// Index of the colour nearest to `rgb`, all of them as [`opponent`] makes them; the first of several.
#[inline(always)]
pub fn nearest(colors: &[[i32; 3]], rgb: [i32; 3]) -> usize {
    let (mut best, mut least) = (0, i32::MAX);
    for (k, color) in colors.iter().enumerate() {
        let far = distance(rgb, *color);
        if far < least {
            (best, least) = (k, far);
        }
    }
    best
}
