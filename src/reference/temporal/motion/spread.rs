use crate::reference::{Io, Out};

/// Spreads motion to neighbouring blocks: the edge of a moving object lies somewhere inside them.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let activity = io.image("activity");
    let y = io.y as i64;
    let rows = [y - 1, y, y + 1].map(|y| activity.clamped_row(y).r());
    let last = activity.width - 1;
    for (x, out) in out.gray().iter_mut().enumerate() {
        let columns = [x.saturating_sub(1), x, (x + 1).min(last)];
        *out = rows
            .iter()
            .flat_map(|row| columns.map(|x| row[x]))
            .fold(0.0, f32::max);
    }
}
