use crate::color::bounds::smaller;
use crate::reference::{Io, Out};

/// What is not sure takes its neighbours along: its border lies somewhere inside them.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let picked = io.image("picked");
    let y = io.y as i64;
    let here = picked.row(io.y);
    let rows = [y - 1, y, y + 1].map(|y| picked.clamped_row(y).channel(2));
    let least = |x: usize| smaller(smaller(rows[0][x], rows[1][x]), rows[2][x]);
    let columns: Vec<f32> = (0..io.width).map(least).collect();
    let [dx, dy, sure, alpha] = out.rgba();
    dx.copy_from_slice(here.channel(0));
    dy.copy_from_slice(here.channel(1));
    alpha.fill(1.0);
    let last = io.width - 1;
    for (x, sure) in sure.iter_mut().enumerate() {
        let [before, after] = [x.saturating_sub(1), (x + 1).min(last)];
        *sure = smaller(
            smaller(smaller(columns[before], columns[x]), columns[after]),
            1.0,
        );
    }
}
