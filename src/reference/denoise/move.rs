use multiversion::multiversion;

use crate::reference::{Image, Io, Out};

/// Pixels that have one vector, and the columns that are read for them.
const BLOCK: usize = 8;
const READ: usize = BLOCK + 3;

/// The frame at `offset`, moved to where this frame's picture is.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let offset = io.param("offset") as i32;
    let image = io.image_of("image", offset);
    let vectors = io.image("vectors").clamped_row((io.y / BLOCK) as i64);
    let [r, g, b, known] = out.rgba();
    let vectors = [vectors.channel(0), vectors.channel(1)];
    take(image, io.y, vectors, [r, g, b]);
    known.fill(f32::from(u8::from(io.valid("image", offset))));
}

#[multiversion(targets = "simd")]
fn take(image: &Image, y: usize, vectors: [&[f32]; 2], out: [&mut [f32]; 3]) {
    let [r, g, b] = out;
    let width = r.len();
    let last = vectors[0].len() - 1;
    for (block, start) in (0..width).step_by(BLOCK).enumerate() {
        let [dx, dy] = vectors.map(|channel| 2.0 * channel[block.min(last)]);
        let (whole_x, whole_y) = (dx.floor(), dy.floor());
        let (across, down) = (weights(dx - whole_x), weights(dy - whole_y));
        let first = start as i64 + whole_x as i64 - 1;
        let above = y as i64 + whole_y as i64 - 1;
        let count = BLOCK.min(width - start);
        let mut sums = [[0.0f32; BLOCK]; 3];
        for (j, down) in down.into_iter().enumerate() {
            let row = image.clamped_row(above + j as i64).rgb();
            for (sum, channel) in sums.iter_mut().zip(row) {
                let read = read(channel, first);
                for i in 0..BLOCK {
                    let a = across[0] * read[i] + across[1] * read[i + 1];
                    let b = across[2] * read[i + 2] + across[3] * read[i + 3];
                    sum[i] += down * (a + b);
                }
            }
        }
        let lines = [&mut *r, &mut *g, &mut *b];
        for (line, sum) in lines.into_iter().zip(&sums) {
            line[start..start + count].copy_from_slice(&sum[..count]);
        }
    }
}

/// The pixels from column `first` on; beyond the ends of the row the nearest one.
#[inline(always)]
fn read(row: &[f32], first: i64) -> [f32; READ] {
    let inside = usize::try_from(first)
        .ok()
        .and_then(|first| row.get(first..));
    match inside.and_then(|row| row.first_chunk()) {
        Some(pixels) => *pixels,
        None => std::array::from_fn(|i| {
            let x = (first + i as i64).clamp(0, row.len() as i64 - 1);
            row[x as usize]
        }),
    }
}

/// Weights of four pixels for a place `t` after the second of them (Catmull and Rom, 1974).
#[inline(always)]
fn weights(t: f32) -> [f32; 4] {
    [
        t * (-0.5 + t * (1.0 - 0.5 * t)),
        1.0 + t * t * (1.5 * t - 2.5),
        t * (0.5 + t * (2.0 - 1.5 * t)),
        t * t * (0.5 * t - 0.5),
    ]
}
