use multiversion::multiversion;

use super::cubic::{Offset, weights};
use crate::color::bounds::{greater, smaller};
use crate::reference::common::border::reflect;
use crate::reference::{Image, Io, Out};

/// Reads each pixel from where it lies in the frame.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let [real, imaginary, shift_x, shift_y] =
        ["real", "imaginary", "shift_x", "shift_y"].map(|name| io.param(name));
    let offset = Offset {
        real,
        imaginary,
        shift: [shift_x, shift_y],
        middle: [0.5 * io.width as f32, 0.5 * io.height as f32],
    };
    let channels = out.rgba();
    if offset.is_none() {
        let own = image.clamped_row(io.y as i64);
        let [r, g, b, a] = channels;
        for (line, own) in [r, g, b].into_iter().zip(own.rgb()) {
            line.copy_from_slice(own);
        }
        match own.alpha() {
            Some(alpha) => a.copy_from_slice(alpha),
            None => a.fill(1.0),
        }
        return;
    }
    let lines = Lines::new(image, &offset, io.y, io.width);
    // Without a turn or growth, the place between pixels is the same for all.
    if real == 0.0 && imaginary == 0.0 {
        shifted(&lines, &offset, io.y, channels);
    } else {
        turned(&lines, &offset, io.y, channels);
    }
}

/// The rows of an image that one row is made of.
struct Lines<'a> {
    rows: Vec<[&'a [f32]; 4]>,
    /// The row that the first of them stands for; it may lie outside, and is mirrored then.
    first: i64,
    width: usize,
    /// Channels that are read; without alpha where it is 1.
    channels: usize,
}

impl<'a> Lines<'a> {
    fn new(image: &'a Image, offset: &Offset, y: usize, width: usize) -> Self {
        let ends = [0, width - 1].map(|x| y as i64 + offset.at(x, y)[1].floor() as i64);
        // Offsets along a row lie on a line, which roundings may leave by a little.
        let (first, last) = (ends[0].min(ends[1]) - 3, ends[0].max(ends[1]) + 4);
        let mut opaque = true;
        let rows = (first..=last).map(|y| {
            let row = image.row(reflect(y, image.height));
            opaque &= row.is_opaque() || row.alpha().is_none();
            let [r, g, b] = row.rgb();
            [r, g, b, row.alpha().unwrap_or(r)]
        });
        Self {
            rows: rows.collect(),
            first,
            width: image.width,
            channels: if opaque { 3 } else { 4 },
        }
    }

    /// The six rows from two above `y` on.
    #[inline(always)]
    fn six(&self, y: i64) -> &[[&'a [f32]; 4]] {
        let from = (y - 2 - self.first).clamp(0, self.rows.len() as i64 - 6) as usize;
        &self.rows[from..from + 6]
    }
}

/// Where the six columns about `x` lie all inside, the first of them.
#[inline(always)]
fn inside(x: i64, width: usize) -> Option<usize> {
    let from = x - 2;
    (from >= 0 && from + 6 <= width as i64).then_some(from as usize)
}

/// A pixel of one channel.
#[inline(always)]
fn pixel(six: [[f32; 6]; 6], across: &[f32; 6], down: &[f32; 6]) -> f32 {
    let (mut sum, mut least, mut most) = (0.0, 3e38f32, -3e38f32);
    for (line, weight) in six.iter().zip(down) {
        let mut along = 0.0;
        for (value, weight) in line.iter().zip(across) {
            along += weight * value;
        }
        sum += weight * along;
    }
    for line in &six[1..5] {
        for value in &line[1..5] {
            least = smaller(*value, least);
            most = greater(*value, most);
        }
    }
    smaller(greater(sum, least), most)
}

#[inline(always)]
fn general(
    lines: &Lines<'_>,
    at: (usize, usize),
    d: [f32; 2],
    channel: usize,
    across: &[f32; 6],
    down: &[f32; 6],
) -> f32 {
    let (x, y) = (
        at.0 as i64 + d[0].floor() as i64,
        at.1 as i64 + d[1].floor() as i64,
    );
    let six = lines.six(y);
    let mut values = [[0.0; 6]; 6];
    match inside(x, lines.width) {
        Some(from) => {
            for (values, row) in values.iter_mut().zip(six) {
                values.copy_from_slice(&row[channel][from..from + 6]);
            }
        }
        None => {
            for (place, column) in (x - 2..x + 4).enumerate() {
                let column = reflect(column, lines.width);
                for (values, row) in values.iter_mut().zip(six) {
                    values[place] = row[channel][column];
                }
            }
        }
    }
    pixel(values, across, down)
}

#[multiversion(targets = "simd")]
fn turned(lines: &Lines<'_>, offset: &Offset, y: usize, out: [&mut [f32]; 4]) {
    let [r, g, b, a] = out;
    for x in 0..r.len() {
        let d = offset.at(x, y);
        let (across, down) = (weights(d[0] - d[0].floor()), weights(d[1] - d[1].floor()));
        let one = |channel: usize| general(lines, (x, y), d, channel, &across, &down);
        (r[x], g[x], b[x]) = (one(0), one(1), one(2));
        a[x] = if lines.channels == 4 { one(3) } else { 1.0 };
    }
}

#[multiversion(targets = "simd")]
fn shifted(lines: &Lines<'_>, offset: &Offset, y: usize, out: [&mut [f32]; 4]) {
    let d = offset.shift;
    let (whole_x, whole_y) = (d[0].floor(), d[1].floor());
    let (across, down) = (weights(d[0] - whole_x), weights(d[1] - whole_y));
    let six = lines.six(y as i64 + whole_y as i64);
    // Pixels whose six columns lie all inside.
    let count = out[0].len();
    let left = 2 - whole_x as i64;
    let begin = left.clamp(0, count as i64) as usize;
    let end = (lines.width as i64 - 5 + left).clamp(begin as i64, count as i64) as usize;
    for (channel, line) in out.into_iter().enumerate() {
        if channel >= lines.channels {
            line.fill(1.0);
            continue;
        }
        for x in (0..begin).chain(end..count) {
            line[x] = general(lines, (x, y), d, channel, &across, &down);
        }
        if begin < end {
            let from = (begin as i64 - left) as usize;
            let rows: [&[f32]; 6] =
                std::array::from_fn(|row| &six[row][channel][from..from + end - begin + 5]);
            inner(rows, &across, &down, &mut line[begin..end]);
        }
    }
}

/// Pixels whose columns lie inside; rows begin two columns to the left of the first.
#[inline(always)]
fn inner(rows: [&[f32]; 6], across: &[f32; 6], down: &[f32; 6], out: &mut [f32]) {
    let count = out.len();
    let columns: [[&[f32]; 6]; 6] =
        rows.map(|row| std::array::from_fn(|column| &row[column..column + count]));
    for x in 0..count {
        let (mut sum, mut least, mut most) = (0.0, 3e38f32, -3e38f32);
        for row in 0..6 {
            let mut along = 0.0;
            for column in 0..6 {
                let value = columns[row][column][x];
                along += across[column] * value;
                if (1..5).contains(&row) && (1..5).contains(&column) {
                    least = smaller(value, least);
                    most = greater(value, most);
                }
            }
            sum += down[row] * along;
        }
        out[x] = smaller(greater(sum, least), most);
    }
}
