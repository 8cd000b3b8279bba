use multiversion::multiversion;

use crate::color::bounds::{greater, smaller};
use crate::reference::common::resample::alpha::{divide, is_opaque, multiply};
use crate::reference::common::resample::window::Axis;
use crate::reference::lanes::{LANES, Lanes, load, store};
use crate::reference::phases::{Phases, continued, together};
use crate::reference::{Io, Out, Row};

/// Pixels that a row is continued by on both sides, as the one at its end.
const MORE: usize = 2;
/// Pixels that are read, by row and column from the one left and above of the place.
const TAPS: [(i32, i32); 12] = [
    (-1, 0),
    (-1, 1),
    (0, -1),
    (0, 0),
    (0, 1),
    (0, 2),
    (1, -1),
    (1, 0),
    (1, 1),
    (1, 2),
    (2, 0),
    (2, 1),
];
/// The four around the place, among the taps.
const NEAREST: [usize; 4] = [3, 4, 7, 8];
/// Of each of those: the taps above, left, here, right, below.
const CROSSES: [[usize; 5]; 4] = [
    [0, 2, 3, 4, 7],
    [1, 3, 4, 5, 8],
    [3, 6, 7, 8, 10],
    [4, 7, 8, 9, 11],
];

/// Where pixels of the output lie between those of the input, along one axis.
struct Places {
    /// The pixel before each, in a row that is continued.
    before: Vec<u32>,
    /// How far after it.
    after: Vec<f32>,
}

/// The pixel before, and how far after it a place is.
fn place(axis: Axis) -> (i32, f32) {
    let back = i32::from(axis.offset > 0.0);
    (axis.base - back, back as f32 - axis.offset)
}

impl Places {
    /// For `count_out` pixels made of `count_in`, and more up to whole blocks.
    fn new(count_in: usize, count_out: usize) -> Self {
        let at = 0..count_out.next_multiple_of(LANES);
        let places = at.map(|at| place(Axis::new(at.min(count_out - 1), count_in, count_out)));
        let (before, after) = places
            .map(|(before, after)| ((before + MORE as i32) as u32, after))
            .unzip();
        Self { before, after }
    }
}

/// Edge-adaptive upsampling: twelve pixels around the place, by a filter that is turned and stretched along the edge there,
/// limited to the four nearest pixels (Lottes's EASU of AMD FidelityFX Super Resolution 1, 2021).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let places = io.once(|| Places::new(image.width, io.width));
    let (y, down) = place(Axis::new(io.y, image.height, io.height));
    let rows: [Row<'_>; 4] =
        std::array::from_fn(|row| image.clamped_row(i64::from(y) + row as i64 - 1));
    let opaque = image.channels == 1 || rows.iter().all(|row| is_opaque(*row));
    // Red, green, blue, and alpha where it counts.
    let channels: Vec<[Vec<f32>; 4]> = (0..if opaque { 3 } else { 4 })
        .map(|channel| {
            rows.map(|row| {
                let mut values = row.channel(channel).to_vec();
                if !opaque && channel < 3 {
                    multiply(&mut values, row.channel(3));
                }
                continued(&values, MORE, MORE + LANES)
            })
        })
        .collect();
    let luma = [0, 1, 2, 3].map(|row| luma_of([0, 1, 2].map(|channel| &*channels[channel][row])));
    let rows: Vec<[&[f32]; 4]> = channels
        .iter()
        .map(|rows| rows.each_ref().map(Vec::as_slice))
        .collect();
    let luma = luma.each_ref().map(Vec::as_slice);
    let mut made = vec![[0.0; LANES]; channels.len()];
    let phases = Phases::new(image.width, io.width);
    if phases.is_dense() {
        // The pixels of a phase read pixels that lie side by side, all at the same place between them.
        let count = image.width.next_multiple_of(LANES);
        let mut rows_of: Vec<Vec<Vec<f32>>> =
            vec![vec![vec![0.0; count]; phases.period]; channels.len()];
        for phase in 0..phases.period {
            let across = [places.after[phase]; LANES];
            let first = places.before[phase] as usize;
            for at in (0..image.width).step_by(LANES) {
                let taps = |rows: [&[f32]; 4]| side_by_side(rows, first + at);
                block(taps(luma), &across, down, &rows, taps, &mut made);
                for (made, rows) in made.iter().zip(&mut rows_of) {
                    store(made, &mut rows[phase], at);
                }
            }
        }
        for (channel, phases) in rows_of.iter().enumerate() {
            together(phases, out.channel(channel));
        }
    } else {
        for at in (0..io.width).step_by(LANES) {
            let across = load(&places.after, at);
            let taps = |rows: [&[f32]; 4]| gather(&places, at, rows);
            block(taps(luma), &across, down, &rows, taps, &mut made);
            for (channel, made) in made.iter().enumerate() {
                store(made, out.channel(channel), at);
            }
        }
    }
    if out.channels() == 1 {
        return;
    }
    match opaque {
        true => out.channel(3).fill(1.0),
        false => divide(out),
    }
}

#[multiversion(targets = "simd")]
fn luma_of([r, g, b]: [&[f32]; 3]) -> Vec<f32> {
    let pixels = r.iter().zip(g).zip(b);
    pixels.map(|((r, g), b)| 0.5 * (r + b) + g).collect()
}

