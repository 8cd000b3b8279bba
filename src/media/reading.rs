//! How a file is read: the choices of the user that shape what comes out of it.

use crate::frame::Rational;

/// How a file is read. The default leaves everything to the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Frames per second of an image sequence.
    pub rate: Option<Rational>,
    /// Index of the video stream whose pictures are read; `None` chooses one.
    pub video: Option<usize>,
    /// Whether times are moved so that no hole is left where the clock of the file jumps.
    pub close_gaps: bool,
}

impl Reading {
    /// Of an image sequence at `rate` frames per second, where one is given.
    pub fn at(rate: Option<Rational>) -> Self {
        Self {
            rate,
            ..Self::default()
        }
    }
}
