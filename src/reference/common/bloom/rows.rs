//! Halves and doubles rows.

use multiversion::multiversion;

/// Weights of the four rows or pixels around a half-size position.
pub const BINOMIAL: [f32; 4] = [0.125, 0.375, 0.375, 0.125];

/// `out` = the weighted sum of four rows.
#[multiversion(targets = "simd")]
pub fn sum_four(rows: [&[f32]; 4], out: &mut [f32]) {
    let [a, b, c, d] = rows;
    let [wa, wb, wc, wd] = BINOMIAL;
    for ((((o, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *o = wa * a + wb * b + wc * c + wd * d;
    }
}

/// Every second pixel of `row`, filtered with binomial weights. The end pixels are repeated.
#[multiversion(targets = "simd")]
pub fn halve(row: &[f32], out: &mut [f32]) {
    let last = row.len() - 1;
    let [wa, wb, wc, wd] = BINOMIAL;
    let at = |i: usize| row[i.min(last)];
    let weigh = |a: f32, b: f32, c: f32, d: f32| wa * a + wb * b + wc * c + wd * d;
    let count = out.len();
    out[0] = weigh(row[0], row[0], at(1), at(2));
    // The pixels whose four neighbours are all inside.
    let inner = (row.len().saturating_sub(1) / 2).min(count);
    if inner > 1 {
        for (o, taps) in out[1..inner].iter_mut().zip(row[1..].windows(4).step_by(2)) {
            *o = weigh(taps[0], taps[1], taps[2], taps[3]);
        }
    }
    for (x, o) in out.iter_mut().enumerate().skip(inner.max(1)) {
        *o = weigh(at(2 * x - 1), at(2 * x), at(2 * x + 1), at(2 * x + 2));
    }
}

/// The nearest and the second nearest row of the half-size picture for row `y`; they may be outside the picture.
pub fn near_and_beside(y: usize) -> (i64, i64) {
    let half = (y / 2) as i64;
    (half, half + 2 * (y % 2) as i64 - 1)
}

/// `out` = pixels interpolated between `near` and `beside`, twice as many.
#[multiversion(targets = "simd")]
pub fn double(near: &[f32], beside: &[f32], between: &mut [f32], out: &mut [f32]) {
    for ((m, a), b) in between.iter_mut().zip(near).zip(beside) {
        *m = 0.75 * a + 0.25 * b;
    }
    let last = between.len() - 1;
    let edge = |i: usize, other: usize| 0.75 * between[i] + 0.25 * between[other];
    let end = out.len() - 1;
    out[0] = edge(0, 0);
    for (pair, m) in out[1..].chunks_exact_mut(2).zip(between.windows(2)) {
        pair[0] = 0.75 * m[0] + 0.25 * m[1];
        pair[1] = 0.75 * m[1] + 0.25 * m[0];
    }
    if end > 0 && end % 2 == 1 {
        out[end] = edge(end / 2, (end / 2 + 1).min(last));
    }
}
