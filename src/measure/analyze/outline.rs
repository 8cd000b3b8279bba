//! Where the picture of one frame ends and black bars begin.

use crate::metrics::Plane;

/// Lines are looked at in so many pieces. Those at both ends tell where the picture ends: subtitles do not reach them.
const PIECES: usize = 8;
/// An edge is sure where so many pieces beside it are brighter than the bar.
const MOST_PIECES: usize = 6;
/// Edges are looked at so many lines inside.
const INSIDE: usize = 4;
/// A line that is brighter than the outermost by so many codes is picture, and black is at most so much above the black level:
/// as in [`super::bars`].
const BRIGHTER: f32 = 3.0;
const BLACK: f32 = 14.0;
/// A picture is sure where this part of it is brighter than the bar by so many codes: letters on black are not.
const FILLED: f64 = 0.6;
const FILL: f32 = 8.0;
/// It is looked at in so many places each way, and columns in so many rows at most.
const PLACES: usize = 40;
const ROWS: usize = 270;

/// Width by height of pictures: from 9:16 to wider than 2.76:1, with some room.
const SHAPES: std::ops::Range<f64> = 0.5..3.2;

/// What a frame shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outline {
    /// Dark lines above and below, and on the left and right. Bars are at most as large: what is dark may be the picture.
    pub rows: [u32; 2],
    pub columns: [u32; 2],
    /// Whether all of the edges are those of a picture.
    pub sure: bool,
}

/// Codes of 255 of a plane, with its lines in either direction.
struct Lines<'a> {
    luma: &'a Plane,
    unit: f32,
}

impl Lines<'_> {
    /// Means of the pieces of row `y` between two columns.
    fn row(&self, y: usize, from: usize, to: usize) -> [f32; PIECES] {
        let row = self.luma.row(y);
        std::array::from_fn(|piece| {
            let (left, right) = part(piece, from, to);
            let sum: u32 = row[left..right].iter().map(|code| u32::from(*code)).sum();
            sum as f32 / ((right - left) as f32 * self.unit)
        })
    }

    /// Means of the pieces of column `x` between two rows.
    fn column(&self, x: usize, from: usize, to: usize) -> [f32; PIECES] {
        let step = (to - from).div_ceil(ROWS).max(1);
        std::array::from_fn(|piece| {
            let (top, bottom) = part(piece, from, to);
            let (mut sum, mut count) = (0u32, 0u32);
            for y in (top..bottom).step_by(step) {
                sum += u32::from(self.luma.codes[y * self.luma.width + x]);
                count += 1;
            }
            sum as f32 / (count as f32 * self.unit)
        })
    }
}

/// Begin and end of a piece of what goes from `from` to `to`, of one sample at least.
fn part(piece: usize, from: usize, to: usize) -> (usize, usize) {
    let at = |n: usize| from + n * (to - from) / PIECES;
    let left = at(piece).min(to - 1);
    (left, at(piece + 1).max(left + 1))
}

fn largest(pieces: &[f32; PIECES]) -> f32 {
    pieces.iter().fold(0.0, |m: f32, v| m.max(*v))
}

fn ends(pieces: &[f32; PIECES]) -> f32 {
    pieces[0].max(pieces[PIECES - 1])
}

/// The outline of `luma`, whose black level of 8 bits is `floor`; none of a black frame. The plane is 16 by 16 at least.
pub(super) fn outline(luma: &Plane, floor: f32) -> Option<Outline> {
    let lines = Lines {
        luma,
        unit: (1u32 << luma.depth.saturating_sub(8)) as f32,
    };
    let (width, height) = (luma.width, luma.height);
    let row = |y: usize| lines.row(y, 0, width);
    let [top, bottom] = dark(height, floor, row, largest)?;
    let (above, below) = (top, height - bottom);
    let column = |x: usize| lines.column(x, above, below);
    let [left, right] = dark(width, floor, column, largest)?;
    // The same within the box, by the ends of the lines.
    let within = |y: usize| lines.row(y, left, width - right);
    let rows = dark(height, floor, within, ends)?;
    let (above, below) = (rows[0], height - rows[1]);
    let inside = |x: usize| lines.column(x, above, below);
    let columns = dark(width, floor, inside, ends)?;
    let (begin, end) = (columns[0], width - columns[1]);
    let level = |pieces: [f32; PIECES]| largest(&pieces).min(floor + BLACK);
    let black = [
        level(lines.row(0, begin, end)),
        level(lines.row(height - 1, begin, end)),
        level(lines.column(0, above, below)),
        level(lines.column(width - 1, above, below)),
    ];
    // Some lines inside: the outermost may be mixed with the bar, or ring.
    let edges = [
        lines.row((above + INSIDE).min(height - 1), begin, end),
        lines.row(below.saturating_sub(1 + INSIDE), begin, end),
        lines.column((begin + INSIDE).min(width - 1), above, below),
        lines.column(end.saturating_sub(1 + INSIDE), above, below),
    ];
    let sharp = edges.iter().zip(black).all(|(pieces, black)| {
        let bright = pieces.iter().filter(|piece| **piece > black + BRIGHTER);
        bright.count() >= MOST_PIECES
    });
    let shape = (end - begin) as f64 / (below - above) as f64;
    let likely = SHAPES.contains(&shape) && is_even(rows) && is_even(columns);
    Some(Outline {
        rows: rows.map(|v| v as u32),
        columns: columns.map(|v| v as u32),
        sure: likely && sharp && filled(&lines, [begin, above, end, below], black[0] + FILL),
    })
}

