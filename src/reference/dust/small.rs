use crate::reference::{Io, Out};

/// The mean of `down` by `down` pixels, 1 or 2.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let image = io.image("image");
    let down = io.param("down") as usize;
    let first = (down * io.y) as i64;
    let [above, below] = [first, first + down as i64 - 1].map(|y| image.clamped_row(y).r());
    let last = above.len() - 1;
    for (x, out) in out.gray().iter_mut().enumerate() {
        let [p, q] = [down * x, down * x + down - 1].map(|x| x.min(last));
        *out = 0.25 * ((above[p] + above[q]) + (below[p] + below[q]));
    }
}
