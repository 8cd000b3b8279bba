use super::layer;
use crate::reference::Io;

/// A layer of a network with 8 channels.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    layer::layer::<8>(io, words);
}
