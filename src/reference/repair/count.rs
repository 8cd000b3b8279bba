use super::found::found;
use crate::reference::Io;

/// Word 0 is 1 where the frame was rebuilt, and so is word 1 of a frozen one, 2 of a black one, 3 of a damaged one; else 0.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let [kind, _, _] = found(io);
    for (word, kinds) in words.iter_mut().zip(0..) {
        *word = u32::from(kind > 0 && (kinds == 0 || kinds == kind));
    }
}
