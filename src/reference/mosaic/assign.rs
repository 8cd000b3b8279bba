use multiversion::multiversion;

use crate::reference::common::codes::code_of;
use crate::reference::{Image, Io, Out};

/// Which of the 49 cells around has the tile that each pixel belongs to, from 0 to 48, row by row: the seed that is nearest
/// in place and colour (simple linear iterative clustering, Achanta and others 2012, with seeds that are carried along).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let [side, cell, columns, rows] =
        ["side", "cell", "columns", "rows"].map(|name| io.param(name) as i32);
    let weights = Weights {
        place: 1_048_576 / (side * side),
        colour: (3096.0 * io.param("follow")).round() as i32,
    };
    let codes = image.row(io.y).rgb().map(|row| {
        row.iter()
            .map(|value| code_of(*value))
            .collect::<Vec<i32>>()
    });
    let own = io.y as i32 / cell;
    let (words, width) = (io.words("seeds"), io.width as i32);
    let mut nearest = vec![i32::MAX; io.width];
    let mut cells = vec![NONE; io.width];
    for row in (own - AROUND).max(0)..=(own + AROUND).min(rows - 1) {
        let line = &words[4 * (row * columns) as usize..][..4 * columns as usize];
        for (column, seed) in (0..columns).zip(line.chunks_exact(4)) {
            // Those of cells that have this one around them.
            let first = ((column - AROUND) * cell).clamp(0, width);
            let end = ((column + AROUND + 1) * cell).clamp(first, width);
            if seed[3] == 0 || first == end {
                continue;
            }
            let seed = Seed::new(image, [seed[0] as i32, seed[1] as i32]);
            let part = first as usize..end as usize;
            nearer(
                &seed,
                weights,
                [first, io.y as i32],
                codes.each_ref().map(|row| &row[part.clone()]),
                (row - own + AROUND) << ROW | column,
                (&mut nearest[part.clone()], &mut cells[part]),
            );
        }
    }
    let blocks = out.gray().chunks_mut(cell as usize);
    let blocks = blocks.zip(cells.chunks(cell as usize));
    for (column, (out, cells)) in (0..).zip(blocks) {
        for (out, found) in out.iter_mut().zip(cells) {
            *out = match *found {
                NONE => 24.0,
                found => ((found >> ROW) * 7 + (found & COLUMN) - column + AROUND) as f32,
            };
        }
    }
}

/// How many cells around a pixel's own are looked at, each way.
const AROUND: i32 = 3;
/// Of the cell of a seed: the bits of its column, and how far its row is shifted; and no cell.
const ROW: i32 = 20;
const COLUMN: i32 = (1 << ROW) - 1;
const NONE: i32 = -1;

/// What a 16th of a square pixel and a square code of a distance count.
#[derive(Clone, Copy)]
struct Weights {
    place: i32,
    colour: i32,
}

struct Seed {
    /// In 16ths of a pixel.
    at: [i32; 2],
    code: [i32; 3],
}

impl Seed {
    fn new(image: &Image, at: [i32; 2]) -> Self {
        let x = (at[0] >> 4).clamp(0, image.width as i32 - 1) as usize;
        let row = image.clamped_row((at[1] >> 4).into()).rgb();
        Self {
            at,
            code: row.map(|channel| code_of(channel[x])),
        }
    }
}

/// Gives the pixels from `from` on that are nearer to the seed than to those before the number of its cell.
#[multiversion(targets = "simd")]
fn nearer(
    seed: &Seed,
    weights: Weights,
    from: [i32; 2],
    codes: [&[i32]; 3],
    cell: i32,
    (nearest, cells): (&mut [i32], &mut [i32]),
) {
    let count = nearest.len();
    let [r, g, b] = codes.map(|row| &row[..count]);
    let cells = &mut cells[..count];
    let down = 16 * from[1] + 8 - seed.at[1];
    for x in 0..count {
        let across = 16 * (from[0] + x as i32) + 8 - seed.at[0];
        let e = [
            r[x] - seed.code[0],
            g[x] - seed.code[1],
            b[x] - seed.code[2],
        ];
        let far = weights.place * ((across * across + down * down) >> 4)
            + weights.colour * (e[0] * e[0] + e[1] * e[1] + e[2] * e[2]);
        let is_nearer = far < nearest[x];
        nearest[x] = if is_nearer { far } else { nearest[x] };
        cells[x] = if is_nearer { cell } else { cells[x] };
    }
}
