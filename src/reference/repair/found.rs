//! What was decided of a frame.

use crate::reference::Io;

/// How a frame is lost, 0 where it stays, and how many frames before and after it the good ones are.
pub fn found(io: &Io<'_>) -> [i32; 3] {
    let verdict = io.image("verdict").row(0);
    [0, 1, 2].map(|channel| verdict.channel(channel)[0].round_ties_even() as i32)
}
