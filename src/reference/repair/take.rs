use super::found::found;
use crate::reference::{Io, Out};

/// Luma of the good frame before, or after, this one, the mean of `down` by `down` pixels, 1 or 2. Of a frame that stays, its own.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let [_, before, after] = found(io);
    let later = io.param("later") > 0.0;
    let luma = io.image_of("luma", if later { after } else { -before });
    let down = io.param("down") as usize;
    let first = (down * io.y) as i64;
    let [above, below] = [first, first + down as i64 - 1].map(|y| luma.clamped_row(y).r());
    let last = above.len() - 1;
    for (x, out) in out.gray().iter_mut().enumerate() {
        let [p, q] = [down * x, down * x + down - 1].map(|x| x.min(last));
        *out = 0.25 * ((above[p] + above[q]) + (below[p] + below[q]));
    }
}
