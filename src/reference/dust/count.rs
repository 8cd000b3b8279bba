//! Pixels that were changed: the same as in `despeckle`.

pub use crate::reference::despeckle::count::words;
