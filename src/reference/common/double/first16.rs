use super::layer;
use crate::reference::Io;

/// The first layer of a network with 16 channels.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    layer::first::<16>(io, words);
}
