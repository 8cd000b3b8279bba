use rayon::prelude::*;

use super::grid::Grid;
use crate::reference::common::codes::code_to;
use crate::reference::{Image, Io};

/// The highest step that is counted, 12 codes of 8 bits: what is higher is an edge of the picture.
const MOST: i32 = 576;

/// How high the steps are at borders of blocks (word 0), and three eighths of a block behind them (word 1). Of every second
/// row, and every second column.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let image = io.image("image");
    let side = io.param("grid") as i32;
    let [across, down] = ["first_x", "first_y"].map(|name| io.param(name) as i32);
    let columns = places(side, across, image.width);
    let rows = places(side, down, image.height);
    let beside = (0..image.height).into_par_iter().step_by(2);
    let beside = beside.map(|y| {
        let mut tones = Vec::new();
        tones_of(image, y, 1, &mut tones);
        let step =
            |x: usize| step([-4, -3, -2, -1, 0, 1, 2, 3].map(|d| tones[x.wrapping_add_signed(d)]));
        columns.iter().fold([0, 0], |[on, off]: [u32; 2], [a, b]| {
            [on + step(*a), off + step(*b)]
        })
    });
    let above = rows
        .par_iter()
        .map(|[a, b]| [*a, *b].map(|y| steps_before(image, y)));
    let sum = |[a, b]: [u32; 2], [c, d]: [u32; 2]| [a.wrapping_add(c), b.wrapping_add(d)];
    let both = beside.chain(above).reduce(|| [0, 0], sum);
    words.copy_from_slice(&both);
}

/// Pixels behind the borders of a line, and those between them: where there are four on both sides.
fn places(side: i32, first: i32, length: usize) -> Vec<[usize; 2]> {
    let borders = Grid { side, first };
    let between = Grid {
        side,
        first: first + 3 * side / 8,
    };
    let inside = 4..length as i32 - 3;
    let pairs = (0..).map(|index| [borders.border(index), between.border(index)]);
    let pairs = pairs.take_while(|[place, _]| *place < length as i32);
    let pairs = pairs.filter(|pair| pair.iter().all(|place| inside.contains(place)));
    pairs.map(|pair| pair.map(|place| place as usize)).collect()
}

/// Luma of every `every`th pixel of a row, in quarters of a code of 8 bits.
fn tones_of(image: &Image, y: usize, every: usize, tones: &mut Vec<i32>) {
    let [r, g, b] = image.row(y).rgb();
    let code = |v: f32| code_to(v, 1020.0);
    tones.clear();
    tones.extend(
        (0..image.width)
            .step_by(every)
            .map(|x| (code(r[x]) + 2 * code(g[x]) + code(b[x]) + 2) >> 2),
    );
}

/// The sum of the steps before a row.
fn steps_before(image: &Image, y: usize) -> u32 {
    let mut rows: [Vec<i32>; 8] = Default::default();
    for (n, tones) in rows.iter_mut().enumerate() {
        tones_of(image, y + n - 4, 2, tones);
    }
    let steps = (0..rows[0].len()).map(|x| step(rows.each_ref().map(|row| row[x])));
    steps.sum()
}

/// 48 times the step in the middle, as far as it stands out from the slope and the texture on both sides, in codes of 8 bits,
/// and a quarter of that.
#[inline(always)]
fn step([p3, p2, p1, p0, q0, q1, q2, q3]: [i32; 8]) -> u32 {
    let high = (4 * (q0 - p0) - (p0 - p2) - (q2 - q0)).abs();
    let before = (p0 - p1).abs() + (p1 - p2).abs() + (p2 - p3).abs();
    let behind = (q0 - q1).abs() + (q1 - q2).abs() + (q2 - q3).abs();
    (3 * high - 2 * (before + behind)).clamp(0, MOST) as u32 >> 2
}

#[test]
fn a_step_between_flat_blocks_counts_and_a_slope_does_not() {
    assert_eq!(step([400, 400, 400, 400, 408, 408, 408, 408]), 24);
    assert_eq!(step([0, 8, 16, 24, 32, 40, 48, 56]), 0);
    assert_eq!(step([0, 0, 0, 0, 1020, 1020, 1020, 1020]), 144);
}
