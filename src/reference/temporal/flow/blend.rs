use std::ops::Range;

use multiversion::multiversion;

use super::super::adaptive::blend::blend;
use super::super::stretch::{Stretches, place};
use crate::reference::{Image, Io, Out};

/// Pixels that are moved at a time.
const LANES: usize = 8;
/// Columns that are read for them.
const READ: usize = 2 * LANES;

/// Moves the average to where the picture is now and then towards the new frame, at once where it is not known what was
/// there before. A scene starts with its own first frame.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.here("image");
    if !io.facts.history_valid {
        for channel in 0..out.channels() {
            out.channel(channel).copy_from_slice(image.channel(channel));
        }
        return;
    }
    let (vectors, average) = (io.image("vectors"), io.image("average"));
    let columns = io.once(|| Columns::new(io, vectors.width));
    let mut moves = Vec::new();
    find_moves(io, &columns, &mut moves);
    let mut weights = vec![0.0; io.width];
    weigh(io, &columns, &mut weights);
    let mut before = vec![0.0; io.width];
    let is_opaque = |run: &Move| run.rows.iter().all(|y| average.row(*y).is_opaque());
    for channel in 0..out.channels() {
        if channel == 3 && image.is_opaque() && moves.iter().all(is_opaque) {
            out.channel(3).fill(1.0);
            continue;
        }
        move_row(&moves, average, channel, &mut before);
        blend(
            image.channel(channel),
            &before,
            &weights,
            out.channel(channel),
        );
    }
}

/// What is the same for all rows.
struct Columns {
    stretches: Stretches,
    /// Pixels of a row and the column of the vectors that is theirs.
    cells: Vec<(usize, Range<usize>)>,
    /// Pixels of the image for one of the source, across and down.
    ratio: [f32; 2],
}

impl Columns {
    fn new(io: &Io<'_>, width: usize) -> Self {
        let [columns, rows] = ["source_columns", "source_rows"].map(|name| io.param(name));
        let cell = |x: usize| cell(x, io.width, columns).min(width - 1);
        let pixels: Vec<usize> = (0..io.width).collect();
        let cells = pixels.chunk_by(|a, b| cell(*a) == cell(*b));
        let range = |pixels: &[usize]| (cell(pixels[0]), pixels[0]..pixels[0] + pixels.len());
        Self {
            stretches: Stretches::new(width, io.width),
            cells: cells.map(range).collect(),
            ratio: [io.width as f32 / columns, io.height as f32 / rows],
        }
    }
}

/// The cell of 4 pixels of a source of `source` that the middle of pixel `at` of `count` lies in.
fn cell(at: usize, count: usize, source: f32) -> usize {
    (2 * at + 1) * source as usize / (8 * count)
}

/// Pixels of a row that move by one vector.
struct Move {
    pixels: Range<usize>,
    /// The four rows that are read, and the first column.
    rows: [usize; 4],
    first: i64,
    across: [f32; 4],
    down: [f32; 4],
}

/// What each pixel of row `io.y` is read from.
fn find_moves(io: &Io<'_>, columns: &Columns, moves: &mut Vec<Move>) {
    let vectors = io.image("vectors");
    let y = cell(io.y, io.height, io.param("source_rows"));
    let row = vectors.row(y.min(vectors.height - 1));
    let (dx, dy) = (row.channel(0), row.channel(1));
    let mut last = None;
    for (cell, pixels) in &columns.cells {
        let v = [dx[*cell], dy[*cell]];
        match moves.last_mut() {
            Some(run) if last == Some(v) => run.pixels.end = pixels.end,
            _ => {
                let by = [v[0] * columns.ratio[0], v[1] * columns.ratio[1]];
                let base = by.map(f32::floor);
                let first = io.y as i64 + base[1] as i64 - 1;
                let inside = |y: i64| y.clamp(0, io.height as i64 - 1) as usize;
                moves.push(Move {
                    pixels: pixels.clone(),
                    rows: std::array::from_fn(|j| inside(first + j as i64)),
                    first: pixels.start as i64 + base[0] as i64 - 1,
                    across: weights(by[0] - base[0]),
                    down: weights(by[1] - base[1]),
                });
                last = Some(v);
            }
        }
    }
}

/// Weights of four pixels for a place `t` after the second of them (Catmull and Rom, 1974).
fn weights(t: f32) -> [f32; 4] {
    [
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    ]
}

/// Weight of the new frame at each pixel of row `io.y`.
fn weigh(io: &Io<'_>, columns: &Columns, out: &mut [f32]) {
    let vectors = io.image("vectors");
    let (y, down) = place(io.y, io.height, vectors.height);
    let [top, bottom] = [y, y + 1].map(|y| vectors.clamped_row(y).channel(2));
    let alpha = io.param("alpha");
    let weight =
        |(top, bottom): (&f32, &f32)| 1.0 - (1.0 - alpha) * (top * (1.0 - down) + bottom * down);
    let between: Vec<f32> = top.iter().zip(bottom).map(weight).collect();
    columns.stretches.fill(&between, out);
}

/// A row of the average, moved.
#[multiversion(targets = "simd")]
fn move_row(moves: &[Move], average: &Image, channel: usize, out: &mut [f32]) {
    let mut known = [usize::MAX; 4];
    let mut rows: [&[f32]; 4] = [&[]; 4];
    for run in moves {
        if run.rows != known {
            known = run.rows;
            rows = known.map(|y| average.row(y).channel(channel));
        }
        let whole = [0.0, 1.0, 0.0, 0.0];
        let is_whole = run.across == whole && run.down == whole;
        for x in run.pixels.clone().step_by(LANES) {
            let first = run.first + (x - run.pixels.start) as i64;
            let end = (x + LANES).min(run.pixels.end);
            let inside = usize::try_from(first)
                .ok()
                .filter(|first| first + READ <= average.width);
            let read = rows.map(|row| match inside {
                Some(first) => match row[first..].first_chunk() {
                    Some(read) => *read,
                    None => [0.0; READ],
                },
                None => std::array::from_fn(|i| {
                    row[(first + i as i64).clamp(0, average.width as i64 - 1) as usize]
                }),
            });
            let moved = match is_whole {
                true => std::array::from_fn(|i| read[1][i + 1]),
                false => between(&read, run),
            };
            out[x..end].copy_from_slice(&moved[..end - x]);
        }
    }
}

/// Pixels between those of four rows.
#[inline(always)]
fn between(rows: &[[f32; READ]; 4], run: &Move) -> [f32; LANES] {
    let mut columns = [0.0f32; READ];
    for (row, down) in rows.iter().zip(run.down) {
        for i in 0..READ {
            columns[i] += down * row[i];
        }
    }
    let mut moved = [0.0f32; LANES];
    for (k, across) in run.across.iter().enumerate() {
        for i in 0..LANES {
            moved[i] += across * columns[i + k];
        }
    }
    moved
}
