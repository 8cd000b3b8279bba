use super::layer;
use crate::reference::Io;

/// The first layer of a network with 12 channels.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    layer::first::<12>(io, words);
}
