use multiversion::multiversion;

use crate::reference::common::codes::code_of;
use crate::reference::{Image, Io, Out};

/// Which of the 49 cells around has the tile that each pixel belongs to, from 0 to 48, row by row: the seed that is nearest
/// in place and colour (simple linear iterative clustering, Achanta and others 2012, with seeds that are carried along).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let [side, cell, columns, rows] =
        ["side", "cell", "columns", "rows"].map(|name| io.param(name) as i32);
    let words = io.words("seeds");
    let weights = Weights {
        place: 1_048_576 / (side * side),
        colour: (3096.0 * io.param("follow")).round() as i32,
    };
    let codes = image.row(io.y).rgb().map(|row| {
        row.iter()
            .map(|value| code_of(*value))
            .collect::<Vec<i32>>()
    });
    let y = io.y as i32;
    let out = out.gray();
    for (column, out) in out.chunks_mut(cell as usize).enumerate() {
        let first = column * cell as usize;
        let own = [column as i32, y / cell];
        let seeds = (0..49).filter_map(|found| {
            let at = [own[0] + found % 7 - 3, own[1] + found / 7 - 3];
            if !(0..columns).contains(&at[0]) || !(0..rows).contains(&at[1]) {
                return None;
            }
            let [x, y, _, age] = words[4 * (at[1] * columns + at[0]) as usize..]
                .first_chunk()?
                .map(|word: u32| word as i32);
            (age != 0).then(|| Seed::new(image, [x, y], found))
        });
        let seeds: Vec<Seed> = seeds.collect();
        let codes = codes.each_ref().map(|row| &row[first..first + out.len()]);
        assign(&seeds, weights, [first as i32, y], codes, out);
    }
}

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
    found: i32,
}

impl Seed {
    fn new(image: &Image, at: [i32; 2], found: i32) -> Self {
        let x = (at[0] >> 4).clamp(0, image.width as i32 - 1) as usize;
        let row = image.clamped_row((at[1] >> 4).into()).rgb();
        Self {
            at,
            code: row.map(|channel| code_of(channel[x])),
            found,
        }
    }
}

/// The pixels of one cell, which have the same seeds around them; `from` is the first of them.
#[multiversion(targets = "simd")]
fn assign(seeds: &[Seed], weights: Weights, from: [i32; 2], codes: [&[i32]; 3], out: &mut [f32]) {
    let count = out.len();
    let [r, g, b] = codes.map(|row| &row[..count]);
    let mut nearest = vec![i32::MAX; count];
    let nearest = &mut nearest[..count];
    out.fill(24.0);
    for seed in seeds {
        let down = 16 * from[1] + 8 - seed.at[1];
        let found = seed.found as f32;
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
            out[x] = if is_nearer { found } else { out[x] };
        }
    }
}
