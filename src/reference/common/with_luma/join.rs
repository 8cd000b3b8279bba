use crate::reference::{Io, Out};

/// The colours of a picture with another luma.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let (image, luma) = (io.here("image"), io.here("luma").r());
    let (kr, kb) = (io.param("kr"), io.param("kb"));
    let kg = 1.0 - kr - kb;
    let [r, g, b] = image.rgb();
    for (c, own) in [r, g, b].into_iter().enumerate() {
        let out = out.channel(c);
        for (x, value) in out.iter_mut().enumerate() {
            *value = own[x] + (luma[x] - (kr * r[x] + kg * g[x] + kb * b[x]));
        }
    }
    out.channel(3).copy_from_slice(image.channel(3));
}
