use multiversion::multiversion;

use super::grid::Grid;
use crate::color::bounds::{greater, smaller};
use crate::reference::{Io, Out};

/// How much higher than elsewhere the steps at borders of a frame must be for them to be smoothed at all, and for all of it.
const NONE: f32 = 1.1;
const ALL: f32 = 1.3;
/// Shares of a step that the pixels on each side of a border take.
const PARTS: [f32; 3] = [0.375, 0.1875, 0.0625];

/// What a step is higher than the slope and the texture on both sides explain is spread over three pixels on each side.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let own = image.clamped_row(io.y as i64);
    let amount = Amount {
        limit: io.param("limit"),
        texture: io.param("texture") / 6.0,
        share: share(io),
    };
    let grid = Grid {
        side: io.param("grid") as i32,
        first: io.param("first") as i32,
    };
    let [r, g, b, a] = out.rgba();
    match own.alpha() {
        Some(alpha) => a.copy_from_slice(alpha),
        None => a.fill(1.0),
    }
    let lines = [r, g, b];
    if io.param("down") <= 0.5 {
        for (line, own) in lines.into_iter().zip(own.rgb()) {
            line.copy_from_slice(own);
            along(own, grid, amount, line);
        }
        return;
    }
    let place = grid.border(grid.nearest(io.y as i32));
    match part(io.y as i32, place, io.height as i32) {
        Some(part) => {
            let rows: [_; 8] =
                std::array::from_fn(|n| image.clamped_row(i64::from(place) + n as i64 - 4).rgb());
            for (channel, line) in lines.into_iter().enumerate() {
                line.copy_from_slice(own.rgb()[channel]);
                below(rows.map(|row| row[channel]), part, amount, line);
            }
        }
        None => {
            for (line, own) in lines.into_iter().zip(own.rgb()) {
                line.copy_from_slice(own);
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Amount {
    limit: f32,
    texture: f32,
    share: f32,
}

/// The share that is smoothed in this frame.
fn share(io: &Io<'_>) -> f32 {
    if io.param("measured") <= 0.5 {
        return 1.0;
    }
    let sums = io.words("sums");
    let higher = sums[0] as f32 / greater(sums[1] as f32, 1.0);
    smaller(greater((higher - NONE) / (ALL - NONE), 0.0), 1.0)
}

/// The share of the step at border `place` that is added to pixel `x` of a line.
#[inline(always)]
fn part(x: i32, place: i32, length: i32) -> Option<f32> {
    let behind = x >= place;
    let far = if behind { x - place } else { place - 1 - x };
    if place < 1 || place >= length {
        return None;
    }
    let part = *PARTS.get(far as usize)?;
    Some(if behind { -part } else { part })
}

/// Adds to a row what its borders need; `own` is the row as it was.
fn along(own: &[f32], grid: Grid, amount: Amount, out: &mut [f32]) {
    let length = own.len() as i32;
    for index in grid.nearest(0).. {
        let place = grid.border(index);
        if place >= length {
            break;
        }
        if place < 1 {
            continue;
        }
        let values =
            std::array::from_fn(|n| own[(place + n as i32 - 4).clamp(0, length - 1) as usize]);
        let held = held(values, amount);
        for x in (place - 3).max(0)..(place + 3).min(length) {
            if grid.border(grid.nearest(x)) == place
                && let Some(part) = part(x, place, length)
            {
                out[x as usize] += held * part;
            }
        }
    }
}

/// Adds to a row its part of the steps of a border; `rows` are the four on both sides.
#[multiversion(targets = "simd")]
fn below(rows: [&[f32]; 8], part: f32, amount: Amount, out: &mut [f32]) {
    let rows = rows.map(|row| &row[..out.len()]);
    for x in 0..out.len() {
        out[x] += held(rows.map(|row| row[x]), amount) * part;
    }
}

/// What of the step in the middle is smoothed.
#[inline(always)]
fn held([p3, p2, p1, p0, q0, q1, q2, q3]: [f32; 8], amount: Amount) -> f32 {
    let high = (q0 - p0) - 0.25 * ((p0 - p2) + (q2 - q0));
    let before = (p0 - p1).abs() + (p1 - p2).abs() + (p2 - p3).abs();
    let behind = (q0 - q1).abs() + (q1 - q2).abs() + (q2 - q3).abs();
    let over = greater(high.abs() - amount.texture * (before + behind), 0.0);
    let share = smaller(greater(2.0 - over / amount.limit, 0.0), 1.0);
    (over * share * amount.share).copysign(high)
}

#[test]
fn a_step_becomes_a_slope_and_an_edge_stays() {
    let grid = Grid {
        side: 8 * 256,
        first: 0,
    };
    let amount = Amount {
        limit: 0.0625,
        texture: 0.125,
        share: 1.0,
    };
    let line = |high: f32| -> Vec<f32> {
        (0..16)
            .map(|x| if x < 8 { 0.25 } else { 0.25 + high })
            .collect()
    };
    let smoothed = |own: &[f32]| {
        let mut out = own.to_vec();
        along(own, grid, amount, &mut out);
        out
    };
    let high = 0.03125;
    let expected = [0.0, 0.0625, 0.1875, 0.375, 0.625, 0.8125, 0.9375, 1.0];
    let expected = expected.map(|share| 0.25 + share * high);
    assert_eq!(smoothed(&line(high))[4..12], expected);
    assert_eq!(smoothed(&line(0.5)), line(0.5));
}
