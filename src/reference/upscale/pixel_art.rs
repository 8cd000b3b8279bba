use crate::reference::{Io, Out, Row};

/// Colour as whole numbers of 8 bits: luma, and differences of blue and red, and alpha.
type Coded = [i32; 4];

/// Pixels that a row is continued by on both sides, as the one at its end.
const MORE: usize = 2;

fn coded(row: Row<'_>, x: usize) -> Coded {
    let [r, g, b, a] = [0, 1, 2, 3].map(|channel| {
        let value = row.channel(channel)[x].clamp(0.0, 1.0) * 255.0;
        value.round_ties_even() as i32
    });
    [
        299 * r + 587 * g + 114 * b,
        500 * r - 419 * g - 81 * b,
        500 * b - 331 * g - 169 * r,
        1000 * a,
    ]
}

/// How far apart two colours look.
fn apart(a: Coded, b: Coded) -> i32 {
    let [luma, red, blue, alpha] = [0, 1, 2, 3].map(|i| (a[i] - b[i]).abs() / 8);
    48 * luma + 7 * red + 6 * blue + 48 * alpha
}

/// Where the place at `s` takes its colour from, by the corner of the pixel that `way` points to: `s` is how far the place lies
/// towards that corner, where the border of the pixel is `factor` away from its middle. Zeros: from the pixel itself. `at`
/// gives the colours of the pixels around.
fn beside(
    at: impl Fn(i32, i32) -> Coded,
    way: (i32, i32),
    s: (i32, i32),
    factor: i32,
) -> (i32, i32) {
    let at = |x: i32, y: i32| at(way.0 * x, way.1 * y);
    let (b, c, d, e) = (at(0, -1), at(1, -1), at(-1, 0), at(0, 0));
    let (f, g, h, i) = (at(1, 0), at(-1, 1), at(0, 1), at(1, 1));
    let (f4, h5, i4, i5) = (at(2, 0), at(0, 2), at(2, 1), at(1, 2));
    let along = apart(e, c) + apart(e, g) + apart(i, h5) + apart(i, f4) + 4 * apart(h, f);
    let across = apart(h, d) + apart(h, i5) + apart(f, i4) + apart(f, b) + 4 * apart(e, i);
    let ends = (f != b && f != c)
        || (h != d && h != g)
        || e == g
        || e == c
        || (e == i && ((f != f4 && f != i4) || (h != h5 && h != i5)));
    if along >= across || e == f || e == h || !ends {
        return (0, 0);
    }
    let flat = 2 * apart(f, g) <= apart(h, c) && e != g && d != g;
    let steep = apart(f, g) >= 2 * apart(h, c) && e != c && b != c;
    let beyond = s.0 + s.1 >= factor
        || (flat && s.0 + 2 * s.1 > factor)
        || (steep && 2 * s.0 + s.1 > factor);
    match beyond {
        true if apart(e, f) <= apart(e, h) => (way.0, 0),
        true => (0, way.1),
        false => (0, 0),
    }
}

/// A picture of pixels at a whole multiple of its size: every colour is one of those around, none between. Each corner of a
/// pixel takes the colour beside it where an edge runs across it (the rules of Hyllian's xBR of level 2, 2011).
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let factor = io.param("factor") as usize;
    let y = io.y / factor;
    let row = |offset: i32| image.clamped_row(y as i64 + i64::from(offset));
    let around: Vec<Vec<Coded>> = (-2..=2)
        .map(|offset| {
            let row = row(offset);
            let columns = 0..image.width + 2 * MORE;
            let column = |x: usize| x.saturating_sub(MORE).min(image.width - 1);
            columns.map(|x| coded(row, column(x))).collect()
        })
        .collect();
    let signed = |at: usize| 2 * (at % factor) as i32 + 1 - factor as i32;
    let channels = out.channels();
    for at in 0..io.width {
        let x = at / factor;
        let color = |dx: i32, dy: i32| around[(dy + 2) as usize][((x + MORE) as i32 + dx) as usize];
        let ways = [(1, 1), (-1, 1), (1, -1), (-1, -1)];
        let places = ways.into_iter().map(|way: (i32, i32)| {
            let s = (way.0 * signed(at), way.1 * signed(io.y));
            beside(color, way, s, factor as i32)
        });
        let from = places.into_iter().find(|from| *from != (0, 0));
        let (dx, dy) = from.unwrap_or_default();
        let from = (x as i32 + dx).clamp(0, image.width as i32 - 1) as usize;
        for channel in 0..channels {
            out.channel(channel)[at] = row(dy).channel(channel)[from];
        }
    }
}
