use std::ops::Range;

use multiversion::multiversion;

use super::super::adaptive::blend::blend;
use super::super::stretch::{Stretches, place};
use crate::reference::{Image, Io, Out};

/// Pixels that are moved at a time.
const LANES: usize = 8;
/// Columns that are read for them.
const READ: usize = LANES + 3;

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
    let columns = io.once(|| Columns::new(io, io.image("vectors").width));
    io.with_kept(|kept: &mut Moves| {
        kept.find(io, &columns);
        blend_row(io, &columns, &kept.runs, out);
    });
}

/// As [`row`]; `moves` is what the pixels are read from.
fn blend_row(io: &Io<'_>, columns: &Columns, moves: &[Move], out: &mut Out<'_>) {
    let (image, average) = (io.here("image"), io.image("average"));
    let mut weights = vec![0.0; io.width];
    weigh(io, columns, &mut weights);
    let mut before = vec![0.0; io.width];
    let is_opaque = |run: &Move| {
        let rows = run.rows(io.y, average.height);
        rows.iter().all(|y| average.row(*y).is_opaque())
    };
    for channel in 0..out.channels() {
        if channel == 3 && image.is_opaque() && moves.iter().all(is_opaque) {
            out.channel(3).fill(1.0);
            continue;
        }
        move_row(moves, average, io.y, channel, &mut before);
        let now = image.channel(channel);
        blend(now, &before, &weights, out.channel(channel));
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
    /// Where the first of the four rows lies from the own one, and the first column that is read.
    above: i64,
    first: i64,
    across: [f32; 4],
    down: [f32; 4],
}

/// How the pixels of the rows of one cell move.
#[derive(Default)]
struct Moves {
    cell: Option<usize>,
    runs: Vec<Move>,
}

impl Moves {
    /// Those of row `io.y`.
    fn find(&mut self, io: &Io<'_>, columns: &Columns) {
        let vectors = io.image("vectors");
        let y = cell(io.y, io.height, io.param("source_rows")).min(vectors.height - 1);
        if self.cell.replace(y) == Some(y) {
            return;
        }
        self.runs.clear();
        let row = vectors.row(y);
        let (dx, dy) = (row.channel(0), row.channel(1));
        let mut last = None;
        for (cell, pixels) in &columns.cells {
            let v = [dx[*cell], dy[*cell]];
            match self.runs.last_mut() {
                Some(run) if last == Some(v) => run.pixels.end = pixels.end,
                _ => self.runs.push(Move::new(pixels, v, columns.ratio)),
            }
            last = Some(v);
        }
    }
}

impl Move {
    fn new(pixels: &Range<usize>, v: [f32; 2], ratio: [f32; 2]) -> Self {
        let by = [v[0] * ratio[0], v[1] * ratio[1]];
        let base = by.map(f32::floor);
        Self {
            pixels: pixels.clone(),
            above: base[1] as i64 - 1,
            first: pixels.start as i64 + base[0] as i64 - 1,
            across: weights(by[0] - base[0]),
            down: weights(by[1] - base[1]),
        }
    }

    /// The rows that are read for row `y` of `height`.
    fn rows(&self, y: usize, height: usize) -> [usize; 4] {
        let first = y as i64 + self.above;
        std::array::from_fn(|j| (first + j as i64).clamp(0, height as i64 - 1) as usize)
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

/// Row `y` of the average, moved.
#[multiversion(targets = "simd")]
fn move_row(moves: &[Move], average: &Image, y: usize, channel: usize, out: &mut [f32]) {
    let mut above = None;
    let mut rows: [&[f32]; 4] = [&[]; 4];
    for run in moves {
        if above.replace(run.above) != Some(run.above) {
            rows = run
                .rows(y, average.height)
                .map(|y| average.row(y).channel(channel));
        }
        let count = run.pixels.len();
        let first = usize::try_from(run.first).unwrap_or(usize::MAX);
        let end = first.saturating_add(count.next_multiple_of(LANES) + READ - LANES);
        let out = &mut out[run.pixels.clone()];
        if end <= average.width {
            run.warp(rows.map(|row| &row[first..end]), out);
        } else {
            let inside = |x: i64| x.clamp(0, average.width as i64 - 1) as usize;
            let columns =
                run.first..run.first + (count.next_multiple_of(LANES) + READ - LANES) as i64;
            let read = rows.map(|row| {
                let columns = columns.clone();
                columns.map(|x| row[inside(x)]).collect::<Vec<f32>>()
            });
            run.warp(read.each_ref().map(Vec::as_slice), out);
        }
    }
}

impl Move {
    /// Pixels between those of four rows, which begin at the first column that is read and go on for as many as are read.
    #[inline(always)]
    fn warp(&self, rows: [&[f32]; 4], out: &mut [f32]) {
        let whole = [0.0, 1.0, 0.0, 0.0];
        if self.across == whole && self.down == whole {
            return out.copy_from_slice(&rows[1][1..=out.len()]);
        }
        for (index, out) in out.chunks_mut(LANES).enumerate() {
            let mut moved = [0.0f32; LANES];
            for (row, down) in rows.iter().zip(self.down) {
                let Some(read) = row[index * LANES..].first_chunk::<READ>() else {
                    unreachable!()
                };
                let [a, b, c, d] = self.across;
                for i in 0..LANES {
                    let pairs =
                        (a * read[i] + b * read[i + 1]) + (c * read[i + 2] + d * read[i + 3]);
                    moved[i] += down * pairs;
                }
            }
            match out.first_chunk_mut::<LANES>() {
                Some(out) => *out = moved,
                None => out.copy_from_slice(&moved[..out.len()]),
            }
        }
    }
}
