use crate::reference::Io;

/// The palette follows the picture slowly, so that colours do not swim; a scene begins with its own.
pub fn words(io: &Io<'_>, words: &mut [u32]) {
    let (palette, last) = (io.words("palette"), io.words("last"));
    for (at, word) in words.iter_mut().enumerate() {
        let kept = io.facts.history_valid && at % 4 != 3 && last[at | 3] > 0;
        *word = match kept {
            true => (7 * last[at] + palette[at] + 4) / 8,
            false => palette[at],
        };
    }
}
