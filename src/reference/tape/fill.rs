use super::padded::step;
use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out, Row};

/// Lines beyond a streak in which chroma is filled.
const BEYOND: i64 = 2;
/// Lines that are sought, at most.
const REACH: i64 = 6;
/// Differences of the frames before and after from which on they are not taken, and up to which they are.
const UNLIKE: f32 = 0.08;
const ALIKE: f32 = 0.04;

/// Fills streaks from the frames before and after, or from the lines beside them.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let own = io.here_of("image", 0);
    for channel in 0..out.channels() {
        out.channel(channel).copy_from_slice(own.channel(channel));
    }
    let streaks = io.image("streaks");
    let image = io.image_of("image", 0);
    let (y, step) = (io.y as i64, step(io));
    let line = |k: i64| streaks.clamped_row(y + k * step).r();
    let lines = [-2, -1, 0, 1, 2].map(line);
    let none = |line: &&[f32]| line.iter().all(|value| *value == 0.0);
    if lines.iter().all(none) {
        return;
    }
    let close = |at: i64, x: usize| {
        (-BEYOND..=BEYOND).any(|j| streaks.clamped_row(at + j * step).r()[x] > 0.5)
    };
    let beside = |way: i64, x: usize| {
        let mut at = y;
        for k in 1..=REACH {
            let next = y + way * k * step;
            if next < 0 || next >= image.height as i64 {
                break;
            }
            at = next;
            if !close(at, x) {
                break;
            }
        }
        colour(image.clamped_row(at), x)
    };
    let around = [-1, 1].map(|k| io.here_of("image", k));
    let valid = [-1, 1].map(|k| io.valid("image", k));
    let [kr, kb] = ["kr", "kb"].map(|name| io.param(name));
    for x in 0..own.width() {
        if lines.iter().all(|line| line[x] <= 0.5) {
            continue;
        }
        let [before, after] = around.map(|row| colour(row, x));
        let apart = [0, 1, 2].map(|c| (before[c] - after[c]).abs());
        let unlike = greater(apart[0], greater(apart[1], apart[2]));
        let both = [0, 1, 2].map(|c| 0.5 * (before[c] + after[c]));
        let (around, still) = match valid {
            [true, true] => (
                both,
                smaller(greater((UNLIKE - unlike) / (UNLIKE - ALIKE), 0.0), 1.0),
            ),
            [_, true] => (after, 0.5),
            [true, false] => (before, 0.5),
            [false, false] => (before, 0.0),
        };
        let (above, below) = (beside(-1, x), beside(1, x));
        let mut filled = [0, 1, 2].map(|c| {
            let lines = 0.5 * (above[c] + below[c]);
            lines * (1.0 - still) + around[c] * still
        });
        if lines[2][x] <= 0.5 {
            let own = colour(own, x);
            let apart = [0, 1, 2].map(|c| own[c] - filled[c]);
            let more = apart[0] * kr + apart[1] * (1.0 - kr - kb) + apart[2] * kb;
            filled = filled.map(|value| value + more);
        }
        for (channel, value) in filled.into_iter().enumerate() {
            out.channel(channel)[x] = value;
        }
    }
}

fn colour(row: Row<'_>, x: usize) -> [f32; 3] {
    row.rgb().map(|channel| channel[x])
}
