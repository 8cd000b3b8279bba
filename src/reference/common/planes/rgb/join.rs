use multiversion::multiversion;

use crate::reference::{Io, Out};

/// Rows of colour differences, before they are spread over the columns.
#[derive(Default)]
struct Lines {
    blue: Vec<f32>,
    red: Vec<f32>,
}

/// The picture of luma and colour differences: these are linear between their samples, by where they are sited.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let chroma = io.image("chroma");
    let position = (io.y as f32 - io.param("siting_y")) * io.param("step_y");
    let (first, f) = (position.floor(), position - position.floor());
    let (top, bottom) = (
        chroma.clamped_row(first as i64),
        chroma.clamped_row(first as i64 + 1),
    );
    let across = (io.param("siting_x"), io.param("step_x"));
    let [r, g, b, a] = out.rgba();
    g.copy_from_slice(io.here("luma").r());
    io.with_kept(|lines: &mut Lines| {
        for (index, line, out) in [(0, &mut lines.blue, &mut *b), (1, &mut lines.red, &mut *r)] {
            line.resize(chroma.width + 2, 0.0);
            between(top.channel(index), bottom.channel(index), f, &mut line[1..]);
            line[0] = line[1];
            line[chroma.width + 1] = line[chroma.width];
            spread(line, across, out);
        }
    });
    matrix([r, g, b], io.param("kr"), io.param("kb"));
    a.fill(1.0);
}

#[multiversion(targets = "simd")]
fn between(top: &[f32], bottom: &[f32], f: f32, out: &mut [f32]) {
    for ((out, top), bottom) in out.iter_mut().zip(top).zip(bottom) {
        *out = top * (1.0 - f) + bottom * f;
    }
}

/// Spreads samples over the columns. `line` begins with the first one twice and ends with the last one twice.
#[multiversion(targets = "simd")]
fn spread(line: &[f32], (siting, step): (f32, f32), out: &mut [f32]) {
    let weights = |x: usize| {
        let position = (x as f32 - siting) * step;
        (position.floor(), position - position.floor())
    };
    let last = line.len() as i64 - 1;
    if step == 0.5 {
        // Weights of two neighbours, and which is the first, of the even and of the odd pixels.
        let [(first_even, even), (first_odd, odd)] = [0, 1].map(weights);
        let [first_even, first_odd] = [first_even, first_odd].map(|first| (first + 1.0) as usize);
        let pairs = (line.len() - 2).min(out.len() / 2);
        let ends = pairs.saturating_sub(1);
        for (i, pair) in out[..2 * ends].chunks_exact_mut(2).enumerate() {
            let sample = |at: usize| line[i + at];
            pair[0] = sample(first_even) * (1.0 - even) + sample(first_even + 1) * even;
            pair[1] = sample(first_odd) * (1.0 - odd) + sample(first_odd + 1) * odd;
        }
        rest(line, last, 2 * ends, weights, out);
    } else {
        rest(line, last, 0, weights, out);
    }
}

#[inline(always)]
fn rest(
    line: &[f32],
    last: i64,
    from: usize,
    weights: impl Fn(usize) -> (f32, f32),
    out: &mut [f32],
) {
    for (x, out) in out.iter_mut().enumerate().skip(from) {
        let (first, f) = weights(x);
        let sample = |at: i64| line[at.clamp(0, last) as usize];
        let at = first as i64 + 1;
        *out = sample(at) * (1.0 - f) + sample(at + 1) * f;
    }
}

/// From Cr, Y, Cb, in place, to R, G, B. H.273 equations 38 to 40.
#[multiversion(targets = "simd")]
fn matrix([r, g, b]: [&mut [f32]; 3], kr: f32, kb: f32) {
    let of_green = 1.0 / (1.0 - kr - kb);
    for ((cr, y), cb) in r.iter_mut().zip(g).zip(b) {
        let red = *y + 2.0 * (1.0 - kr) * *cr;
        let blue = *y + 2.0 * (1.0 - kb) * *cb;
        *y = (*y - kr * red - kb * blue) * of_green;
        *cr = red;
        *cb = blue;
    }
}
