use super::alpha::{divide, is_opaque, multiply};
use super::limit::{limit_rows, rows_around};
use super::sums::weighted_rows;
use super::window::Windows;
use crate::reference::{Io, Out, Row};

/// The picture at another size, down the columns.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let make = || Windows::new(io.param("curve"), image.height, io.height, 1);
    let windows = io.once(make);
    let (first, weights) = windows.of(io.y);
    let rows: Vec<Row<'_>> = (first..first + weights.len())
        .map(|y| image.row(y))
        .collect();
    let of =
        |channel: usize| -> Vec<&[f32]> { rows.iter().map(|row| row.channel(channel)).collect() };
    let limits = io.param("limit") > 0.0;
    let around = rows_around(io.y, image.height, io.height).map(|y| image.row(y));
    let limit = |channel: usize, out: &mut [f32]| {
        if limits {
            limit_rows(around.map(|row| row.channel(channel)), out);
        }
    };
    if out.channels() == 1 {
        weighted_rows(&of(0), weights, out.gray());
        return limit(0, out.gray());
    }
    if rows.iter().all(|row| is_opaque(*row)) {
        for channel in 0..3 {
            weighted_rows(&of(channel), weights, out.channel(channel));
            limit(channel, out.channel(channel));
        }
        return out.channel(3).fill(1.0);
    }
    let multiplies = io.param("multiply") != 0.0;
    for channel in 0..3 {
        if multiplies {
            let mut colours: Vec<Vec<f32>> = of(channel).into_iter().map(<[f32]>::to_vec).collect();
            for (colour, row) in colours.iter_mut().zip(&rows) {
                multiply(colour, row.channel(3));
            }
            let colours: Vec<&[f32]> = colours.iter().map(Vec::as_slice).collect();
            weighted_rows(&colours, weights, out.channel(channel));
            if limits {
                let mut around = around.map(|row| (row.channel(channel).to_vec(), row.channel(3)));
                around
                    .iter_mut()
                    .for_each(|(colour, alpha)| multiply(colour, alpha));
                let around = around.each_ref().map(|(colour, _)| colour.as_slice());
                limit_rows(around, out.channel(channel));
            }
        } else {
            weighted_rows(&of(channel), weights, out.channel(channel));
            limit(channel, out.channel(channel));
        }
    }
    weighted_rows(&of(3), weights, out.channel(3));
    limit(3, out.channel(3));
    if io.param("divide") != 0.0 {
        divide(out);
    }
}
