use crate::reference::{Io, Out};

/// The square of luma, about the middle, where sums are most exact.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    for (out, luma) in out.gray().iter_mut().zip(io.here("luma").r()) {
        let luma = luma - 0.5;
        *out = luma * luma;
    }
}
