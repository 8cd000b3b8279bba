use super::layer;
use crate::reference::{Io, Out};

/// The last layer of a network with 16 channels.
pub fn row(io: &Io<'_>, out: &mut Out<'_>) {
    layer::last::<16>(io, out);
}
