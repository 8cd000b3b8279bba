use multiversion::multiversion;

use crate::color::bounds::greater;
use crate::reference::{Io, Out, Row};

/// The mean of the vectors of each block and of those around it that differ by no more than a pixel, weighted by how much
/// there is to tell each by.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let vectors = io.image("vectors");
    let y = io.y as i64;
    let rows = [y - 1, y, y + 1].map(|y| Around::of(vectors.clamped_row(y)));
    let [columns, lines, rest, alpha] = out.rgba();
    rest.fill(0.0);
    alpha.fill(1.0);
    mean(&rows, [columns, lines]);
}

/// Columns, rows and weights of a row of vectors, with the first and the last repeated beyond the ends.
struct Around([Vec<f32>; 3]);

impl Around {
    fn of(row: Row<'_>) -> Self {
        Self([0, 1, 2].map(|channel| {
            let values = row.channel(channel);
            let ends = (values.first(), values.last());
            ends.0
                .into_iter()
                .chain(values)
                .chain(ends.1)
                .copied()
                .collect()
        }))
    }
}

#[multiversion(targets = "simd")]
fn mean(rows: &[Around; 3], out: [&mut [f32]; 2]) {
    let [columns, lines] = out;
    let width = columns.len();
    let [own_columns, own_lines, _] = &rows[1].0;
    for x in 0..width {
        let own = [own_columns[x + 1], own_lines[x + 1]];
        let (mut sum, mut total) = ([0.0f32; 2], 0.0);
        for Around([columns, lines, weights]) in rows {
            for k in x..x + 3 {
                let near = [columns[k], lines[k]];
                let apart = greater((near[0] - own[0]).abs(), (near[1] - own[1]).abs());
                let weight = if apart <= 1.0 { weights[k] } else { 0.0 };
                sum[0] += weight * near[0];
                sum[1] += weight * near[1];
                total += weight;
            }
        }
        (columns[x], lines[x]) = (sum[0] / total, sum[1] / total);
    }
}