/// The taps of a block of pixels whose places lie one pixel apart, the first after column `before`.
#[inline(always)]
fn side_by_side(rows: [&[f32]; 4], before: usize) -> [Lanes; 12] {
    TAPS.map(|(row, column)| {
        load(
            rows[(row + 1) as usize],
            before.wrapping_add_signed(column as isize),
        )
    })
}

/// The taps of the block of pixels from `at`.
#[inline(always)]
fn gather(places: &Places, at: usize, rows: [&[f32]; 4]) -> [Lanes; 12] {
    let before = &places.before[at..at + LANES];
    TAPS.map(|(row, column)| {
        let row = rows[(row + 1) as usize];
        std::array::from_fn(|lane| row[(before[lane] as i32 + column) as usize])
    })
}

/// A block of pixels: all channels that `rows` has, of which `taps` gives the taps.
#[inline(always)]
fn block(
    luma: [Lanes; 12],
    across: &Lanes,
    down: f32,
    rows: &[[&[f32]; 4]],
    taps: impl Fn([&[f32]; 4]) -> [Lanes; 12],
    made: &mut [Lanes],
) {
    let (weights, share) = weights(&luma, across, down);
    for (rows, made) in rows.iter().zip(made) {
        *made = weighted(&weights, &share, &taps(*rows));
    }
}

/// The weighted mean of the taps, no further than the nearest four.
#[multiversion(targets = "simd")]
fn weighted(weights: &[Lanes; 12], share: &Lanes, taps: &[Lanes; 12]) -> Lanes {
    let mut sums = [0.0; LANES];
    for (weights, tap) in weights.iter().zip(taps) {
        for lane in 0..LANES {
            sums[lane] += weights[lane] * tap[lane];
        }
    }
    let [a, b, c, d] = NEAREST.map(|tap| &taps[tap]);
    let mut made = [0.0; LANES];
    for lane in 0..LANES {
        let low = smaller(smaller(a[lane], b[lane]), smaller(c[lane], d[lane]));
        let high = greater(greater(a[lane], b[lane]), greater(c[lane], d[lane]));
        made[lane] = smaller(greater(sums[lane] / share[lane], low), high);
    }
    made
}

/// The weights of the taps for a block of places, and their sum.
#[multiversion(targets = "simd")]
fn weights(luma: &[Lanes; 12], across: &Lanes, down: f32) -> ([Lanes; 12], Lanes) {
    let mut found_x = [0.0; LANES];
    let mut found_y = [0.0; LANES];
    let mut straight = [0.0; LANES];
    for (pixel, [above, left, here, right, below]) in CROSSES.into_iter().enumerate() {
        let [above, left, here, right, below] =
            [above, left, here, right, below].map(|tap| &luma[tap]);
        for lane in 0..LANES {
            let near = across[lane];
            let share_x = if pixel % 2 == 0 { 1.0 - near } else { near };
            let share = share_x * if pixel < 2 { 1.0 - down } else { down };
            let x = right[lane] - left[lane];
            let y = below[lane] - above[lane];
            let steep_x = greater(
                (right[lane] - here[lane]).abs(),
                (here[lane] - left[lane]).abs(),
            );
            let steep_y = greater(
                (below[lane] - here[lane]).abs(),
                (here[lane] - above[lane]).abs(),
            );
            let part_x = smaller(x.abs() / greater(steep_x, 1e-6), 1.0);
            let part_y = smaller(y.abs() / greater(steep_y, 1e-6), 1.0);
            found_x[lane] += share * x;
            found_y[lane] += share * y;
            straight[lane] += share * (part_x * part_x + part_y * part_y);
        }
    }
    // The gradient's direction, how much shorter distances are across and along the edge, the lobe of the window,
    // and where it ends.
    let mut turn = [[0.0; LANES]; 2];
    let mut stretch = [[0.0; LANES]; 2];
    let mut lobe = [0.0; LANES];
    let mut end = [0.0; LANES];
    for lane in 0..LANES {
        let (x, y) = (found_x[lane], found_y[lane]);
        let steep = x * x + y * y;
        let length = 1.0 / greater(steep, 1e-12).sqrt();
        let is_edge = steep >= 1.0 / 32768.0;
        turn[0][lane] = if is_edge { x * length } else { 1.0 };
        turn[1][lane] = if is_edge { y * length } else { 0.0 };
        let certain = 0.25 * straight[lane] * straight[lane];
        let diagonal = 1.0 / greater(turn[0][lane].abs(), turn[1][lane].abs());
        stretch[0][lane] = 1.0 + (diagonal - 1.0) * certain;
        stretch[1][lane] = 1.0 - 0.5 * certain;
        lobe[lane] = 0.5 - 0.29 * certain;
        end[lane] = 1.0 / lobe[lane];
    }
    let mut weights = [[0.0; LANES]; 12];
    for ((row, column), weights) in TAPS.into_iter().zip(&mut weights) {
        let dy = row as f32 - down;
        for lane in 0..LANES {
            let dx = column as f32 - across[lane];
            let (x, y) = (turn[0][lane], turn[1][lane]);
            let u = (dx * x + dy * y) * stretch[0][lane];
            let v = (dy * x - dx * y) * stretch[1][lane];
            let far = smaller(u * u + v * v, end[lane]);
            let base = 0.4 * far - 1.0;
            let window = lobe[lane] * far - 1.0;
            weights[lane] = (1.5625 * base * base - 0.5625) * (window * window);
        }
    }
    let mut share = [0.0; LANES];
    for weights in &weights {
        for lane in 0..LANES {
            share[lane] += weights[lane];
        }
    }
    (weights, share)
}
