use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

const FLOOR: f32 = 0.00125;
const DETAIL: f32 = 0.93;
const DETAIL_GAIN: f32 = 3.34;
const MOTION_OF_DETAIL: f32 = 1.7;
const MOST: f32 = 1.2;
const SLACK: f32 = 0.008;
const TINY: f32 = 1e-9;

/// Pixels that are added on both sides of a row of changes.
const SIDE: usize = 2;

/// Memory of a row.
#[derive(Default)]
struct Work {
    /// Change at each pixel, continued on both sides.
    motion: Vec<f32>,
    /// Fine vertical detail, with its sign, and its amount, continued on both sides.
    detail: Vec<f32>,
    amount: Vec<f32>,
}

/// A whole picture of one field: its own rows stay, and rows between them are made of the fields around and of its own rows.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let own = io.here_of("image", 0);
    let order = match io.param("order") as u32 {
        0 => io.facts.fields,
        order => order,
    };
    let second = io.facts.phase >= 0.5;
    let bottom = second != (order == 2);
    let channels = out.channels();
    if order == 0 || io.y % 2 == usize::from(bottom) {
        for channel in 0..channels {
            out.channel(channel).copy_from_slice(own.channel(channel));
        }
        return;
    }
    let (before, after) = if second { (0, 1) } else { (-1, 0) };
    let y = io.y as i64;
    let at = |offset: i32, by: i64| {
        let image = io.image_of("image", offset);
        image.row(row_of(y + by, image.height as i64))
    };
    let alone = !io.valid("image", -1) && !io.valid("image", 1);
    // Of its own field and of the same rows of the frames around, those above and below.
    let near = [0, -1, 1].map(|offset| [-1, 1].map(|by| at(offset, by)));
    let far = [-3, 3].map(|by| at(0, by));
    // Of the fields before and after, this row and those around it.
    let around = [before, after].map(|offset| [0, -2, 2, -4, 4].map(|by| at(offset, by)));
    let colours = if channels == 1 { 1 } else { 3 };
    io.with_kept(|work: &mut Work| {
        for channel in 0..colours {
            let near = near.map(|rows| rows.map(|row| row.channel(channel)));
            let far = far.map(|row| row.channel(channel));
            let around = around.map(|rows| rows.map(|row| row.channel(channel)));
            prepare(work, near, around, alone);
            fill(
                work,
                near[0],
                far,
                around.map(|rows| [rows[0], rows[1], rows[2]]),
                out.channel(channel),
            );
        }
    });
    if channels == 4 {
        out.channel(3).copy_from_slice(own.channel(3));
    }
}

/// The row itself, or beyond the picture the nearest one of the same field.
fn row_of(y: i64, rows: i64) -> usize {
    let field = y & 1;
    let last = (rows - 1 - ((rows - 1 - field) & 1)).max(0);
    y.max(field.min(rows - 1)).min(last) as usize
}

/// Changes and detail of a row.
#[multiversion(targets = "simd")]
fn prepare(work: &mut Work, near: [[&[f32]; 2]; 3], around: [[&[f32]; 5]; 2], alone: bool) {
    let width = near[0][0].len();
    let near = near.map(|rows| rows.map(|row| &row[..width]));
    let [before, after] = around.map(|rows| rows.map(|row| &row[..width]));
    work.motion.resize(width + 2 * SIDE, 0.0);
    work.detail.resize(width, 0.0);
    work.amount.resize(width + 2, 0.0);
    let [[c, e], [c_before, e_before], [c_after, e_after]] = near;
    let motion = &mut work.motion[SIDE..][..width];
    for (x, motion) in motion.iter_mut().enumerate() {
        let across = 0.5 * (before[0][x] - after[0][x]).abs();
        let since = 0.5 * ((c_before[x] - c[x]).abs() + (e_before[x] - e[x]).abs());
        let until = 0.5 * ((c_after[x] - c[x]).abs() + (e_after[x] - e[x]).abs());
        *motion = greater(across, greater(since, until));
    }
    if alone {
        // A row of the other field that stands out of its neighbours moved.
        let other = before[0];
        for (x, motion) in motion.iter_mut().enumerate() {
            let over = other[x] - greater(c[x], e[x]);
            *motion = greater(greater(over, smaller(c[x], e[x]) - other[x]), 0.0);
        }
    }
    let detail = &mut work.detail[..width];
    let amount = &mut work.amount[1..][..width];
    for x in 0..width {
        let here = before[0][x] + after[0][x];
        let near = before[1][x] + after[1][x] + before[2][x] + after[2][x];
        let far = before[3][x] + after[3][x] + before[4][x] + after[4][x];
        detail[x] = (5570.0 * here - 3801.0 * near + 1016.0 * far) / 32768.0;
        amount[x] = detail[x].abs();
    }
    continue_ends(&mut work.motion, SIDE);
    continue_ends(&mut work.amount, 1);
}

/// Repeats the first and the last value on both sides.
fn continue_ends(row: &mut [f32], side: usize) {
    let end = row.len() - side;
    let (first, last) = (row[side], row[end - 1]);
    row[..side].fill(first);
    row[end..].fill(last);
}

/// Pixels of the rows above and below, and three apart, and of the fields before and after.
#[multiversion(targets = "simd")]
fn fill(
    work: &Work,
    near: [&[f32]; 2],
    far: [&[f32]; 2],
    around: [[&[f32]; 3]; 2],
    out: &mut [f32],
) {
    let width = out.len();
    let [[c, e], far] = [near, far].map(|rows| rows.map(|row| &row[..width]));
    let [before, after] = around.map(|rows| rows.map(|row| &row[..width]));
    let motion = &work.motion[..width + 2 * SIDE];
    let (fine, amount) = (&work.detail[..width], &work.amount[..width + 2]);
    for (x, out) in out.iter_mut().enumerate() {
        let moves = motion[x] + motion[x + 1] + motion[x + 2] + motion[x + 3] + motion[x + 4];
        let moves = moves * 0.2;
        let rough = (amount[x] + amount[x + 1] + amount[x + 2]) * (1.0 / 3.0);
        let (c, e) = (c[x], e[x]);
        let near = c + e;
        let far = far[0][x] + far[1][x];
        let [still, over, under] = [0, 1, 2].map(|row| 0.5 * (before[row][x] + after[row][x]));
        let cubic = (5077.0 * near - 981.0 * far) / 8192.0;
        let detailed = fine[x] + (4309.0 * near - 213.0 * far) / 8192.0;
        let share = DETAIL_GAIN * rough / (rough + MOTION_OF_DETAIL * moves + TINY);
        let share = smaller(share, MOST);
        let moving = moves / (moves + DETAIL * rough + FLOOR);
        let made = still + moving * (cubic + share * (detailed - cubic) - still);
        let (over, under) = (over - c, under - e);
        let (to_c, to_e) = (still - c, still - e);
        let highest = greater(greater(to_e, to_c), smaller(over, under));
        let lowest = smaller(smaller(to_e, to_c), greater(over, under));
        let bound = greater(motion[x + SIDE], greater(lowest, -highest)) + SLACK;
        *out = smaller(greater(made, still - bound), still + bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_beyond_the_picture_are_of_the_same_field() {
        let rows = |rows| [-3, -2, -1, 0, 4, 5, 6].map(|y| row_of(y, rows));
        assert_eq!(rows(5), [1, 0, 1, 0, 4, 3, 4]);
        assert_eq!(rows(4), [1, 0, 1, 0, 2, 3, 2]);
        assert_eq!(rows(1), [0; 7]);
    }
}
