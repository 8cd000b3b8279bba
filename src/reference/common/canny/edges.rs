use crate::reference::{Io, Out};

/// Edges that are strong or linked to strong ones.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    let thin = io.here("thin").r();
    let links = &io.words("links")[io.y * io.width..][..io.width];
    for ((out, thin), link) in out.gray().iter_mut().zip(thin).zip(links) {
        *out = f32::from(u8::from(*link >= 0x8000_0000 && *thin > 0.5));
    }
}