/// Whether bars are on both sides or on none, about as large.
fn is_even([begin, end]: [usize; 2]) -> bool {
    let (less, more) = (begin.min(end), begin.max(end));
    // 3 lines: encoders cut to even lines, and to rows of blocks.
    more <= 3 * less + 3
}

/// How many lines are dark before the first and after the last that is not; none where all are. `brightness` is that of the
/// pieces of a line.
fn dark(
    count: usize,
    floor: f32,
    pieces: impl Fn(usize) -> [f32; PIECES],
    brightness: fn(&[f32; PIECES]) -> f32,
) -> Option<[usize; 2]> {
    let from = |outer: usize, line: &dyn Fn(usize) -> usize| {
        let level = largest(&pieces(outer));
        if level > floor + BLACK {
            return Some(0);
        }
        (0..count).find(|at| brightness(&pieces(line(*at))) > level + BRIGHTER)
    };
    let begin = from(0, &|at| at)?;
    let end = from(count - 1, &|at| count - 1 - at)?;
    (begin + end + 2 < count).then_some([begin, end])
}

/// Whether most of a box is brighter than `least`.
fn filled(lines: &Lines, [left, top, right, bottom]: [usize; 4], least: f32) -> bool {
    let (mut bright, mut all) = (0, 0);
    for y in (top..bottom).step_by(((bottom - top) / PLACES).max(1)) {
        let row = &lines.luma.row(y)[left..right];
        for code in row.iter().step_by((row.len() / PLACES).max(1)) {
            bright += u32::from(f32::from(*code) > least * lines.unit);
            all += 1;
        }
    }
    f64::from(bright) >= FILLED * f64::from(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of 200 by 120 that is bright between these bars and 16 else, with `text` below.
    fn frame(bars: [usize; 4], text: bool, dark: usize) -> Option<Outline> {
        let [left, top, right, bottom] = bars;
        let codes = (0..200 * 120).map(|at| {
            let (x, y) = (at % 200, at / 200);
            let inside = (left..200 - right).contains(&x) && (top..120 - bottom).contains(&y);
            let letter = text && (112..116).contains(&y) && (60..140).contains(&x);
            match inside {
                true if y < dark => 17,
                true => 60 + (x * 7 + y * 3) as u16 % 90,
                false if letter => 200,
                false => 16,
            }
        });
        outline(
            &Plane {
                width: 200,
                height: 120,
                depth: 8,
                codes: codes.collect(),
            },
            16.0,
        )
    }

    #[test]
    fn bars_are_exact_and_subtitles_are_none() {
        for (bars, text) in [
            ([0; 4], false),
            ([0, 13, 0, 13], false),
            ([0, 13, 0, 13], true),
            ([25, 0, 25, 0], false),
            ([20, 11, 22, 13], true),
        ] {
            let found = frame(bars, text, 0).unwrap();
            let [left, top, right, bottom] = bars.map(|v| v as u32);
            assert_eq!((found.rows, found.columns), ([top, bottom], [left, right]));
            assert!(found.sure, "{bars:?}");
        }
    }

    #[test]
    fn dark_pictures_are_not_sure() {
        assert_eq!(frame([100, 60, 100, 60], false, 0), None);
        // A dark sky has no counterpart below.
        let found = frame([0; 4], false, 60).unwrap();
        assert!(found.rows == [60, 0] && !found.sure, "{found:?}");
    }
}
