use multiversion::multiversion;

use super::super::samples::read_row;
use crate::reference::{Io, Out};

/// Chroma component `component` at luma row `io.y`: interpolated linearly between the chroma samples around each pixel,
/// according to their siting.
fn chroma(io: &Io<'_>, component: usize, out: &mut [f32]) {
    let picture = io.planes();
    let (columns, rows) = picture
        .format
        .component_extent(component, picture.width, picture.height);
    let (columns, rows) = (columns as usize, rows as usize);
    let position = (io.y as f32 - io.param("siting_y")) * io.param("step_y");
    let (first, f) = (position.floor(), position - position.floor());
    let clamp = |i: i64, n: usize| i.clamp(0, n as i64 - 1) as usize;
    let mut line = vec![0.0; columns];
    read_row(picture, component, clamp(first as i64, rows), &mut line);
    if f > 0.0 {
        let mut below = vec![0.0; columns];
        read_row(
            picture,
            component,
            clamp(first as i64 + 1, rows),
            &mut below,
        );
        between(&mut line, &below, f);
    }
    centre(
        &mut line,
        io.param("chroma_offset"),
        io.param("chroma_scale"),
    );
    if io.param("step_x") == 1.0 {
        out.copy_from_slice(&line);
    } else {
        spread(&line, io.param("siting_x"), out);
    }
}

#[multiversion(targets = "simd")]
fn between(line: &mut [f32], below: &[f32], f: f32) {
    for (value, below) in line.iter_mut().zip(below) {
        *value = *value * (1.0 - f) + below * f;
    }
}

#[multiversion(targets = "simd")]
fn centre(line: &mut [f32], offset: f32, scale: f32) {
    for value in line {
        *value = (*value - offset) * scale;
    }
}

/// Doubles the columns. `siting` is the luma position of the first sample.
#[multiversion(targets = "simd")]
fn spread(line: &[f32], siting: f32, out: &mut [f32]) {
    // Weights of samples i - 1, i and i + 1: for pixel 2i, and for pixel 2i + 1.
    let weights = |x: f32| {
        let position = (x - siting) * 0.5;
        let (first, f) = (position.floor(), position - position.floor());
        if first < 0.0 {
            [1.0 - f, f, 0.0]
        } else {
            [0.0, 1.0 - f, f]
        }
    };
    let (even, odd) = (weights(0.0), weights(1.0));
    let (first, last) = (line[0], line[line.len() - 1]);
    let mut padded = Vec::with_capacity(line.len() + 2);
    padded.push(first);
    padded.extend_from_slice(line);
    padded.push(last);
    let neighbours = padded.iter().zip(line).zip(&padded[2..]);
    let mut pairs = out.chunks_exact_mut(2);
    for (pair, ((a, b), c)) in (&mut pairs).zip(neighbours) {
        pair[0] = a * even[0] + b * even[1] + c * even[2];
        pair[1] = a * odd[0] + b * odd[1] + c * odd[2];
    }
    if let [single] = pairs.into_remainder() {
        *single = padded[line.len() - 1] * even[0] + last * (even[1] + even[2]);
    }
}

/// H.273 equations 38 to 40, solved for R, G and B.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [r, g, b, a] = out.rgba();
    read_row(io.planes(), 0, io.y, g);
    chroma(io, 1, b);
    chroma(io, 2, r);
    let coding = [
        io.param("luma_offset"),
        io.param("luma_scale"),
        io.param("kr"),
        io.param("kb"),
    ];
    matrix(r, g, b, coding);
    super::alpha(io, a);
}

/// From Cr, Y, Cb, in place, to R, G, B.
#[multiversion(targets = "simd")]
fn matrix(r: &mut [f32], g: &mut [f32], b: &mut [f32], [offset, scale, kr, kb]: [f32; 4]) {
    let of_green = 1.0 / (1.0 - kr - kb);
    for ((cr, y), cb) in r.iter_mut().zip(g).zip(b) {
        let luma = (*y - offset) * scale;
        let red = luma + 2.0 * (1.0 - kr) * *cr;
        let blue = luma + 2.0 * (1.0 - kb) * *cb;
        *y = (luma - kr * red - kb * blue) * of_green;
        *cr = red;
        *cb = blue;
    }
}
