use multiversion::multiversion;

use super::steps;
use crate::color::bounds::{greater, smaller};
use crate::reference::between::Field;
use crate::reference::common::power::exp2;
use crate::reference::{Io, Out};

/// The mean along the line through each pixel: paper from 0 on, and ink below that, softly. What is far from the border
/// between them is alike.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let weights = io.once(|| {
        let sigma = io.param("sigma");
        let power = -0.721_347_5 / (sigma * sigma);
        let weight = |step: usize| exp2(power * (step * step) as f32);
        (1..=steps(sigma)).map(weight).collect::<Vec<f32>>()
    });
    let pen = Pen {
        detail: io.param("detail"),
        outline: io.param("outline"),
        black: io.param("black"),
        softness: io.param("softness"),
    };
    let reach = weights.len() + 1;
    let edges = Field::around(io.image("edges"), io.y, reach);
    let lines = Field::around(io.image("lines"), io.y, reach);
    along(&edges, &lines, &weights, pen, io.y, out.gray());
}

#[derive(Clone, Copy)]
struct Pen {
    detail: f32,
    outline: f32,
    black: f32,
    softness: f32,
}

#[multiversion(targets = "simd")]
fn along(
    edges: &Field<'_, 2>,
    lines: &Field<'_, 2>,
    weights: &[f32],
    pen: Pen,
    y: usize,
    out: &mut [f32],
) {
    for (x, out) in out.iter_mut().enumerate() {
        let first = lines.at(x as i32, y as i32);
        let mut sum = edges.at(x as i32, y as i32);
        let mut total = 1.0;
        for sense in [1.0, -1.0] {
            let mut direction = first.map(|side| sense * side);
            let mut p = [x as f32 + 0.5, y as f32 + 0.5];
            for weight in weights {
                p = [p[0] + direction[0], p[1] + direction[1]];
                let there = edges.between(p);
                sum = [sum[0] + weight * there[0], sum[1] + weight * there[1]];
                total += weight;
                // Lines have no sense of direction: goes on the way it came.
                let next = lines.at(p[0].floor() as i32, p[1].floor() as i32);
                let same = next[0] * direction[0] + next[1] * direction[1];
                direction = if same < 0.0 {
                    next.map(|side| -side)
                } else {
                    next
                };
            }
        }
        let (smooth, differs) = (sum[0] / total, sum[1] / total);
        let filled = (smooth + pen.detail * differs - pen.black) / pen.softness;
        let lined = (differs * pen.outline + 0.02) / (0.1 * pen.softness);
        *out = smaller(greater(smaller(filled, lined), -4.0), 2.0);
    }
}
