use crate::reference::{Io, Out};

/// The change without what grows with luma, and in alpha by how much that does.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (small, changed) = (io.here("small").rgb(), io.here("changed").rgb());
    let factor = io.here("factor").r();
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let [r, g, b] = small;
    for channel in 0..3 {
        for (x, out) in out.channel(channel).iter_mut().enumerate() {
            let luma = kr * r[x] + (1.0 - kr - kb) * g[x] + kb * b[x];
            *out = changed[channel][x] - small[channel][x] - factor[x] * luma;
        }
    }
    out.channel(3).copy_from_slice(factor);
}
